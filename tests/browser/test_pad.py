"""The digit pad on a page with no kernel: drawn on, read, and moved along its slopes.

The oracle is NumPy on the network's own numbers, and differences for the slopes.
"""

import base64
import json

import numpy as np
import pytest

from chainrule_lessons import Linear, ReLU, Scale, Sequential, Sigmoid, Tanh
from chainrule_lessons.explorers import digit_pad

RENDER = """async (state) => {
    const bytes = Uint8Array.from(atob(state._numbers), c => c.charCodeAt(0));
    state._numbers = new DataView(bytes.buffer);
    const heard = {};
    window.model = {
        get: (name) => state[name],
        set: (name, value) => { state[name] = value; heard[`change:${name}`]?.(); },
        on: (event, action) => (heard[event] = action),
        off: () => {},
        save_changes: () => { throw new Error("no host"); },
    };
    const url = URL.createObjectURL(new Blob([state._esm], { type: "text/javascript" }));
    (await import(url)).default.render({ model, el: document.body });
}"""
rng = np.random.default_rng(5)
IMAGES = rng.uniform(size=(2, 64)).round(2)
NET = Sequential(
    Sequential(Linear(64, 12, rng=1), Tanh(), Scale(3.0)),
    *(Linear(12, 11, rng=2), Sigmoid(), Linear(11, 10, bias=False, rng=3), ReLU()),
    Linear(10, 10, weight=rng.normal(size=(10, 10)), rng=4),
)


@pytest.fixture(scope="module")
def page(browser):
    context = browser.new_context(
        viewport={"width": 700, "height": 800}, has_touch=True
    )
    yield context.new_page()
    context.close()


@pytest.fixture
def pad(page):
    """Show a fresh pad; an exception that nothing catches fails the test."""
    complaints = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    pad = digit_pad(NET, IMAGES, [8, 3], wanted=3, rate=0.01)
    state = pad.get_state()
    state["_numbers"] = base64.b64encode(state["_numbers"]).decode()
    page.goto("about:blank")
    page.add_style_tag(content=state["_css"])
    page.evaluate(RENDER, state)
    yield page
    assert complaints == []


def shown(page):
    """Read what is on screen, written there with it."""
    seen = json.loads(page.locator(".crl-pad").get_attribute("data-shown"))
    return {name: np.array(value) for name, value in seen.items()}


def forward(x):
    """NET once more, from its numbers."""
    w1, b1, scale, w2, b2, w3, w4, b4 = (p.data for p in NET.parameters())
    hidden = 1 / (1 + np.exp(-(w2 @ (scale * np.tanh(w1 @ x + b1)) + b2)))
    z = w4 @ np.maximum(w3 @ hidden, 0) + b4
    return np.exp(z) / np.exp(z).sum()


def agrees(page):
    """Check probabilities, loss, slopes and the words on the page for its image."""
    seen = shown(page)
    x, wanted, p = seen["image"], int(seen["wanted"]), forward(seen["image"])
    np.testing.assert_allclose(seen["p"], p, rtol=1e-12)
    assert seen["loss"] == pytest.approx(-np.log(p[wanted]), rel=1e-12)
    h = 1e-6 * np.eye(64)
    up, down = (-np.log([forward(x + s * step)[wanted] for step in h]) for s in (1, -1))
    np.testing.assert_allclose(seen["slopes"], (up - down) / 2e-6, atol=1e-8)
    numbers = page.locator(".crl-pad .number").all_text_contents()
    assert numbers == [f"{share:.2f}" for share in p]
    marked = page.locator(".crl-pad li.first").text_content()
    assert marked.startswith(f"{p.argmax()}{p.max():.2f}read")
    second, first = np.argsort(p)[-2:]
    said = page.locator(".crl-pad .caption").text_content()
    assert (
        f" {first}: probability {p[first]:.2f}; next {second}: {p[second]:.2f}." in said
    )
    return seen


def cell(page, row, column):
    return page.locator("[role=gridcell]").nth(8 * row + column)


def centre(page, row, column):
    box = cell(page, row, column).bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def test_what_is_drawn_by_mouse_is_read(pad):
    agrees(pad)
    pad.get_by_role("button", name="Clear").click()
    assert not agrees(pad)["image"].any()
    pad.mouse.move(*centre(pad, 2, 1))
    pad.mouse.down()
    pad.mouse.move(*centre(pad, 2, 5))
    pad.mouse.up()
    pad.mouse.move(*centre(pad, 6, 5))  # lifted: it draws nothing
    drawn = agrees(pad)["image"].reshape(8, 8)
    assert (drawn[2, 1:6] > 0.95).all()
    np.testing.assert_allclose(drawn[[1, 3], 1:6], 0.35, atol=0.05)
    np.testing.assert_allclose(drawn[2, [0, 6]], 0.35, atol=0.05)
    assert not drawn[4:].any()
    pad.get_by_role("button", name="Eraser").click()
    pad.mouse.click(*centre(pad, 2, 3))
    erased = agrees(pad)["image"].reshape(8, 8)
    assert erased[2, 3] < 0.05
    np.testing.assert_allclose(erased[2, [2, 4]], 0.65, atol=0.05)
    pad.get_by_role("button", name="Reset").click()
    assert (agrees(pad)["image"] == IMAGES[0]).all()


def test_a_finger_draws_and_does_not_scroll(pad):
    pad.get_by_role("button", name="Clear").click()
    line = pad.context.new_cdp_session(pad)
    for kind, row in [("Start", 1), ("Move", 3), ("Move", 6)]:
        x, y = centre(pad, row, 4)
        points = [{"x": x, "y": y}]
        line.send(
            "Input.dispatchTouchEvent", {"type": f"touch{kind}", "touchPoints": points}
        )
    line.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    drawn = agrees(pad)["image"].reshape(8, 8)
    assert (drawn[1:7, 4] > 0.95).all()
    assert pad.evaluate("scrollY") == 0


def test_keys_draw_and_each_pixel_says_its_place(pad):
    pad.get_by_role("button", name="Clear").click()
    pad.get_by_role("gridcell").first.focus()
    for key in ("ArrowDown", "ArrowDown", "End", "ArrowLeft", "ArrowLeft", "Space"):
        pad.keyboard.press(key)
    here = cell(pad, 2, 5)
    assert here.evaluate("cell => cell === document.activeElement")
    assert here.get_attribute("aria-label") == "row 3, column 6, ink 0.5"
    assert pad.locator("[role=gridcell][tabindex='0']").count() == 1
    for key, ink in [("Enter", 1), ("-", 0.75), ("+", 1), ("+", 1), (" ", 0)]:
        pad.keyboard.press(key)
        assert agrees(pad)["image"].reshape(8, 8)[2, 5] == ink
        assert here.get_attribute("aria-label") == f"row 3, column 6, ink {ink}"
        assert here.get_attribute("data-lm-suppress-shortcuts") is not None
    pad.keyboard.press("Control+Enter")  # runs the cell: it is the page's
    assert here.get_attribute("data-lm-suppress-shortcuts") is None
    assert not agrees(pad)["image"].any()
    heard = pad.locator(".heard")
    heard.filter(has_text="The network reads").wait_for(state="attached")
    assert heard.get_attribute("aria-live") == "polite"


def test_steps_along_the_slopes_lower_the_loss(pad):
    pad.get_by_label("Wanted digit").select_option("8")
    pad.get_by_label("Image").select_option(label="2: a 3")
    before = agrees(pad)
    assert (before["image"] == IMAGES[1]).all()
    assert before["wanted"] == 8
    pad.get_by_role("button", name="Slopes").click()
    steepest = int(np.abs(before["slopes"]).argmax())
    sign = "+" if before["slopes"][steepest] > 0 else "\u2212"
    assert cell(pad, *divmod(steepest, 8)).text_content() == sign
    slope = f"slope {sign}{abs(before['slopes'][steepest]):.2f}"
    assert slope in cell(pad, *divmod(steepest, 8)).get_attribute("aria-label")
    for number in (1, 2, 3):
        pad.get_by_role("button", name="Step").click()
        after = agrees(pad)
        wanted = np.clip(before["image"] - 0.01 * before["slopes"], 0, 1)
        np.testing.assert_allclose(after["image"], wanted, rtol=1e-14)
        assert after["loss"] < before["loss"]
        losses = f"loss {before['loss']:.2f} before, {after['loss']:.2f} after."
        said = pad.locator(".caption").text_content()
        assert said.startswith(f"Step {number}: {losses}")
        before = after
    pad.get_by_role("button", name="Reset").click()
    assert pad.locator(".caption").text_content().startswith("The network reads")


@pytest.mark.parametrize("width", [320, 400])
def test_nothing_is_cut_off_in_a_narrow_window(pad, width):
    pad.set_viewport_size({"width": width, "height": 800})
    assert pad.evaluate("document.documentElement.scrollWidth") <= width
    boxes = pad.locator("button, select, [role=gridcell]").evaluate_all(
        "parts => parts.map(part => part.getBoundingClientRect().toJSON())"
    )
    assert len(boxes) == 64 + 5 + 2
    for box in boxes:
        assert 0 <= box["left"] < box["right"] <= width
        assert min(box["width"], box["height"]) >= 24
