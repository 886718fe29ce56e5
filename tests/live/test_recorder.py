"""Marks: packed bytes against positions worked out by hand, cuts against samples."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.patches import Arc, Circle, PathPatch, Polygon, Rectangle
from matplotlib.path import Path

from chainrule_lessons.live.pen import Pen
from chainrule_lessons.live.recorder import (
    Recorder,
    cut_lines,
    cut_shape,
    moving_artists,
)
from chainrule_lessons.plotting import arrow, label

WIDTH, HEIGHT = 640, 360
BOX = (0.1, 0.2, 0.8, 0.6)  # the axes, as parts of the figure
LIMITS = (-2.0, 2.0, -1.0, 3.0)
GRAIN = 1 / 16
REFUSED = (
    "LiveFigure: cannot move this {}: {}. Draw it without a pen and without "
    "animated=True, and the kernel redraws it."
)


@pytest.fixture(params=[1.0, 2.0, 1.25], ids="ratio {}".format)
def ratio(request):
    return request.param


def canvas(ratio=1.0):
    """Make a figure whose axes lie where we say, so that pixels can be worked out."""
    figure = Figure(figsize=(WIDTH / 100, HEIGHT / 100), dpi=100 * ratio)
    FigureCanvasAgg(figure)
    axes = figure.add_axes(BOX)
    axes.set(xlim=LIMITS[:2], ylim=LIMITS[2:])
    return figure, axes


def by_hand(x, y):
    """CSS pixels from the top left of the data point (x, y)."""
    left, bottom, width, height = BOX
    across = (np.asarray(x, float) - LIMITS[0]) / (LIMITS[1] - LIMITS[0])
    up = (np.asarray(y, float) - LIMITS[2]) / (LIMITS[3] - LIMITS[2])
    down = HEIGHT * (1 - bottom - height * up)
    return np.stack(np.broadcast_arrays(WIDTH * (left + width * across), down), axis=-1)


def decode(track, frames):
    """Read a track as the format is documented: [mark][frame] -> style, text, points."""
    numbers = np.frombuffer(track["data"], "<i2").tolist()
    marks = []
    for _ in range(track["marks"]):
        heads = [[numbers.pop(0) for _ in range(3)] for _ in range(frames)]
        looks = []
        for style, text, count in heads:
            points = np.array([numbers.pop(0) for _ in range(2 * count)], float)
            points[points == -32768] = np.nan
            looks.append((style, text, (points.reshape(-1, 2) + 0.5) * GRAIN))
        marks.append(looks)
    assert not numbers
    return marks


def recorded(figure, ratio, *updates):
    """Record a position after each update."""
    figure.canvas.draw()
    recorder = Recorder(figure, moving_artists(figure), ratio)
    for update in updates or [lambda: None]:
        update()
        recorder.take()
    track = recorder.track()
    return track, decode(track, max(1, len(updates)))


def close(points, expected):
    np.testing.assert_allclose(points, expected, rtol=0, atol=0.51 * GRAIN)


# Positions


@pytest.mark.parametrize("ratio", [1.0, 2.0, 4.0])
def test_a_dot_stays_in_its_pixel(ratio):
    across = 300 + np.arange(0, 1, 1 / 997)
    down = 500 - across
    figure, axes = canvas(ratio)
    way = {"transform": None, "animated": True}  # pixels, counted from below
    axes.plot(across, HEIGHT * ratio - down, "o", **way)
    _, (((_, _, points),),) = recorded(figure, ratio)
    pixels = np.column_stack([across, down])
    close(points, pixels / ratio)
    own = np.floor(pixels + 0.5)  # where Matplotlib puts a marker
    np.testing.assert_array_equal(np.floor(points * ratio + 0.5), own)


def test_a_line_lies_where_its_data_says(ratio):
    figure, axes = canvas(ratio)
    (line,) = axes.plot([], [], animated=True)
    grid = np.linspace(-2, 2, 31)
    moves = [lambda k=k: line.set_data(grid, np.sin(k * grid)) for k in range(4)]
    _, (looks,) = recorded(figure, ratio, *moves)
    for k, (_, text, points) in enumerate(looks):
        close(points, by_hand(grid, np.sin(k * grid)))
        assert text == -1


def test_marks_of_a_pen_lie_where_their_data_says(ratio):
    figure, axes = canvas(ratio)
    pen, across = Pen(axes), np.array([-1.0, 0.5, 1.0])
    pen.set_animated(True)

    def draw(k):
        pen.lift()
        pen.words(0.5, 0.2 * k, "in the data")
        pen.above(0.25, "across the axes")
        pen.line(across, 0.3 * k * across)
        pen.dot(0.4 * k, 1)
        pen.arrow((0, 0), (1, 0.5 * k))

    moves = [lambda k=k: draw(k) for k in range(3)]
    _, (arrows, lines, dots, words, titles) = recorded(figure, ratio, *moves)
    left, right, low, high = LIMITS
    for k in range(3):
        close(lines[k][2], by_hand(across, 0.3 * k * across))
        close(dots[k][2], by_hand([0.4 * k], [1]))
        close(words[k][2], by_hand([0.5], [0.2 * k]))
        title = left + 0.25 * (right - left), low + 1.03 * (high - low)
        close(titles[k][2], by_hand([title[0]], [title[1]]))
        off = np.linalg.norm(arrows[k][2] - by_hand(1, 0.5 * k), axis=1)
        assert np.nanmin(off) <= 2 * GRAIN


def test_a_line_may_have_another_number_of_points_each_time():
    figure, axes = canvas()
    (line,) = axes.plot([], [], "o-", animated=True)
    moves = [lambda n=n: line.set_data(range(n), [1] * n) for n in (0, 2, 1)]
    _, (looks,) = recorded(figure, 1, *moves)
    for n, (_, _, points) in zip((0, 2, 1), looks, strict=True):
        close(points, by_hand(np.arange(n), np.ones(n)))


def test_one_coordinate_may_serve_all_points():
    figure, axes = canvas()
    line = axes.axvline(0, animated=True)
    _, (looks,) = recorded(figure, 1, lambda: line.set_xdata([1.5]))
    x = by_hand(1.5, 0)[0]
    close(looks[0][2], [[x, HEIGHT * (1 - 0.2)], [x, HEIGHT * (1 - 0.8)]])


def test_a_missing_point_is_a_gap():
    figure, axes = canvas()
    (line,) = axes.plot([-1, 0, 1], [1, np.nan, 2], animated=True)
    masked = np.ma.masked_equal([-1.0, 0.0, 9.0], 9.0)
    _, (looks,) = recorded(
        figure,
        1,
        lambda: None,
        lambda: line.set_data(masked, [1, 2, 0]),
        lambda: line.set_data([np.inf, 0, 1], [0, 1, 1]),
    )
    close(looks[0][2], by_hand([-1, np.nan, 1], [1, np.nan, 2]))
    close(looks[1][2], by_hand([-1, 0, np.nan], [1, 2, np.nan]))
    kept = looks[2][2]
    close(kept[np.isfinite(kept[:, 0])], by_hand([0, 1], [1, 1]))


def test_a_logarithmic_axis():
    figure, axes = canvas()
    axes.set(xscale="log", xlim=(1, 10_000))
    axes.plot([1, 10, 1000], [0, 1, 2], animated=True)
    _, ((look,),) = recorded(figure, 1)
    close(look[2], by_hand([-2, -1, 1], [0, 1, 2]))  # decades, spread over the limits


def test_a_label_stands_at_its_point(ratio):
    figure, axes = canvas(ratio)
    text = label(axes, 0, 0, "start", animated=True)

    def move(x, words):
        text.set_position((x, 1))
        text.set_text(words)

    moves = [lambda: move(-1, "a"), lambda: move(0, "b"), lambda: move(1, "a")]
    track, (looks,) = recorded(figure, ratio, *moves)
    close([look[2][0] for look in looks], by_hand([-1, 0, 1], 1))
    assert [track["texts"][look[1]] for look in looks] == ["a", "b", "a"]
    assert len(track["texts"]) == 2


def test_shapes_lie_where_their_corners_say():
    figure, axes = canvas()
    ring = [[0, 0], [1, 0], [1, 1], [0, 0]]
    axes.add_patch(Polygon(ring[:3], animated=True))
    box = axes.add_patch(Rectangle((0, 0), 0.5, 1, animated=True))
    _, ((triangle,), (rectangle,)) = recorded(figure, 1, lambda: box.set_xy((-1, 1)))
    close(triangle[2], by_hand(*np.transpose(ring)))
    corners = rectangle[2][np.isfinite(rectangle[2][:, 0])]
    wanted = by_hand([-1, -0.5, -0.5, -1], [1, 1, 2, 2])
    assert {tuple(c) for c in np.rint(corners)} == {tuple(c) for c in np.rint(wanted)}


def test_a_circle_is_round():
    figure, axes = canvas()
    axes.add_patch(Circle((0.5, 1), 0.4, animated=True))
    _, ((look,),) = recorded(figure, 1)
    points = look[2][np.isfinite(look[2][:, 0])]
    radii = by_hand([0.9, 0.5], [1, 1.4]) - by_hand(0.5, 1)
    unit = (points - by_hand(0.5, 1)) / [radii[0, 0], -radii[1, 1]]
    np.testing.assert_allclose(np.hypot(*unit.T), 1, atol=0.003)
    assert len(points) > 12


def test_rings_of_one_shape_are_set_apart():
    figure, axes = canvas()
    one = np.array([[0.0, 0], [1, 0], [1, 1], [0, 0]])
    codes = [Path.MOVETO, Path.LINETO, Path.LINETO, Path.CLOSEPOLY]
    path = Path(np.concatenate([one, one - 1]), codes * 2)
    axes.add_patch(PathPatch(path, animated=True))
    _, ((look,),) = recorded(figure, 1)
    gaps = np.isnan(look[2][:, 0])
    assert gaps.sum() == 2
    first, second = np.split(look[2], [np.argmax(gaps)])
    close(first[:3], by_hand(*one[:3].T))
    close(second[1:4], by_hand(*(one[:3] - 1).T))


def test_an_arrow_points_at_its_head(ratio):
    figure, axes = canvas(ratio)
    way = arrow(axes, (0, 0), (1, 0), animated=True)
    _, (looks,) = recorded(
        figure,
        ratio,
        lambda: way.set_ends((-1, 0), (1, 2)),
        lambda: way.set_ends((1, 1), (1, 1)),
    )
    off = np.abs(looks[0][2] - by_hand(1, 2)).sum(axis=1)
    assert np.nanmin(off) <= 2 * GRAIN
    assert len(looks[1][2]) == 0


def test_what_is_invisible_has_no_points():
    figure, axes = canvas()
    (line,) = axes.plot([0, 1], [0, 1], animated=True)
    _, (looks,) = recorded(
        figure,
        1,
        lambda: line.set_visible(False),
        lambda: line.set_visible(True),
    )
    assert [len(look[2]) for look in looks] == [0, 2]


def test_a_pen_that_is_invisible_has_no_marks():
    figure, axes = canvas()
    pen = Pen(axes)
    pen.set_animated(True)
    pen.dot(1, 2)
    _, (looks,) = recorded(
        figure, 1, lambda: pen.set_visible(False), lambda: pen.set_visible(True)
    )
    assert [len(look[2]) for look in looks] == [0, 1]


def test_a_label_without_a_text_has_no_point():
    figure, axes = canvas()
    text = label(axes, 0, 1, "", animated=True)
    track, (looks,) = recorded(figure, 1, lambda: None, lambda: text.set_text("a"))
    assert [(said, len(points)) for _, said, points in looks] == [(-1, 0), (0, 1)]
    assert track["texts"] == ["a"]


def test_a_skipped_position_says_so():
    figure, axes = canvas()
    axes.plot([0, 1], [0, 1], animated=True)
    figure.canvas.draw()
    recorder = Recorder(figure, moving_artists(figure), 1)
    recorder.take()
    recorder.skip()
    ((first, second),) = decode(recorder.track(), 2)
    assert first[0] == 0
    assert (second[0], second[1], len(second[2])) == (-1, -1, 0)


def test_a_skipped_position_says_so_though_there_is_no_mark():
    figure, _ = canvas()
    figure.canvas.draw()
    recorder = Recorder(figure, [], 1)
    recorder.skip()
    (((style, text, points),),) = decode(recorder.track(), 1)
    assert (style, text, len(points)) == (-1, -1, 0)


def test_no_marks_make_an_empty_track():
    figure, _ = canvas()
    track, looks = recorded(figure, 1)
    assert (track["data"], track["marks"], looks) == (b"", 0, [])


def test_too_many_points_are_refused():
    figure, axes = canvas()
    axes.plot(np.linspace(-1, 1, 40_000), np.ones(40_000), animated=True)
    with pytest.raises(ValueError, match="40000") as error:
        recorded(figure, 1)
    assert str(error.value) == (
        "LiveFigure: a moving line has 40000 points and may have 32767 at most"
    )


def test_as_many_points_as_16_bits_can_count():
    figure, axes = canvas()
    axes.plot(np.linspace(-1, 1, 32_767), np.ones(32_767), animated=True)
    _, (((_, _, points),),) = recorded(figure, 1)
    assert len(points) == 32_767


# Styles


def only_style(figure, ratio=1.0):
    track, _ = recorded(figure, ratio)
    (style,) = track["styles"]
    return style


def test_style_of_a_line(ratio):
    figure, axes = canvas(ratio)
    axes.plot([0], [0], "--", color="#ff8000", lw=3, alpha=0.5, animated=True)
    style = only_style(figure, ratio)
    point = 100 / 72  # CSS pixels
    assert style["kind"] == "line"
    assert style["stroke"] == "rgba(255, 128, 0, 0.5)"
    assert style["width"] == pytest.approx(3 * point)
    assert style["dash"] == pytest.approx([3.7 * 3 * point, 1.6 * 3 * point])
    assert style["offset"] == 0
    assert style["cap"] == "butt"
    assert style["join"] == "round"
    left, bottom, width, height = BOX
    assert style["clip"] == pytest.approx(
        [
            WIDTH * left,
            HEIGHT * (1 - bottom - height),
            WIDTH * (left + width),
            HEIGHT * (1 - bottom),
        ]
    )


def test_where_the_dashes_of_a_line_begin(ratio):
    figure, axes = canvas(ratio)
    axes.plot([0, 1], [0, 1], lw=2, ls=(3, (5, 1)), animated=True)
    style = only_style(figure, ratio)
    assert style["dash"] == pytest.approx([10 * 100 / 72, 2 * 100 / 72])
    assert style["offset"] == pytest.approx(6 * 100 / 72)


@pytest.mark.parametrize(
    ("gid", "names"),
    [("grab start rate", ("start", "rate")), ("rate", ()), ("my rate", ()), (None, ())],
)
def test_which_sliders_a_mark_moves(gid, names):
    figure, axes = canvas()
    axes.plot(0, 0, "o", gid=gid, animated=True)
    assert only_style(figure)["grabs"] == names


def test_style_of_markers(ratio):
    figure, axes = canvas(ratio)
    axes.plot(0, 0, "o", ms=9, mfc="white", mec="red", mew=1.5, animated=True)
    style = only_style(figure, ratio)
    assert style["width"] == 0
    assert style["size"] == pytest.approx(9 * 100 / 72)
    assert style["fill"] == "rgba(255, 255, 255, 1)"
    assert style["edge"] == "rgba(255, 0, 0, 1)"
    assert style["edge_width"] == pytest.approx(1.5 * 100 / 72)


def test_a_point_is_half_a_circle():
    figure, axes = canvas()
    axes.plot(0, 0, ".", ms=9, animated=True)
    assert only_style(figure)["size"] == pytest.approx(4.5 * 100 / 72)


def test_style_of_a_shape():
    figure, axes = canvas()
    shape = Circle((0, 0), 1, fc=(0, 0, 1), ec="none", alpha=0.25, clip_on=False)
    shape.set_animated(True)
    axes.add_artist(shape)
    shape.set_clip_on(False)
    style = only_style(figure)
    assert style["kind"] == "shape"
    assert style["fill"] == "rgba(0, 0, 255, 0.25)"
    assert style["stroke"] == "rgba(0, 0, 0, 0)"
    assert style["clip"] is None


def test_a_label_may_be_translucent():
    figure, axes = canvas()
    label(axes, 0, 0, "a", color="#000080", alpha=0.2, animated=True)
    assert only_style(figure)["stroke"] == "rgba(0, 0, 128, 0.2)"


def test_style_of_a_label():
    figure, axes = canvas()
    label(
        axes,
        0,
        0,
        "a",
        color="#000080",
        ha="right",
        va="top",
        weight="bold",
        fontsize=10,
        animated=True,
    )
    style = only_style(figure)
    assert style["stroke"] == "rgba(0, 0, 128, 1)"
    assert style["size"] == pytest.approx(10 * 100 / 72)
    assert style["align"] == ("right", "top")
    assert style["weight"] == "bold"
    assert style["edge"] == "rgba(255, 255, 255, 1)"  # of the halo around letters
    assert style["edge_width"] == pytest.approx(3 * 100 / 72)


@pytest.mark.parametrize("halo", [0, 3, 9])
def test_the_halo_of_a_label_is_as_wide_as_its_pen_says(halo):
    figure, axes = canvas()
    pen = Pen(axes)
    pen.set_animated(True)
    pen.words(0, 0, "1.5", halo=halo)
    assert only_style(figure)["edge_width"] == pytest.approx(halo * 100 / 72)


def test_a_colour_that_changes_is_recorded_once_each():
    figure, axes = canvas()
    (line,) = axes.plot([0, 1], [0, 1], animated=True)
    colours = ["red", (0, 0, 1), [0.0, 0.0, 1.0], "red", "#0f0"]
    moves = [lambda c=c: line.set_color(c) for c in colours]
    track, (looks,) = recorded(figure, 1, *moves)
    said = [track["styles"][look[0]]["stroke"] for look in looks]
    red, blue, green = (
        f"rgba({rgb}, 1)" for rgb in ("255, 0, 0", "0, 0, 255", "0, 255, 0")
    )
    assert said == [red, blue, blue, red, green]
    assert looks[0][0] == looks[3][0]


def test_a_changed_width_and_dash_are_recorded():
    figure, axes = canvas()
    (line,) = axes.plot([0, 1], [0, 1], lw=1, animated=True)
    track, (looks,) = recorded(
        figure,
        1,
        lambda: line.set_linewidth(1),
        lambda: line.set_linewidth(2),
        lambda: line.set_linestyle(":"),
    )
    styles = [track["styles"][look[0]] for look in looks]
    assert [s["width"] for s in styles] == pytest.approx([100 / 72, 200 / 72, 200 / 72])
    assert [len(s["dash"]) for s in styles] == [0, 0, 2]


# What leaves the figure


def test_a_line_is_cut_a_pixel_of_the_screen_beyond_the_figure(ratio):
    figure, axes = canvas(ratio)
    axes.plot([-1000, 1000], [1, 1], "--", animated=True)
    axes.plot([1, 1], [1000, -1000], "--", animated=True)
    _, ((level,), (upright,)) = recorded(figure, ratio)
    (x, y), beyond = by_hand(1, 1), 1 / ratio
    ends = [look[2][np.isfinite(look[2][:, 0])] for look in (level, upright)]
    close(ends[0], [[-beyond, y], [WIDTH + beyond, y]])
    close(ends[1], [[x, -beyond], [x, HEIGHT + beyond]])


def test_a_shape_beyond_the_figure_keeps_its_edges_out_of_sight():
    figure, axes = canvas()
    corners = [(-2.6, 0), (2.6, 0), (2.6, 3), (-2.6, 3)]
    axes.add_patch(Polygon(corners, animated=True, clip_on=False))
    _, ((look,),) = recorded(figure, 1)
    close(look[2], by_hand(*np.transpose([*corners, corners[0]])))


def test_a_line_with_markers_gets_none_at_the_cut():
    figure, axes = canvas()
    axes.plot([-1, 1, 1000], [0, 1, 1], "o-", animated=True)
    _, ((look,),) = recorded(figure, 1)
    points = look[2][np.isfinite(look[2][:, 0])]
    near = points[(points < [WIDTH + 50, HEIGHT + 50]).all(axis=1)]
    close(near, by_hand([-1, 1], [0, 1]))
    assert points[:, 0].max() > WIDTH + 50


def test_a_marker_over_the_edge_is_kept():
    figure, axes = canvas()
    axes.plot(2.51, 1, "o", animated=True, clip_on=False)
    _, ((look,),) = recorded(figure, 1)
    close(look[2], by_hand([2.51], [1]))
    assert WIDTH < look[2][0, 0] < WIDTH + 6


@pytest.mark.parametrize("far", [1e2, 1e4, 1e8])
@pytest.mark.parametrize("angle", [0.0, 0.4, 2.0, 3.0, 4.5])
def test_a_shape_that_reaches_far_keeps_its_edges(far, angle):
    figure, axes = canvas()
    across, up = np.cos(angle), np.sin(angle)
    corners = np.array([[0.1 * up, 1 - 0.1 * across], [-0.1 * up, 1 + 0.1 * across]])
    corners = np.vstack([corners, [far * across, far * up]])
    axes.add_patch(Polygon(corners, animated=True))
    _, ((look,),) = recorded(figure, 1)
    x, y = np.meshgrid(np.arange(2, WIDTH, 5), np.arange(2, HEIGHT, 5))
    samples = np.column_stack([x.ravel(), y.ravel()])
    true = by_hand(*corners.T)
    edges = [(true[i], true[i - 1]) for i in range(3)]
    clear = np.min([off_segment(samples, *edge) for edge in edges], axis=0) > 0.5
    wanted = Path(true).contains_points(samples)
    drawn = look[2][np.isfinite(look[2][:, 0])]
    np.testing.assert_array_equal(
        Path(drawn).contains_points(samples)[clear], wanted[clear]
    )
    assert wanted[clear].any()


def test_an_arrow_that_reaches_far_keeps_its_direction():
    figure, axes = canvas()
    arrow(axes, (0, 1), (1e6, 1e6), animated=True)
    _, ((look,),) = recorded(figure, 1)
    points = look[2][np.isfinite(look[2][:, 0])]
    tail = by_hand(0, 1)
    along = by_hand(1e6, 1e6) - tail
    along /= np.hypot(*along)
    off = np.abs((points - tail) @ [-along[1], along[0]])
    assert off.max() < 2 * 100 / 72  # half the shaft's width is 1 point


def test_each_arrow_of_a_pen_points_from_its_tail_to_its_head(ratio):
    figure, axes = canvas(ratio)
    pen = Pen(axes)
    pen.set_animated(True)
    ends = [((0, 0), (1, 1)), ((0, 2), (0, 2)), ((1, 0), (-1, 2)), ((0, 0), (0, 2))]
    for (tail, head), color in zip(ends, ["red", "red", "red", "blue"], strict=True):
        pen.arrow(tail, head, color)
    _, marks = recorded(figure, ratio)
    styles, _, (one, nowhere, two, other) = zip(*(m[0] for m in marks), strict=True)
    assert styles == (0, 0, 0, 1)
    assert len(nowhere) == 0
    for points, (tail, head) in zip(
        (one, two, other), ends[:1] + ends[2:], strict=True
    ):
        close(points[3], by_hand(*head))
        close(points[[0, 6]].mean(axis=0), by_hand(*tail))


def test_each_ring_of_each_shape_is_cut_by_itself():
    gap = [[np.nan, np.nan]]
    one, two = rectangle(-1, 1, 2, 1), rectangle(3, 1, 1, 1)
    points = np.concatenate([one, gap, two, gap, rectangle(4, 3, 2, 2), gap])
    cut = cut_shape(points, np.zeros(2), np.full(2, 5.0))
    assert area(cut) == pytest.approx([1, 1, 2])


def rectangle(x, y, width, height):
    right, top = x + width, y + height
    return np.array([[x, y], [right, y], [right, top], [x, top], [x, y]], float)


def area(points):
    """Areas of the rings, by the formula of the shoelace."""
    points = np.array(points)
    rings = np.split(points, np.flatnonzero(np.isnan(points[:, 0])))
    rings = [ring[np.isfinite(ring[:, 0])] for ring in rings]
    return [
        abs(np.sum(r[:, 0] * np.roll(r[:, 1], 1) - r[:, 1] * np.roll(r[:, 0], 1))) / 2
        for r in rings
        if len(r)
    ]


@pytest.mark.parametrize("far", [-1e5, -50.0, 50.0, 1e5])
def test_a_label_far_away_stays_away(far):
    figure, axes = canvas()
    label(axes, far, 1, "aside", animated=True)
    label(axes, 0, far, "above or below", animated=True)
    _, ((aside,), (above,)) = recorded(figure, 1)
    ((across, _),), ((_, down),) = aside[2], above[2]
    assert across < -1000 if far < 0 else across > WIDTH + 1000
    assert down > HEIGHT + 1000 if far < 0 else down < -1000


corners = st.tuples(st.integers(-4, 8), st.integers(-4, 8))
broken = st.one_of(corners, corners, corners, st.just((np.nan, np.nan)))


def pieces(points):
    """List the straight pieces of a broken line."""
    ends = zip(points[:-1], points[1:], strict=True)
    return [(a, b) for a, b in ends if np.isfinite([*a, *b]).all()]


def off_segment(samples, a, b):
    """Distance of samples from the piece a to b."""
    along = b - a
    length = along @ along
    t = (
        ((samples - a) @ along / length).clip(0, 1)
        if length
        else np.zeros(len(samples))
    )
    return np.hypot(*(samples - a - t[:, None] * along).T)


@given(st.lists(broken, min_size=2, max_size=7))
def test_a_cut_line_keeps_what_is_inside_and_no_more(line):
    low, high = np.array([0.0, 0.0]), np.array([5.0, 4.0])
    points = np.array(line, float)
    given, kept = pieces(points), pieces(cut_lines([points], low, high)[0])
    t = np.linspace(0, 1, 41)[:, None]
    for a, b in given:
        samples = a + t * (b - a)
        samples = samples[((samples >= low) & (samples <= high)).all(axis=1)]
        found = [off_segment(samples, *k) for k in kept]
        # What touches the box at one point has no length, and nothing is drawn.
        touches = len(np.unique(samples, axis=0)) <= 1
        assert touches or np.max(np.min(found, axis=0)) < 1e-9
    for a, b in kept:
        assert (np.minimum(a, b) >= low - 1e-9).all()
        assert (np.maximum(a, b) <= high + 1e-9).all()
        middle = (a + b)[None] / 2
        assert min(off_segment(middle, *g)[0] for g in given) < 1e-9


def test_a_line_inside_is_left_in_one_piece():
    points = np.array([[1.0, 1], [2, 3], [4, 1], [np.nan, np.nan], [1, 1], [2, 2]])
    (cut,) = cut_lines([points], np.zeros(2), np.full(2, 5.0))
    np.testing.assert_array_equal(cut, points)


def test_a_line_that_comes_back_is_two_pieces():
    points = np.array([[1.0, 1], [9, 1], [9, 3], [1, 3]])
    (cut,) = cut_lines([points], np.zeros(2), np.full(2, 5.0))
    gap = [np.nan, np.nan]
    np.testing.assert_array_equal(cut, [[1, 1], [5, 1], gap, [5, 3], [1, 3]])


def test_of_many_lines_each_keeps_its_own():
    inside, outside = [[1.0, 1], [2, 2]], [[6.0, 1], [9, 9]]
    lines = [outside, inside, outside, outside, [[4.0, 4], [6, 4]], outside]
    cut = cut_lines([np.array(line) for line in lines], np.zeros(2), np.full(2, 5.0))
    kept = [[], inside, [], [], [[4, 4], [5, 4]], []]
    assert [part.tolist() for part in cut] == kept


# Which artists may move


def test_moving_artists_come_in_the_order_they_are_drawn():
    figure = Figure()
    low, high = figure.add_axes(BOX, zorder=1), figure.add_axes(BOX, zorder=0)
    (line,) = low.plot(0, 0, "o", animated=True)
    shape = low.add_patch(Circle((0, 0), 1, animated=True))
    below = high.text(0, 0, "a", animated=True)
    title = figure.text(0, 0, "b", animated=True)
    low.plot(0, 0)
    assert moving_artists(figure) == [title, below, shape, line]


def test_marks_in_subfigures_and_in_axes_inside_axes_move_too():
    figure = Figure()
    first, second = figure.subfigures(1, 2)
    axes = first.subplots()
    (deep,) = axes.inset_axes((0.5, 0.5, 0.4, 0.4)).plot(0, 0, "o", animated=True)
    (line,) = axes.plot(0, 0, animated=True)
    title = second.text(0, 0, "b", animated=True)
    assert moving_artists(figure) == [line, deep, title]
    second.subplots().inset_axes((0, 0, 1, 1)).scatter(0, 0, animated=True)
    with pytest.raises(TypeError, match="cannot move this PathCollection"):
        moving_artists(figure)


def test_a_mark_in_axes_inside_axes_lies_where_its_data_says(ratio):
    figure, axes = canvas(ratio)
    inset = axes.inset_axes((0.25, 0.5, 0.5, 0.25))
    inset.set(xlim=(0, 10), ylim=(0, 10))
    inset.plot([0, 5, 10], [0, 10, 5], "o", animated=True)
    _, (((_, _, points),),) = recorded(figure, ratio)
    close(points, by_hand([-1, 0, 1], [1, 2, 1.5]))


LINE_REASON = "its markers must be round ('o')"
NOTE_REASON = "write it with plotting.label, and draw its arrow with plotting.arrow"
KIND_REASON = "only lines, round markers, filled shapes, arrows and labels move"


@pytest.mark.parametrize(
    ("draw", "name", "why"),
    [
        (lambda a: a.imshow([[1]], animated=True), "AxesImage", KIND_REASON),
        (lambda a: a.pcolormesh([[1]], animated=True), "QuadMesh", KIND_REASON),
        (lambda a: a.scatter(0, 0, animated=True), "PathCollection", KIND_REASON),
        (
            lambda a: a.annotate(
                "a", (0, 0), (1, 1), arrowprops={"arrowstyle": "->"}, animated=True
            ),
            "Annotation",
            NOTE_REASON,
        ),
        (lambda a: a.annotate("a", (0, 0), animated=True), "Annotation", NOTE_REASON),
        (
            lambda a: a.add_patch(Circle((0, 0), 1, hatch="/", animated=True)),
            "Circle",
            "a moving shape takes no hatch",
        ),
        (
            lambda a: a.add_patch(Arc((0, 0), 1, 1, animated=True)),
            "Arc",
            "draw an open arc as a line",
        ),
        (
            lambda a: a.text(0, 0, "a", style="italic", animated=True),
            "Text",
            "a moving label is upright",
        ),
        (
            lambda a: a.text(0, 0, "a", bbox={"facecolor": "w"}, animated=True),
            "Text",
            "a moving label has no box: draw a shape below it",
        ),
        (
            lambda a: a.plot([0, 1], [0, 1], "o-", markevery=5, animated=True),
            "Line2D",
            "its markers stand at every point",
        ),
        (lambda a: a.plot(0, 0, "s", animated=True), "Line2D", LINE_REASON),
        (lambda a: a.plot(0, 0, "--^", animated=True), "Line2D", LINE_REASON),
        (
            lambda a: a.step([0, 1], [0, 1], animated=True),
            "Line2D",
            "its drawstyle must be 'default'",
        ),
        (
            lambda a: a.text(0, 0, "a", rotation=30, animated=True),
            "Text",
            "a moving label is not rotated",
        ),
    ],
)
def test_other_artists_are_refused_by_name(draw, name, why):
    figure, axes = canvas()
    draw(axes)
    with pytest.raises(TypeError) as error:
        moving_artists(figure)
    assert str(error.value) == REFUSED.format(name, why)
