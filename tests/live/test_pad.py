"""The digit pad in Python: numbers, checks, and what stands where no kernel runs."""

import io
import re
from functools import partial

import numpy as np
import pytest
import traitlets
from PIL import Image

from chainrule_lessons import (
    CrossEntropyLoss,
    Linear,
    Parallel,
    ReLU,
    Scale,
    Sequential,
    Sigmoid,
    Softmax,
    Tanh,
)
from chainrule_lessons.explorers import digit_pad, first_weights
from chainrule_lessons.live.network import packed

rng = np.random.default_rng(11)
IMAGES = rng.uniform(size=(3, 64))
VIEW = "application/vnd.jupyter.widget-view+json"


def network():
    return Sequential(Linear(64, 7, rng=1), Tanh(), Linear(7, 10, rng=2))


def forward(net, x):
    """NET's softmax from its numbers, without its code."""
    w1, b1, w2, b2 = (own.data for own in net.parameters())
    e = np.exp(w2 @ np.tanh(w1 @ x + b1) + b2)
    return e / e.sum()


def loss_at(net, x, wanted):
    return -np.log(forward(net, x)[wanted])


@pytest.mark.parametrize("wanted", [0, 3, 9])
def test_probabilities_loss_and_slopes(wanted):
    net, x = network(), IMAGES[0]
    pad = digit_pad(net, IMAGES, wanted=wanted)
    np.testing.assert_allclose(pad.probabilities, forward(net, x), rtol=1e-12)
    assert pad.loss == pytest.approx(loss_at(net, x, wanted), rel=1e-12)
    h = 1e-6 * np.eye(64)
    rises = [loss_at(net, x + s, wanted) - loss_at(net, x - s, wanted) for s in h]
    np.testing.assert_allclose(pad.slopes.ravel(), np.array(rises) / 2e-6, atol=1e-8)


def test_a_step_goes_against_the_slopes_and_stays_on_the_paper():
    net = network()
    pad = digit_pad(net, IMAGES, wanted=3, rate=20)
    before, slopes, loss = pad.image, pad.slopes, pad.loss
    pad.step()
    wanted = np.clip(before - 20 * slopes, 0, 1)
    assert ((wanted == 0) | (wanted == 1)).any()  # clipping was needed
    np.testing.assert_allclose(pad.image, wanted, rtol=1e-14)
    after = loss_at(net, pad.image.ravel(), 3)
    assert after < loss
    assert pad.caption.startswith(f"Step 1: loss {loss:.2f} before, {after:.2f} after.")
    pad.step()
    assert pad.caption.startswith("Step 2: ")
    pad.wanted = 4  # another loss: the steps were not taken for it
    assert pad.caption.startswith("The network reads")
    pad.step()
    assert pad.caption.startswith("Step 1: ")
    pad.image = IMAGES[1]
    assert pad.caption.startswith("The network reads")


def test_the_caption_names_the_first_two():
    shares = np.array([1, 2, 3, 4, 5, 6, 7, 8, 56, 8.5]) / 100.5
    blank = Linear(64, 10, weight=np.zeros((10, 64)), bias=np.log(shares))
    pad = digit_pad(blank, IMAGES[0])
    assert repr(pad) == "The network reads an 8: probability 0.56; next 9: 0.08."


def test_the_network_is_copied():
    net = network()
    pad = digit_pad(net, IMAGES)
    before, state = pad.probabilities, bytes(pad.get_state()["_numbers"])
    net[0].weight.data += 1
    np.testing.assert_array_equal(pad.probabilities, before)
    assert bytes(pad.get_state()["_numbers"]) == state
    assert (net[0].weight.grad == 0).all()
    _ = pad.slopes
    assert (net[0].weight.grad == 0).all()


def test_a_pad_leaves_what_a_network_remembers():
    net, loss = network(), CrossEntropyLoss()
    loss(net(IMAGES[0]), 3)
    digit_pad(net, IMAGES)
    slopes = net.backward(loss.backward())
    h = 1e-6 * np.eye(64)
    rises = [loss_at(net, IMAGES[0] + s, 3) - loss_at(net, IMAGES[0] - s, 3) for s in h]
    np.testing.assert_allclose(slopes, np.array(rises) / 2e-6, atol=1e-8)


def test_every_number_of_a_network_travels():
    blocks = [Linear(64, 3, rng=1, dtype=np.float32), ReLU(), Scale(2.5), Sigmoid()]
    net = Sequential(Sequential(*blocks), Linear(3, 10, bias=False, rng=2))
    layers, numbers = packed(net, 64, 10, "net")
    assert layers == [
        ["Linear", [(3, 64), (3,)]],
        ["ReLU", []],
        ["Scale", [()]],
        ["Sigmoid", []],
        ["Linear", [(10, 3)]],
    ]
    own = np.concatenate([p.data.ravel() for p in net.parameters()])
    np.testing.assert_array_equal(np.frombuffer(numbers), own)


# What the reader and the kernel set


@pytest.mark.parametrize("shape", [(8, 8), (64,), (1, 64)])
def test_an_image_is_set(shape):
    pad = digit_pad(network(), IMAGES)
    seen = []
    pad.observe(lambda change: seen.append(change.new), "image")
    pad.image = IMAGES[1].reshape(shape)
    assert (pad.image == IMAGES[1].reshape(8, 8)).all()
    assert seen[0] is pad.image
    assert pad.get_state()["image"] == IMAGES[1].tolist()
    with pytest.raises(ValueError, match="read-only"):
        pad.image[0, 0] = 1
    mine = np.zeros((8, 8))
    pad.image = mine
    mine[0, 0] = 1  # the pad has its own
    assert not pad.image.any()


def test_what_the_browser_says_arrives():
    pad = digit_pad(network(), IMAGES)
    pad.set_state({"image": [0.25] * 64, "wanted": 7, "_walk": [1, 2.5, -1.0]})
    assert (pad.image == 0.25).all()
    assert pad.wanted == 7
    sent = {"image", "wanted", "rate", "_walk", "_choices", "_layers", "_numbers"}
    assert sent | {"_scale"} <= set(pad.keys)
    assert pad.loss == pytest.approx(loss_at(pad._net, np.full(64, 0.25), 7))


def test_what_the_browser_says_is_not_sent_back_over_what_it_drew_since():
    pad = digit_pad(network(), IMAGES)
    assert {*pad.traits(echo_update=False)} == {"image", "wanted", "rate", "_walk"}


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("image", np.ones((8, 7)), "image must have 8 × 8 or 64 pixels, got (8, 7)"),
        ("image", np.ones((2, 64)), "image must be one image, got 2"),
        ("image", np.full(64, 1.5), "image must lie from 0 to 1, got 1.5 to 1.5"),
        ("image", np.full(64, -0.5), "image must lie from 0 to 1, got -0.5 to -0.5"),
        ("image", np.full(64, np.nan), "image must hold finite numbers, got nan"),
        ("image", "eight", "image must be numbers, got 'eight'"),
        ("wanted", 10, "wanted must be a digit from 0 to 9, got 10"),
        ("wanted", 3.0, "wanted must be a whole number, got 3.0"),
        ("rate", 0, "rate must be above 0, got 0"),
    ],
)
def test_wrong_values_are_refused_and_leave_the_pad(name, value, said):
    pad = digit_pad(network(), IMAGES)
    before = pad.get_state()
    with pytest.raises(traitlets.TraitError, match=re.escape(f"DigitPad.{said}")):
        setattr(pad, name, value)
    assert pad.get_state() == before


class Mine(Linear):
    """A reader's own layer, whose formulas the browser does not know."""


@pytest.mark.parametrize(
    ("error", "net", "said"),
    [
        (TypeError, Sequential(Linear(64, 10), Softmax()), "got Softmax(axis=-1)"),
        (TypeError, Sequential(Parallel(Linear(64, 10))), ", combine='concat')"),
        (
            TypeError,
            Sequential(Mine(64, 10)),
            "got Linear(64, 10), a block of your own",
        ),
        (TypeError, None, "got None"),
        (ValueError, Linear(64, 9), "64 inputs into 10 scores: got 9"),
        (ValueError, Linear(63, 10), "input must have shape (63,), got (64,)"),
        (ValueError, Sequential(), "64 inputs into 10 scores: got 64"),
    ],
)
def test_other_networks_are_refused(error, net, said):
    with pytest.raises(error, match="digit_pad: net must ") as caught:
        digit_pad(net, IMAGES)
    assert str(caught.value).endswith(said)


def test_a_network_that_diverged_is_refused():
    net = network()
    net[0].bias.data[0] = np.nan
    with pytest.raises(ValueError, match="its scores must hold finite numbers"):
        digit_pad(net, IMAGES)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"images": []}, "images must have 8 × 8 or 64 pixels, got (0,)"),
        ({"images": IMAGES[:0]}, "images must have 8 × 8 or 64 pixels, got (0, 64)"),
        ({"images": 16 * IMAGES}, "images must lie from 0 to 1"),
        ({"labels": [8]}, "labels must be 3, one an image, got 1"),
        ({"labels": [8, 3, 10]}, "labels must be a digit from 0 to 9, got 10"),
        ({"wanted": -1}, "wanted must be 0 or more, got -1"),
        ({"rate": -1}, "rate must be above 0, got -1"),
    ],
)
def test_other_arguments_are_refused(given, said):
    make = partial(digit_pad, network(), **({"images": IMAGES} | given))
    with pytest.raises(ValueError, match=re.escape(f"digit_pad: {said}")):
        make()


def test_images_are_named():
    names = [name for name, _ in digit_pad(network(), IMAGES)._choices]
    assert names == ["image 1", "image 2", "image 3"]
    labels = np.array([8, 3, 1])
    names = [name for name, _ in digit_pad(network(), IMAGES, labels)._choices]
    assert names == ["1: an 8", "2: a 3", "3: a 1"]
    assert digit_pad(network(), IMAGES[0], 8)._choices[0][0] == "1: an 8"


# Where no kernel runs


def test_the_static_twin_shows_image_and_bars():
    ink = np.zeros((8, 8))
    ink[0, 0] = ink[7, 7] = 1
    bias = np.where(np.arange(10) == 4, 9.0, 0)  # nearly all for the 4
    pad = digit_pad(Linear(64, 10, weight=np.zeros((10, 64)), bias=bias), ink)
    data = pad._repr_mimebundle_()
    assert data["text/plain"] == pad.caption == repr(pad)
    version = {"version_major": 2, "version_minor": 0}
    assert data[VIEW] == version | {"model_id": pad.model_id}
    assert f'alt="{pad.caption}"' in data["text/html"]
    assert 'width="640" height="320"' in data["text/html"]
    picture = Image.open(io.BytesIO(pad.png()))
    assert picture.size == (1280, 640)
    left, right = pad._picture().figure.axes
    np.testing.assert_array_equal(left.images[0].get_array(), ink)
    assert left.images[0].get_clim() == (0, 1)
    assert left.images[0].cmap(1.0)[:3] == (0, 0, 0)  # ink is dark
    shares = np.exp(bias) / np.exp(bias).sum()
    bars = [bar.get_width() for bar in right.patches]
    np.testing.assert_allclose(bars, shares, rtol=1e-12)
    colors = [bar.get_facecolor() for bar in right.patches]
    assert colors.count(colors[4]) == 1
    assert min(colors) == colors[4]  # the darkest
    assert [t.get_text() for t in right.texts] == [f"{share:.2f}" for share in shares]
    assert [t.get_weight() == "bold" for t in right.texts] == (shares > 0.5).tolist()


def test_bars_of_the_twin_can_be_read():
    pad = digit_pad(network(), IMAGES)
    figure = pad._picture().figure
    figure.canvas.draw()
    left, right = figure.axes
    assert all(spine.get_visible() for spine in left.spines.values())
    assert not [*left.get_xticks(), *left.get_yticks()]
    assert (right.get_xlabel(), right.get_ylabel()) == ("probability", "digit")
    assert right.get_xticks().tolist() == [0, 0.5, 1]
    assert right.get_xlim()[0] == 0
    box, above = right.get_window_extent(), np.inf
    marks = zip(right.get_yticklabels(), right.patches, right.texts, strict=True)
    for digit, (tick, bar, text) in enumerate(marks):
        bar, words = bar.get_window_extent(), text.get_window_extent()
        assert tick.get_text() == str(digit)
        for own in (bar, tick.get_window_extent(), words):  # side by side
            assert (own.y0 + own.y1) / 2 == pytest.approx((bar.y0 + bar.y1) / 2, abs=4)
        assert bar.x1 < words.x0 < words.x1 < box.x1
        assert above > bar.y1 > bar.y0 > box.y0  # one below the other
        assert box.y1 > bar.y1
        above = bar.y0
    widest = right.transData.transform([1, 0])[0]
    assert widest + words.width < box.x1  # a share of 1 has room too


def test_first_weights_as_pictures():
    weight = np.linspace(-1, 1, 64 * 3).reshape(3, 64)
    net = Sequential(Linear(64, 3, weight=weight), ReLU())
    picture = first_weights(net)
    assert len(picture.figure.axes[0].images) == 3
    picture = first_weights(net, units=[2])
    (image,) = picture.figure.axes[0].images
    np.testing.assert_array_equal(image.get_array(), weight[2].reshape(8, 8))
    low, high = image.get_clim()
    assert -low == high == 1
    red, _, blue, _ = image.cmap(1.0)
    assert red > blue
    assert image.cmap(0.5)[:3] == pytest.approx((1, 1, 1), abs=0.01)
    assert repr(picture).startswith("First weights of 1 unit, from 0.34 to 1.00: ")


@pytest.mark.parametrize("net", [Linear(64, 3), Sequential(), Sequential(Tanh())])
def test_first_weights_need_a_first_layer(net):
    with pytest.raises(ValueError, match="first_weights: net must be a Sequential"):
        first_weights(net)
