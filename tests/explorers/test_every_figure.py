"""What holds for every ready-made figure, whatever it shows."""

import re

import pytest

from chainrule_lessons import explorers

STILL = {
    "examine",
    "gap",
    "growth",
    "speed_camera",
    "surface",
}  # pictures without a slider


@pytest.fixture(params=sorted(set(explorers.__all__) - STILL), scope="module")
def live(request):
    return getattr(explorers, request.param)()


def tracks(live):
    return {name: getattr(live, f"_track_{name}") for name in live._sliders}


def test_every_slider_replays_in_the_browser(live):
    assert [name for name, track in tracks(live).items() if "kernel" in track] == []


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
    start, before = live.values, live.png()
    for name, slider in live._sliders.items():
        live.set(**{name: slider.places[0]})
        live.set(**{name: slider.places[-1]})
        live.set(**start)
    assert live.png() == before


def test_a_track_is_light_enough_for_a_slow_line(live):
    for name, track in tracks(live).items():
        assert len(track["data"]) < 400_000, name
