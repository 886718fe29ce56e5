"""The exercises of lesson 05: fill a Jacobian."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from chainrule_lessons.exercises.answers import Array, Function, Number
from chainrule_lessons.exercises.exercise import Exercise, Slip

__all__ = ["EXERCISES"]

Matrix = NDArray[np.floating]
ONE, TWO, THREE = 2, 3, 4  # the point (x₁, x₂, x₃) of the first exercise
ROW = [TWO * THREE, ONE * THREE, ONE * TWO]
PLACES = (
    np.array([1.0, 2.0]),
    np.array([1.0, 3.0, 4.0]),
    np.array([2.0, 0.5, -1.0, 4.0]),
)
RNG = np.random.default_rng(5)
BATCHES = tuple(
    (RNG.normal(size=(n, inputs)), RNG.normal(size=(n, outputs)))
    for n, inputs, outputs in ((4, 3, 2), (5, 2, 2), (2, 1, 3))
)


def _shares_slopes(x: Matrix) -> Matrix:
    """Give the Jacobian of x / sum(x), of shape (n, n) for n entries."""
    return np.eye(x.size) / x.sum() - np.outer(x, np.ones(x.size)) / x.sum() ** 2


def _softmax_slopes(p: Matrix) -> Matrix:
    return np.diag(p) - np.outer(p, p)


EXERCISES = (
    Exercise(
        name="05.1",
        question=(
            "Fill the Jacobian of $y_1 = x_1 x_2 x_3$ and $y_2 = x_1 + x_3^2$ "
            "at $x = (2, 3, 4)$, a list for each row."
        ),
        answer=Array([ROW, [1, 0, 2 * THREE]], rtol=1e-4, atol=1e-6),
        slips=(
            Slip(
                np.transpose([ROW, [1, 0, 2 * THREE]]),
                "The numbers are right and the table lies on its side: "
                "rows are outputs, columns inputs.",
            ),
            Slip(
                [ROW, [1, 1, 2 * THREE]],
                "The second output does not listen to x₂ at all. "
                "What is the slope along an input that is not there?",
            ),
            Slip(
                [ROW, [1, 0, THREE**2]],
                "In the last cell stands the value of x₃². Its slope belongs there.",
            ),
            Slip(
                [ROW, [1, 0, THREE]],
                "In the last cell the power came down, but it also becomes a factor.",
            ),
            Slip(
                [ROW, [ONE, 0, 2 * THREE]],
                "x₁ alone has the same slope everywhere: not x₁ itself.",
            ),
            Slip(
                np.add(ROW, [1, 0, 2 * THREE]),
                "You added the two rows up. Each output keeps a row of its own.",
            ),
            Slip(
                [ONE * TWO * THREE, ONE + THREE**2],
                "Those are the two outputs. The table holds their slopes.",
            ),
        ),
        hints=(
            "How many outputs, how many inputs? Draw the empty table first.",
            "For one cell, let only its column's input move, and look at its row's output.",
            (
                r"The first row is $(x_2 x_3,\; x_1 x_3,\; x_1 x_2)$. "
                "In the second, one input is missing: its cell holds nothing."
            ),
        ),
        solution=r"""
            One cell at a time, with the other inputs held constant:

            $$J = \begin{pmatrix} x_2 x_3 & x_1 x_3 & x_1 x_2 \\ 1 & 0 & 2x_3 \end{pmatrix}$$

            Or let the computer nudge the inputs, one after the other:

            ```python
            import numpy as np
            from chainrule_lessons import jacobian


            def y(x):
                return np.array([x[0] * x[1] * x[2], x[0] + x[2] ** 2])


            answer = jacobian(y, [2.0, 3.0, 4.0])
            ```

            Two outputs and three inputs make two rows of three.
            """,
    ),
    Exercise(
        name="05.2",
        question=(
            "Three Jacobians of shapes (1, 40), (40, 30) and (30, 20) are multiplied, "
            "in this order from left to right. "
            "How many multiplications does the cheaper bracketing take?"
        ),
        answer=Number(1 * 40 * 30 + 1 * 30 * 20),
        slips=(
            Slip(
                40 * 30 * 20 + 1 * 40 * 20,
                "That is the dearer bracketing: it builds a full table in between. "
                "Begin at the end that is one row thin.",
            ),
            Slip(
                1 * 40 * 30,
                "That is the first product alone. A second one follows.",
            ),
            Slip(
                1 * 40 * 30 * 20,
                "That multiplies all widths at once. Two products are made one after "
                "the other, so their costs add.",
            ),
            Slip(
                1 * 40 + 40 * 30 + 30 * 20,
                "That counts the cells of all three tables. "
                "The first is where you start: nothing is multiplied into it.",
            ),
            Slip(1 * 20, "That is how many slopes come out in the end."),
        ),
        hints=(
            "Which bracketing keeps the thing in the middle small?",
            (
                "A product of shapes (a, b) and (b, c) has a·c cells, "
                "and each takes b multiplications."
            ),
            (
                "From the left: `1 * 40 * 30` for the first product, whose shape is "
                "(1, 30). Add what that times (30, 20) costs."
            ),
        ),
        solution=r"""
            From the left the thing carried along is always a single row, so every
            cell of the next table is used once: 40·30 cells, then 30·20 cells.

            ```python
            from math import prod

            tables = [(40, 30), (30, 20)]
            answer = sum(prod(shape) for shape in tables)
            ```

            From the right, the product of the two tables alone takes 40·30·20.
            """,
    ),
    Exercise(
        name="05.3",
        question=(
            "Shares: $y = x / (x_1 + \\dots + x_n)$. "
            "Write its Jacobian as a function of the array x."
        ),
        answer=Function(_shares_slopes, at=PLACES, rtol=1e-4, atol=1e-6),
        slips=(
            Slip(
                lambda x: np.eye(x.size) / x.sum(),
                "That treats the sum as a constant. It moves with every input.",
            ),
            Slip(
                lambda x: _shares_slopes(x).T,
                "It lies on its side: the row says which output, "
                "the column which input.",
            ),
            Slip(
                lambda x: np.diag(np.diag(_shares_slopes(x))),
                "The diagonal is right. But a larger x₁ also takes from the other "
                "shares: their cells are not empty.",
            ),
            Slip(
                lambda x: np.diag(_shares_slopes(x)),
                "That is the diagonal alone. A table with a cell for every pair "
                "is asked for.",
            ),
            Slip(
                lambda x: _softmax_slopes(x / x.sum()),
                "That is the Jacobian of softmax. There is no exponential here.",
            ),
            Slip(
                lambda x: 2 * np.eye(x.size) / x.sum() - _shares_slopes(x),
                "A sign is turned: does a share grow or shrink as the sum grows?",
            ),
        ),
        hints=(
            "Which outputs move when one input moves? All of them share the sum.",
            (
                "With s for the sum, $y_i = x_i / s$. Input j always moves s, "
                "and it moves $x_i$ only where i = j. Add the two roads."
            ),
            (
                "On the diagonal stands $1/s$ and everywhere $-x_i/s^2$, "
                "the same along a row. `np.eye(n)` and `np.outer` build both."
            ),
        ),
        solution=r"""
            Input j reaches output i along two roads: through $x_i$ itself, where
            i = j, and through the sum s, always:

            $$\frac{\partial y_i}{\partial x_j} = \frac{[i = j]}{s} - \frac{x_i}{s^2}$$

            ```python
            import numpy as np


            def answer(x):
                s, y = x.sum(), x / x.sum()
                return (np.eye(x.size) - y[:, np.newaxis]) / s
            ```

            Every column sums to zero: what one share gains, the others lose.
            """,
    ),
    Exercise(
        name="05.4",
        question=(
            "A layer stores its weight V the other way round, with shape (in, out), "
            "and computes y = x V for a batch x of shape (N, in). Write the slopes of "
            "the loss by V as a function of x and grad_output, of shape (N, out)."
        ),
        answer=Function(lambda x, grad_output: x.T @ grad_output, at=BATCHES),
        slips=(
            Slip(
                lambda x, grad_output: grad_output.T @ x,
                "That has the shape (out, in) and suits a weight stored in rows of "
                "inputs. The slopes by V are shaped as V is.",
            ),
            Slip(
                lambda x, grad_output: x.T @ grad_output / len(x),
                "The samples' slopes add up. If the loss is a mean, its division by N "
                "is in grad_output already.",
            ),
            Slip(
                lambda x, grad_output: np.outer(x.sum(axis=0), grad_output.sum(axis=0)),
                "That sums over samples before it multiplies, and so mixes the input "
                "of one sample with the slope of another.",
            ),
            Slip(
                lambda x, grad_output: x[:, :, np.newaxis] * grad_output[:, np.newaxis],
                "Those are the slopes of each sample apart. Add them up.",
            ),
        ),
        hints=(
            "What shape must the answer have? Which of the three sizes disappears?",
            (
                "V's entry (j, i) meets input j and output i, in every sample. "
                "So the sum runs over samples: N must be the inner size."
            ),
            "Lay x on its side, so that its samples run along its rows.",
        ),
        solution=r"""
            The slope by one entry is a sum over samples, input times slope:

            $$\frac{\partial L}{\partial V_{ji}} = \sum_n x_{nj}\, g_{ni}$$

            ```python
            import numpy as np


            def answer(x, grad_output):
                return np.einsum("nj,ni->ji", x, grad_output)
            ```

            Shapes agree: (in, N) times (N, out) is (in, out), so it is
            `x.T @ grad_output`.
            """,
    ),
)
