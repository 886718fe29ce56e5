"""Live figures: values, captions, tracks and pictures against closed forms."""

import base64
import gc
import html
import io
import json
import re
import threading
import time
import weakref
import zlib

import ipywidgets
import matplotlib as mpl
import numpy as np
import pytest
import traitlets
from matplotlib.figure import Figure
from PIL import Image

from chainrule_lessons.live import LiveFigure, Pen, Slider
from chainrule_lessons.marks import DRAWING
from chainrule_lessons.plotting import label, subplots

GRAIN = 1 / 16


@pytest.fixture(autouse=True)
def fresh_ratio(monkeypatch):
    """Start each test at the resolution that a figure has before it is shown."""
    monkeypatch.setattr(LiveFigure, "_ratio", 2.0)


def parabola(**sliders):
    """Make a dot on x squared; `sliders` takes the place of the one for x."""
    figure, axes = subplots()
    axes.set(xlim=(-2, 2), ylim=(-1, 5))
    grid = np.linspace(-2, 2, 50)
    axes.plot(grid, grid**2)
    (dot,) = axes.plot([], [], "o", animated=True)

    def update(x):
        dot.set_data([x], [x**2])
        return f"Height {x**2:.2f} at x = {x:z.2f}."

    live = LiveFigure(figure, update, **(sliders or {"x": (-2.0, 2.0, 0.5)}))
    live.dot, live.axes = dot, axes
    return live


def sawtooth():
    """Make a figure whose update raises where x is 1 and where x is negative."""
    figure, axes = subplots()
    axes.set(xlim=(-1, 3), ylim=(-1, 3))
    (dot,) = axes.plot([], [], "o", animated=True)

    def update(x):
        if x < 0:
            raise ValueError("x must not be negative")
        dot.set_data([x], [1 / (x - 1)])
        return f"1/(x-1) = {1 / (x - 1):z.2f}."

    return LiveFigure(figure, update, x=Slider(-1, 3, step=1, value=2))


def titled():
    """Make a figure whose title, which stands still, follows k, and whose dot x."""
    figure, axes = subplots()
    axes.set(xlim=(-2, 2), ylim=(-2, 2))
    title = axes.set_title("k = 0")
    (dot,) = axes.plot([], [], "o", animated=True)

    def update(x, k):
        dot.set_data([x], [k / 2])
        title.set_text(f"k = {k}")
        return f"Dot at {x:z.1f}, title {k}."

    live = LiveFigure(figure, update, x=(-2.0, 2.0, 0.5), k=Slider(0, 3, value=0))
    live.dot, live.axes = dot, axes
    return live


def pixels(png):
    return np.asarray(Image.open(io.BytesIO(png)).convert("RGB")).astype(int)


def ask(live, content):
    """Send what a browser sends."""
    data = {"method": "custom", "content": content}
    live._handle_msg({"content": {"data": data}, "buffers": []})


def message(call, *args, **keywords):
    """Return the type and the exact words of the error that a call raises."""
    with pytest.raises((TypeError, ValueError, traitlets.TraitError)) as error:
        call(*args, **keywords)
    return error.type, str(error.value)


def places_of_mark(track):
    """Read where the only mark is at each position: a list of arrays of CSS pixels."""
    numbers, frames = np.frombuffer(track["data"], "<i2"), len(track["captions"])
    counts = numbers[: 3 * frames].reshape(-1, 3)[:, 2]
    points = (numbers[3 * frames :].reshape(-1, 2) + 0.5) * GRAIN
    return np.split(points, np.cumsum(counts)[:-1])


def css(axes, x, y):
    """CSS pixels of a data point, from the axes' corners and limits alone."""
    box, (width, height) = axes.get_position(), axes.figure.get_size_inches() * 100
    (x0, x1), (y0, y1) = axes.get_xlim(), axes.get_ylim()
    across = box.x0 + box.width * (x - x0) / (x1 - x0)
    up = box.y0 + box.height * (y - y0) / (y1 - y0)
    return np.array([width * across, height * (1 - up)])


# Values and captions


def test_set_moves_the_slider_and_the_caption():
    live = parabola()
    assert live.values == {"x": 0.0}
    assert live.caption == "Height 0.00 at x = 0.00."
    live.set(x=1.5)
    assert live.values == {"x": 1.5}
    assert repr(live) == live.caption == "Height 2.25 at x = 1.50."


def test_a_value_between_two_places():
    live = parabola()
    live.set(x=0.1)
    assert live.caption == "Height 0.01 at x = 0.10."
    (point,) = places_of_mark(live._frame)
    np.testing.assert_allclose(point[0], css(live.axes, 0.1, 0.01), atol=GRAIN)


def test_sliders_that_are_not_named_stay():
    live = titled()
    live.set(k=2)
    live.set(x=1)
    assert live.values == {"x": 1.0, "k": 2}


@pytest.fixture(scope="module")
def unmoved():
    live = titled()
    return live, live.values, live.caption, live.png()


@pytest.mark.parametrize(
    ("values", "kind", "words"),
    [
        ({"y": 1}, ValueError, "LiveFigure: 'y' is no slider; there are x, k"),
        ({"x": 3}, ValueError, "LiveFigure: x must lie from -2.0 to 2.0, got 3.0"),
        ({"x": 1, "k": 9}, ValueError, "LiveFigure: k must lie from 0 to 3, got 9.0"),
        ({"k": 1.5}, ValueError, "LiveFigure: k must be a whole number, got 1.5"),
        ({"x": "1"}, TypeError, "LiveFigure: x must be numbers, got '1'"),
        ({"x": None}, TypeError, "LiveFigure: x must be numbers, got None"),
        ({"x": np.nan}, ValueError, "LiveFigure: x must be finite, got nan"),
    ],
)
def test_a_refused_set_changes_nothing(unmoved, values, kind, words):
    live, *before = unmoved
    assert message(live.set, **values) == (kind, words)
    assert message(setattr, live, "values", values) == (traitlets.TraitError, words)
    assert [live.values, live.caption, live.png()] == before


def test_values_can_be_observed():
    live, seen = parabola(), []
    live.observe(
        lambda change: seen.append((change.old["x"], change.new["x"])), "values"
    )
    live.set(x=1)
    live.set(x=1)
    live.values = {"x": -1.5}
    assert seen == [(0.0, 1.0), (1.0, -1.5)]


def test_two_figures_can_be_linked():
    one, other = parabola(), parabola()
    traitlets.link((one, "values"), (other, "values"))
    one.set(x=1.5)
    assert other.caption == "Height 2.25 at x = 1.50."
    other.set(x=-2)
    assert one.caption == "Height 4.00 at x = -2.00."
    assert one.png() == other.png()


def test_it_is_a_widget_like_others():
    live = parabola()
    box = ipywidgets.HBox([live, ipywidgets.VBox([parabola()])])
    assert box.children[0] is live
    assert isinstance(live, ipywidgets.DOMWidget)


def test_a_closed_figure_is_given_back():
    live = parabola(x=(-2.0, 2.0))
    seen = weakref.ref(live)
    live.close()
    del live
    gc.collect()
    assert seen() is None


def test_ten_lines_make_a_live_figure():
    figure, axes = subplots()
    x = np.linspace(0, 6, 100)
    (wave,) = axes.plot(x, np.sin(x), animated=True)

    def update(pitch):
        wave.set_ydata(np.sin(pitch * x))
        return f"{pitch:.1f} waves."

    live = LiveFigure(figure, update, pitch=(0.5, 3.0, 0.5))
    live.set(pitch=2)
    assert repr(live) == "2.0 waves."
    line = places_of_mark(live._track_pitch)[3]
    wanted = css(axes, x, np.sin(2 * x))
    np.testing.assert_allclose(line, wanted.T, atol=0.51 * GRAIN)


@pytest.mark.parametrize(
    ("given", "start"),
    [
        ((-2.0, 2.0), 0.0),
        ((-2, 2), 0),
        ([0.5, 1.5], 0.5),
        ({"low": -1.0, "high": 1.0}, -1.0),
        (ipywidgets.FloatSlider(1, min=-2, max=2), 1.0),
        (ipywidgets.IntSlider(1, min=-2, max=2), 1),
        (ipywidgets.FloatLogSlider(1, min=-2, max=0), 1.0),
        (ipywidgets.SelectionSlider(options=[0.5, 1.5], value=1.5), 1.5),
        (Slider(-2, 2, step=0.25, value=0.75), 0.75),
    ],
)
def test_every_abbreviation_makes_a_slider(given, start):
    live = parabola(x=given)
    assert live.values == {"x": start}
    assert live.caption == f"Height {start**2:.2f} at x = {start:z.2f}."


def test_choices_may_be_functions():
    figure, axes = subplots()
    (curve,) = axes.plot([], [], animated=True)
    grid = np.linspace(0, 1, 5)

    def update(f, on):
        curve.set_data(grid, f(grid) * on)
        return f"{f.__name__} ends at {f(1.0) * on:.3f}."

    live = LiveFigure(
        figure, update, f={"sine": np.sin, "exponential": np.exp}, on=True
    )
    assert live.caption == "sin ends at 0.841."
    live.set(f=np.exp)
    assert live.caption == "exp ends at 2.718."
    live.set(on=False)
    assert live.caption == "exp ends at 0.000."
    assert live.get_state("values") == {"values": {"f": 1, "on": 0}}
    live.set_state({"values": {"f": 0, "on": 1}})
    assert live.values == {"f": np.sin, "on": True}
    assert message(live.set, f="sine")[1] == (
        "LiveFigure: f must be one of sine, exponential, got 'sine'"
    )


# What is wrong from the start


def test_a_figure_is_a_matplotlib_figure():
    _, axes = subplots()
    for given in (axes, None, "figure"):
        kind, words = message(LiveFigure, given, lambda x: "a", x=(0, 1))
        assert kind is TypeError
        assert words.startswith("LiveFigure: figure must be a Matplotlib figure, got ")


@pytest.mark.parametrize(
    ("update", "words"),
    [
        (None, "LiveFigure: update must be a function, got None"),
        (
            lambda y: "a",
            "LiveFigure: update must take the sliders x: "
            "missing a required argument: 'y'",
        ),
        (
            lambda: "a",
            "LiveFigure: update must take the sliders x: "
            "got an unexpected keyword argument 'x'",
        ),
        (
            lambda x, y: "a",
            "LiveFigure: update must take the sliders x: "
            "missing a required argument: 'y'",
        ),
        (
            lambda x: None,
            "LiveFigure: update must return the caption, a text with the picture's "
            "numbers, got None",
        ),
        (
            lambda x: " ",
            "LiveFigure: update must return the caption, a text with the picture's "
            "numbers, got ' '",
        ),
        (
            lambda x: 3.5,
            "LiveFigure: update must return the caption, a text with the picture's "
            "numbers, got 3.5",
        ),
    ],
)
def test_updates_that_are_refused(update, words):
    figure, _ = subplots()
    assert message(LiveFigure, figure, update, x=(0.0, 1.0)) == (TypeError, words)


@pytest.mark.parametrize(("figsize", "dpi"), [((8, 3), 300), ((6, 24), 100)])
def test_a_figure_that_is_too_large_is_refused(figsize, dpi):
    wide, high = (dpi * side for side in figsize)
    assert message(LiveFigure, Figure(figsize, dpi=dpi), lambda x: "a", x=(0, 1)) == (
        ValueError,
        "LiveFigure: figure must have at most 2000 pixels a side, "
        f"got {wide} × {high}: give it a smaller figsize or dpi",
    )


def test_the_widest_figure_keeps_its_marks():
    figure = Figure((20, 1), dpi=100)
    axes = figure.add_axes((0, 0, 1, 1), xlim=(0, 2000))
    pen = Pen(axes)

    def update(x):
        pen.dot(x, 0)
        return f"At {x}."

    live = LiveFigure(figure, update, x=[0, 1000, 2000])
    points = np.concatenate(places_of_mark(live.track("x")))
    assert points[:, 0] == pytest.approx([0, 1000, 2000], abs=GRAIN)


def test_a_slider_is_needed():
    figure, _ = subplots()
    assert message(LiveFigure, figure, lambda: "a") == (
        ValueError,
        "LiveFigure: give at least one slider, such as x=(-2, 2)",
    )


def test_a_wrong_slider_is_named():
    figure, _ = subplots()
    assert message(LiveFigure, figure, lambda x: "a", x=(2, 1)) == (
        ValueError,
        "slider 'x': Slider: min must be below max, got 2 and 1",
    )


def test_an_update_that_raises_at_the_start_says_where():
    figure, _ = subplots()

    def update(x, k):
        return f"{1 / (x - x)} {k}"

    with pytest.raises(ZeroDivisionError) as error:
        LiveFigure(figure, update, x=Slider(0.0, 1.0, label="weight"), k=[7])
    assert error.value.__notes__ == [
        "LiveFigure: update was called at weight = 0.50, k = 7."
    ]


def test_an_artist_that_cannot_move_is_refused():
    figure, axes = subplots()
    axes.imshow([[1.0]], animated=True)
    assert message(LiveFigure, figure, lambda x: "a", x=(0, 1)) == (
        TypeError,
        "LiveFigure: cannot move this AxesImage: only lines, round markers, filled "
        "shapes, arrows and labels move. Draw it without a pen and without "
        "animated=True, and the kernel redraws it.",
    )


@pytest.mark.parametrize(
    "predict",
    [
        "Which way?",
        ("Which way?",),
        ("Which way?", "left"),
        ("Which way?", ["left"]),
        ("Which way?", ["left", 3]),
        ("Which way?", ["left", "right", 3]),
        (3, ["left", "right"]),
        ("", ["left", "right"]),
        ("Which way?", ["left", "left"]),
    ],
)
def test_questions_that_are_refused(predict):
    figure, _ = subplots()
    kind, words = message(LiveFigure, figure, lambda x: "a", predict=predict, x=(0, 1))
    assert kind is TypeError
    assert words.startswith(
        "LiveFigure: predict must be a question and two choices or more, such as "
        "('Which way?', ['left', 'right']), got "
    )


WAYS = {"text": "Which way?", "choices": ["left", "right"]}


@pytest.mark.parametrize(
    ("question", "told"),
    [
        (("Which way?", ("left", "right")), WAYS),
        (("Which way?", ["left", "right"]), WAYS),
        (
            ("Which way?", {"left": "Yes.", "right": "No."}),
            WAYS | {"sentences": ["Yes.", "No."]},
        ),
        (
            ("How far?", 2, "Two."),
            {"text": "How far?", "number": 2, "sentence": "Two."},
        ),
        (None, {}),
    ],
)
def test_a_question_and_its_answer(question, told):
    figure, _ = subplots()
    live = LiveFigure(figure, lambda x: f"x {x}", predict=question, x=(0, 1))
    assert live.question == told
    assert live.prediction == ""
    live.prediction = "left"
    assert live.prediction == "left"


# Positions where update raises


def test_a_bad_position_says_what_and_where():
    live = sawtooth()
    live.set(x=1)
    assert live.caption == "No picture at x = 1. ZeroDivisionError: division by zero"
    live.set(x=-1)
    assert live.caption == "No picture at x = -1. ValueError: x must not be negative"
    live.set(x=3)
    assert live.caption == "1/(x-1) = 0.50."


def test_a_bad_position_is_skipped_in_the_track():
    live = sawtooth()
    track = live._track_x
    heads = np.frombuffer(track["data"], "<i2")[: 3 * 5].reshape(5, 3)
    assert (heads[:, 0] == -1).tolist() == [True, False, True, False, False]
    assert [caption.startswith("No picture") for caption in track["captions"]] == [
        True,
        False,
        True,
        False,
        False,
    ]


def test_an_update_that_fails_even_where_it_worked_says_what_was_raised():
    figure, axes = subplots()
    pen, broken = Pen(axes), []

    def update(x):
        if broken:
            raise RuntimeError("the file is gone")
        pen.dot(x, x)
        return f"At {x:.1f}."

    live = LiveFigure(figure, update, x=(0.0, 2.0, 0.5))
    before = live.png()
    broken.append(True)
    live.set(x=2)
    assert live.caption == "No picture at x = 2.0. RuntimeError: the file is gone"
    assert live.png() == before  # the last good picture stays
    broken.clear()
    live.set(x=0.5)
    assert live.caption == "At 0.5."


def test_the_last_good_picture_stays():
    live = sawtooth()
    good = live.png()
    live.set(x=1)
    assert live.png() == good
    live._answer(None, {"record": ["x"]}, None)
    assert live.png() == good
    live._repr_mimebundle_()
    assert live.png() == good
    live.set(x=3)
    assert live.png() != good
    live.set(x=2)
    assert live.png() == good


def test_the_last_good_marks_of_a_pen_stay():
    figure, axes = subplots()
    pen = Pen(axes)

    def update(x):
        pen.dot(x, 1 / x)
        return f"A part of {1 / x:.2f}."

    live = LiveFigure(figure, update, x=Slider(0, 4, value=2))
    good = live.png()
    live.set(x=0)
    live._record("x", live.values)
    assert [(mark.x, mark.y) for mark in live.marks] == [(2, 0.5)]
    assert live.png() == good
    live._repr_mimebundle_()
    assert live.png() == good


def test_a_bad_position_leaves_the_still_part_alone():
    figure, axes = subplots()
    title = axes.set_title("1 / 2")

    def update(k):
        title.set_text(f"1 / {k}")
        return f"A part of {1 / k:.2f}."

    live = LiveFigure(figure, update, k=Slider(0, 2, value=2))
    good, sent = live.png(), live._still
    live.set(k=0)
    assert live.caption == "No picture at k = 0. ZeroDivisionError: division by zero"
    assert live._still is sent
    assert live.png() == good
    live.set(k=1)
    assert title.get_text() == "1 / 1"
    assert live._still["id"] == sent["id"] + 1


def test_an_update_that_forgets_its_caption_somewhere():
    figure, _ = subplots()
    live = LiveFigure(figure, lambda x: "fine" if x else None, x=Slider(0, 1, value=1))
    live.set(x=0)
    assert live.caption == (
        "No picture at x = 0. TypeError: LiveFigure: update must return the caption, "
        "a text with the picture's numbers, got None"
    )


# Pictures


def test_png_is_a_picture_of_the_moment():
    live = parabola()
    for x in (-1.5, 0.5, 2.0):
        live.set(x=x)
        image = pixels(live.png())
        assert image.shape == (720, 1280, 3)
        across, down = 2 * css(live.axes, x, x**2)
        centre = image[int(down), int(across)]
        colour = 255 * np.array(mpl.colors.to_rgb(live.dot.get_color()))
        np.testing.assert_allclose(centre, colour, atol=1)


def test_png_comes_back_with_the_values():
    live = titled()
    first = live.png()
    assert live.png() == first
    live.set(k=3, x=1)
    assert live.png() != first
    live.set(k=0, x=0)
    assert live.png() == first


def test_png_is_what_matplotlib_draws():
    live = parabola()
    live.set(x=1.5)
    drawn = pixels(live.png())
    live.dot.set_animated(False)
    live.figure.canvas.draw()
    whole = np.asarray(live.figure.canvas.buffer_rgba())[..., :3].astype(int)
    assert np.abs(drawn - whole).max() <= 1


@pytest.mark.parametrize("ratio", [0.4, 1, 1.25, 2, 3])
def test_the_screen_says_how_sharp_pictures_are(ratio):
    live = parabola()
    tracks, still = live._track_x["data"], live._still
    live._answer(None, {"ratio": ratio}, None)
    if ratio <= 2:  # the browser shrinks what it has
        assert live._still is still
    size = (round(640 * max(2, ratio)), round(360 * max(2, ratio)))
    assert Image.open(io.BytesIO(live.png())).size == size
    assert Image.open(io.BytesIO(live._still["png"])).size == size
    live._record("x", live.values)
    np.testing.assert_array_equal(
        places_of_mark(live._track_x), places_of_mark({**live._track_x, "data": tracks})
    )
    assert 'width="640" height="360"' in live._repr_mimebundle_()["text/html"]
    assert parabola()._ratio == max(1, ratio)  # the next one is for this screen


@pytest.mark.parametrize("ratio", [0, -1, np.nan, np.inf, "3", None])
def test_a_screen_without_pixels_is_ignored(ratio):
    live = parabola()
    still, track = live._still, live._track_x
    live._answer(None, {"ratio": ratio}, None)
    assert (live._still, live._track_x) == (still, track)
    assert LiveFigure._ratio == live._ratio == 2


def test_a_sharper_screen_gets_tracks_of_its_own():
    figure, axes = subplots()
    axes.set(xlim=(0, 1), ylim=(0, 1))
    (line,) = axes.plot([], [], animated=True)

    def update(x):
        line.set_data([-1e6, 1e6], [x, x])
        return f"Height {x:.1f}."

    live = LiveFigure(figure, update, x=(0.0, 1.0))
    for ratio in (2, 4):  # lines are cut a pixel of the screen outside of the figure
        live._answer(None, {"ratio": ratio}, None)
        ends = places_of_mark(live._track_x)[0]
        ends = ends[np.abs(ends[:, 0]) < 2000]
        assert ends[0, 0] == pytest.approx(-1 / ratio, abs=GRAIN)


def test_a_mark_glides_between_pixels():
    figure, axes = subplots()
    axes.set(xlim=(-2, 2), ylim=(0, 1))
    (upright,) = axes.plot([], [], animated=True)

    def update(x):
        upright.set_data([x, x], [0.2, 0.8])
        return f"At {x}."

    live = LiveFigure(figure, update, x=[1.0, 1.001, 1.002])
    steps = []
    for place in live.sliders["x"].places:
        live.set(x=place)
        steps.append(live.png())
    assert len(set(steps)) == 3


def test_each_figure_knows_its_own_screen():
    one, other = parabola(), parabola()
    track = other._track_x["data"]
    one._answer(None, {"ratio": 3}, None)
    other._record("x", other.values)
    assert other._track_x["data"] == track
    assert pixels(other.png()).shape == (720, 1280, 3)


def test_a_figure_can_be_made_live_twice():
    live = parabola()
    again = LiveFigure(live.figure, live._update, x=(-2.0, 2.0, 0.5))
    assert again._size == live._size == [640, 360]
    assert pixels(again.png()).shape == pixels(live.png()).shape
    assert again.png() == live.png()


def test_two_on_one_figure_each_draw_for_their_own_screen():
    one = parabola()
    other = LiveFigure(one.figure, one._update, x=(-2.0, 2.0, 0.5))
    other.set(x=1.5)
    track, before = other._track_x["data"], other.png()
    one._answer(None, {"ratio": 3}, None)
    other.set(x=0.25)  # between two places: drawn by the kernel
    (point,) = places_of_mark(other._frame)
    np.testing.assert_allclose(point[0], css(one.axes, 0.25, 0.0625), atol=0.51 * GRAIN)
    other._answer(None, {"record": ["x"]}, None)
    assert other._track_x["data"] == track
    assert pixels(one.png()).shape == (1080, 1920, 3)
    other.set(x=1.5)
    assert other.png() == before


def test_a_figure_keeps_no_trace_of_having_been_live():
    figure, _ = subplots()
    before = set(vars(figure))
    LiveFigure(figure, lambda x: f"Place {x}.", x=(0, 3))
    assert set(vars(figure)) == before


@pytest.mark.parametrize("first", [-1, 3])  # as it is made, and at other places
def test_a_mark_that_grabs_what_is_no_slider_is_refused(first):
    figure, axes = subplots()
    pen = Pen(axes)

    def update(x, y):
        pen.dot(x, y, grab="x y" if x < first else "x typo")
        return f"Dot at {x}, {y}."

    assert message(LiveFigure, figure, update, x=(0, 3), y=(0, 3)) == (
        ValueError,
        "LiveFigure: a mark grabs 'typo', which is no slider; there are x, y",
    )


def test_a_mark_in_axes_inside_axes_is_drawn():
    figure, axes = subplots()
    (dot,) = axes.inset_axes((0.5, 0.5, 0.4, 0.4)).plot(0, 0, "o", animated=True)

    def update(size):
        dot.set_markersize(size)
        return f"Size {size}."

    live = LiveFigure(figure, update, size=(4, 20))
    small = live.png()
    live.set(size=20)
    assert live.png() != small
    assert live._replays("size", live.values)


@pytest.mark.parametrize("dpi", [72, 100, 150])
def test_a_figure_of_any_resolution(dpi):
    figure = Figure(figsize=(4, 3), dpi=dpi)
    axes = figure.add_subplot()
    (dot,) = axes.plot([], [], "o", ms=10, animated=True)

    def update(x):
        dot.set_data([x], [0.5])
        return f"x {x}"

    live = LiveFigure(figure, update, x=(0.0, 1.0))
    assert live._size == [4 * dpi, 3 * dpi]
    assert live._track_x["styles"][0]["size"] == pytest.approx(10 * dpi / 72)


def test_settings_of_matplotlib_are_left_alone():
    before = dict(mpl.rcParams)
    live = parabola()
    live.set(x=1)
    live.png()
    live._repr_mimebundle_()
    assert dict(mpl.rcParams) == before


def test_a_figure_without_moving_marks():
    figure, axes = subplots()
    axes.plot([0, 1], [0, 1])
    live = LiveFigure(figure, lambda x: f"Line, {x}.", x=(0, 3))
    live.set(x=3)
    assert live.caption == "Line, 3."
    assert live._track_x["captions"] == ["Line, 0.", "Line, 1.", "Line, 2.", "Line, 3."]
    assert live._track_x["marks"] == 0


# Tracks


def test_tracks_hold_where_the_marks_are():
    live = parabola()
    track = live._track_x
    assert track["captions"][:2] == [
        "Height 4.00 at x = -2.00.",
        "Height 2.25 at x = -1.50.",
    ]
    for x, point in zip(np.arange(-2, 2.5, 0.5), places_of_mark(track), strict=True):
        np.testing.assert_allclose(
            point[0], css(live.axes, x, x**2), atol=0.51 * GRAIN, rtol=0
        )


def times(**sliders):
    """A dot at (x, k x)."""
    figure, axes = subplots()
    axes.set(xlim=(-2, 2), ylim=(-8, 8))
    (dot,) = axes.plot([], [], "o", animated=True)

    def update(x, k):
        dot.set_data([x], [k * x])
        return f"{k} times {x}."

    live = LiveFigure(figure, update, **sliders)
    live.dot, live.axes = dot, axes
    return live


def test_a_track_holds_the_other_sliders_still():
    live = times(x=(-2.0, 2.0, 1.0), k=Slider(0, 4, value=1))
    live.set(k=3)
    assert live._track_x["values"] == {"x": 0.0, "k": 1}
    live._answer(None, {"record": ["x"]}, None)
    assert live._track_x["values"] == {"x": 0.0, "k": 3}
    points = np.concatenate(places_of_mark(live._track_x))
    wanted = [css(live.axes, x, 3 * x) for x in (-2, -1, 0, 1, 2)]
    np.testing.assert_allclose(points, wanted, atol=0.51 * GRAIN)
    kept = live._track_k
    live._answer(None, {"record": ["k"]}, None)
    assert live._track_k is kept  # k moved along its own track, which still holds


def test_what_a_page_is_told():
    told = {"values", "prediction", "_still", "_frame", "_track_x"}
    told |= {"_controls", "_question", "_size", "_scale"}
    assert told <= set(parabola().keys)


def test_values_of_the_browser_are_not_sent_back_over_later_ones():
    assert [*parabola().traits(echo_update=False)] == ["values"]


def test_only_the_sliders_that_are_asked_for_are_recorded():
    live = times(x=(-2.0, 2.0, 1.0), k=Slider(0, 4, value=1))
    live.set(x=1, k=3)
    kept = live._track_k
    ask(live, {"record": ["x"]})
    assert live._track_x["values"] == {"x": 1.0, "k": 3}
    assert live._track_k is kept


def test_at_each_place_of_a_track_the_kernel_draws_nothing():
    live = parabola()
    frame, still = live._frame, live._still
    for place in live.sliders["x"].places:
        live.set(x=place)
        assert live._frame is frame
    live.set(x=0.1)  # between two places
    assert live._frame is not frame
    assert live._still is still


def test_a_question_may_overtake_the_values_it_is_about():
    x, k = Slider(-2.0, 2.0, step=1.0, value=1.0), Slider(0.0, 4.0, step=0.5, value=1.0)
    live = times(x=x, k=k)
    question = {"record": ["x"], "values": {"x": 1, "k": 3}}  # as JSON has whole floats
    live._answer(None, question, None)
    track = live._track_x
    assert track["values"] == {"x": 1.0, "k": 3.0}
    assert track["captions"][0] == "3.0 times -2.0."
    points = np.concatenate(places_of_mark(track))
    wanted = [css(live.axes, x, 3 * x) for x in (-2, -1, 0, 1, 2)]
    np.testing.assert_allclose(points, wanted, atol=0.51 * GRAIN)
    assert (live.values, live.caption) == ({"x": 1.0, "k": 1.0}, "1.0 times 1.0.")
    assert list(live.dot.get_ydata()) == [1.0]
    live.set(k=3.0)
    live._answer(None, question, None)
    assert live._track_x is track


def test_a_question_does_not_overtake_a_new_still_part():
    live = titled()
    track, still = live._track_x, live._still
    live._answer(None, {"record": ["x"], "values": {"x": 0.0, "k": 2}}, None)
    assert (live._track_x, live._still) == (track, still)
    assert live.axes.get_title() == "k = 0"


def test_a_question_that_overtakes_the_kernel_is_answered_when_it_comes_again():
    figure, axes = subplots()
    axes.set(xlim=(-2, 2), ylim=(-2, 2))
    title, pen = axes.set_title("a"), Pen(axes)

    def update(x, y, k):
        pen.dot(x, y)
        title.set_text(k)
        return f"{k} at ({x}, {y})."

    k = Slider(options=["a", "b", "c"])
    live = LiveFigure(figure, update, x=Slider(-2, 2), y=Slider(-2, 2), k=k)
    live.set(k="b")  # no track of x or y holds any longer
    tracks = live._track_x, live._track_y
    question = {"record": ["x", "y"], "values": {"x": 0, "y": 0, "k": 2}}
    live._answer(None, question, None)
    assert (live._track_x, live._track_y) == tracks
    live.set(k="c")
    live._answer(None, question, None)
    for name in "xy":
        assert live.track(name)["still"] == live._still["id"]
        assert live.track(name)["values"] == question["values"]


@pytest.mark.parametrize(
    "odd",
    [
        {"values": {"z": 1}},
        {"values": {"k": 9}},
        {"values": {"x": 1, "k": -1}},  # not the last choice, for which k has a track
        {"values": {"k": "b"}},
        {"values": {"x": "far"}},
        {"values": {"x": 99}},
        {"values": 3},
        {"record": ["z", ["x"], None, "x"]},
    ],
    ids=str,
)
def test_one_odd_entry_leaves_the_rest_of_a_question(odd):
    figure, _ = subplots()
    k = Slider(options=["a", "b", "c"])
    live = LiveFigure(figure, lambda x, k: f"{x} of {k}.", x=Slider(0, 2), k=k)
    live.set(x=2)
    live.set(k="b")
    assert live._track_x["values"] == {"x": 1, "k": 0}
    live._answer(None, {"record": ["x"]} | odd, None)
    assert live._track_x["values"] == {"x": 2, "k": 1}
    assert live._track_x["captions"] == ["0 of b.", "1 of b.", "2 of b."]


def test_a_slider_that_moves_the_still_part_is_drawn_by_the_kernel():
    live = titled()
    assert live._track_k == {"kernel": True}
    assert live._track_x["still"] == live._still["id"]
    pictures = {}
    for k in (0, 1, 2, 3, 1, 0):
        live.set(k=k)
        assert live.axes.get_title() == f"k = {k}"
        if k not in pictures:
            fresh = titled()
            fresh.set(k=k)
            pictures[k] = fresh.png()
        assert live.png() == pictures[k]
    assert len(set(pictures.values())) == 4


def test_an_update_that_touches_the_still_part_each_time():
    figure, axes = subplots()
    (line,) = axes.plot([], [])

    def update(x):
        line.set_data([0, 1], [0, x])
        return f"Slope {x}."

    live = LiveFigure(figure, update, x=(0, 4))
    assert live._track_x == {"kernel": True}
    low = live.png()
    live.set(x=4)
    assert (live.caption, live.png() != low) == ("Slope 4.", True)


def test_the_still_part_travels_with_its_frame():
    live = titled()
    sent = live._still["id"]
    live.set(k=3)
    assert live._still["id"] == sent + 1
    assert live._frame["still"] == sent + 1
    assert live._frame["values"] == {"x": 0.0, "k": 3}
    live.dot.set_visible(False)
    live.figure.canvas.draw()
    still = np.asarray(live.figure.canvas.buffer_rgba())[..., :3].astype(int)
    assert np.abs(pixels(live._still["png"]) - still).max() <= 1


def test_the_other_sliders_are_recorded_again():
    live = titled()
    live.set(k=2)
    assert live._track_x["still"] != live._still["id"]
    live._answer(None, {"record": ["x", "k"]}, None)
    assert live._track_x["still"] == live._still["id"]
    assert live._track_x["values"] == {"x": 0.0, "k": 2}
    assert live._track_x["captions"][0] == "Dot at -2.0, title 2."
    (point, *_) = places_of_mark(live._track_x)
    np.testing.assert_allclose(point[0], css(live.axes, -2, 1), atol=0.51 * GRAIN)
    live.set(x=1)
    assert live.caption == "Dot at 1.0, title 2."
    assert live.png() == live.png()


def test_a_moving_label_and_its_colour():
    figure, axes = subplots()
    axes.set(xlim=(-2, 2), ylim=(-1, 1))
    text = label(axes, 0, 0, "", animated=True)

    def update(x):
        text.set_position((x, 0))
        text.set_text(f"{x:z.0f}")
        text.set_color("red" if x < 0 else "blue")
        return f"Label {x:z.0f}."

    track = LiveFigure(figure, update, x=(-2.0, 2.0, 1.0))._track_x
    heads = np.frombuffer(track["data"], "<i2")[:15].reshape(5, 3)
    assert [track["texts"][i] for i in heads[:, 1]] == ["-2", "-1", "0", "1", "2"]
    assert [track["styles"][i]["stroke"] for i in heads[:, 0]] == [
        *["rgba(255, 0, 0, 1)"] * 2,
        *["rgba(0, 0, 255, 1)"] * 3,
    ]
    points = np.concatenate(places_of_mark(track))
    wanted = [css(axes, x, 0) for x in (-2, -1, 0, 1, 2)]
    np.testing.assert_allclose(points, wanted, atol=0.51 * GRAIN)


# How tracks travel


def test_a_track_travels_squeezed():
    live = titled()
    track, sent = live._track_x, live.get_state("_track_x")["_track_x"]
    words = json.loads(zlib.decompress(sent["words"]))
    assert zlib.decompress(sent["data"]) == track["data"]
    said = {name: track[name] for name in ("styles", "texts", "captions")}
    assert words == json.loads(json.dumps(said))
    assert not set(words) & set(sent)
    for name in ("still", "values", "marks"):
        assert sent[name] == track[name]
    assert len(sent["words"]) < len(json.dumps(words)) / 2


# The static twin


def stored(live):
    """Return the pictures of a figure's twin."""
    found = re.findall('base64,(.*?)"', live._repr_mimebundle_()["text/html"])
    return [base64.b64decode(own) for own in found]


@pytest.mark.parametrize(
    ("ratio", "width"), [(0.5, 640), (1, 640), (1.25, 800), (1.75, 1120), (2, 640)]
)
def test_the_twin_has_no_less_than_a_pixel_for_each_of_css(ratio, width):
    parabola()._answer(None, {"ratio": ratio}, None)  # a screen has said so before
    sizes = [Image.open(io.BytesIO(png)).size for png in stored(parabola())]
    assert sizes == [(width, round(width * 9 / 16))] * 3


def test_the_twin_shows_what_the_kernel_draws():
    figure, axes = subplots()

    def update(k):
        axes.set_title(f"k = {k}")
        return f"Title {k}."

    live = LiveFigure(figure, update, k=Slider(0, 4))
    assert len(set(stored(live))) == 3


def test_a_twin_leaves_the_marks_where_they_were():
    figure, axes = subplots()
    pen = Pen(axes)

    def update(x):
        pen.dot(x, x)
        return f"At {x}."

    live = LiveFigure(figure, update, x=(0, 4))
    live._repr_mimebundle_()
    assert [mark.x for mark in live.marks] == [2]


def test_a_bet_at_an_end_stores_that_end_alone():
    bet = "Which way?", ["left", "right"]
    figure, _ = subplots()
    live = LiveFigure(
        figure, lambda x: f"Place {x}.", predict=bet, x=Slider(0, 2, value=0)
    )
    assert live._repr_mimebundle_()["text/plain"] == "x = 0: Place 0."


def test_the_static_twin_shows_three_places():
    live = parabola()
    live.set(x=1)
    data = live._repr_mimebundle_()
    captions = [
        "x = -2.0: Height 4.00 at x = -2.00.",
        "x = 1.0: Height 1.00 at x = 1.00.",
        "x = 2.0: Height 4.00 at x = 2.00.",
    ]
    assert data["text/plain"].splitlines() == captions
    low, start, high = captions
    shown = [start, low, high]  # the start first, where it is large
    assert re.findall('alt="(.*?)"', data["text/html"]) == shown
    assert re.findall("<figcaption.*?>(.*?)<", data["text/html"]) == shown
    view = data["application/vnd.jupyter.widget-view+json"]
    assert view == {
        "version_major": 2,
        "version_minor": 0,
        "model_id": live.model_id,
    }
    assert live.caption == "Height 1.00 at x = 1.00."


@pytest.mark.parametrize(("start", "middle"), [(-2, "0.0"), (2, "0.0"), (1, "1.0")])
def test_the_twin_shows_three_places_that_differ(start, middle):
    live = parabola(x=Slider(-2, 2, step=0.5, value=start))
    plain = live._repr_mimebundle_()["text/plain"].splitlines()
    assert [line.split(":")[0] for line in plain] == [
        "x = -2.0",
        f"x = {middle}",
        "x = 2.0",
    ]


def test_captions_are_escaped():
    figure, _ = subplots()
    caption = 'f(x) < 1 & "steep" <b>'
    live = LiveFigure(figure, lambda x: caption, x=[1])
    data = live._repr_mimebundle_()
    alts = re.findall('alt="(.*?)"', data["text/html"])
    assert alts == [html.escape(f"x = 1: {caption}")] * 3
    assert "<b>" not in data["text/html"]


def test_every_image_has_a_caption():
    data = titled()._repr_mimebundle_()
    images = re.findall("<img [^>]*>", data["text/html"])
    assert len(images) == 3
    assert all(re.search('alt="[^"]+"', image) for image in images)


def test_a_twin_of_a_place_without_a_picture_says_so():
    plain = sawtooth()._repr_mimebundle_()["text/plain"].splitlines()
    assert plain == [
        "x = -1: No picture at x = -1. ValueError: x must not be negative",
        "x = 2: 1/(x-1) = 1.00.",
        "x = 3: 1/(x-1) = 0.50.",
    ]


# Messages on threads of their own


def at_the_same_time(*actions):
    """Do things again and again for half a second, each on a thread of its own."""
    failures, end = [], time.monotonic() + 0.5

    def worker(action):
        try:
            for i in range(10_000):
                action(i)
                if time.monotonic() > end:
                    break
        except Exception as error:  # noqa: BLE001
            failures.append(error)

    threads = [threading.Thread(target=worker, args=(action,)) for action in actions]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []


def test_threads_may_ask_at_the_same_time():
    live = titled()
    at_the_same_time(
        lambda i: live.set(x=(i % 9) / 2 - 2),
        lambda i: live.set(k=i % 4),
        lambda i: live._answer(None, {"record": ["x", "k"]}, None),
        lambda i: live.png(),
    )
    live.set(x=1, k=2)
    fresh = titled()
    fresh.set(x=1, k=2)
    assert live.caption == fresh.caption
    assert live.png() == fresh.png()


def test_a_move_that_is_drawn_late_does_not_hide_a_later_one():
    live = parabola()
    first = threading.Thread(target=live.set_state, args=({"values": {"x": 1}},))
    with DRAWING:
        first.start()
        while live.values["x"] != 1:
            time.sleep(0.001)
        live.set(x=2)
    first.join()
    assert (live.values, live.caption) == ({"x": 2}, "Height 4.00 at x = 2.00.")


def test_two_sliders_that_move_at_the_same_time_both_move():
    live = titled()
    other = threading.Thread(target=live.set, kwargs={"x": 1})
    with DRAWING:
        other.start()
        time.sleep(0.1)  # in which a move without a lock has read the old k
        live.set(k=3)
    other.join()
    assert live.values == {"x": 1, "k": 3}


def test_two_on_one_figure_take_turns():
    one = parabola()
    other = LiveFigure(one.figure, one._update, x=(-2.0, 2.0, 0.5))
    one._answer(None, {"ratio": 3}, None)
    wanted = {live: live.png() for live in (one, other)}

    def draw(live):
        assert live.png() == wanted[live]

    at_the_same_time(lambda i: draw(one), lambda i: draw(other))
