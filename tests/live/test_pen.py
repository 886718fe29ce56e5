"""The pen: what each verb draws, against Matplotlib's own artists and hand-made points."""

import io

import numpy as np
import pytest
from matplotlib.lines import Line2D
from matplotlib.patches import Polygon
from PIL import Image

from chainrule_lessons.live import LiveFigure, Pen
from chainrule_lessons.plotting import BLUE, GREEN, INK, ORANGE, arrow, label, subplots

LIMITS = {"xlim": (0, 4), "ylim": (-1, 3)}


def paper():
    figure, axes = subplots()
    axes.set(**LIMITS)
    return figure, axes


def live(draw, **sliders):
    """Make a live figure of one slider, x from 0 to 4, that draws with one pen."""
    figure, axes = paper()
    pen = Pen(axes)

    def update(x):
        draw(pen, x)
        return f"x is {x:.1f}."

    return LiveFigure(figure, update, x=(0.0, 4.0, 1.0))


def pixels(png):
    return np.asarray(Image.open(io.BytesIO(png)).convert("RGB")).astype(int)


def by_hand(draw):
    """Draw a still figure with Matplotlib alone, at the resolution of a live one."""
    figure, axes = paper()
    figure.dpi *= 2
    for artist in draw(axes) or ():
        artist.set_snap(False)
    figure.canvas.draw()
    return np.asarray(figure.canvas.buffer_rgba())[:, :, :3].astype(int)


# Each verb, drawn with the pen and by hand.
VERBS = {
    "line": (
        lambda pen: pen.line([0.5, 1, 2], [0, 2, 1], "--", BLUE, 3),
        lambda axes: axes.plot([0.5, 1, 2], [0, 2, 1], "--", color=BLUE, lw=3),
    ),
    "a line with dots": (
        lambda pen: pen.line([0.5, 1, 2], [0, 2, 1], "o-", GREEN, 1.5, ms=5),
        lambda axes: axes.plot([0.5, 1, 2], [0, 2, 1], "o-", color=GREEN, lw=1.5, ms=5),
    ),
    "one height for all": (
        lambda pen: pen.line([0.5, 1, 2], 1),
        lambda axes: axes.plot([0.5, 1, 2], [1, 1, 1], color=INK),
    ),
    "beyond the axes": (
        lambda pen: pen.line([-1, 5], [-2, 4], "-", BLUE),
        lambda axes: axes.plot([-1, 5], [-2, 4], color=BLUE, zorder=3),
    ),
    "between two pixels": (
        lambda pen: pen.line(1.0013, [0.5, 2], "-", BLUE, 1),
        lambda axes: axes.plot([1.0013, 1.0013], [0.5, 2], color=BLUE, lw=1),
    ),
    "dot": (
        lambda pen: pen.dot(2, 1, ORANGE),
        lambda axes: axes.plot([2], [1], "o", color=ORANGE),
    ),
    "tangent": (
        lambda pen: pen.tangent(2, 1, 0.5, 1, "-", ORANGE, 2),
        lambda axes: axes.plot([1, 3], [0.5, 1.5], color=ORANGE, lw=2),
    ),
    "triangle": (
        lambda pen: pen.triangle(1, 0, 1.5, 1, BLUE),
        lambda axes: [
            *axes.plot([1, 2, 2], [0, 0, 1.5], color=BLUE, lw=1.5),
            label(axes, 1.5, -0.06, "1", color=BLUE, ha="center", va="top"),
            label(axes, 2, 0.75, " 1.5 ", color=BLUE, va="center"),
        ],
    ),
    "circle": (
        lambda pen: pen.circle(2, 1, 40, "3.5", lift=0.2),
        lambda axes: [
            *axes.plot(2, 1, "o", color=INK, mfc="white", ms=40, mew=1.5),
            axes.text(2, 1.2, "3.5", color=INK, ha="center", va="center"),
        ],
    ),
    "segments": (
        lambda pen: pen.segments([(0.5, 0), (2, 2)], [(1, 1), (3, 2)], "-", BLUE),
        lambda axes: [
            *axes.plot([0.5, 1], [0, 1], color=BLUE),
            *axes.plot([2, 3], [2, 2], color=BLUE),
        ],
    ),
    "bars": (
        lambda pen: pen.bars([1, 2], [2, -0.5], BLUE, 14),
        lambda axes: [
            *axes.plot([1, 1], [0, 2], color=BLUE, lw=14, solid_capstyle="butt"),
            *axes.plot([2, 2], [0, -0.5], color=BLUE, lw=14, solid_capstyle="butt"),
        ],
    ),
    "shape": (
        lambda pen: pen.shape([(0.5, 0), (1, 2), (2, 0)], ORANGE, alpha=0.3),
        lambda axes: [
            axes.add_patch(
                Polygon([(0.5, 0), (1, 2), (2, 0)], fc=ORANGE, ec="none", alpha=0.3)
            )
        ],
    ),
    "box": (
        lambda pen: pen.box(2, 1, (1, 0.5), "0.9", "7", edgecolor=INK),
        lambda axes: [
            axes.add_patch(
                Polygon(
                    [(1.5, 0.75), (2.5, 0.75), (2.5, 1.25), (1.5, 1.25)],
                    fc="0.9",
                    ec=INK,
                )
            ),
            axes.text(2, 1, "7", ha="center", va="center", fontsize=12),
        ],
    ),
    "a plain arrow": (
        lambda pen: pen.arrow((0.5, 0), (2, 2)),
        lambda axes: [arrow(axes, (0.5, 0), (2, 2), width=2)],
    ),
    "arrow": (
        lambda pen: pen.arrow((0.5, 0), (2, 2), GREEN, 3),
        lambda axes: [arrow(axes, (0.5, 0), (2, 2), color=GREEN, width=3)],
    ),
    "words": (
        lambda pen: pen.words(1, 1, "slope 2", BLUE, "center", "top", fontsize=9),
        lambda axes: [
            label(axes, 1, 1, "slope 2", color=BLUE, ha="center", va="top", fontsize=9)
        ],
    ),
    "above": (
        lambda pen: pen.above(1, "loss 0.5", ORANGE, "right"),
        lambda axes: [
            label(
                axes,
                1,
                1.03,
                "loss 0.5",
                color=ORANGE,
                ha="right",
                va="bottom",
                transform=axes.transAxes,
            )
        ],
    ),
}


@pytest.mark.parametrize(("drawn", "wanted"), VERBS.values(), ids=VERBS.keys())
def test_a_verb_draws_what_matplotlib_draws(drawn, wanted):
    seen = pixels(live(lambda pen, x: drawn(pen)).png())
    expected = by_hand(wanted)
    assert (expected < 250).any()
    np.testing.assert_array_equal(seen, expected)


def test_a_tangent_is_as_wide_as_its_run_and_grows_by_its_slope():
    pen = Pen(paper()[1])
    pen.tangent(2, 1, 0.5, 0.4)
    (mark,) = pen.marks
    np.testing.assert_allclose(mark.x, [1.6, 2.4])
    np.testing.assert_allclose(mark.y, [0.8, 1.2])


def test_a_dot_can_be_grabbed_where_it_says_so():
    pen = Pen(paper()[1])
    pen.dot(1, 1)
    pen.dot(1, 1, grab="x y")
    assert [mark.stamp.get_gid() for mark in pen.marks] == [None, "grab x y"]


def test_the_picture_is_drawn_anew_at_each_place():
    def draw(pen, x):
        if x > 2:
            pen.words(1, 1, "far")
        else:
            pen.dot(x, 0, BLUE)
            pen.line([0, x], [0, 1], "-", INK)

    figure = live(draw)
    for x, kinds in ((4, 1), (1, 2), (3, 1)):
        figure.set(x=x)
        assert len(figure.marks) == kinds
    assert (figure.marks[0].text, figure.track("x")["marks"]) == ("far", 2)
    again = live(draw)
    again.set(x=3)
    np.testing.assert_array_equal(pixels(figure.png()), pixels(again.png()))


def test_every_slider_replays_though_marks_come_and_go():
    figure = live(lambda pen, x: [pen.dot(i, 0) for i in range(int(x))])
    assert "kernel" not in figure.track("x")
    numbers = np.frombuffer(figure.track("x")["data"], "<i2")
    counts = [
        numbers[at : at + 15].reshape(5, 3)[:, 2].tolist() for at in starts(numbers)
    ]
    assert counts == [[int(x > i) for x in range(5)] for i in range(4)]


def starts(numbers, frames=5):
    """Say where the heads of each mark begin in a track."""
    at = 0
    while at < len(numbers):
        yield at
        at += 3 * frames + 2 * int(
            numbers[at : at + 3 * frames].reshape(-1, 3)[:, 2].sum()
        )


def test_calls_lie_upon_each_other_in_their_order():
    def draw(pen, x):
        below, above = (ORANGE, BLUE) if x > 2 else (BLUE, ORANGE)
        pen.line([0, 4], [1, 1], "-", below, 12)
        pen.line([2, 2], [-1, 3], "-", above, 12)

    figure = live(draw)
    for x, wanted in ((4, BLUE), (0, ORANGE)):
        figure.set(x=x)
        assert figure.marks[-1].stamp.get_color() == wanted
        seen = pixels(figure.png())
        crossing = [mark.stamp for mark in figure.marks][0].axes.transData.transform(
            (2, 1)
        )
        column, row = crossing.round().astype(int)
        rgb = tuple(int(wanted[i : i + 2], 16) for i in (1, 3, 5))
        assert tuple(seen[len(seen) - row, column]) == rgb


def test_shapes_lie_below_lines_and_lines_below_words():
    def draw(pen, x):
        pen.words(1, 1, "up")
        pen.line([0, 1], [0, 1])
        pen.shape([(0, 0), (1, 0), (1, 1)], BLUE)
        pen.line([0, 2], [0, 1], zorder=0)

    kinds = [type(mark.stamp).__name__ for mark in live(draw).marks]
    assert kinds == ["Line2D", "Polygon", "Line2D", "Text"]


def test_a_row_that_changes_later_is_noted_as_it_was():
    row = np.zeros(2)

    def draw(pen, x):
        row[:] = x / 4
        pen.line([1, 2], row)

    figure = live(draw)
    heights = np.frombuffer(figure.track("x")["data"], "<i2")[15:].reshape(5, 2, 2)[
        ..., 1
    ]
    assert len(set(heights[:, 0].tolist())) == 5


def test_what_is_masked_is_missing():
    masked = np.ma.masked_equal([0.0, 9.0, 2.0], 9.0)
    (mark,) = live(lambda pen, x: pen.line([0, 1, 2], masked)).marks
    np.testing.assert_array_equal(mark.y, [0, np.nan, 2])


def test_no_words_leave_no_mark():
    assert live(lambda pen, x: pen.words(0, 0, "")).marks == []


@pytest.mark.parametrize(
    ("x", "y", "error", "words"),
    [
        (
            [0, 1],
            [0, 1, 2],
            ValueError,
            "Pen: x and y must be equally many, got 2 and 3",
        ),
        (["a"], [0], TypeError, "Pen: x must be numbers, got ['a']"),
        ([0], [1j], TypeError, "Pen: y must be real numbers, got [1j]"),
    ],
)
def test_points_that_do_not_fit_are_refused(x, y, error, words):
    _, axes = paper()
    with pytest.raises(error) as raised:
        Pen(axes).line(x, y)
    assert str(raised.value) == words


ODD = {
    "a square": lambda pen: pen.dot(1, 1, marker="s"),
    "steps": lambda pen: pen.line([0, 1], [0, 1], drawstyle="steps"),
    "a hatch": lambda pen: pen.shape([(0, 0), (1, 0), (1, 1)], BLUE, hatch="/"),
    "words upwards": lambda pen: pen.words(1, 1, "up", rotation=90),
    "words in a box": lambda pen: pen.words(1, 1, "in", bbox={"facecolor": "w"}),
}


@pytest.mark.parametrize("draw", ODD.values(), ids=ODD.keys())
def test_what_a_browser_does_not_draw_is_refused(draw):
    with pytest.raises(TypeError, match="LiveFigure: cannot move this .*: .*, and the"):
        live(lambda pen, x: draw(pen))
    pen = Pen(paper()[1])  # Matplotlib draws it where nothing moves
    draw(pen)
    assert len(pen.marks) == 1


def test_a_pen_on_a_still_figure_belongs_to_the_picture():
    figure, axes = paper()
    pen = Pen(axes)
    pen.line([0.5, 1, 2], [0, 2, 1], "--", BLUE, 3)
    figure.dpi *= 2
    figure.canvas.draw()
    seen = np.asarray(figure.canvas.buffer_rgba())[:, :, :3].astype(int)
    np.testing.assert_array_equal(seen, by_hand(VERBS["line"][1]))
    assert not figure.stale


def test_a_colour_that_glides_does_not_fill_the_memory():
    _, axes = paper()
    pen = Pen(axes)
    for share in np.linspace(0, 1, 2000):
        pen.lift()
        pen.dot(1, 1, (share, 0, 0))
    assert sum(isinstance(a, Line2D) for a in pen._stamps.values()) <= 500


def test_a_look_with_a_transform_of_its_own_is_kept_apart():
    _, axes = paper()
    pen = Pen(axes)
    for size in (9, 14):
        pen.words(0.5, 0.5, "far", fontsize=size, transform=axes.transAxes)
    assert [mark.stamp.get_fontsize() for mark in pen.marks] == [9, 14]


def test_a_colour_may_be_a_list():
    (mark,) = live(lambda pen, x: pen.dot(x, 1, [1, 0, 0])).marks
    assert mark.stamp.get_color() == [1, 0, 0]
