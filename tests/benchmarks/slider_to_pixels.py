"""How soon a moved slider is seen, and how many pictures a second a drag shows.

Two figures draw the same loss curve in one JupyterLab and one Chromium: the live
figure, and `ipywidgets.interact` with Matplotlib's inline pictures. Both carry the
weight they show: the live figure in an attribute written with the marks, interact
in the grey of a square in its corner. The page looks once a display frame, so an
old picture never counts as a new one, and a time ends at the first frame that
starts with the new picture in place.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import nbformat
import numpy as np
from nbformat.v4 import new_code_cell, new_notebook
from playwright.sync_api import sync_playwright

sys.path.insert(0, str(Path(__file__).parents[1] / "browser"))
from conftest import OPTIONS, find_chromium
from lab import LabServer, run_all, wait_for_kernel

LIVE = """\
import chainrule_lessons.explorers as explorers
explorers.loss_curve()"""
INTERACT = """\
%matplotlib inline
%config InlineBackend.print_figure_kwargs = {'bbox_inches': None}
import ipywidgets
import numpy as np
import matplotlib.pyplot as plt
w = np.linspace(-2, 4, 161)
loss = lambda w: (20 / (1 + np.exp(-2 * w)) - 10) ** 2
@ipywidgets.interact(weight=ipywidgets.FloatSlider(1.0, min=-2, max=4, step=0.06))
def show(weight):
    figure, axes = plt.subplots(figsize=(6.4, 3.6), dpi=100)
    axes.plot(w, loss(w)); axes.plot(weight, loss(weight), "o")
    slope = (loss(weight + 1e-5) - loss(weight - 1e-5)) / 2e-5
    axes.plot(weight + np.array([-1, 1]), loss(weight) + slope * np.array([-1, 1]))
    axes.set(xlim=(-2, 4), ylim=(-12, 108))
    grey = str(round((weight + 2) / 0.06) * 2 / 255)
    figure.patches.append(plt.Rectangle((0, 0.9), 0.05, 0.1, color=grey, transform=figure.transFigure, figure=figure))
    plt.show()"""

# One entry a moved slider (`asked`) and one a new picture (`seen`): [place, time].
WATCH = """([seen_place, slider, asked_place]) => {
    const log = (window.log = { asked: [], seen: [] });
    const look = eval(seen_place);
    const asked = eval(asked_place);
    let last = look(), lastAsked = asked();
    const frame = (time) => {
        const place = look();
        if (place !== last && place !== null) log.seen.push([(last = place), time]);
        requestAnimationFrame(frame);
    };
    requestAnimationFrame(frame);
    const note = (event) => {
        const place = asked();
        if (place !== lastAsked) log.asked.push([(lastAsked = place), event.timeStamp]);
    };
    for (const name of ["input", "pointermove", "keydown", "keyup"])
        window.addEventListener(name, note);
}"""
LIVE_SEEN = """() => {
    const values = document.querySelector(".crl-live canvas")?.dataset.values;
    return values ? Math.round((JSON.parse(values).weight + 2) / 0.06) : null;
}"""
LIVE_ASKED = """() => Number(document.querySelector(".crl-live input").value)"""
INTERACT_SEEN = """() => {
    const image = document.querySelector(".jp-OutputArea-output img");
    if (!image?.complete || !image.naturalWidth) return null;
    const canvas = (window.probe ??= new OffscreenCanvas(1, 1));
    const context = canvas.getContext("2d", { willReadFrequently: true });
    context.drawImage(image, -3, -3);
    return Math.round(context.getImageData(0, 0, 1, 1).data[0] / 2);
}"""
INTERACT_ASKED = """() => {
    const text = document.querySelector(".widget-readout").textContent;
    return Math.round((Number(text) + 2) / 0.06);
}"""
SYSTEMS = {
    "live figure": (LIVE, ".crl-live input[type=range]", LIVE_SEEN, LIVE_ASKED),
    "interact, inline": (
        INTERACT,
        ".widget-slider .noUi-handle",
        INTERACT_SEEN,
        INTERACT_ASKED,
    ),
}


def measure(page, slider, seen, asked):
    """Press a key 40 times, then drag ten times along the slider."""
    page.evaluate(WATCH, [seen, slider, asked])
    handle = page.locator(slider).first
    handle.focus()
    for press in range(40):
        page.keyboard.press("ArrowRight" if press % 20 < 10 else "ArrowLeft")
        page.wait_for_timeout(350)
    pressed = page.evaluate("() => log")
    page.evaluate("() => { log.asked = []; log.seen = []; }")
    box = page.locator(slider).first.bounding_box()
    track = page.locator(".crl-live input, .noUi-target").first.bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.down()
    for sweep in range(10):
        end = 0.9 if sweep % 2 else 0.1
        page.mouse.move(track["x"] + end * track["width"], box["y"] + 5, steps=60)
    page.mouse.up()
    page.wait_for_timeout(500)
    return waits(pressed), pictures_a_second(page.evaluate("() => log.seen"))


def waits(log):
    """Milliseconds from each move to the first frame with its picture, if it came."""
    result = []
    until = [time for _, time in log["asked"][1:]] + [np.inf]
    for (place, time), end in zip(log["asked"], until, strict=True):
        shown = [t for other, t in log["seen"] if other == place and time <= t < end]
        result += [t - time for t in shown[:1]]
    return np.array(result)


def pictures_a_second(seen):
    times = [time for _, time in seen]
    return 1000 * (len(times) - 1) / (times[-1] - times[0])


def main():
    print(f"{'':18} {'median':>8} {'quartiles':>12} {'p95':>6}  pictures/s")
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        server = LabServer(Path(folder))
        server.start()
        path = find_chromium(playwright)
        options = [*OPTIONS, "--no-sandbox"]
        browser = playwright.chromium.launch(executable_path=path, args=options)
        for name, (source, *how) in SYSTEMS.items():
            file = server.files / "one.ipynb"
            kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3"}}
            cells = [new_code_cell(source)]
            nbformat.write(new_notebook(cells=cells, metadata=kernel), file)
            page = browser.new_page(viewport={"width": 1280, "height": 1000})
            page.goto(server.address(file.name))
            wait_for_kernel(page)
            run_all(page)
            page.wait_for_timeout(3000)
            took, rate = measure(page, *how)
            low, median, high, p95 = np.percentile(took, [25, 50, 75, 95])
            print(
                f"{name:18} {median:5.1f} ms {low:5.1f}-{high:5.1f} {p95:6.1f} {rate:8.1f}"
                f"   ({len(took)} of 40 moves seen)"
            )
            page.close()
            server.stop_kernels()
        browser.close()
        server.stop()


if __name__ == "__main__":
    main()
