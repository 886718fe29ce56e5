"""The front end by itself: a page with no kernel, and a model that we set by hand."""

import base64
import io
import json
from collections import Counter
from inspect import getmodule, getsource, signature

import numpy as np
import pytest
from PIL import Image

from chainrule_lessons import explorers
from chainrule_lessons.live import LiveFigure, Pen, Slider
from chainrule_lessons.plotting import lecture_mode, subplots

# A model as anywidget gives it, and what the page asks of it.
RENDER = """async ([source, state, options]) => {
    const bytes = (text) => new DataView(Uint8Array.from(atob(text), c => c.charCodeAt(0)).buffer);
    const revive = (value) => value?.base64 !== undefined ? bytes(value.base64)
        : value && typeof value === "object" && !Array.isArray(value)
            ? Object.fromEntries(Object.entries(value).map(([k, v]) => [k, revive(v)])) : value;
    const values = revive(state);
    const heard = {}, sent = (window.sent = []);
    window.model = {
        get: (name) => values[name],
        set: (name, value) => { values[name] = value; heard[`change:${name}`]?.(); },
        on: (event, action) => (heard[event] = action),
        off: () => {},
        save_changes: () => { if (options.mute) throw new Error("no host"); },
        send: (message) => { sent.push(message); if (options.mute) throw new Error("no host"); },
    };
    const still = values._still;
    if (options.still === "late") values._still = { id: 0 };
    const url = URL.createObjectURL(new Blob([source], { type: "text/javascript" }));
    (await import(url)).default.render({ model, el: document.body });
    // The state comes a second time, with equal bytes, while the first is decoded: a
    // host that compares states fires no event for it.
    if (options.still === "twice") values._still = revive(JSON.parse(options.again));
}"""
# The figures of those files in which a mark can be grabbed.
FIGURES = sorted(
    name
    for name in explorers.__all__
    if signature(figure := getattr(explorers, name)).return_annotation == "LiveFigure"
    and "grab=" in getsource(getmodule(figure))
)
SHOWN = "() => document.querySelector('canvas').dataset.values"


@pytest.fixture(scope="module")
def page(browser):
    """Open one page for all tests, and keep what nothing in it caught."""
    page = browser.new_page()
    page.complaints = []
    page.on("pageerror", lambda error: page.complaints.append(str(error)))
    yield page
    page.close()


@pytest.fixture
def rendered(page):
    """Give a function that renders a figure in the page, emptied."""

    def render(live, **options):
        state = encoded(live.get_state())
        page.goto("about:blank")
        page.set_viewport_size({"width": 1280, "height": 720})
        page.add_style_tag(content=LiveFigure._css)
        page.evaluate(RENDER, [LiveFigure._esm, state, options])
        return page

    page.complaints.clear()
    yield render
    assert page.complaints == []


def encoded(value):
    """Say a widget's state in JSON, its bytes in base64."""
    if isinstance(value, bytes | memoryview):
        return {"base64": base64.b64encode(value).decode()}
    if isinstance(value, dict):
        return {key: encoded(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [encoded(part) for part in value]
    return value


def parabola(**options):
    figure, axes = subplots()
    axes.set(xlim=(-2, 2), ylim=(-1, 5))
    pen = Pen(axes)

    def update(x):
        pen.dot(x, x * x)
        return f"Square {x * x:.2f} at {x:z.2f}."

    x = Slider(-2, 2, step=0.5, value=1, play=True)
    return LiveFigure(figure, update, x=x, **options)


def product():
    figure, axes = subplots()
    axes.set(xlim=(-2, 2), ylim=(-5, 5))
    pen = Pen(axes)

    def update(x, k):
        pen.dot(x, k * x, grab="x")
        return f"{k} times {x:z.2f} is {k * x:.2f}."

    return LiveFigure(
        figure, update, x=Slider(-2, 2, step=0.5, value=1), k=Slider(0, 2, value=1)
    )


def test_a_still_that_is_set_again_with_equal_bytes_shows(rendered):
    live = parabola()
    again = json.dumps(encoded(live.get_state())["_still"])
    page = rendered(live, still="twice", again=again)
    page.wait_for_function(SHOWN)
    assert page.locator(".now").text_content() == "Square 1.00 at 1.00."


def test_a_still_is_shrunk_to_the_screen(rendered):
    live = parabola()
    page = rendered(live)
    page.wait_for_function(SHOWN)
    still = Image.open(io.BytesIO(live._still["png"]))
    assert still.size == (1280, 720)
    shown = page.evaluate("() => document.querySelector('canvas').toDataURL()")
    shown = Image.open(io.BytesIO(base64.b64decode(shown.partition(",")[2])))
    assert shown.size == (640, 360)
    off = np.abs(
        np.asarray(shown.convert("L"), int) - still.convert("L").resize((640, 360))
    )
    assert np.percentile(off, 95) < 30  # but for the moving dot
    page.evaluate("() => dispatchEvent(new Event('resize'))")
    assert page.evaluate("() => window.sent") == [{"ratio": 1}]  # said once


def test_a_figure_without_a_picture_says_so(rendered):
    page = rendered(parabola(), still="late")
    note = page.locator(".note")
    note.filter(has_text="The picture is on its way.").wait_for()


def test_a_host_without_a_kernel_takes_bets_and_moves(rendered):
    choices = {"up": "It falls first.", "down": "Right: it falls until 0."}
    page = rendered(parabola(predict=("Which way from here?", choices)), mute=True)
    page.wait_for_function(SHOWN)
    assert page.locator("input[type=range]").is_disabled()
    page.get_by_role("button", name="down").click()
    page.evaluate("model.set('prediction', 'down')")
    page.get_by_role("button", name="Step").click()
    assert page.locator(".now").text_content() == "Square 2.25 at 1.50."
    page.locator(".verdict").filter(has_text="Right: it falls until 0.").wait_for()


def test_a_question_carries_the_values_it_is_about(rendered):
    page = rendered(product())
    page.wait_for_function(SHOWN)
    x, k = page.locator("input[type=range]").all()
    x.focus()
    page.keyboard.press("ArrowRight")
    k.focus()
    asked = {"record": ["k"], "values": {"x": 1.5, "k": 1}}
    assert page.evaluate("() => sent.at(-1)") == asked


@pytest.mark.parametrize("keys", [["5", "Backspace", "Tab"], ["5", "Escape"]])
@pytest.mark.parametrize("place", ["jp-Notebook", "elsewhere"])
def test_a_number_that_is_taken_back_leaves_the_box_to_the_slider(
    keys, place, rendered
):
    page = rendered(parabola())
    page.wait_for_function(SHOWN)
    page.evaluate(f"document.body.className = '{place}', document.body.tabIndex = -1")
    box, x = page.get_by_label("x, type a number"), page.locator("input[type=range]")
    box.focus()
    page.keyboard.press("Home")
    for key in keys:
        page.keyboard.press(key)
    assert (box.input_value(), json.loads(page.evaluate(SHOWN))) == ("1.0", {"x": 1})
    x.press("ArrowRight")
    assert (box.input_value(), x.get_attribute("aria-valuetext")) == ("1.5", "1.5")


def test_a_number_half_typed_is_not_overwritten(rendered):
    page = rendered(parabola())
    page.wait_for_function(SHOWN)
    box = page.get_by_label("x, type a number")
    box.focus()
    page.keyboard.press("End")
    page.keyboard.press("Backspace")
    page.evaluate("model.set('values', { x: 2 })")
    assert box.input_value() == "1."
    page.keyboard.press("0")  # as it was when the box got the focus
    page.keyboard.press("Tab")
    assert (box.input_value(), json.loads(page.evaluate(SHOWN))) == ("2.0", {"x": 2})


@pytest.mark.parametrize("where", ["slider", "mark"])
def test_the_end_of_a_drag_asks_at_once(where, rendered):
    page = rendered(product())
    page.wait_for_function(SHOWN)
    if where == "slider":
        box = page.locator("input[type=range]").first.bounding_box()
        start = box["x"] + 8 + 0.75 * (box["width"] - 16), box["y"] + box["height"] / 2
    else:
        box = page.locator("canvas").bounding_box()
        ((x, y),) = spots(product()).values()
        start = box["x"] + x, box["y"] + y
    page.mouse.move(*start)
    page.mouse.down()
    page.mouse.move(start[0] - 60, start[1])
    page.mouse.move(start[0] - 60, start[1] + 80)  # a hand need not stay on the slider
    page.evaluate("() => (sent.length = 0)")
    page.mouse.up()
    # Once when the pointer is up, and once at rest.
    page.wait_for_function("() => sent.length === 2")
    first, second = page.evaluate("() => sent")
    shown = json.loads(page.evaluate(SHOWN))
    assert shown["x"] < 1
    assert first == second == {"record": ["x", "k"], "values": shown}


def test_who_moves_on_is_not_at_rest(rendered):
    page = rendered(product())
    page.wait_for_function(SHOWN)
    page.evaluate(
        """() => {
            const [x, k] = document.querySelectorAll("input[type=range]");
            for (const name of ["input", "change"]) x.dispatchEvent(new Event(name));
            k.dispatchEvent(new Event("input"));
            sent.length = 0;
        }"""
    )
    page.wait_for_timeout(300)
    assert page.evaluate("() => sent") == []
    page.locator("input[type=range]").last.dispatch_event("change")
    page.wait_for_function("() => sent.length === 1")


def test_who_drags_a_mark_is_not_at_rest(rendered):
    page = rendered(product())
    page.wait_for_function(SHOWN)
    ((x, y),) = spots(product()).values()
    box = page.locator("canvas").bounding_box()
    page.mouse.move(box["x"] + x, box["y"] + y)
    page.mouse.down()
    page.evaluate(
        """() => {
            document.querySelector("input").dispatchEvent(new Event("change"));
            sent.length = 0;
            const there = { clientX: 300, clientY: 100 };
            document.querySelector("canvas").dispatchEvent(new PointerEvent("pointermove", there));
            model.set("_frame", model.get("_frame"));
        }"""
    )
    page.wait_for_timeout(300)
    assert page.evaluate("() => sent") == []
    page.mouse.up()


def test_the_right_button_opens_its_menu_and_drags_nothing(rendered):
    page = rendered(product())
    page.wait_for_function(SHOWN)
    shown = page.evaluate(SHOWN)
    ((x, y),) = spots(product()).values()
    box = page.locator("canvas").bounding_box()
    page.mouse.move(box["x"] + x, box["y"] + y)
    page.mouse.down(button="right")
    page.mouse.move(box["x"] + x - 60, box["y"] + y)
    page.mouse.up(button="right")
    page.wait_for_timeout(100)
    assert page.evaluate(SHOWN) == shown


def test_what_the_kernel_had_to_draw_first_is_asked_for_again(rendered):
    page = rendered(product())
    page.wait_for_function(SHOWN)
    page.wait_for_timeout(200)
    frame = "model.set('_frame', model.get('_frame'))"
    page.evaluate(f"sent.length = 0, {frame}")
    page.wait_for_function("() => sent.length")
    asked = {"record": ["x", "k"], "values": {"x": 1, "k": 1}}
    assert page.evaluate("() => sent") == [asked]
    # While a slider moves, the frames of places that it has left come in.
    moves = "document.querySelector('input').dispatchEvent(new Event('input'))"
    page.evaluate(f"sent.length = 0, {frame}, {moves}")
    page.wait_for_timeout(300)
    assert page.evaluate("() => sent") == []


def test_a_bet_on_a_number(rendered):
    page = rendered(parabola(predict=("How high at 2?", 4, "Two times two.")))
    page.wait_for_function(SHOWN)
    page.get_by_label("How high at 2?").fill("4,5")
    page.get_by_role("button", name="Bet").click()
    page.get_by_role("button", name="Step").click()
    said = "You bet 4,5, and it is 4. Two times two."
    page.locator(".verdict").filter(has_text=said).wait_for()


@pytest.mark.parametrize("width", [320, 420, 700])
def test_nothing_is_cut_off_in_a_narrow_window(rendered, width):
    page = rendered(parabola())
    page.set_viewport_size({"width": width, "height": 800})
    page.wait_for_function(SHOWN)
    for name in ("Step", "Play", "Reset"):
        box = page.get_by_role("button", name=name).bounding_box()
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= width


def test_the_lecture_enlarges_captions_and_buttons(rendered):
    sizes = []
    for on in (False, True):
        lecture_mode(on)
        page = rendered(parabola())
        page.wait_for_function(SHOWN)
        size = "e => parseFloat(getComputedStyle(e).fontSize)"
        sizes.append([page.locator(s).first.evaluate(size) for s in (".now", "button")])
    lecture_mode(False)
    assert [b / a for a, b in zip(*sizes, strict=True)] == pytest.approx([1.4, 1.4])


@pytest.mark.parametrize(("light", "ground"), [("true", 255), ("false", 17)])
def test_what_a_figure_says_can_be_read_in_both_themes(rendered, light, ground):
    page = rendered(parabola(predict=("Up?", ["yes", "no"])))
    page.evaluate(f"document.body.dataset.jpThemeLight = '{light}'")
    color = page.locator(".note").evaluate("e => getComputedStyle(e).color")
    letters = luminance(*(int(c) for c in color[4:-1].split(",")))
    low, high = sorted((letters, luminance(ground, ground, ground)))
    assert (high + 0.05) / (low + 0.05) >= 4.5


def luminance(*channels):
    """Relative luminance as WCAG 2.1 has it."""
    shares = [c / 255 for c in channels]
    linear = [
        c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in shares
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


# Marks to grab, in every figure of the course


def spots(live):
    """Say where the handles lie, in the picture's pixels from its upper left corner."""
    found, seen = {}, Counter()
    for mark in live.marks:
        names = (mark.stamp.get_gid() or "").partition("grab ")[2]
        if names:
            to_pixels = mark.stamp.axes.transData
            x, y = to_pixels.transform((float(mark.x[0]), float(mark.y[0])))
            scale = 100 / live.figure.dpi
            height = 100 * live.figure.get_figheight()
            found[names, seen[names]] = x * scale, height - y * scale
            seen[names] += 1
    return found


@pytest.mark.parametrize("name", FIGURES)
def test_each_mark_is_dragged_and_its_slider_follows(name, rendered):
    live = getattr(explorers, name)()
    if not (handles := spots(live)):
        return
    start = live.values
    page = rendered(live)
    page.wait_for_function(SHOWN)
    if live.question:
        page.evaluate("model.set('prediction', 'mine')")
    at = {}  # of handles that lie on one another, the first is taken
    for handle, (x, y) in handles.items():
        at.setdefault((round(x), round(y)), handle)
    for handle in at.values():
        here = handles[handle]
        for slider in handle[0].split():
            places = live.sliders[slider].places
            here_is, last = places.index(start[slider]), len(places) - 1
            live.set(
                **{slider: places[last // 8 if here_is > last / 2 else -1 - last // 8]}
            )
            there = spots(live)[handle]
            drag(page, here, there)
            shown = json.loads(page.evaluate(SHOWN))[slider]
            numeric = live.sliders[slider].numeric  # a choice is known by its number
            live.set(**{slider: shown if numeric else places[shown]})
            assert spots(live)[handle] == pytest.approx(there, abs=1.5)
            assert page.locator(".now").text_content() == live.caption
            page.get_by_role("button", name="Reset").click()
            live.set(**start)
            assert page.locator(".now").text_content() == live.caption


def titled():
    """Make a figure whose first slider moves the still part: the kernel draws it."""
    figure, axes = subplots()
    axes.set(xlim=(-2, 2), ylim=(-5, 5))
    title, pen = axes.set_title(""), Pen(axes)

    def update(x, k):
        title.set_text(f"{x:z.2f}")
        pen.dot(x, k, grab="x")
        pen.dot(0, k - 1, grab="k")
        return f"{k} at {x:z.2f}."

    return LiveFigure(
        figure, update, x=Slider(-2, 2, step=0.5, value=1), k=Slider(0, 2, value=1)
    )


def test_a_mark_whose_slider_the_kernel_draws_is_no_handle(rendered):
    live = titled()
    page = rendered(live)
    page.wait_for_function(SHOWN)
    canvas, (still, free) = page.locator("canvas"), spots(live).values()
    cursor = "canvas => canvas.style.cursor"
    drag(page, still, (still[0] - 60, still[1]))
    assert canvas.evaluate(cursor) == ""
    assert json.loads(page.evaluate(SHOWN)) == {"x": 1, "k": 1}
    point(page, still)
    assert canvas.evaluate(cursor) == ""
    point(page, free)
    assert canvas.evaluate(cursor) == "grab"


def test_a_hand_lets_go_outside_of_the_picture(rendered):
    live = product()
    page = rendered(live)
    page.wait_for_function(SHOWN)
    ((x, y),) = spots(live).values()
    drag(page, (x, y), (x - 60, 600))
    shown = page.evaluate(SHOWN)
    assert json.loads(shown)["x"] < 1
    point(page, (x, y))
    assert page.evaluate(SHOWN) == shown
    page.evaluate("sent.length = 0, model.set('_frame', model.get('_frame'))")
    page.wait_for_function("() => sent.length")


def drag(page, start, end):
    """Press on one point of the picture, go to another, and let go."""
    for spot, press in ((start, page.mouse.down), (end, page.mouse.up)):
        point(page, spot)
        press()


def point(page, spot):
    """Put the pointer on a point of the picture."""
    canvas = page.locator("canvas")
    box = canvas.bounding_box()
    scale = box["width"] / float(canvas.evaluate("c => parseFloat(c.style.width)"))
    page.mouse.move(*(box[k] + scale * p for k, p in zip("xy", spot, strict=True)))
