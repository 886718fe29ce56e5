"""What holds for every ready-made figure, whatever it shows."""

import re
from itertools import chain, combinations

import pytest
from matplotlib.contour import ContourSet
from matplotlib.text import Text
from reading import LESSONS, cells, ends_and_middle, of_kind, texts

from chainrule_lessons import explorers
from chainrule_lessons.live import LiveFigure
from chainrule_lessons.plotting import lecture_mode

FOLD = re.compile(r"<details>.*?</details>", re.DOTALL)
STILL = {
    "digit_pad",
    "examine",
    "first_weights",
    "float_gaps",
    "gap",
    "greenhouse",
    "growth",
    "speed_camera",
    "straight_line",
    "surface",
    "wires",
}  # pictures without a slider

FOLDED = {"tile_board"}  # its tiles, and their numbers, lie upon one another


@pytest.fixture(params=sorted(set(explorers.__all__) - STILL), scope="module")
def name(request):
    return request.param


@pytest.fixture(scope="module")
def live(name):
    live = getattr(explorers, name)()
    yield live
    live.close()


def tracks(live):
    return {name: live.track(name) for name in live.sliders}


def letters(live):
    """Give the sizes of all letters, in CSS pixels, but those on contour lines."""
    on_lines = {
        text
        for lines in live.figure.findobj(ContourSet)
        for text in getattr(lines, "labelTexts", ())
    }
    pixels = live._dpi / 72
    for text in live.figure.findobj(Text):
        if text.get_text().strip() and text not in on_lines:
            yield text.get_fontsize() * pixels
    for track in tracks(live).values():
        yield from (s["size"] for s in track["styles"] if s["kind"] == "text")


def test_letters_of_stored_pictures_can_be_read(live):
    stored = live._repr_mimebundle_()["text/html"]
    widths = [int(width) for width in re.findall(r'<img [^>]*width="(\d+)"', stored)]
    assert len(widths) == (1 if live.question else 3)
    assert max(widths) <= 650
    assert min(letters(live)) * min(widths) / live._size[0] >= 9


def test_every_slider_replays_in_the_browser(live):
    assert [name for name, track in tracks(live).items() if "kernel" in track] == []


def test_every_slider_replays_wherever_another_stands(live):
    start = live.values
    for name, slider in live.sliders.items():
        for place in (slider.places[0], slider.places[-1]):
            live.set(**{name: place})
            live._answer(None, {"record": list(live.sliders)}, None)
            assert all(live._replays(other, live.values) for other in live.sliders)
        live.set(**start)


def test_no_text_is_cut_by_the_edge_of_the_figure(live):
    width, height = live.figure.bbox.size
    start, texts = live.values, live.figure.findobj(Text)
    for values in ends_and_middle(live):
        live.set(**values)
        still = [t for t in texts if t.get_visible()]
        moving = (mark.set_down() for mark in of_kind(live, Text))
        for text in chain(still, moving):
            # Not the labels of ticks, some of which stand beyond the axes, unseen.
            if text.get_text() and not text.get_clip_on():
                x0, y0, x1, y1 = text.get_window_extent().extents
                outside = x1 < 0 or x0 > width or y1 < 0 or y0 > height
                inside = x0 >= -1 and x1 <= width + 1 and y0 >= -1 and y1 <= height + 1
                assert inside or outside, (text.get_text(), values)
    live.set(**start)


def words(live, texts):
    """Give each text that stands in the picture, and its box in CSS pixels."""
    width, height = live.figure.bbox.size
    still = [t for t in texts if t.get_visible()]
    for text in chain(still, (mark.set_down() for mark in of_kind(live, Text))):
        if not text.get_text().strip() or text.get_clip_on():
            continue
        x0, y0, x1, y1 = text.get_window_extent().extents
        if x1 > 0 and y1 > 0 and x0 < width and y0 < height:
            box = [side / live._ratio for side in (x0, y0, x1, y1)]
            yield text.get_text(), box


def meet(one, other):
    """Whether two boxes overlap by more than the air around letters."""
    across = min(one[2], other[2]) - max(one[0], other[0])
    up = min(one[3], other[3]) - max(one[1], other[1])
    return across > 2 and up > 3


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(set(explorers.__all__) - STILL - FOLDED))
def test_no_words_meet_in_a_lecture(name, monkeypatch):
    monkeypatch.setattr(LiveFigure, "_record", lambda *_: None)  # nothing is replayed
    lecture_mode()
    try:
        live = getattr(explorers, name)()
    finally:
        lecture_mode(False)
    texts = live.figure.findobj(Text)
    for values in ends_and_middle(live):
        live.set(**values)
        for (said, one), (other, two) in combinations(words(live, texts), 2):
            assert not meet(one, two), (said, other, values)


def test_every_place_has_a_picture_and_numbers(live):
    for track in tracks(live).values():
        for caption in track["captions"]:
            assert re.search(r"\d", caption), caption
            assert not re.search(r"No picture|\bnan\b|\binf\b|-0\.0+\b", caption), (
                caption
            )


def test_captions_fit_below_the_picture(live):
    longest = max((c for t in tracks(live).values() for c in t["captions"]), key=len)
    assert len(longest) <= 160, longest


def test_the_picture_depends_on_the_values_alone(live):
    start, (before, _) = (live.values, live.caption), live._painted(live.values)
    for name, slider in live.sliders.items():
        live.set(**{name: slider.places[0]})
        live.set(**{name: slider.places[-1]})
        live.set(**start[0])
    assert (live.values, live.caption) == start
    assert (live._painted(live.values)[0] == before).all()


def test_a_track_is_light_enough_for_a_slow_line(live):
    for name, track in tracks(live).items():
        assert len(track["data"]) < 400_000, name


def test_what_is_stored_under_a_bet_is_its_start_alone(name, live):
    for cell in chain.from_iterable(map(cells, LESSONS)) if live.question else ():
        if "".join(cell["source"]).strip() == f"explorers.{name}()":
            for text in texts(cell):
                assert len(text.strip().splitlines()) == 1, text


def test_no_page_holds_what_a_choice_is_told(live):
    told = [*live.question.get("sentences", ()), live.question.get("sentence", "")]
    for path in LESSONS:
        page = "\n".join(FOLD.sub("", "".join(c["source"])) for c in cells(path))
        assert [sentence for sentence in filter(None, told) if sentence in page] == []
