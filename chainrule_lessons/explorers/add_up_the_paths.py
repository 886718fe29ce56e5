"""Lesson 06: slopes multiply along a road and add up over the roads.

A ledger of roads, a rectangle whose two sides grow, and the roads through layers.
"""

from __future__ import annotations

from math import prod

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import FancyArrowPatch
from numpy.typing import NDArray

from chainrule_lessons.live import Bet, LiveFigure, Pen, Slider
from chainrule_lessons.markdown import bet
from chainrule_lessons.marks import CENTRED, GREEN, GREY, INK, ORANGE
from chainrule_lessons.plotting import label, subplots, tint
from chainrule_lessons.validation import finite_number, whole_number

__all__ = ["growing_rectangle", "ledger", "many_roads"]

Array = NDArray[np.floating]
Road = tuple[int, ...]  # the numbers of its links
HEAD = {"arrowstyle": "-|>", "mutation_scale": 14, "shrinkA": 0, "shrinkB": 0}
MIDDLE = 12  # of the 25 points of a link


# The ledger

LINKS = "ab", "ab", "ad", "bd", "ae", "be", "df", "ef"  # from, to; b adds a to itself
BULGES = (0.4, -0.4, 0.85, 0, -0.85, 0, 0, 0)
SPOTS = {"a": (0, 0), "b": (1.2, 0), "d": (2.3, 1.1), "e": (2.3, -1.1), "f": (3.4, 0)}
BESIDE = {  # what stands before the value of a node; where both, and which side there
    "a": ("", -0.25, 0, "right"),
    "b": ("a + a = ", 1.47, 0, "left"),
    "d": ("a·b = ", 2.05, 1.53, "left"),
    "e": ("a + b = ", 2.05, -1.53, "left"),
    "f": ("d·e = ", 3.12, -0.48, "left"),
}


def ledger(a: float = 2.0, *, predict: Bet | None = bet("ledger")) -> LiveFigure:
    """Show every road through b = a + a, f = a b (a + b), and add their products.

    Parameters
    ----------
    a : float, optional
        The input to start from, -2 to 3.
    predict : tuple, optional
        As in `LiveFigure`; None: no bet, and all roads are added.

    Returns
    -------
    LiveFigure
        Sliders ``roads`` (how many are added so far), ``a``, and ``start``, the
        node whose roads are listed.

    Raises
    ------
    TypeError, ValueError
        For an input that its slider cannot show.

    Notes
    -----
    The slope of f by a node is the sum, over the roads from that node, of the
    product of the links' slopes. By a it is 18 a**2, since f = 6 a**3.

    Examples
    --------
    >>> ledger(predict=None)
    Roads from a added: 6 of 6; slope of f by a = 72. The last gave 1 · 8 = 8.
    """
    a = finite_number(a, "ledger: a")
    figure, (left, right) = subplots(1, 2, size=(8, 3.8), width_ratios=(7.4, 5.6))
    links = _draw_links(left)
    _rule_book(right)
    graph, book = Pen(left), Pen(right)
    listed = {node: roads_from(node) for node in "abde"}

    def update(roads: int, a: float, start: str) -> str:
        values, slopes = local_slopes(a)
        added = listed[start][:roads]
        if added:
            graph.line(*np.concatenate(links[[*added[-1]]]).T, "-", ORANGE, 4)
        _write_map(graph, links[:, MIDDLE], values, slopes)
        lines = [[slopes[n] for n in road] for road in added]
        total, count = sum(map(prod, lines)), len(listed[start])
        what = f"slope of f by {start}" if len(added) == count else "sum so far"
        _write_book(book, added, lines, f"{total:z.6g}", what)
        done = f"Roads from {start} added: {len(added)} of {count}"
        last = f" The last gave {_worked(lines[-1])}." if added else ""
        return f"{done}; {what} = {total:z.6g}.{last}"

    return LiveFigure(
        figure,
        update,
        predict=predict,
        roads=Slider(0, 6, value=0 if predict else 6, label="roads added", play=True),
        a=Slider(-2.0, 3.0, step=0.5, value=a, label="input a"),
        start=Slider(options=list(listed), label="roads from"),
    )


def _draw_links(axes: Axes) -> Array:
    """Draw the still links, bent upward by their bulges; return 25 points of each."""
    axes.set(xlim=(-0.7, 4.4), ylim=(-1.8, 1.8))
    axes.set_axis_off()
    curves = np.array([np.linspace(SPOTS[a], SPOTS[b], 25) for a, b in LINKS])
    s = np.linspace(0, 1, 25)
    curves[:, :, 1] += np.outer(BULGES, 4 * s * (1 - s))
    for curve in curves:
        axes.plot(*curve.T, color=GREY, lw=1.5, zorder=1)
        axes.add_patch(FancyArrowPatch(*curve[18:20], color=GREY, zorder=1, **HEAD))
    return curves


def _write_map(
    pen: Pen, middles: Array, values: dict[str, float], slopes: list[float]
) -> None:
    """Draw the nodes, and the slopes in gaps of the links; both above a lit road."""
    pen.dot(*middles.T, "white", markersize=16, zorder=2.5)
    look = {"markeredgecolor": INK, "markeredgewidth": 1.5, "zorder": 3}
    pen.dot(*np.transpose([*SPOTS.values()]), "white", markersize=24, **look)
    for middle, slope in zip(middles, slopes, strict=True):
        pen.words(*middle, f"{slope:z.6g}", ORANGE, **CENTRED)
    for name, (recipe, x, y, side) in BESIDE.items():
        pen.words(*SPOTS[name], name, halo=0, **CENTRED)
        pen.words(x, y, f"{recipe}{values[name]:z.6g}", INK, side, "center")


def local_slopes(a: float) -> tuple[dict[str, float], list[float]]:
    """Go through the graph once: the value at each node, the slope of each link."""
    b, b_slopes = a + a, [1.0, 1.0]
    d, d_slopes = a * b, [b, a]
    e, e_slopes = a + b, [1.0, 1.0]
    f, f_slopes = d * e, [e, d]
    slopes = b_slopes + d_slopes + e_slopes + f_slopes
    return {"a": a, "b": b, "d": d, "e": e, "f": f}, slopes


def roads_from(node: str) -> list[Road]:
    """List every road from a node to f."""
    if node == "f":
        return [()]
    leaving = [(n, end) for n, (start, end) in enumerate(LINKS) if start == node]
    return [(n, *rest) for n, end in leaving for rest in roads_from(end)]


def _rule_book(axes: Axes) -> None:
    axes.set(xlim=(0, 1.02), ylim=(7.7, -1))
    axes.set_axis_off()
    label(axes, 0, -0.4, "road", color=GREY)
    label(axes, 1, -0.4, "its product", color=GREY, ha="right")
    axes.plot([0, 1], [5.9, 5.9], color=GREY, lw=1)


def _write_book(
    pen: Pen, added: list[Road], lines: list[list[float]], total: str, what: str
) -> None:
    """Write a line for each road, the last one lit, and the sum below."""
    for n, (road, slopes) in enumerate(zip(added, lines, strict=True)):
        color = ORANGE if n == len(added) - 1 else INK
        name = "→".join([*(LINKS[link][0] for link in road), "f"])
        pen.words(0, n + 0.5, name, color)
        pen.words(1, n + 0.5, _worked(slopes), color, "right")
    pen.words(0, 6.8, what, weight="bold")
    pen.words(1, 6.8, total, ha="right", weight="bold")


def _worked(slopes: list[float]) -> str:
    written = (f"{slope:z.6g}" for slope in slopes)
    factors = " · ".join(f"({n})" if n.startswith("-") else n for n in written)
    return f"{factors} = {prod(slopes):z.6g}" if len(slopes) > 1 else factors


# The growing rectangle

WIDTH, HEIGHT = 40.0, 30.0  # mm
FASTER = 6.0, 9.0  # how fast they grow, in mm a second


def growing_rectangle(*, predict: Bet | None = bet("growing_rectangle")) -> LiveFigure:
    """Let both sides of a photo grow: two strips, and a corner that vanishes.

    Parameters
    ----------
    predict : tuple, optional
        As in `LiveFigure`; None: no bet.

    Returns
    -------
    LiveFigure
        Slider ``step``, in seconds: a photo of 40 by 30 mm whose sides grow by 6 and
        9 mm a second, and its growth divided by the step, part by part.

    Examples
    --------
    >>> growing_rectangle()
    In 1 s the strips add 180 and 360 mm², and the corner 54 mm², which is 10 % of \
the strips.
    """
    figure, (left, right) = subplots(1, 2, size=(7.6, 3.6), width_ratios=(6, 5))
    left.set(xlim=(-1, 54), ylim=(-1, 44), aspect="equal")
    left.set_axis_off()
    right.set(xlim=(0, 760), ylim=(-0.6, 3.7), xlabel="growth ÷ step, in mm² a second")
    right.set_xticks([0, 180, 540])
    names = ["width grows", "height grows", "corner", "together"]
    right.set_yticks([3, 2, 1, 0], names)
    photo, bars = Pen(left), Pen(right)

    def update(step: float) -> str:
        grown = np.multiply(FASTER, step)
        parts = np.array((grown[0] * HEIGHT, WIDTH * grown[1], grown.prod()))
        first, second, corner = written = [f"{part:.3g}" for part in parts]
        _photo(photo, grown, written)
        _waterfall(bars, parts / step)
        share = 100 * parts[2] / parts[:2].sum()
        return (
            f"In {step:.3g} s the strips add {first} and {second} mm², and the corner "
            f"{corner} mm², which is {share:.2g} % of the strips."
        )

    step = Slider(0.01, 1.0, step=0.05, scale="log", value=1.0, label="step in seconds")
    return LiveFigure(figure, update, predict=predict, step=step)


def _photo(pen: Pen, grown: Array, parts: list[str]) -> None:
    """Draw the photo, a strip on its right and above, a corner, and a dot to grab."""
    (dx, dy), (x, y) = grown, (WIDTH, HEIGHT) + grown
    pen.box(WIDTH / 2, HEIGHT / 2, (WIDTH, HEIGHT), tint(GREY, 0.25), "40 · 30 mm²")
    pen.box(WIDTH + dx / 2, HEIGHT / 2, (dx, HEIGHT), tint(ORANGE, 0.6))
    pen.box(WIDTH / 2, HEIGHT + dy / 2, (WIDTH, dy), tint(ORANGE, 0.3))
    pen.box(WIDTH + dx / 2, HEIGHT + dy / 2, (dx, dy), INK)
    pen.words(x + 1, HEIGHT / 2, parts[0], ORANGE, va="center")
    pen.words(WIDTH / 2, y + 1, parts[1], ORANGE, "center")
    pen.words(x + 2, y + 1.5, parts[2])
    pen.dot(x, y, GREEN, grab="step", markersize=9)


def _waterfall(pen: Pen, parts: Array) -> None:
    """Draw bars in rows 3, 2, 1, each from where the last one ended; row 0 their sum."""
    ends = np.cumsum(parts).tolist()
    starts, stops = [0, *ends[:2], 0], [*ends, ends[2]]
    colors = tint(ORANGE, 0.6), tint(ORANGE, 0.3), INK, GREY
    rows = zip((3, 2, 1, 0), starts, stops, colors, strict=True)
    for row, start, stop, color in rows:
        pen.box((start + stop) / 2, row, (stop - start, 0.5), color, edgecolor=color)
        pen.words(stop + 12, row, f"{stop - start:.4g}", va="center")
    tops = np.column_stack([ends, (3.25, 2.25, 1.25)])
    pen.segments(tops, tops - (0, 1.5), "-", GREY, 1)


# Many roads

MOST_LAYERS = 20
LAYERS = np.arange(1, MOST_LAYERS + 1)
WANDER = np.array((0, 1, 1, 0, 3, 2, 1, 0, 2, 3) * 2)  # the nodes of the lit road


def many_roads(
    depth: int = 2, width: int = 2, *, predict: Bet | None = bet("many_roads")
) -> LiveFigure:
    """Show how many roads lead through layers of nodes, and the two ways to add them.

    Parameters
    ----------
    depth : int, optional
        How many layers lie between the input and the output, 1 to 20.
    width : int, optional
        Nodes in a layer, 2 to 4; each has a link to every node of the next layer.
    predict : tuple, optional
        As in `LiveFigure`; None: no bet.

    Returns
    -------
    LiveFigure
        Sliders ``depth`` and ``width``.

    Raises
    ------
    TypeError, ValueError
        For a depth or width that its slider cannot show.

    Notes
    -----
    There are ``width**depth`` roads of depth + 1 links, so listing them takes
    ``depth * width**depth`` multiplications. Node by node from the output, each
    link but the last ones is multiplied once: ``(depth - 1) * width**2 + width``.

    Examples
    --------
    >>> many_roads()
    2 layers of 2 nodes: 4 roads. Road by road takes 8 multiplications, node by node 6.
    """
    depth = whole_number(depth, "many_roads: depth", least=1)
    width = whole_number(width, "many_roads: width", least=1)
    figure, (top, bottom) = subplots(
        2, 1, size=(7.6, 4.2), sharex=True, height_ratios=(2, 3)
    )
    _set_axes(top, bottom)
    lattice, race = Pen(top), Pen(bottom)

    def update(depth: int, width: int) -> str:
        _lattice(lattice, depth, width)
        by_road = LAYERS * width**LAYERS
        by_node = (LAYERS - 1) * width**2 + width
        listing, summing = int(by_road[depth - 1]), int(by_node[depth - 1])
        race.line(LAYERS[:depth], by_road[:depth])
        race.line(LAYERS[:depth], by_node[:depth], color=GREEN)
        race.dot(depth, listing, grab="depth")
        race.dot(depth, summing, GREEN)
        race.words(0.6, 1e8, f"road by road: {listing:,}")
        race.words(MOST_LAYERS, 2e3, f"node by node: {summing:,}", GREEN, "right")
        return (
            f"{depth} layer{'s' * (depth > 1)} of {width} nodes: {width**depth:,} "
            f"roads. Road by road takes {listing:,} multiplications, "
            f"node by node {summing:,}."
        )

    return LiveFigure(
        figure,
        update,
        predict=predict,
        depth=Slider(1, MOST_LAYERS, value=depth, label="layers", play=True),
        width=Slider(2, 4, value=width, label="nodes in a layer"),
    )


def _set_axes(top: Axes, bottom: Axes) -> None:
    top.set(ylim=(-1.9, 1.9))
    top.set_axis_off()
    bottom.set(xlim=(-0.4, MOST_LAYERS + 1.4), yscale="log", ylim=(0.5, 1e15))
    bottom.set(xlabel="layers", ylabel="multiplications")
    bottom.set_xticks([1, 5, 10, 15, 20])
    bottom.set_yticks(10.0 ** np.arange(0, 16, 5))
    bottom.minorticks_off()


def _lattice(pen: Pen, depth: int, width: int) -> None:
    """Draw input, layers and output, layer k at x = k, and light one road."""
    heights = np.zeros((depth + 2, width))
    heights[1:-1] = np.linspace(-1.5, 1.5, width)
    layer, here, there = _links(depth, width)
    tails = np.column_stack([layer, heights[layer, here]])
    heads = np.column_stack([layer + 1, heights[layer + 1, there]])
    pen.segments(tails, heads, "-", GREY, 0.8)
    layers, turns = np.arange(depth + 2), [0, *WANDER[:depth] % width, 0]
    pen.line(layers, heights[layers, turns], "-", ORANGE, 2.5)
    nodes = np.vstack([tails[:1], heads[here == 0]])  # the input, then a link to each
    pen.dot(*nodes.T, markersize=5)


def _links(depth: int, width: int) -> NDArray[np.int_]:
    """Give each link's layer, and the nodes that it leads from and to."""
    layer, here, there = np.indices((depth + 1, width, width)).reshape(3, -1)
    from_input = (layer > 0) | (here == 0)  # the input is one node, and the output
    to_output = (layer < depth) | (there == 0)
    return np.array([layer, here, there])[:, from_input & to_output]
