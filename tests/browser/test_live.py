"""Live figures in JupyterLab: what the page shows agrees with closed forms.

A canvas carries the values it shows in `data-values`, written with the marks. So a
test reads which picture is on screen, and never mistakes an old one for a new one.
"""

import base64
import io
import math
import shutil

import nbformat
import numpy as np
import pytest
from lab import ROOT, run_all, scroll_to, set_theme, shutdown_kernel, wait_for_kernel
from matplotlib.colors import to_rgb
from matplotlib.patches import Polygon, Rectangle
from nbformat.v4 import new_code_cell, new_notebook
from PIL import Image

from chainrule_lessons import explorers
from chainrule_lessons.live import LiveFigure
from chainrule_lessons.plotting import BLUE

DEMO = """
import numpy as np
from chainrule_lessons.live import LiveFigure, Slider
from chainrule_lessons.plotting import BLUE, INK, subplots

figure, axes = subplots()
axes.set(xlim=(-3, 3), ylim=(-10, 120))
grid = np.linspace(-3, 3, 121)
(curve,) = axes.plot([], [], color=INK, animated=True)
(dot,) = axes.plot([], [], "o", color=BLUE, animated=True)


def update(w, shift):
    def loss(w):
        return (20 / (1 + np.exp(-2 * w - shift)) - 10) ** 2

    curve.set_data(grid, loss(grid))
    dot.set_data([w], [loss(w)])
    return f"Loss {loss(w):.3f} at w = {w:z.2f}, shift {shift:z.1f}."


live = LiveFigure(
    figure,
    update,
    w=Slider(-2, 2, step=0.05, value=0.7, label="weight w"),
    shift=Slider(-2, 2, step=0.1, value=0, label="shift"),
)
"""
KERNEL = """
from chainrule_lessons.live import LiveFigure, Slider
from chainrule_lessons.plotting import BLUE, subplots

figure, axes = subplots()
axes.set(xlim=(-1, 7), ylim=(-1, 5))
title = axes.set_title("k = 4")
(dot,) = axes.plot([], [], "o", color=BLUE, animated=True)


def update(k):
    title.set_text(f"k = {k}")
    dot.set_data([k], [4 / k])
    return f"Four by {k} is {4 / k:.2f}." + " Nothing else to tell." * (5 * (k == 3))


live = LiveFigure(figure, update, k=Slider(-20, 20, value=4))
"""
TWO_VIEWS = """
import ipywidgets, traitlets
from IPython.display import display

box = ipywidgets.FloatText()
there, back = (lambda values: values["w"]), (lambda w: {"w": w})
traitlets.link((live, "values"), (box, "value"), transform=(there, back))
seen = []
live.observe(lambda change: seen.append(change.new["w"]), "values")
display(live, ipywidgets.HBox([live, box]))
"""
GAPPY = """
from chainrule_lessons.live import LiveFigure, Slider
from chainrule_lessons.plotting import BLUE, subplots

figure, axes = subplots()
axes.set(xlim=(-1, 5), ylim=(-1, 5))
(dot,) = axes.plot([], [], "o", color=BLUE, animated=True)


def update(k):
    if k == 2:
        raise ValueError("two is not allowed")
    dot.set_data([k], [k])
    return f"At {k}."


question = ("Up or down?", ["up", "down"])
steps = Slider(0, 4, value=1, label="steps taken", play=True)
live = LiveFigure(figure, update, predict=question, k=steps)
"""
CONTEXT = "jupyterapp.shell.currentWidget.context"
GRABBED = """
from chainrule_lessons.live import LiveFigure, Pen, Slider
from chainrule_lessons.plotting import BLUE, subplots

figure, (axes, plane) = subplots(1, 2, size=(8, 3.6))
axes.set(xlim=(-2, 2), ylim=(-1, 5))
plane.set(xlim=(-2, 2), ylim=(-2, 2))
curve, map_pen = Pen(axes), Pen(plane)


def update(w, b):
    curve.dot(w, w * w, BLUE, grab="w")
    map_pen.dot(w, b, BLUE, grab="w b")
    return f"w = {w:z.2f}, b = {b:z.2f}, square {w * w:.4f}."


w, b = Slider(-2, 2, step=0.05, value=1), Slider(-2, 2, step=0.05, value=0)
live = LiveFigure(figure, update, w=w, b=b)
"""
PAD = """
import numpy as np
from chainrule_lessons import Linear, Sequential
from chainrule_lessons.explorers import digit_pad

pad = digit_pad(Sequential(Linear(64, 10, rng=0)), np.zeros(64))
pad
"""
CHOICES = """
import numpy as np
from chainrule_lessons.live import LiveFigure, Slider
from chainrule_lessons.plotting import subplots

figure, axes = subplots()
names = {np.sin: "sine", np.cos: "cosine"}
f = Slider(options={"sine": np.sin, "cosine": np.cos}, label="function")
live = LiveFigure(figure, lambda f: f"{names[f]} of 1 is {f(1.0):.2f}.", f=f)
"""
# As if a screen of one pixel to a CSS pixel had shown a figure before.
FIRST = "from chainrule_lessons.live import LiveFigure\nLiveFigure._ratio = 1.0\n"
MARKS = """
import numpy as np
from matplotlib.patches import Circle, Polygon, Rectangle
from chainrule_lessons.live import LiveFigure, Slider
from chainrule_lessons.plotting import BLUE, GREEN, INK, ORANGE, arrow, subplots

figure, axes = subplots()
axes.set(xlim=(-3, 3), ylim=(-3, 3))
grid = np.linspace(-3, 3, 151)
(curve,) = axes.plot([], [], color=INK, animated=True)
(secant,) = axes.plot([], [], "--", color=ORANGE, animated=True)
(broken,) = axes.plot([], [], ":", color=GREEN, animated=True)
(trace,) = axes.plot([], [], "o-", color=BLUE, ms=6, lw=1, animated=True)
(ring,) = axes.plot([], [], "o", mfc="white", mec=ORANGE, mew=2, animated=True)
patch = axes.add_patch(Polygon(np.eye(3, 2), alpha=0.3, color=GREEN, animated=True))
ball = axes.add_patch(Circle((0, 0), 0.3, fc="none", ec=BLUE, lw=2, animated=True))
box = axes.add_patch(Rectangle((0, 0), 0.5, 0.4, fc=ORANGE, ec=INK, animated=True))
way = arrow(axes, (0, 0), (1, 1), color=GREEN, animated=True)
marks = [curve, secant, broken, trace, ring, patch, ball, box, way]
moved = (0.0, 0.0)


def update(x):
    dx, dy = moved
    y, slope = np.sin(2 * x), 2 * np.cos(2 * x)
    curve.set_data(grid + dx, np.sin(2 * grid) + dy)
    secant.set_data([dx + x - 1, dx + x + 1], [dy + y - slope, dy + y + slope])
    gap = np.where(np.abs(grid - x) < 0.5, np.nan, 2 + 0.5 * np.cos(grid))
    broken.set_data(grid + dx, gap + dy)
    trace.set_data([dx + x, dx + x / 2, dx - 1], [dy + y, dy - 1, dy - 2])
    ring.set_data([dx - x], [dy + 1.5])
    patch.set_xy([[dx + x, dy], [dx + x + 1, dy + 0.2], [dx + x, dy + 1]])
    ball.set_center((dx + x, dy - 2))
    box.set_xy((dx - x, dy - 1))
    way.set_ends((dx, dy), (dx + x, dy + y - 1.5))
    return f"Height {y:.3f} at x = {x:z.2f}."


live = LiveFigure(figure, update, x=Slider(-2.5, 2.5, step=0.05, value=0.7))
"""
STATE = """number => {
    const root = document.querySelectorAll(".crl-live")[number];
    const canvas = root.querySelector("canvas");
    return {
        values: JSON.parse(canvas.dataset.values),
        caption: root.querySelector(".caption .now").textContent,
        spoken: [...root.querySelectorAll("input[type=range]")].map(
            input => input.getAttribute("aria-valuetext")),
        places: [...root.querySelectorAll("input[type=range]")].map(
            input => Number(input.value)),
        note: root.querySelector(".note").textContent,
        height: root.getBoundingClientRect().height,
    };
}"""
SHOWS = """([number, wanted]) => {
    const canvas = document.querySelectorAll(".crl-live canvas")[number];
    const values = JSON.parse(canvas?.dataset.values ?? "{}");
    return Object.entries(wanted).every(([name, value]) => values[name] === value);
}"""
SHARP = """ratio => {
    const canvases = [...document.querySelectorAll(".crl-live canvas")];
    return canvases.length && canvases.every(canvas => canvas.dataset.values
        && canvas.width === Math.round(ratio * parseFloat(canvas.style.width)));
}"""
RUN = """async ([number, source]) => {
    const notebook = jupyterapp.shell.currentWidget.content;
    notebook.activeCellIndex = number;
    notebook.activeCell.model.sharedModel.setSource(source);
    await jupyterapp.commands.execute("notebook:run-cell");
    return notebook.activeCell.model.sharedModel.toJSON().outputs;
}"""


@pytest.fixture(scope="module")
def blank(tmp_path_factory):
    """Write a notebook of two cells: one to show figures, one to run code."""
    path = tmp_path_factory.mktemp("live") / "live.ipynb"
    metadata = {"kernelspec": {"name": "python3", "display_name": "Python 3"}}
    cells = [new_code_cell(""), new_code_cell("")]
    nbformat.write(new_notebook(cells=cells, metadata=metadata), path)
    return path


@pytest.fixture(scope="module")
def shared(browser, server, blank):
    """Open one notebook for all tests that leave it fit for the next."""
    context = browser.new_context(viewport={"width": 1280, "height": 1000})
    shutil.copy(blank, server.files / "shared.ipynb")
    page, complaints = context.new_page(), []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on(
        "console", lambda said: said.type == "error" and complaints.append(said.text)
    )
    page.goto(server.address("shared.ipynb"))
    wait_for_kernel(page)
    yield page, complaints
    context.close()


@pytest.fixture
def page(shared):
    """Give the shared page; an error in it fails the test."""
    page, complaints = shared
    complaints.clear()
    yield page
    assert complaints == []


def show(page, source, ratio=1):
    """Run `source` in the first cell and wait for its figures."""
    assert run(page, FIRST + source, cell=0) == ""
    page.wait_for_function(SHARP, arg=ratio)


def run(page, source, cell=1):
    """Run `source` in a cell and return what it printed, or its error."""
    outputs = page.evaluate(RUN, [cell, source])
    return "".join(output.get("text", output.get("evalue", "")) for output in outputs)


def state(page, figure=0):
    return page.evaluate(STATE, figure)


def wait_for_values(page, figure=0, **values):
    page.wait_for_function(SHOWS, arg=[figure, values])
    return state(page, figure)


def slider(page, number=0, figure=0):
    return (
        page.locator(".crl-live").nth(figure).locator("input[type=range]").nth(number)
    )


def image(page, figure=0):
    """Read the canvas: its own pixels, whatever the page does with them."""
    url = page.locator(".crl-live canvas").nth(figure).evaluate("c => c.toDataURL()")
    file = io.BytesIO(base64.b64decode(url.split(",")[1]))
    return np.asarray(Image.open(file).convert("RGB")).astype(np.int16)


def pixels(png):
    return np.asarray(Image.open(io.BytesIO(png)).convert("RGB")).astype(np.int16)


def built(source, ratio=1.0):
    """Build the same figure here; return what the source defines."""
    names = {}
    exec(source, names)
    names["live"]._answer(None, {"ratio": ratio}, None)
    return names


@pytest.fixture(autouse=True)
def fresh_ratio(monkeypatch):
    monkeypatch.setattr(LiveFigure, "_ratio", 1.0)


def css(axes, x, y):
    """CSS pixels of a data point, from the axes' corners and limits alone."""
    box, dpi = axes.get_position(), 100
    width, height = axes.figure.get_size_inches() * dpi
    (x0, x1), (y0, y1) = axes.get_xlim(), axes.get_ylim()
    across = box.x0 + box.width * (x - x0) / (x1 - x0)
    up = box.y0 + box.height * (y - y0) / (y1 - y0)
    return np.array([width * across, height * (1 - up)])


def centre_of(picture, colour):
    """Centre of the spot of `colour` in a picture, in its pixels."""
    away = np.abs(picture - 255 * np.array(to_rgb(colour))).max(axis=2)
    inked = np.clip(1 - away / 80, 0, 1)  # in part along the edge; never for a grey
    assert inked.sum() > 20
    down, across = np.indices(inked.shape) + 0.5
    return np.array([np.average(place, weights=inked) for place in (across, down)])


def loss(w, shift):
    return (20 / (1 + math.exp(-2 * w - shift)) - 10) ** 2


def agrees(seen):
    """Check that caption, values and spoken texts of the demo agree."""
    w, shift = seen["values"]["w"], seen["values"]["shift"]
    assert seen["caption"] == (
        f"Loss {loss(w, shift):.3f} at w = {w:z.2f}, shift {shift:z.1f}."
    )
    assert seen["spoken"] == [f"{w:z.2f}", f"{shift:z.1f}"]
    assert w == round(-2 + 0.05 * seen["places"][0], 2)
    assert shift == round(-2 + 0.1 * seen["places"][1], 1)
    return w


# Keyboard, pointer, number box


def test_keys_and_pointer_move_the_first_slider(page):
    show(page, DEMO + "live")
    weight, height = slider(page), state(page)["height"]
    weight.focus()
    stops = [agrees(wait_for_values(page, w=0.7))]
    for key, stop in [("ArrowRight", 0.75), ("ArrowRight", 0.8), ("ArrowLeft", 0.75)]:
        page.keyboard.press(key)
        agrees(wait_for_values(page, w=stop))
    for key in ["PageUp", "PageDown", "End", "Home", "ArrowUp"]:
        page.keyboard.press(key)
        seen = state(page)
        stops.append(agrees(seen))
        assert seen["height"] == height
    _, up, down, end, home, above = stops
    assert 0.75 + 0.1 < up <= 1.25
    assert (down, end, home, above) == (0.75, 2.0, -2.0, -1.95)

    axes = built(DEMO)["axes"]
    box = weight.bounding_box()
    level = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + 12, level)
    page.mouse.down()
    seen_places = set()
    for part in np.linspace(0.05, 0.95, 12):
        page.mouse.move(box["x"] + part * box["width"], level)
        page.wait_for_function(
            "() => document.querySelector('.crl-live canvas').dataset.values.includes("
            "document.querySelector('.crl-live input').getAttribute('aria-valuetext')"
            ".replace(/\\.?0+$/, ''))"
        )
        seen = state(page)
        seen_places.add(agrees(seen))
        assert seen["height"] == height
    page.mouse.up()
    assert len(seen_places) == 12
    spot = centre_of(image(page), BLUE)
    w = seen["values"]["w"]
    assert np.abs(spot - css(axes, w, loss(w, 0))).max() < 1


def test_names_for_assistive_technology(page):
    show(page, DEMO + "live")
    root = page.locator(".crl-live")
    weight = page.get_by_label("weight w", exact=True)
    assert weight.get_attribute("type") == "range"
    assert root.get_attribute("aria-label") == "Live figure: weight w, shift"
    box = page.get_by_label("weight w, type a number")
    assert box.get_attribute("inputmode") == "decimal"
    assert page.get_by_label("shift", exact=True).get_attribute("type") == "range"
    weight.focus()
    page.keyboard.press("End")
    said = agrees(wait_for_values(page, w=2)) and state(page)["caption"]
    heard = root.locator(".heard")
    page.wait_for_function(
        "said => document.querySelector('.crl-live .heard').textContent === said",
        arg=said,
    )
    assert heard.get_attribute("aria-live") == "polite"
    assert heard.text_content() == said
    assert root.locator("canvas").get_attribute("role") == "img"
    page.get_by_role("img", name=said).wait_for()
    # Once said, it is not there to be read a second time.
    assert root.locator(".now").get_attribute("aria-hidden") == "true"
    page.wait_for_function(
        "() => document.querySelector('.crl-live .heard').textContent === ''"
    )


def test_the_dark_theme(page):
    """The words turn light, and the picture keeps its own ground."""
    show(page, DEMO + "live")
    set_theme(page, "dark")
    caption = page.locator(".crl-live .caption .now")
    words = caption.evaluate("p => getComputedStyle(p).color")
    assert min(int(part) for part in words[4:-1].split(",")[:3]) > 180
    assert image(page)[0, 0].tolist() == [255, 255, 255]
    slider(page).focus()
    page.keyboard.press("End")
    agrees(wait_for_values(page, w=2))
    set_theme(page, "light")


def test_numbers_are_typed(page):
    show(page, DEMO + "live")
    box = page.get_by_label("weight w, type a number")
    for typed, stop in [("-1.5", -1.5), ("0.13", 0.15), ("99", 2.0), ("-99", -2.0)]:
        box.fill(typed)
        box.press("Enter")
        agrees(wait_for_values(page, w=stop))
        assert float(box.input_value()) == stop
    note = page.locator(".crl-live .note")
    for typed, stop, said in [
        ("1,5", 1.5, ""),
        ("\u22120,5", -0.5, ""),
        ("0.37", 0.35, "The slider has no place at 0.37: it stands at 0.35."),
        ("one", 0.35, "\u201cone\u201d is no number."),
        ("", 0.35, "\u201cone\u201d is no number."),
    ]:
        box.fill(typed)
        box.press("Enter")
        agrees(wait_for_values(page, w=stop))
        assert (float(box.input_value()), note.text_content()) == (stop, said)
    box.fill("1")
    box.press("Escape")
    assert agrees(state(page)) == float(box.input_value()) == 0.35


def test_keys_that_are_the_pages(page):
    """Ctrl+S saves and Escape leaves, while arrows belong to the slider."""
    show(page, DEMO + "live")
    slider(page).focus()
    page.keyboard.press("ArrowRight")
    wait_for_values(page, w=0.75)
    page.wait_for_function(f"() => {CONTEXT}.model.dirty")
    page.keyboard.press("Control+s")
    page.wait_for_function(f"() => !{CONTEXT}.model.dirty")
    page.keyboard.press("Escape")
    page.wait_for_function("() => !document.activeElement.closest('.crl-live')")


# Marks to grab


def hold(page, x, y):
    """Put the pointer on a point of the picture, in its CSS pixels, and press."""
    box = page.locator(".crl-live canvas").bounding_box()
    page.mouse.move(box["x"] + x, box["y"] + y)
    page.mouse.down()
    return box["x"], box["y"]


def test_a_dot_is_dragged_and_its_slider_follows(page):
    show(page, GRABBED + "live")
    axes = built(GRABBED)["axes"]
    left, top = hold(page, *css(axes, 1, 1))
    for w in (0.5, -0.5, -1.25):
        x, y = css(axes, w, w * w)
        page.mouse.move(left + x, top + y)
        seen = wait_for_values(page, w=w, b=0)
        assert seen["caption"] == f"w = {w:z.2f}, b = 0.00, square {w * w:.4f}."
    page.mouse.up()
    # The page may be ahead of the kernel: ask until the value has come.
    run(page, "import time\nwhile live.values['w'] != -1.25: time.sleep(0.01)")
    page.mouse.move(left + 5, top + 5)
    page.mouse.down()  # on nothing
    page.mouse.move(left + 300, top + 100)
    page.mouse.up()
    assert state(page)["values"]["w"] == -1.25


def test_a_point_on_a_map_moves_two_sliders(page):
    show(page, GRABBED + "live")
    plane = built(GRABBED)["plane"]
    left, top = hold(page, *css(plane, 1, 0))
    for w, b in ((0.5, 0.5), (-1, -1.5)):
        x, y = css(plane, w, b)
        page.mouse.move(left + x, top + y)
        seen = wait_for_values(page, w=w, b=b)
        assert seen["caption"] == f"w = {w:z.2f}, b = {b:z.2f}, square {w * w:.4f}."
    page.mouse.up()


def test_a_choice_is_a_list(page):
    show(page, CHOICES + "live")
    page.get_by_label("function", exact=True).select_option(label="cosine")
    assert wait_for_values(page, f=1)["caption"] == "cosine of 1 is 0.54."


# Several sliders, several views, and Python


def test_the_second_slider_moves_the_whole_curve(page):
    show(page, DEMO + "live")
    slider(page, 1).focus()
    for key, stop in [("ArrowRight", 0.1), ("End", 2), ("Home", -2)]:
        page.keyboard.press(key)
        agrees(wait_for_values(page, shift=stop))
    here = built(DEMO)["live"]
    here.set(shift=-2)
    near(image(page), here)
    slider(page).focus()
    page.keyboard.press("End")
    agrees(wait_for_values(page, w=2, shift=-2))
    here.set(w=2)
    near(image(page), here)
    page.get_by_role("button", name="Reset").click()
    agrees(wait_for_values(page, w=0.7, shift=0))
    here.set(w=0.7, shift=0)
    near(image(page), here)


def test_page_and_python_follow_each_other(page):
    show(page, DEMO + TWO_VIEWS)
    for figure in (0, 1):
        agrees(wait_for_values(page, figure, w=0.7))
    slider(page, 0, 1).focus()
    page.keyboard.press("End")
    for figure in (0, 1):
        agrees(wait_for_values(page, figure, w=2))
    # The page may be ahead of the kernel: ask until the value has come.
    run(page, "import time\nwhile live.values['w'] != 2: time.sleep(0.01)")
    told = run(page, "print(live.values['w'] == box.value == seen[-1] == 2)")
    assert told == "True\n"
    run(page, "live.set(w=-1, shift=0.5)")
    for figure in (0, 1):
        agrees(wait_for_values(page, figure, w=-1, shift=0.5))
    run(page, "box.value = 1.25")
    for figure in (0, 1):
        agrees(wait_for_values(page, figure, w=1.25, shift=0.5))
    run(page, "live.set(w=0.333)")
    seen = wait_for_values(page, w=0.333)
    assert seen["caption"] == f"Loss {loss(0.333, 0.5):.3f} at w = 0.33, shift 0.5."
    assert seen["spoken"][0] == "0.333"
    here = built(DEMO)["live"]
    here.set(w=0.333, shift=0.5)
    near(image(page, 1), here)


def test_a_drag_moves_on_and_the_kernel_hears_where_it_ends(page):
    show(page, DEMO + TWO_VIEWS)
    page.evaluate(
        """() => {
            const canvas = document.querySelector(".crl-live canvas");
            window.shown = [];
            const watch = () => {
                if (!canvas.isConnected) return;
                if (shown.at(-1) !== canvas.dataset.values) shown.push(canvas.dataset.values);
                requestAnimationFrame(watch);
            };
            watch();
        }"""
    )
    slider(page).scroll_into_view_if_needed()
    box = slider(page).bounding_box()
    level = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + 0.675 * box["width"], level)
    page.mouse.down()
    for part in np.linspace(0.68, 0.95, 60):
        page.mouse.move(box["x"] + part * box["width"], level)
    page.mouse.up()
    shown = page.evaluate("() => shown.map(text => JSON.parse(text).w)")
    assert len(shown) > 3
    assert shown == sorted(shown)
    assert shown[-1] == state(page)["values"]["w"]
    for _ in range(50):  # the last value may still be on its way
        told = [float(w) for w in run(page, "print(*seen)").split()]
        if told[-1:] == shown[-1:]:
            break
    assert told[-1] == shown[-1]
    assert told == sorted(told)


def test_a_busy_kernel_records_for_the_last_value(page):
    show(page, DEMO + "live")
    # While it sleeps, one value is under way to it, and newer ones wait in the page.
    page.evaluate(f"args => void ({RUN})(args)", [1, "import time; time.sleep(1)"])
    slider(page).focus()
    for _ in range(5):
        page.keyboard.press("ArrowRight")
    page.wait_for_timeout(300)  # at rest, it is asked for tracks
    assert run(page, "print(live.track('shift')['values']['w'])") == "0.95\n"


# Questions, steps, and positions without a picture


def test_a_question_locks_the_sliders_and_steps_play_them(page):
    show(page, GAPPY + "live")
    steps, note = slider(page), page.locator(".crl-live .note")
    assert steps.is_disabled()
    assert page.get_by_role("button", name="Step").is_disabled()
    assert note.text_content() == "Choose an answer first: the sliders unlock then."
    page.get_by_role("button", name="down", exact=True).click()
    page.wait_for_function("() => !document.querySelector('.crl-live input').disabled")
    assert (
        page.get_by_role("button", name="down", exact=True).get_attribute(
            "aria-pressed"
        )
        == "true"
    )
    assert (
        page.get_by_role("button", name="up", exact=True).get_attribute("aria-pressed")
        == "false"
    )
    assert note.text_content() == ""
    assert run(page, "print(live.prediction)") == "down\n"

    before = image(page)
    page.get_by_role("button", name="Step").click()
    page.wait_for_function(
        "said => document.querySelector('.crl-live .now').textContent === said",
        arg="No picture at steps taken = 2. ValueError: two is not allowed",
    )
    assert state(page)["values"] == {"k": 1}
    assert (image(page) == before).all()
    page.get_by_role("button", name="Step").click()
    assert wait_for_values(page, k=3)["caption"] == "At 3."
    page.get_by_role("button", name="Play").click()
    assert wait_for_values(page, k=4)["caption"] == "At 4."
    again = "play => (play.click(), document.querySelector('.crl-live input').value)"
    assert page.get_by_role("button", name="Play").evaluate(again) == "0"
    page.wait_for_function("() => document.querySelector('.crl-live input').value == 4")
    assert wait_for_values(page, k=4)["places"] == [4]
    page.get_by_role("button", name="Reset").click()
    wait_for_values(page, k=1)


# With the kernel's help


def test_a_slider_that_moves_the_still_part(page):
    show(page, KERNEL + "live")
    here = built(KERNEL)
    slider(page).focus()
    for key, stop in [
        ("ArrowRight", 5),
        ("ArrowLeft", 4),
        ("End", 20),
    ]:
        page.keyboard.press(key)
        assert wait_for_values(page, k=stop)["caption"].startswith(
            f"Four by {stop} is {4 / stop:.2f}."
        )
        here["live"].set(k=stop)
        near(image(page), here["live"])
    low = state(page)["height"]
    page.get_by_label("k, type a number").fill("3")
    page.keyboard.press("Enter")
    high = wait_for_values(page, k=3)["height"]
    slider(page).focus()
    page.keyboard.press("End")
    assert wait_for_values(page, k=20)["height"] == high
    assert high > low  # and the room for the longest caption stays
    # Where update raises, the picture stays and the caption says so.
    run(page, "live.set(k=0)")
    page.wait_for_function(
        "said => document.querySelector('.crl-live .now').textContent === said",
        arg="No picture at k = 0. ZeroDivisionError: division by zero",
    )
    assert state(page)["values"] == {"k": 20}
    near(image(page), here["live"])
    run(page, "live.set(k=2)")
    here["live"].set(k=2)
    wait_for_values(page, k=2)
    near(image(page), here["live"])
    assert "k = 2" in run(page, "print(title.get_text())")


def test_pictures_come_while_the_kernel_draws(page):
    slow = KERNEL.replace("def update(k):", "def update(k):\n    time.sleep(0.05)")
    show(page, "import time" + slow + "live")
    page.evaluate(
        """() => {
            const canvas = document.querySelector(".crl-live canvas");
            window.shown = [];
            window.blank = 0;
            window.heights = new Set();
            const watch = () => {
                if (!canvas.isConnected) return;
                const data = canvas.getContext("2d").getImageData(0, 0, 1, 1).data;
                window.blank += data[3] !== 255;
                if (shown.at(-1) !== canvas.dataset.values) shown.push(canvas.dataset.values);
                heights.add(document.querySelector(".crl-live").offsetHeight);
                requestAnimationFrame(watch);
            };
            watch();
        }"""
    )
    box = slider(page).bounding_box()
    level = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + 0.6 * box["width"], level)
    page.mouse.down()
    for part in np.linspace(0.6, 0.99, 60):
        page.mouse.move(box["x"] + part * box["width"], level)
        page.wait_for_timeout(16)
    page.mouse.up()
    page.mouse.move(box["x"], level + 300)
    wait_for_values(page, k=20)
    shown = page.evaluate("() => shown.map(text => JSON.parse(text).k)")
    assert len(shown) > 3
    assert shown == sorted(shown, key=lambda k: (k != 4, k))
    assert page.evaluate("() => blank") == 0
    assert page.evaluate("() => heights.size") == 1


def test_a_digit_pad_and_its_kernel_agree(page):
    assert run(page, PAD, cell=0) == ""
    pad = page.locator(".crl-pad")
    pad.get_by_role("gridcell").nth(9).click()
    pad.get_by_role("button", name="Step").click()
    said = pad.locator(".caption").text_content()
    assert said.startswith("Step 1: ")
    page.wait_for_timeout(100)  # what follows at once is sent a little later
    assert run(page, "print(pad.image[1, 1] > 0.9, pad)") == f"True {said}\n"
    told = run(page, "pad.image = np.eye(8); pad.step(); print(pad)").strip()
    pad.locator(".caption").filter(has_text=told).wait_for()


# The replayed marks are what Matplotlib draws

# Mean and 99th percentile of the difference, in grey levels, on a mark's own ink.
# Measured at most 9.5 and 66, and 2.8 and 17 on filled shapes, which are all inside
# and little edge; a pixel aside, at least 10.2 and 105, and 4.0 and 40.
THIN, FILLED = (10, 70), (3.5, 25)


def off_by(drawn, wanted, ink):
    off = np.abs(drawn - wanted).max(axis=2)[ink]
    return off.mean(), np.percentile(off, 99)


def within(off, bounds):
    return off[0] < bounds[0] and off[1] < bounds[1]


def near(drawn, live):
    """Check that the page shows what Python draws, up to the edges of marks."""
    still, wanted = pixels(live._still["png"]), pixels(live.png())
    assert drawn.shape == wanted.shape
    ink = np.maximum(np.abs(wanted - still), np.abs(drawn - still)).max(axis=2) > 0
    assert (drawn == wanted)[~ink].all()
    assert not ink.any() or within(off_by(drawn, wanted, ink), THIN)


def without(live, mark):
    mark.set_visible(False)
    picture = pixels(live.png())
    mark.set_visible(True)
    return picture


def test_replayed_marks_are_what_matplotlib_draws(page):
    show(page, MARKS + "live")
    compare_marks(page, 1)


def compare_marks(page, ratio):
    """Compare each mark's own ink, and see that no other picture would pass."""
    names = built(MARKS, ratio)
    live, axes = names["live"], names["axes"].get_position()
    for x in (-2.5, 0.7):
        slider(page).evaluate(
            "(range, place) => { range.value = place;"
            " range.dispatchEvent(new Event('input')); }",
            live.sliders["x"].index(x),
        )
        wait_for_values(page, x=x)
        live.set(x=x)
        drawn, wanted = image(page), pixels(live.png())
        units = 6 / (ratio * 640 * axes.width), 6 / (ratio * 360 * axes.height)
        names["moved"] = (units[0], 0)
        right = pixels(live.png())
        names["moved"] = (0, units[1])
        above = pixels(live.png())
        names["moved"] = (0, 0)
        for mark in names["marks"]:
            missing = without(live, mark)
            ink = np.abs(missing - wanted).max(axis=2) > 0
            bounds = FILLED if type(mark) in (Polygon, Rectangle) else THIN
            assert within(off_by(drawn, wanted, ink), bounds)
            for wrong in (missing, right, above):
                assert not within(off_by(drawn, wrong, ink), bounds)


# Notebooks of their own; when one closes, every kernel ends, the shared one too


def test_a_sharp_screen_and_less_motion(open_notebook, blank):
    page = open_notebook(blank, device_scale_factor=2, reduced_motion="reduce")
    show(page, MARKS + "live", 2)
    compare_marks(page, 2)
    show(page, GAPPY + "live", 2)
    assert page.get_by_role("button", name="Step").count() == 1
    page.get_by_role("button", name="up", exact=True).click()
    page.get_by_role("button", name="Play").click()  # which is slower then
    page.get_by_role("button", name="Pause").click()
    assert page.get_by_role("button", name="Play").count() == 1


def test_without_a_kernel(open_notebook, blank):
    page = open_notebook(blank)
    show(page, DEMO + "display(live)" + GAPPY + "live")
    slider(page, 1).focus()  # its track is on its way with the kernel alive
    page.keyboard.press("ArrowRight")
    agrees(wait_for_values(page, shift=0.1))
    shutdown_kernel(page)
    slider(page, 1).focus()
    page.keyboard.press("End")
    agrees(wait_for_values(page, w=0.7, shift=2))
    slider(page, 0).focus()
    page.keyboard.press("End")
    page.wait_for_function(
        "() => document.querySelector('.crl-live .note').textContent"
    )
    seen = state(page)
    agrees(seen)
    assert seen["values"]["w"] == 2
    assert seen["note"] == (
        "The kernel does not answer: the other sliders went back to where this one "
        "was recorded."
    )
    page.keyboard.press("Home")
    seen = wait_for_values(page, w=-2)
    agrees(seen)
    assert seen["note"] == ""
    page.get_by_role("button", name="Reset").first.click()
    page.get_by_role("button", name="up", exact=True).click()
    slider(page, 0, 1).focus()
    page.keyboard.press("End")
    assert wait_for_values(page, 1, k=4)["caption"] == "At 4."


def test_lesson_05(open_notebook):
    """The first figure of the lesson: predict, then move, and compare with L(w)."""
    axes = explorers.courier().figure.axes[1]
    page = open_notebook(ROOT / "notebooks" / "05_roll_downhill.ipynb")
    run_all(page)
    scroll_to(page, "explorers.courier()")
    weight = slider(page)
    assert weight.is_disabled()
    page.get_by_role("button", name="fall all the way", exact=True).click()
    page.wait_for_function("() => !document.querySelector('.crl-live input').disabled")
    weight.scroll_into_view_if_needed()
    weight.focus()
    found = {rolls(page, axes)}
    for key in ("ArrowRight", "PageUp", "PageUp", "ArrowLeft"):
        page.keyboard.press(key)
        found.add(rolls(page, axes))
    box = weight.bounding_box()
    level = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + 0.3 * box["width"], level)
    page.mouse.down()
    for part in (0.35, 0.4, 0.45, 0.55, 0.6):
        page.mouse.move(box["x"] + part * box["width"], level)
        found.add(rolls(page, axes))
    page.mouse.up()
    assert len(found) >= 9


def rolls(page, axes):
    """Check that the caption and the dot stand where the loss curve is."""
    seen, picture = state(page), image(page)
    w = seen["values"]["weight"]
    one, two = (w - 4) ** 2, (2 * w - 6) ** 2
    assert seen["spoken"][0] == f"{w:.2f}"
    assert seen["caption"] == (
        f"Weight {w:.2f}: the machine says {w:.2f} and {2 * w:.2f} minutes. Squares of "
        f"the differences: {one:.2f} + {two:.2f} make the loss {one + two:.2f}."
    )
    # The dot has a radius of 4 pixels: a disc of 3 about its true place is blue.
    across, down = css(axes, w, one + two)
    rows, columns = np.indices(picture.shape[:2])
    disc = np.hypot(columns + 0.5 - across, rows + 0.5 - down) < 3
    assert disc.sum() > 20
    assert np.abs(picture[disc] - 255 * np.array(to_rgb(BLUE))).max() < 4
    return w
