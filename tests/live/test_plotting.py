"""Pictures and the marks the course draws with, against geometry done by hand."""

import base64
import html
import io
import re
import threading
import time

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from PIL import Image

from chainrule_lessons.marks import triangle_corners
from chainrule_lessons.plotting import (
    BLUE,
    GREEN,
    GREY,
    INK,
    ORANGE,
    Picture,
    arrow,
    confusion,
    gallery,
    label,
    learning_curves,
    lecture_mode,
    lessons_style,
    network_diagram,
    picture_bundle,
    subplots,
)


@pytest.fixture
def axes():
    figure, axes = subplots()
    axes.set(xlim=(0, 10), ylim=(-5, 5))
    figure.canvas.draw()
    return axes


def line_picture(caption="A line of slope 3."):
    figure, axes = subplots()
    axes.plot([0, 1], [0, 3])
    return Picture(figure, caption)


def message(call, *args):
    with pytest.raises((TypeError, ValueError)) as error:
        call(*args)
    return error.type, str(error.value)


# Pictures


@pytest.mark.parametrize(
    ("caption", "kind", "words"),
    [
        (None, TypeError, "Picture: caption must be text, got None"),
        (3, TypeError, "Picture: caption must be text, got 3"),
        (
            "",
            ValueError,
            "Picture: caption must say what the picture shows, got ''",
        ),
        (
            " \n",
            ValueError,
            "Picture: caption must say what the picture shows, got ' \\n'",
        ),
    ],
)
def test_a_picture_needs_a_caption(caption, kind, words):
    assert message(Picture, Figure(), caption) == (kind, words)


def test_a_picture_needs_a_figure(axes):
    kind, words = message(Picture, axes, "A caption.")
    assert kind is TypeError
    assert words.startswith(
        "Picture: figure must be a Matplotlib figure, got <LessonsAxes"
    )


def test_the_caption_is_the_picture_in_words():
    picture = line_picture()
    data = picture._repr_mimebundle_()
    assert repr(picture) == data["text/plain"] == "A line of slope 3."
    assert re.findall('alt="(.*?)"', data["text/html"]) == ["A line of slope 3."]
    assert re.findall("<figcaption.*?>(.*?)<", data["text/html"]) == [
        "A line of slope 3."
    ]
    assert 'width="640" height="360"' in data["text/html"]
    assert "image/png" not in data  # it would be shown nowhere, and stored all the same


def test_html_escapes_the_caption():
    caption = 'Where f(x) < 1 & "g" > 2, <b>not</b> bold.'
    data = line_picture(caption)._repr_mimebundle_()
    assert html.escape(caption) in data["text/html"]
    assert "<b>" not in data["text/html"]
    assert data["text/plain"] == caption


def decoded(text):
    return Image.open(io.BytesIO(base64.b64decode(text)))


def test_the_images_of_a_bundle_show_the_picture():
    picture = line_picture()
    data = picture._repr_mimebundle_()
    sharp = Image.open(io.BytesIO(picture.png())).convert("RGB")
    assert sharp.size == (1280, 720)
    source = re.search('base64,(.*?)"', data["text/html"])[1]
    image = np.asarray(decoded(source).convert("RGB")).astype(int)
    off = np.abs(image - np.asarray(sharp).astype(int))
    assert off.mean() < 2  # few colours, the same drawing
    assert (off > 64).mean() < 1e-3
    blank = 255 - np.asarray(sharp).astype(int)
    assert (blank > 64).mean() > 1e-2  # an empty picture would not pass


def test_the_middle_picture_comes_first_and_large():
    colours = {"low": (255, 0, 0), "start": (0, 0, 255), "high": (0, 128, 0)}
    images = [np.full((4, 16, 4), (*c, 255), np.uint8) for c in colours.values()]
    parts = list(zip(images, colours, strict=True))
    data = picture_bundle(parts, 800, 200, shrink=2)
    assert data["text/plain"] == "low\nstart\nhigh"
    shown = re.findall(
        'alt="(.*?)" width="(.*?)" height="(.*?)" src="data:image/png;base64,(.*?)"',
        data["text/html"],
    )
    sizes = [(alt, int(width), int(height)) for alt, width, height, _ in shown]
    assert sizes == [("start", 650, 162), ("low", 480, 120), ("high", 480, 120)]
    for alt, *_, source in shown:
        image = np.asarray(decoded(source).convert("RGB"))
        assert image.shape == (2, 8, 3)
        assert (image == colours[alt]).all()


@pytest.mark.parametrize("ratio", [1, 2, 1.5])
def test_png_at_a_ratio(ratio):
    figure, _ = subplots(size=(4, 2))
    picture = Picture(figure, "Nothing.")
    size = Image.open(io.BytesIO(picture.png(ratio))).size
    assert size == (400 * ratio, 200 * ratio)
    assert figure.dpi == 100


# Style


def test_the_colours_are_those_of_the_sheet():
    # Okabe and Ito's vermillion, blue and bluish green.
    given = [mpl.colors.to_hex(colour) for colour in (ORANGE, BLUE, GREEN)]
    assert given == ["#c25400", "#0072b2", "#007f5c"]
    _, axes = subplots()
    colours = [axes.plot([0, 1])[0].get_color() for _ in range(5)]
    assert colours == [INK, ORANGE, BLUE, GREEN, GREY]


@pytest.mark.parametrize("color", [INK, ORANGE, BLUE, GREEN, GREY])
def test_letters_of_every_colour_can_be_read_on_white(color):
    """The contrast ratio of WCAG 2.1, 4.5 at least for text."""
    channels = [int(color.lstrip("#")[i : i + 2], 16) / 255 for i in (0, 2, 4)]
    linear = [
        c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in channels
    ]
    luminance = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    assert 1.05 / (luminance + 0.05) >= 4.5


def test_the_style_stays_inside():
    before = dict(mpl.rcParams)
    with lessons_style():
        assert mpl.rcParams["axes.spines.top"] is False
        assert dict(mpl.rcParams) != before
    figure, _ = subplots()
    Picture(figure, "Nothing.").png()
    assert dict(mpl.rcParams) == before


def test_the_style_goes_back_after_an_error():
    before = dict(mpl.rcParams)
    with pytest.raises(ZeroDivisionError), lessons_style():
        _ = 1 / 0
    assert dict(mpl.rcParams) == before


def test_styles_on_two_threads_leave_matplotlib_as_it_was():
    before, inside, first_left = (
        dict(mpl.rcParams),
        threading.Event(),
        threading.Event(),
    )
    go = threading.Event()

    def first():
        with lessons_style():
            inside.set()
            go.wait(10)
        first_left.set()

    def second():
        with lessons_style():
            first_left.wait(10)

    threads = [threading.Thread(target=work) for work in (first, second)]
    threads[0].start()
    inside.wait(10)
    threads[1].start()
    time.sleep(0.1)  # time to come in while the first is inside
    go.set()
    for thread in threads:
        thread.join()
    assert dict(mpl.rcParams) == before


def test_own_settings_outlive_the_style():
    with mpl.rc_context({"lines.linewidth": 7}):
        with lessons_style():
            assert mpl.rcParams["lines.linewidth"] == 2
        assert mpl.rcParams["lines.linewidth"] == 7


def test_the_style_reaches_what_is_drawn_later_whoever_asks():
    with mpl.rc_context({"lines.linewidth": 7, "font.size": 30, "text.color": "red"}):
        _, axes = subplots()
        line, dot = *axes.plot([0, 1]), *axes.plot(0, 0, "o")
        text, level = axes.text(0, 0, "a"), axes.axhline(0)
    assert (line.get_linewidth(), level.get_linewidth()) == (2, 2)
    assert dot.get_markersize() + dot.get_markeredgewidth() == 9
    assert (text.get_fontsize(), text.get_color()) == (11, INK)


def test_axes_of_another_kind_can_be_had():
    _, axes = subplots(subplot_kw={"projection": "polar"})
    assert axes.name == "polar"
    _, axes = subplots(subplot_kw={"xlim": (0, 3)})
    assert axes.get_xlim() == (0, 3)
    assert axes.plot([0, 1])[0].get_linewidth() == 2


def drawn_sizes():
    """Sizes on the page, in CSS pixels."""
    figure, axes = subplots()
    (line,) = axes.plot([0, 1], [0, 1], "o-")
    text = label(axes, 0, 0, "a")
    figure.canvas.draw()
    ticks = axes.get_xticklabels()[0]
    points = [text.get_fontsize(), axes.xaxis.label.get_size(), ticks.get_size()]
    points += [line.get_linewidth(), line.get_markersize()]
    return np.array(points) * figure.dpi / 72, figure.bbox.size


def test_lecture_mode_enlarges_and_goes_back():
    small, page = drawn_sizes()
    lecture_mode()
    try:
        for _ in range(2):
            large, same_page = drawn_sizes()
            np.testing.assert_allclose(large, 1.4 * small)
            np.testing.assert_allclose(same_page, page)
            lecture_mode()  # a second time enlarges no further
        image = Image.open(io.BytesIO(line_picture().png()))
        assert image.size == (1280, 720)
    finally:
        lecture_mode(False)
    np.testing.assert_array_equal(drawn_sizes()[0], small)


def test_several_axes():
    figure, (left, right) = subplots(1, 2, size=(8, 3), width_ratios=[1, 3])
    assert figure.get_size_inches().tolist() == [8, 3]
    figure.canvas.draw()
    assert right.get_position().width > 2 * left.get_position().width


# Marks


def outline(mark):
    return mark.get_transform().transform(mark.get_path().vertices)


@pytest.mark.parametrize("dpi", [100, 200])
def test_an_arrow_keeps_its_head(axes, dpi):
    axes.figure.dpi = dpi
    point = dpi / 72
    for length in (3, 6):
        drawn = arrow(axes, (1, 0), (1 + length, 0), width=2)
        corners = outline(drawn)
        (tail, head), level = (
            axes.transData.transform([(1, 0), (1 + length, 0)])[:, 0],
            axes.transData.transform((1, 0))[1],
        )
        assert corners[:, 0].min() == pytest.approx(tail)
        assert corners[:, 0].max() == pytest.approx(head)
        widest = corners[np.abs(corners[:, 1] - level).argmax()]
        assert abs(widest[1] - level) == pytest.approx(4 * point)
        assert head - widest[0] == pytest.approx(9 * point)
        shaft = np.abs(corners[np.isclose(corners[:, 0], tail), 1] - level)
        np.testing.assert_allclose(shaft, point)


def test_a_short_arrow_is_all_head(axes):
    drawn = arrow(axes, (5, 0), (5, 0.01))
    tail, head = axes.transData.transform([(5, 0), (5, 0.01)])
    corners = outline(drawn)
    assert corners[:, 1].min() == pytest.approx(tail[1])
    assert corners[:, 1].max() == pytest.approx(head[1])


@pytest.mark.parametrize("head", [(5, 0), (np.nan, 0), (5, np.inf)])
def test_an_arrow_that_points_nowhere_is_empty(axes, head):
    drawn = arrow(axes, (5, 0), head)
    assert len(drawn.get_path().vertices) == 0
    axes.figure.canvas.draw()


def test_an_arrow_moves_and_leaves_the_limits_alone(axes):
    limits = axes.get_xlim(), axes.get_ylim()
    drawn = arrow(axes, (0, 0), (1000, 1000))
    drawn.set_ends((1, 1), (2, 2))
    axes.autoscale_view()
    assert (axes.get_xlim(), axes.get_ylim()) == limits
    np.testing.assert_allclose(
        outline(drawn).max(axis=0)[0], axes.transData.transform((2, 2))[0]
    )


def test_a_label_has_a_halo_and_its_place(axes):
    text = label(axes, 2, 3, "here", color=BLUE, ha="right")
    assert text.get_position() == (2, 3)
    assert text.get_ha() == "right"
    assert text.get_color() == BLUE
    assert len(text.get_path_effects()) == 1


@pytest.mark.parametrize(
    ("x", "slope", "run", "across", "side"),
    [
        (2, 1.5, 2, 2, "left"),
        (2, -1, 2, 2, "left"),
        (9, 1.5, 2, -2, "right"),  # no room at the right
    ],
)
def test_a_slope_triangle(axes, x, slope, run, across, side):
    legs, below, beside = triangle_corners(axes, x, 1, slope, run)
    rise = slope * across
    corners = [[x, x + across, x + across], [1, 1, 1 + rise]]
    np.testing.assert_allclose(legs, corners)
    assert below["x"] == x + across / 2
    aside = 1 - below["y"]  # off the leg, on the side without triangle
    assert 0 < aside / rise * abs(rise) < 0.2
    assert float(below["text"]) == across
    assert below["va"] == ("top" if rise > 0 else "bottom")
    assert (beside["x"], beside["y"]) == pytest.approx((x + across, 1 + rise / 2))
    assert float(beside["text"]) == pytest.approx(rise)
    assert beside["ha"] == side
    assert float(beside["text"]) / float(below["text"]) == pytest.approx(slope)


def test_a_slope_too_small_to_see_takes_no_numbers(axes):
    _, below, beside = triangle_corners(axes, 2, 0, 0.01, 2)
    assert (below["text"], beside["text"]) == ("", "")


def test_a_network_stands_in_columns(axes):
    nodes = network_diagram(axes, [4, 3, 2])
    assert [column.shape for column in nodes] == [(4, 2), (3, 2), (2, 2)]
    for layer, column in enumerate(nodes):
        np.testing.assert_array_equal(column[:, 0], layer)
        assert column[:, 1].mean() == 0
        np.testing.assert_array_equal(np.diff(column[:, 1]), -1)
    lines = [c for c in axes.collections if isinstance(c, LineCollection)]
    ends = [ends for c in lines for ends in c.get_segments()]
    drawn = {tuple(map(tuple, pair)) for pair in np.array(ends)}
    wanted = {
        (tuple(a), tuple(b))
        for left, right in ((0, 1), (1, 2))
        for a in nodes[left]
        for b in nodes[right]
    }
    assert drawn == wanted
    assert len(drawn) == 4 * 3 + 3 * 2


# Pictures of training


@pytest.fixture
def blank():
    return subplots()[1]


def test_learning_curves_count_epochs_from_one(blank):
    lines = learning_curves(blank, {"one": [4, 2, 1], "other": (3.0, 0.1)})
    assert lines[0].get_xydata().tolist() == [[1, 4], [2, 2], [3, 1]]
    assert lines[1].get_xydata().tolist() == [[1, 3], [2, 0.1]]
    assert blank.get_yscale() == "log"
    assert max(blank.get_xticks()) <= 3


def test_learning_curves_are_named_at_their_ends_without_overlap(blank):
    curves = {str(n): [3, 0.5 + 0.001 * n] for n in (2, 0, 1)} | {"low": [3, 0.01]}
    learning_curves(blank, curves)
    blank.figure.canvas.draw()
    names = {text.get_text(): text for text in blank.texts}
    assert set(names) == set(curves)
    heights = [names[n].get_position()[1] for n in ("low", "0", "1", "2")]
    assert heights == sorted(heights)
    assert heights[:2] == pytest.approx([0.01, 0.5])
    boxes = [names[n].get_window_extent() for n in ("low", "0", "1", "2")]
    for one, other in zip(boxes[:-1], boxes[1:], strict=True):
        assert not one.overlaps(other)
    for text, line in zip(blank.texts, sorted(blank.lines, key=end), strict=True):
        assert text.get_color() == line.get_color()
        assert text.get_position()[0] > line.get_xdata()[-1]


def end(line):
    return line.get_ydata()[-1]


def test_learning_curves_differ_by_more_than_colour(blank):
    lines = learning_curves(blank, {str(n): [2, 1 / (n + 1)] for n in range(5)})
    looks = {(line.get_color(), line.get_linestyle()) for line in lines}
    assert len(looks) == len({line.get_color() for line in lines}) == 5
    dashed = {line.get_linestyle() for line in lines if line.get_color() != GREY}
    assert len(dashed) == 4


def test_learning_curves_leave_out_what_diverged(blank):
    (line,) = learning_curves(
        blank, {"a": [2, np.inf, 3, np.nan], "b": [np.inf], "c": []}
    )
    assert line.get_xydata().tolist() == [[1, 2], [3, 3]]
    assert [text.get_text() for text in blank.texts] == ["a"]
    blank.figure.canvas.draw()


@pytest.mark.parametrize("curves", [{}, {"a": [np.inf]}])
def test_no_learning_curve_at_all(blank, curves):
    assert learning_curves(blank, curves) == []
    blank.figure.canvas.draw()


def test_confusion_writes_what_is_there_and_darkens_mistakes(axes):
    counts = np.array([[7, 0, 2], [0, 5, 0], [1, 0, 0]])
    image = confusion(axes, counts)
    written = {text.get_position(): text for text in axes.texts}
    expected = {(0, 0): "7", (2, 0): "2", (1, 1): "5", (0, 2): "1"}
    assert {at: text.get_text() for at, text in written.items()} == expected
    shades = np.asarray(image.get_array())
    zeros = counts == 0
    assert (shades[zeros & ~np.eye(3, dtype=bool)] == 0).all()
    assert shades[0, 2] == shades[2, 0] == shades.max() > 3 * shades[1, 1]
    for (column, row), text in written.items():
        ground = image.cmap(image.norm(shades[row, column]))
        ink = mpl.colors.to_rgb(text.get_color())
        assert abs(np.mean(ink) - np.mean(ground[:3])) > 0.5
    assert (axes.get_ylabel(), axes.get_xlabel()) == ("is", "taken for")


def test_a_gallery_stands_in_rows_with_words_below(axes):
    images = np.arange(20.0).reshape(5, 2, 2) / 20
    drawn = gallery(axes, images, list("abcde"), columns=2)
    places = [image.get_extent() for image in drawn]
    lefts = [round(left / 1.15) for left, *_ in places]
    tops = [top for *_, top in places]
    assert lefts == [0, 1, 0, 1, 0]
    assert tops[0] == tops[1] < tops[2] == tops[3] < tops[4]
    for image, shown, text in zip(images, drawn, axes.texts, strict=True):
        np.testing.assert_array_equal(shown.get_array(), image)
        assert (shown.norm.vmin, shown.norm.vmax) == (0, 1)
        left, right, below, _ = shown.get_extent()
        x, y = text.get_position()
        assert left < x < right
        assert y > below  # the axis counts downwards
    assert [text.get_text() for text in axes.texts] == list("abcde")
    low, high = axes.get_ylim()
    assert low > max(text.get_position()[1] for text in axes.texts) > high
    dark, light = drawn[0].cmap(1.0), drawn[0].cmap(0.0)
    assert np.mean(dark[:3]) < 0.1 < 0.9 < np.mean(light[:3])


@pytest.mark.parametrize("most", [0.0, 2.0])
def test_a_zero_is_white_in_a_gallery_with_signs(axes, most):
    (image,) = gallery(axes, [[[0, most], [-most, 0]]], ["signs"], signed=True)
    assert image.to_rgba(image.get_array())[0, 0] == pytest.approx(1, abs=0.01)


def test_a_gallery_needs_words_for_each_image(axes):
    with pytest.raises(ValueError, match="zip"):
        gallery(axes, np.zeros((2, 8, 8)), ["one"])
