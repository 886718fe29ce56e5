"""Five ways to the same moving picture: the source of each, and how to read it.

All draw the loss along a weight, a mark on it and its tangent, 640 by 360 CSS
pixels, with a slider of 101 places. Each picture carries the place it shows: the
live figure in an attribute that is written with the marks, Matplotlib's in the grey
of a square in a corner, bqplot's in where its mark stands.
"""

from __future__ import annotations

from typing import NamedTuple

LOW, STEP, PLACES = -2.0, 0.06, 101

NUMBERS = """\
import numpy as np

LOW, STEP, PLACES = -2.0, 0.06, 101
GRID = LOW + STEP * np.arange(PLACES)


def loss(weight):
    return (20 / (1 + np.exp(-2 * weight)) - 10) ** 2


def tangent(weight):
    answer = 1 / (1 + np.exp(-2 * weight))
    slope = 80 * (20 * answer - 10) * answer * (1 - answer)
    return weight + np.array([-1, 1]), loss(weight) + slope * np.array([-1, 1])
"""
LIVE = """
from chainrule_lessons.live import LiveFigure, Slider
from chainrule_lessons.plotting import subplots

figure, axes = subplots()
axes.plot(GRID, loss(GRID))
axes.set(xlim=(-2, 4), ylim=(-12, 108))
(mark,) = axes.plot([], [], "o", animated=True)
(touch,) = axes.plot([], [], animated=True)


def update(weight):
    mark.set_data([weight], [loss(weight)])
    touch.set_data(*tangent(weight))
    return f"Loss {loss(weight):.3f} at weight {weight:z.2f}."


def shown():
    return [*mark.get_ydata(), *touch.get_ydata()]


live = LiveFigure(figure, update, weight=Slider(-2, 4, step=0.06, value=1))
live"""
MATPLOTLIB = """
import io
import ipywidgets
import matplotlib.pyplot as plt
from IPython.display import display


def scene(animated=False):
    figure, axes = plt.subplots(figsize=(6.4, 3.6), dpi=100)
    axes.plot(GRID, loss(GRID))
    axes.set(xlim=(-2, 4), ylim=(-12, 108))
    (mark,) = axes.plot([], [], "o", animated=animated)
    (touch,) = axes.plot([], [], animated=animated)
    where = figure.transFigure
    square = plt.Rectangle((0, 0.9), 0.05, 0.1, transform=where, animated=animated)
    return figure, [mark, touch, figure.add_artist(square)]


def move(marks, weight):
    mark, touch, square = marks
    mark.set_data([weight], [loss(weight)])
    touch.set_data(*tangent(weight))
    square.set_facecolor(str(2 * round((weight - LOW) / STEP) / 255))
    square.set_edgecolor("none")


def shown():
    return [*marks[0].get_ydata(), *marks[1].get_ydata()]


slider = ipywidgets.FloatSlider(1, min=-2, max=4, step=0.06)
"""
INTERACT = """
%matplotlib inline
%config InlineBackend.print_figure_kwargs = {'bbox_inches': None}


@ipywidgets.interact(weight=slider)
def show(weight):
    global marks
    figure, marks = scene()
    move(marks, weight)
    plt.show()
"""
IPYMPL = """
%matplotlib widget
plt.ioff()
figure, marks = scene()
figure.canvas.header_visible = figure.canvas.toolbar_visible = False
move(marks, 1)


def follow(change):
    move(marks, change.new)
    figure.canvas.draw_idle()


slider.observe(follow, "value")
display(ipywidgets.VBox([slider, figure.canvas]))
"""
BLITTED = """
%matplotlib agg
from PIL import Image

figure, marks = scene(animated=True)
figure.canvas.draw()
ground = figure.canvas.copy_from_bbox(figure.bbox)
picture = ipywidgets.Image(layout=ipywidgets.Layout(width="640px"))


def follow(change):
    move(marks, change.new)
    figure.canvas.restore_region(ground)
    for artist in marks:
        figure.draw_artist(artist)
    file = io.BytesIO()
    pixels = Image.fromarray(np.asarray(figure.canvas.buffer_rgba()))
    pixels.convert("RGB").save(file, "png", compress_level=1)
    picture.value = file.getvalue()


slider.observe(follow, "value")
slider.value = 1.06
display(ipywidgets.VBox([slider, picture]))
"""
BQPLOT = """
import bqplot
import ipywidgets
from IPython.display import display

x, y = bqplot.LinearScale(min=-2, max=4), bqplot.LinearScale(min=-12, max=108)
scales = {"x": x, "y": y}
curve = bqplot.Lines(x=GRID, y=loss(GRID), scales=scales)
touch = bqplot.Lines(x=[], y=[], scales=scales, colors=["orange"])
mark = bqplot.Scatter(x=[], y=[], scales=scales, colors=["blue"])
axes = [bqplot.Axis(scale=x), bqplot.Axis(scale=y, orientation="vertical")]
layout = ipywidgets.Layout(width="640px", height="360px")
figure = bqplot.Figure(marks=[curve, touch, mark], axes=axes, layout=layout)
slider = ipywidgets.FloatSlider(1, min=-2, max=4, step=0.06)


def follow(change):
    with mark.hold_sync():
        mark.x, mark.y = [change.new], [loss(change.new)]
    with touch.hold_sync():
        touch.x, touch.y = tangent(change.new)


def shown():
    return [*mark.y, *touch.y]


slider.observe(follow, "value")
slider.value = 1.06
display(ipywidgets.VBox([slider, figure]))
"""

# How the page reads a place: off the slider as moved, off the picture as drawn.
LIVE_ASKED = "() => Number(document.querySelector('.crl-live input').value)"
LIVE_SEEN = """() => {
    const values = document.querySelector(".crl-live canvas")?.dataset.values;
    return values ? Math.round((JSON.parse(values).weight + 2) / 0.06) : null;
}"""
ASKED = """() => {
    const text = document.querySelector(".widget-readout")?.textContent;
    return Math.round((Number(text?.replace("−", "-")) + 2) / 0.06);
}"""
GREY = """() => {
    const picture = document.querySelector(%r);
    const width = picture?.naturalWidth ?? picture?.width;
    if (!width || picture.complete === false) return null;
    const probe = (window.probe ??= new OffscreenCanvas(1, 1));
    const context = probe.getContext("2d", { willReadFrequently: true });
    context.drawImage(picture, -5, -5);
    return Math.round(context.getImageData(0, 0, 1, 1).data[0] / 2);
}"""
DOT = """() => {
    const mark = document.querySelector(".bqplot path.dot")?.parentElement;
    const across = mark?.getAttribute("transform")?.match(/translate\\(([^,)]+)/);
    const plot = document.querySelector(".bqplot .plotarea_events");
    const inside = plot?.getAttribute("width") - 10; // bqplot keeps 5 on each side
    return across ? Math.round(100 * (across[1] - 5) / inside) : null;
}"""


class Peer(NamedTuple):
    """One way: its cell, its slider's handle, and two functions for the page."""

    source: str
    handle: str
    asked: str
    seen: str


HANDLE = ".widget-slider .noUi-handle"
PEERS = {
    "live figure": Peer(LIVE, ".crl-live input[type=range]", LIVE_ASKED, LIVE_SEEN),
    "interact, inline": Peer(
        MATPLOTLIB + INTERACT, HANDLE, ASKED, GREY % ".jp-OutputArea-output img"
    ),
    "ipympl": Peer(
        MATPLOTLIB + IPYMPL, HANDLE, ASKED, GREY % ".jupyter-matplotlib canvas"
    ),
    "blitted into an Image": Peer(
        MATPLOTLIB + BLITTED, HANDLE, ASKED, GREY % "img.widget-image"
    ),
    "bqplot": Peer(BQPLOT, HANDLE, ASKED, DOT),
}
