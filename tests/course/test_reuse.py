"""The staircase of factors, read back cell by cell."""

from functools import cache

import pytest

from chainrule_lessons.explorers import reuse

made = cache(reuse)


def at(depth):
    live = made()
    live.set(depth=depth)
    return live


def rows(live):
    """The names in the cells, row by row from the top, left to right."""
    cells = [a for a in live._artists if hasattr(a, "get_text") and a.get_text()]
    heights = sorted({a.get_position()[1] for a in cells}, reverse=True)
    return [
        [
            a.get_text()
            for a in sorted(cells, key=lambda a: a.get_position()[0])
            if a.get_position()[1] == height
        ]
        for height in heights
    ]


LOW = "₀₁₂₃₄₅₆"


@pytest.mark.parametrize("depth", [2, 4, 6])
def test_every_row_is_a_chain_from_the_loss_to_the_weights(depth):
    written = rows(at(depth))
    assert len(written) == depth
    for layer, (name, *factors) in zip(range(depth, 0, -1), written, strict=True):
        assert name == f"∂L/∂θ{LOW[layer]} ="
        ends = [factor.split("/") for factor in factors]
        assert ends[0][0] == "∂L"
        assert ends[-1][1] == f"∂θ{LOW[layer]}"
        links = zip(ends[:-1], ends[1:], strict=True)
        assert all(before[1] == after[0] for before, after in links)


@pytest.mark.parametrize("depth", [2, 4, 6])
def test_the_caption_counts_the_products(depth):
    live = at(depth)
    written = rows(live)
    full = sum(len(factors) - 2 for factors in written)  # n factors, n - 1 products
    # Reused: a new orange factor and the blue one; the first row has its blue alone.
    once = 1 + 2 * (depth - 1)
    assert live.caption == (
        f"{depth} layers, {depth} slopes: {full} products written out, "
        f"{once} with the boxes reused."
    )
