"""Lesson 04: slopes of a surface, one input at a time, and steps on it.

A square tray with side s, in units of 10 cm, and batter h cm high holds s² h decilitres.
`surface` is the hill of all such trays, and `slices` cuts it along each input. `tile`
shows why the two slopes give every other, `compass` turns a step all the way round,
`downhill` walks against the gradient, and `trust` asks how far a slope can be believed.
"""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patheffects import withStroke
from numpy.typing import ArrayLike, NDArray

from chainrule_lessons.live import LiveFigure, Pen, Slider
from chainrule_lessons.markdown import bet
from chainrule_lessons.marks import GREEN, GREY, INK, ORANGE
from chainrule_lessons.plotting import Picture, lessons_style, subplots

__all__ = ["compass", "downhill", "slices", "surface", "tile", "trust"]

Array = NDArray[np.floating]
HERE = np.array([3.0, 2.0])  # the tray of the lesson
SLOPES = np.array([12.0, 9.0])  # 2sh and s² there


def batter(s: ArrayLike, h: ArrayLike) -> Array:
    """Return s² h, what a square tray holds."""
    return np.square(s) * h


# One input at a time

SIDES, HIGHS = np.linspace(0, 5, 76), np.linspace(0, 4, 61)


@lessons_style()
def surface() -> Picture:
    """Draw the hill of all trays, with the two slices through one of them.

    >>> surface()
    The hill of all trays. Side s = 3 and batter h = 2 high: 3² · 2 = 18 decilitres.
    """
    figure, axes = subplots(size=(6.4, 4.4), subplot_kw={"projection": "3d"})
    s, h = np.meshgrid(np.linspace(0, 4, 25), np.linspace(0, 3, 19))
    axes.plot_surface(
        s, h, batter(s, h), cmap="Greys", vmin=-20, vmax=90, edgecolor=GREY, lw=0.2
    )
    along_s, along_h = s[0], h[:, 0]
    front = {"zorder": 9, "linewidth": 3}
    axes.plot(along_s, 0 * along_s + 2, batter(along_s, 2), color=INK, **front)
    axes.plot(0 * along_h + 3, along_h, batter(3, along_h), "--", color=GREEN, **front)
    axes.plot(3, 2, 18, "o", color=ORANGE, markersize=13, zorder=10)
    axes.text(4.1, 2, 33, "h held at 2", color=INK)
    axes.text(3, 3.1, 29, "s held at 3", color=GREEN, ha="right")
    axes.set(xlabel="side s", ylabel="height h", zlabel="batter in dl")
    axes.set(xticks=range(5), yticks=range(4), zticks=[0, 18, 36])
    axes.view_init(elev=22, azim=-122)
    axes.set_box_aspect((4, 3, 2.8), zoom=1.0)
    tray = "Side s = 3 and batter h = 2 high: 3² · 2 = 18 decilitres."
    return Picture(figure, f"The hill of all trays. {tray}")


@lessons_style()
def slices() -> LiveFigure:
    """Cut the hill of all trays along each input, at a tray that two sliders choose.

    The map shows lines of equal batter and the gradient; beside it stand the slice
    along s with h held, and the slice along h with s held, each with its tangent.

    Sliders ``h`` and ``s``, locked until the reader commits to an answer.

    >>> slices()
    At s = 3.00, h = 2.00 the tray holds 18.00. Slope by s 12.00, by h 9.00.
    """
    figure, panels = subplots(1, 3, size=(8, 3.3), width_ratios=(2, 1, 1))
    draw_map(panels[0], SIDES, HIGHS, batter(*np.meshgrid(SIDES, HIGHS)))
    panels[0].set(xlabel="side s", ylabel="height h of the batter")
    for axes, end, name in ((panels[1], 5, "s"), (panels[2], 4, "h")):
        axes.set(xlim=(0, end), ylim=(-6, 66), xlabel=name, title=" \n ")
        axes.set_xticks(range(end + 1))
    land, by_s, by_h = map(Pen, panels)

    def update(s: float, h: float) -> str:
        holds, slope_s, slope_h = s * s * h, 2 * s * h, s * s
        land.line(SIDES[[0, -1]], (h, h), "-", INK, 1.5)
        land.line((s, s), HIGHS[[0, -1]], "--", GREEN, 1.5)
        land.arrow((s, h), (s + slope_s / 24, h + slope_h / 24), ORANGE, 3)
        land.dot(s, h, grab="s h")
        by_s.line(SIDES, batter(SIDES, h))
        _mark_slope(by_s, s, holds, slope_s, INK, "s", f"h held at {h:z.1f}")
        by_h.line(HIGHS, batter(s, HIGHS), "--", GREEN)
        _mark_slope(by_h, h, holds, slope_h, GREEN, "h", f"s held at {s:z.1f}")
        return (
            f"At s = {s:z.2f}, h = {h:z.2f} the tray holds {holds:z.2f}. "
            f"Slope by s {slope_s:z.2f}, by h {slope_h:z.2f}."
        )

    h = Slider(0, 3, step=0.1, value=2, label="height h")
    s = Slider(0.5, 4, step=0.1, value=3, label="side s")
    return LiveFigure(figure, update, predict=bet("slices"), h=h, s=s)


def _mark_slope(
    pen: Pen, at: float, holds: float, slope: float, color: str, name: str, held: str
) -> None:
    """Draw the tangent of a slice; write its slope and what is held above it."""
    pen.tangent(at, holds, slope, 0.8, "-", ORANGE, 3.5)
    pen.dot(at, holds, color, grab=name)
    middle = sum(pen.axes.get_xlim()) / 2
    pen.words(middle, 74, held, color, "center", "bottom")
    pen.words(middle, 67, f"slope {slope:z.2f}", ORANGE, "center", "bottom")


def draw_map(axes: Axes, x: Array, y: Array, heights: Array) -> None:
    """Draw lines of equal height, darker uphill, one unit as long across as up."""
    low, high = heights.min(), heights.max()
    axes.contourf(x, y, heights, 20, cmap="Greys", vmin=low, vmax=4 * high - 3 * low)
    lines = axes.contour(x, y, heights, 20, colors=GREY, linewidths=0.7)
    axes.set_aspect("equal")
    axes.clabel(lines, lines.levels[1:-3:3], inline=False, fontsize=9, fmt="%.4g")
    ends, middle = np.array([np.ptp(x), np.ptp(y)]) / 2, [x.mean(), y.mean()]
    for text in lines.labelTexts:  # off their lines, and none that the edge would cut
        place = np.subtract(text.get_position(), middle)
        text.set_visible(bool((abs(place) < 0.88 * ends).all()))
        text.set_path_effects([withStroke(linewidth=3, foreground="white")])


# Which way is steepest


@lessons_style()
def tile() -> LiveFigure:
    """Turn a step on a tilted tile, from one edge ramp to the other.

    The tile is the hill near side 3 and height 2, seen from close up. A step at angle α
    goes cos α along s and sin α along h, so it climbs 12 cos α + 9 sin α.

    Slider ``angle``, locked until the reader commits to an answer.

    >>> tile()
    Angle 0°: 12 · 1.00 + 9 · 0.00 = 12.00 for one unit of walking.
    """
    figure, (axes, bar) = subplots(1, 2, size=(8, 3.6), width_ratios=(3, 1))
    axes.set(xlim=(-1.05, 1.4), ylim=(-0.25, 1.9), aspect="equal")
    axes.set_axis_off()
    corners = np.array([(0, 0), (1, 0), (1, 1), (0, 1)])
    axes.fill(*_seen(corners @ SLOPES, corners).T, color=ORANGE, alpha=0.13, lw=0)
    for edge, color, name in ((1, INK, "12 along s"), (3, GREEN, "9 along h")):
        ramp = _seen([0, 0, corners[edge] @ SLOPES], corners[[0, edge, edge]])
        axes.fill(*ramp.T, color=color, alpha=0.15, lw=0)
        axes.plot(*ramp[[0, 2]].T, "-" if edge == 1 else "--", color=color)
        side, ha = (0.04, "left") if edge == 1 else (-0.04, "right")
        axes.text(*(ramp[1:].mean(axis=0) + (side, 0)), name, color=color, ha=ha)
    bar.set(xlim=(-1, 1), ylim=(0, 24), xticks=[], yticks=(0, 9, 12))
    bar.set_title("climb of one step")
    pen, stack = Pen(axes), Pen(bar)

    def update(angle: float) -> str:
        around = _steps(np.linspace(0, angle, 46))
        step = around[-1]
        by_s, climb = SLOPES[0] * step[0], float(SLOPES @ step)
        path = np.array([(0, 0), step * (1, 0), step, step, step])
        pen.line(*_seen(around @ SLOPES, around).T, ":", GREY)
        foot, turn, below, knee, top = _seen([0, 0, 0, by_s, climb], path)
        pen.line(*np.transpose([foot, turn, below]), "-", GREY, 1.2)
        pen.line(*np.transpose([below, knee]), "-", INK, 4)
        pen.line(*np.transpose([knee, top]), "-", GREEN, 4)
        pen.line(*np.transpose([foot, top]), "-", ORANGE, 3.5)
        pen.dot(*top, ORANGE, grab="angle")
        stack.bars(0, by_s, INK, 40)
        stack.bars(0, climb, GREEN, 40, low=by_s)
        stack.words(0, climb + 0.4, f"{climb:.2f}", ORANGE, "center")
        return (
            f"Angle {angle:.0f}°: 12 · {step[0]:.2f} + 9 · {step[1]:.2f} "
            f"= {climb:.2f} for one unit of walking."
        )

    angle = Slider(0, 90, step=1, value=0, label="angle in degrees")
    return LiveFigure(figure, update, predict=bet("tile"), angle=angle)


def _steps(angles: Array) -> Array:
    """Return steps one unit long, at angles in degrees."""
    turned = np.radians(angles)
    return np.column_stack([np.cos(turned), np.sin(turned)])


def _seen(climbs: ArrayLike, ground: ArrayLike) -> Array:
    """Draw points of the tile as seen from its lowest corner, 20 dl as one unit up."""
    s, h = np.transpose(ground)
    up = 0.3 * s + 0.4 * h + np.divide(climbs, 20)
    return np.column_stack([0.9 * s - 0.7 * h, up])


@lessons_style()
def compass() -> LiveFigure:
    """Turn a step on the map of trays to any angle and read its slope.

    Only the part up to the angle reached is drawn, so the answer to the question
    appears by turning.

    Slider ``angle``, locked until the reader commits to an answer.

    >>> compass()
    Heading 0°, along s: slope 12.00.
    """
    figure, (land, axes) = subplots(1, 2, size=(8, 3.4))
    s, h = np.linspace(1.2, 4.8, 73), np.linspace(0.65, 3.35, 55)
    draw_map(land, s, h, batter(*np.meshgrid(s, h)))
    land.set(xlabel="side s", ylabel="height h")
    land.plot(*HERE, "o", color=INK)
    axes.set(xlim=(-10, 370), ylim=(-18, 18), title="slope of a step at that angle")
    axes.set(xticks=range(0, 361, 90), yticks=(-12, -9, 0, 9, 12))
    axes.set_xticklabels(["0°\nalong s", "90°\nalong h", "180°", "270°", "360°"])
    axes.grid(axis="y")
    heading, chart = Pen(land), Pen(axes)

    def update(angle: float) -> str:
        turned = np.linspace(0, angle, 91)
        steps = _steps(turned)
        slopes = steps @ SLOPES
        heading.arrow(HERE, HERE + steps[-1], ORANGE, 3)
        heading.dot(*HERE + steps[-1], ORANGE, grab="angle")
        chart.line(turned, slopes, "-", ORANGE)
        chart.dot(angle, slopes[-1], ORANGE, grab="angle")
        along = {0: ", along s", 90: ", along h"}.get(angle, "")
        return f"Heading {angle:.0f}°{along}: slope {slopes[-1]:z.2f}."

    angle = Slider(0, 360, step=1, value=0, label="angle in degrees")
    return LiveFigure(figure, update, predict=bet("compass"), angle=angle)


# How far to go

RUNG = np.log10(3) / 20  # decades; so that 0.03, 0.09 and 0.27 are places
BOWL, RAVINE = np.array([1.0, 1.0]), np.array([1.0, 10.0])


@lessons_style()
def downhill() -> LiveFigure:
    """Follow the gradient down a bowl and down a ravine with one learning rate.

    The bowl is w₁² + w₂², the ravine w₁² + 10 w₂². Both walks start at the same
    place, and each step is ``point - rate * gradient``.

    Sliders ``step`` and ``rate``, and ``w1`` and ``w2`` for the start. (The first is
    what stored pictures show: what a rate does is asked on the page.)

    >>> downhill()
    Rate 0.09, step 12: bowl 0.171 (from 20), ravine 0.326 (from 56).
    """
    figure, panels = subplots(1, 2, size=(8, 3.3), sharey=True)
    across, up = np.linspace(-5, 5, 101), np.linspace(-3.6, 3.6, 73)
    for axes, bend in zip(panels, (BOWL, RAVINE), strict=True):
        draw_map(axes, across, up, np.stack(np.meshgrid(across, up), -1) ** 2 @ bend)
        axes.set(xlim=(-5, 5), ylim=(-3.6, 3.6), xlabel="w₁")
    panels[0].set(title="bowl  w₁² + w₂²", ylabel="w₂")
    panels[1].set_title("ravine  w₁² + 10 w₂²")
    left, right = map(Pen, panels)

    def update(rate: float, step: int, w1: float, w2: float) -> str:
        start = np.array([w1, w2])
        bowl = _walk(left, BOWL, rate, step, start)
        ravine = _walk(right, RAVINE, rate, step, start)
        return f"Rate {rate:.3g}, step {step}: bowl {bowl}, ravine {ravine}."

    rate = Slider(0.01, 1.2, step=RUNG, scale="log", value=0.09, label="rate η")
    step = Slider(0, 40, value=12, label="step", play=True)
    w1 = Slider(-4.5, 4.5, step=0.1, value=4, label="start w₁")
    w2 = Slider(-3, 3, step=0.1, value=2, label="start w₂")
    return LiveFigure(figure, update, step=step, rate=rate, w1=w1, w2=w2)


def _walk(pen: Pen, bend: Array, rate: float, step: int, start: Array) -> str:
    """Draw a walk down the surface bend · w², and say its last and first loss."""
    # The gradient is 2 bend w, so a step multiplies w by a fixed factor.
    points = start * (1 - 2 * rate * bend) ** np.arange(step + 1)[:, None]
    seen = points[(abs(points) < 1e4).all(axis=1)]
    pen.line(*seen.T, "o-", INK, 1.2, markersize=4.5)
    pen.dot(*seen[-1], ORANGE)
    pen.dot(*start, GREEN, grab="w1 w2")
    side = "right" if start[0] > 2 else "left"
    pen.words(start[0], start[1] + 0.25, "start", GREEN, side, "bottom")
    loss = points[-1] ** 2 @ bend
    last = f"{loss:.3f}" if loss < 1e6 else "over a million"
    return f"{last} (from {start**2 @ bend:.4g})"


# How far a slope can be believed


def trust() -> LiveFigure:
    """Compare the change that a slope predicts with the true change.

    On the slice 2s², the slope at s is 4s. A step Δ of the side changes the batter
    by 4s Δ + 2Δ², and the slope predicts 4s Δ. The band holds the steps for which
    the prediction is off by less than 10 % of the true change.

    Sliders ``delta`` and ``s``.

    >>> trust()
    Step 2.00 from s = 3.00: predicted 24.00, true 32.00, off by 25.0 %. Under 10 % \
from -0.55 to 0.67.
    """
    figure, axes = subplots()
    axes.set(xlabel="step Δ of the side", ylabel="change of the batter")
    axes.set(xlim=(-1, 4), ylim=(-20, 60), xticks=range(-1, 4))
    axes.axhline(0, color=GREY, linewidth=0.8)
    steps, pen = np.linspace(-1, 3, 41), Pen(axes)

    def update(delta: float, s: float) -> str:
        predicted, actual = 4 * s * delta, 4 * s * delta + 2 * delta**2
        off = f", off by {100 * abs(delta / (2 * s + delta)):.1f} %" if delta else ""
        low, high = -2 * s / 11, 2 * s / 9
        pen.box((low + high) / 2, 10, (high - low, 100), GREEN, alpha=0.2)
        pen.words(high, 56, " off by less than 10 %", GREEN, va="center")
        pen.line(steps, 4 * s * steps + 2 * steps**2)
        pen.line(steps, 4 * s * steps, "-", ORANGE)
        pen.line((delta, delta), (predicted, actual), "o-", GREEN, markersize=7)
        pen.dot(delta, actual, grab="delta")
        pen.words(3.06, 12 * s + 18, " true", va="center")
        pen.words(3.06, 12 * s, " predicted", ORANGE, va="center")
        return (
            f"Step {delta:z.2f} from s = {s:z.2f}: predicted {predicted:z.2f}, "
            f"true {actual:z.2f}{off}. Under 10 % from {low:z.2f} to {high:z.2f}."
        )

    delta = Slider(-1, 3, step=0.1, value=2, label="step Δ")
    s = Slider(1, 3, step=0.1, value=3, label="side s")
    return LiveFigure(figure, update, delta=delta, s=s)
