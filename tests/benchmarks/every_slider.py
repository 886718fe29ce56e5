"""Every slider of every ready-made figure, dragged in a browser."""

from __future__ import annotations

import json
from inspect import signature
from typing import Any, NamedTuple

import numpy as np
from desk import Desk, run
from hand import drag, take_log, watch
from timing import interleaved, print_table

from chainrule_lessons import explorers
from chainrule_lessons.live import LiveFigure

RANGE = ".crl-live .control > :is(input[type=range], select)"
DRAG = 1.0  # seconds
PAUSE = 400  # milliseconds, in which the tracks of the other sliders follow


class Moved(NamedTuple):
    """What was measured at one slider, in milliseconds and pictures a second."""

    name: str
    places: int
    wait: float
    rate: float
    first: float
    track: float


def live_figures() -> dict[str, LiveFigure]:
    """Make each ready-made live figure here too, to know its sliders."""
    makers = {name: getattr(explorers, name) for name in explorers.__all__}
    return {
        name: make()
        for name, make in makers.items()
        if signature(make).return_annotation == "LiveFigure"
    }


def every_slider(desk: Desk) -> None:
    """Drag every slider, and print how they stand to the goals."""
    rng = np.random.default_rng(0)
    page = desk.open("import chainrule_lessons.explorers as explorers")
    lives, moved = live_figures(), []
    for name, live in lives.items():
        run(page, f"explorers.{name}()")
        page.wait_for_selector(".crl-live canvas[data-values]")
        if live.question:
            answer(page)
        for number, slider in enumerate(live.sliders.values()):
            if slider.numeric:  # a list of choices is not dragged
                moved.append(one_slider(desk, page, name, live, number, rng))
    page.close()
    summarise(lives, moved)


def answer(page: Any) -> None:
    """Bet, so that the sliders unlock: a number where one is asked for."""
    number = page.locator(".crl-live fieldset input")
    if number.count():
        number.fill("1")
    page.locator(".crl-live fieldset button").first.click()


def one_slider(
    desk: Desk,
    page: Any,
    figure: str,
    live: LiveFigure,
    number: int,
    rng: np.random.Generator,
) -> Moved:
    """Drag one slider, then touch it again and again after another has moved."""
    name, slider = list(live.sliders.items())[number]
    reads = readers(live, number)
    page.locator(RANGE).nth(number).focus()
    page.wait_for_timeout(PAUSE)
    watch(page, *reads)
    start, places = page.evaluate(reads[0]), len(slider.places)
    drag(page, desk.port, RANGE, start, places, number=number, seconds=DRAG)
    dragged = take_log(page)
    page.wait_for_timeout(PAUSE)
    first = first_moves(page, live, number, rng)
    page.get_by_role("button", name="Reset").click()
    wait, rate = np.median(dragged.ages()), dragged.pictures_a_second()
    return Moved(f"{figure}.{name}", places, wait, rate, first, track_time(live, name))


def readers(live: LiveFigure, number: int) -> tuple[str, str]:
    """Give two functions for the page: the slider's place, and the picture's."""
    control = live._controls[number]
    asked = f"() => Number(document.querySelectorAll({RANGE!r})[{number}].value)"
    seen = f"""() => {{
        const values = document.querySelector(".crl-live canvas").dataset.values;
        const place = JSON.parse(values)[{control["name"]!r}];
        return {json.dumps(control["places"])}.indexOf(place);
    }}"""
    return asked, seen


def first_moves(
    page: Any, live: LiveFigure, number: int, rng: np.random.Generator
) -> float:
    """Move another slider, and at once this one: the median wait for its picture."""
    if len(live.sliders) == 1:
        return np.nan
    waits = []
    for _ in range(3):
        step(page, live, (number + 1) % len(live.sliders))
        watch(page, *readers(live, number))
        step(page, live, number)
        waits += take_log(page).waits()[:1]
        page.wait_for_timeout(rng.uniform(PAUSE, 1.1 * PAUSE))
    return np.median(waits)


def step(page: Any, live: LiveFigure, number: int) -> None:
    """Press the key that moves a slider by a place, inwards at its end."""
    slider = page.locator(RANGE).nth(number)
    slider.focus()
    last = slider.input_value() == slider.get_attribute("max")
    page.keyboard.press("ArrowLeft" if last else "ArrowRight")


def track_time(live: LiveFigure, name: str) -> float:
    """Milliseconds to record 101 places of a slider, `update` itself left out."""
    slider, values = live.sliders[name], live.values
    own, slider.places = slider.places, (101 * slider.places)[:101]

    def update() -> None:
        for place in slider.places:
            live._update(**values | {name: place})

    calls = {"record": lambda: live._record(name, values), "update": update}
    took = interleaved(calls, rounds=5, least=0.01)
    slider.places = own
    return 1000 * float(np.median(took["record"] - took["update"]))


class Goal(NamedTuple):
    """A bound that every slider is to keep."""

    words: str
    field: str
    form: str
    bound: float
    at_least: bool = False

    def row(self, moved: list[Moved]) -> list[str]:
        """Write the median slider, the worst, and those beyond the bound."""
        figures = {m.name: getattr(m, self.field) for m in moved}
        figures = {n: f for n, f in figures.items() if not np.isnan(f)}
        worst = (min if self.at_least else max)(figures, key=figures.get)
        beyond = {
            f"{name} {figure:{self.form}}"
            for name, figure in figures.items()
            if (figure < self.bound if self.at_least else figure > self.bound)
        }
        return [
            self.words,
            f"{'≥' if self.at_least else '≤'} {self.bound}",
            format(np.median(list(figures.values())), self.form),
            f"{figures[worst]:{self.form}}, {worst}",
            f"{len(beyond)} of {len(figures)}",
            ", ".join(sorted(beyond)),
        ]


GOALS = [
    Goal("ms from move to picture", "wait", ".1f", 16.7),
    Goal("pictures a second", "rate", ".1f", 50, at_least=True),
    Goal("ms to the first picture after another slider moved", "first", ".0f", 100),
    Goal("ms to record 101 places, beside `update`", "track", ".1f", 25),
]


def summarise(lives: dict[str, LiveFigure], moved: list[Moved]) -> None:
    """Print the goals, and how the sliders stand to them."""
    print(
        f"\n{len(moved)} sliders of {len(lives)} figures, each dragged for {DRAG:.0f} s."
    )
    heads = ["", "goal", "median slider", "worst slider", "beyond the goal", "which"]
    print_table(heads, [goal.row(moved) for goal in GOALS])
    drawn = [
        f"{figure}.{name}"
        for figure, live in lives.items()
        for name in live.sliders
        if "kernel" in live.track(name)
    ]
    print(
        f"Sliders that the kernel draws, place by place: {', '.join(drawn) or 'none'}."
    )
