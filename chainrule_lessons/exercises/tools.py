"""The exercises of the refresher: the tools that the lessons take from school."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from chainrule_lessons.exercises.answers import Array, Function, Number
from chainrule_lessons.exercises.exercise import Exercise, Slip

__all__ = ["EXERCISES"]

Table = NDArray[np.floating]

M = np.array([[1, 2], [0, 3], [4, -1]])
V = np.array([2, -1])
BATCHES = (
    np.array([[1.0, 10.0], [2.0, 30.0], [6.0, 50.0]]),
    np.array([[0.5, -2.0, 7.0], [1.5, 4.0, 1.0]]),
    np.array([[3.0], [5.0], [10.0], [-4.0]]),
)


def _centred(x: Table) -> Table:
    return x - x.mean(axis=0)


EXERCISES = (
    Exercise(
        name="A.1",
        question=r"For which $x$ is $e^{2x} = 5$? A Python expression will do.",
        answer=Number(np.log(5) / 2),
        slips=(
            Slip(np.log(5), "That solves for 2x. One division is still to do."),
            Slip(
                np.log(5 / 2),
                "The 2 stands in the power, so it cannot be divided out of the 5. "
                "Take the log first.",
            ),
            Slip(
                np.log10(5) / 2,
                "That is the logarithm to base 10. The base here is e: np.log.",
            ),
            Slip(np.exp(5) / 2, "That applies exp once more. Undo it instead."),
            Slip(2 * np.log(5), "Undo the doubling by its opposite."),
            Slip(np.log(5) - 2, "The 2 is a factor of x, so it goes by division."),
        ),
        hints=(
            "Two things were done to x: it was doubled, then exp was taken. Undo both.",
            "Undo the last one first: log on both sides leaves 2x on the left.",
            "Now $2x = \\log 5$. Type `np.log(5)` and undo the doubling.",
        ),
        solution=r"""
            The last step on the left is exp, and log undoes it. That leaves
            $2x = \log 5$; halve both sides. Put the answer back in to be sure:

            ```python
            from math import exp, log

            answer = log(5) / 2
            assert abs(exp(2 * answer) - 5) < 1e-12
            ```
            """,
    ),
    Exercise(
        name="A.2",
        question=(
            r"Multiply by hand: $M v$ with the rows $(1, 2)$, $(0, 3)$, $(4, -1)$ of "
            r"$M$, and $v = (2, -1)$."
        ),
        answer=Array(M @ V),
        slips=(
            Slip(
                M * V,
                "These are the products. Each row of them still has to be added up.",
            ),
            Slip(M @ [-1, 2], "The entries of v have changed places."),
            Slip(M @ [2, 1], "A minus sign of v was lost on the way."),
            Slip(
                M.sum(axis=1), "That adds up each row without v. Weigh it by v first."
            ),
            Slip(
                (M @ V)[:, None],
                "The numbers are right, in a column of shape (3, 1). "
                "A matrix times a vector is a vector: one pair of brackets.",
            ),
        ),
        hints=(
            "Each row of M gives one number: its dot product with v.",
            "There are three rows, so your answer is a list of three numbers.",
            (
                "The last entry is `4 * 2 + (-1) * (-1)`. "
                "The other two are made in the same way."
            ),
        ),
        solution="""
            One dot product for each row:

            ```python
            rows, v = [(1, 2), (0, 3), (4, -1)], (2, -1)
            answer = [row[0] * v[0] + row[1] * v[1] for row in rows]
            ```

            In shapes: (3, 2) times (2,) is (3,). The two 2s meet and are summed away.
            """,
    ),
    Exercise(
        name="A.3",
        question=(
            "The batch `X` has the shape (32, 4), the matrix `W` the shape (3, 4) and "
            "`b` the shape (3,). What is the shape of `X @ W.T + b`?"
        ),
        answer=Array([32, 3]),
        slips=(
            Slip(
                [32, 4], "That is the shape of X. Its 4 meets a 4 and is summed away."
            ),
            Slip([3, 32], "The right numbers, but the samples stay where X has them."),
            Slip([4, 3], "That is the shape of W.T alone."),
            Slip([3, 4], "That is the shape of W alone."),
            Slip([3], "That is the shape of b. It is added to every row of a table."),
            Slip([32, 4, 3], "The two inner numbers meet: both of them vanish."),
        ),
        hints=(
            "Write the shapes side by side, the transposed one turned over.",
            "(32, 4) meets (4, 3). Strike out the two numbers that meet.",
            "What is left has a row for each sample; adding b changes no shape.",
        ),
        solution="""
            W.T has the shape (4, 3). In (32, 4) @ (4, 3) the two 4s meet and go. Adding
            b, of shape (3,), repeats it for each row:

            ```python
            import numpy as np

            X, W, b = np.zeros((32, 4)), np.zeros((3, 4)), np.zeros(3)
            answer = (X @ W.T + b).shape
            ```

            This is a layer of a network working on 32 samples at once.
            """,
    ),
    Exercise(
        name="A.4",
        question=(
            "Write a function of a batch `X`, samples down and features across, that "
            "subtracts from each feature its mean over all samples."
        ),
        answer=Function(_centred, at=BATCHES),
        slips=(
            Slip(
                lambda x: x - x.mean(),
                "That is one mean for the whole table. Each feature has its own.",
            ),
            Slip(
                lambda x: x - x.mean(axis=1, keepdims=True),
                "That is the mean of each sample. It is the other axis that goes.",
            ),
            Slip(
                lambda x: x.mean(axis=0),
                "Those are the means. Subtract them from the table.",
            ),
            Slip(
                lambda x: x.mean(axis=0) - x,
                "The difference is turned round: table first, mean second.",
            ),
            Slip(
                lambda x: x - x.sum(axis=0),
                "That subtracts sums. A mean is divided by the number of samples.",
            ),
        ),
        hints=(
            "Which axis runs over the samples? That is the one to average away.",
            "The means have one entry a feature: for (N, 3) their shape is (3,).",
            "`X.mean(axis=0)` is such a row; minus repeats it for every sample.",
        ),
        solution="""
            The samples run down, along axis 0. Averaging along it leaves one mean a
            feature, and broadcasting subtracts this row from every row of the table:

            ```python
            def answer(X):
                return X - X.mean(axis=0)
            ```
            """,
    ),
)
