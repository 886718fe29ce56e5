"""The exercises of lesson 08: slopes carried backward, one entry at a time."""

import numpy as np

from chainrule_lessons.exercises.answers import Choice, Function, Number
from chainrule_lessons.exercises.exercise import Exercise, Slip

__all__ = ["EXERCISES"]

_WEIGHTS_AT = tuple(
    (np.array(by_z1), np.array(x))
    for by_z1, x in (
        ([-0.4, 0.7, 0.8], [0.1, -1.0, -0.7, 0.3]),
        ([1.5, -0.2, 0.6], [2.0, 0.4, -0.9, 1.1]),
        ([0.3, 0.9, -1.2], [-0.6, 1.3, 0.8, -0.2]),
    )
)
_BIASES_AT = tuple(  # square weights, so that a forgotten transpose stays silent
    (np.array(by_z2), np.array(W2), np.array(a1))
    for by_z2, W2, a1 in (
        ([1.5, -0.4], [[-0.2, 0.7], [0.5, 0.9]], [0.4, -0.6]),
        ([0.3, 0.8], [[1.1, -0.3], [0.2, 0.6]], [-0.7, 0.2]),
        ([-0.9, 0.5], [[0.4, 0.8], [-1.2, 0.1]], [0.5, 0.3]),
    )
)

_Z, _BY_Z2, _WEIGHTS = 0.5, np.array([0.4, 0.1]), np.array([2.0, -3.0])
_BEND = 1 - np.tanh(_Z) ** 2

EXERCISES = (
    Exercise(
        name="08.1",
        question=(
            "Fill in the dots of the weight loop: the slope of the loss by the "
            "first weight `W1[j, i]`, from the slopes `by_z1` and the input `x`."
        ),
        answer=Function(lambda by_z1, x: np.outer(by_z1, x), at=_WEIGHTS_AT),
        slips=(
            Slip(
                lambda by_z1, x: np.outer(x, by_z1),
                "The two loops are swapped: rows are units, columns are inputs.",
            ),
            Slip(
                lambda by_z1, x: np.outer(by_z1, np.ones(4)),
                "That is the slope by the bias. A weight's slope carries its input too.",
            ),
            Slip(
                lambda by_z1, x: np.add.outer(by_z1, x),
                "Along a chain, slopes multiply. You added them.",
            ),
            Slip(
                lambda by_z1, x: np.outer(np.ones(3), x),
                "That is the local slope of the pre-activation. What arrives from "
                "the loss is missing.",
            ),
            Slip(
                lambda by_z1, x: np.outer(by_z1, np.tanh(x)),
                "A weight multiplies the input as it is, with no tanh in between.",
            ),
        ),
        hints=(
            "A weight's slope is what arrives at its unit, times something local.",
            "The weight stands in the sum as `W1[j, i] * x[i]`. Its local slope is "
            "what it is multiplied with.",
            "Multiply entry j of the one with entry i of the other.",
        ),
        solution="""
            Weight `W1[j, i]` enters `z1[j]` as a factor of `x[i]`, so that is its
            local slope. What arrives at the unit is `by_z1[j]`.

            ```python
            def answer(by_z1, x):
                return [[by_z1[j] * x[i] for i in range(4)] for j in range(3)]
            ```
            """,
    ),
    Exercise(
        name="08.2",
        question=(
            "Fill in the dots of the bias loop, in a network with two hidden "
            "tanh units and two outputs: the slope by the hidden bias `b1[j]`, from "
            "`by_z2`, `W2` and `a1`."
        ),
        answer=Function(
            lambda by_z2, W2, a1: (W2.T @ by_z2) * (1 - a1**2), at=_BIASES_AT
        ),
        slips=(
            Slip(
                lambda by_z2, W2, a1: W2.T @ by_z2,
                "The roads are added up, and the slope of tanh at the hidden unit is "
                "missing.",
            ),
            Slip(
                lambda by_z2, W2, a1: (W2 @ by_z2) * (1 - a1**2),
                "The indices of the weight are swapped. Here the shapes happen to fit, "
                "so nothing complains.",
            ),
            Slip(
                lambda by_z2, W2, a1: W2[0] * by_z2[0] * (1 - a1**2),
                "That follows a single road. The hidden unit feeds both outputs.",
            ),
            Slip(
                lambda by_z2, W2, a1: W2[1] * by_z2[1] * (1 - a1**2),
                "That is the last road alone, as if = stood where += belongs.",
            ),
            Slip(
                lambda by_z2, W2, a1: np.diag(W2) * by_z2 * (1 - a1**2),
                "There is no sum over the next units yet: each hidden unit feeds both.",
            ),
            Slip(
                lambda by_z2, W2, a1: (W2.T @ by_z2) * (1 - np.tanh(a1) ** 2),
                "You took tanh once more: a1 is tanh of z1 already.",
            ),
            Slip(
                lambda by_z2, W2, a1: (W2.T @ by_z2) * a1,
                "That multiplies by the activation, as a weight does. A bias has the "
                "local slope one, and before it stands the slope of tanh.",
            ),
        ),
        hints=(
            "In how many ways does a hidden bias reach the loss?",
            "Sum over the next units k: what arrives there, times the weight between. "
            "Then comes the slope of tanh at unit j.",
            "Begin with `sum(by_z2[k] * W2[k, j] for k in range(2))`; one factor "
            "is still to come, and it needs a1.",
        ),
        solution="""
            Two roads lead on from hidden unit j, and their shares add up. The slope
            of tanh at the unit then leads from its activation to its bias.

            ```python
            def answer(by_z2, W2, a1):
                by_b1 = []
                for j in range(2):
                    by_a1 = sum(by_z2[k] * W2[k, j] for k in range(2))
                    by_b1.append(by_a1 * (1 - a1[j] ** 2))
                return by_b1
            ```
            """,
    ),
    Exercise(
        name="08.3",
        question=(
            "One of these four lines of a backward pass has two indices swapped. "
            "Which? "
            "First: `by_W2[k, j] = by_z2[k] * a1[j]`. "
            "Second: `by_a1[j] += by_z2[k] * W2[j, k]`. "
            "Third: `by_z1[j] = by_a1[j] * (1 - a1[j] ** 2)`. "
            "Fourth: `by_W1[j, i] = by_z1[j] * x[i]`. "
            'Answer with `"first"`, `"second"`, `"third"` or `"fourth"`.'
        ),
        answer=Choice("second"),
        slips=(
            Slip(
                "first",
                "Unit k of the last layer is the row, hidden unit j the column: that "
                "line is sound.",
            ),
            Slip(
                "third",
                "That line stays at hidden unit j throughout, so nothing can be swapped.",
            ),
            Slip(
                "fourth",
                "Hidden unit j is the row, input i the column, as in the forward pass.",
            ),
        ),
        hints=(
            "Read each index aloud: i counts inputs, j hidden units, k outputs.",
            "A weight has its output first: row for the unit it leads to, column for "
            "where it comes from.",
            "Compare every matrix in the four lines with its shape: `W2` is (2, 3), "
            "with k counting to 2 and j to 3.",
        ),
        solution="""
            `W2` leads from hidden unit j to output k, so its entry is `W2[k, j]`,
            forward and backward. The test is a shape: the indices of each line must
            stay inside its arrays.

            ```python
            sizes = {"k": 2, "j": 3, "i": 4}
            read = {"first": "kj", "second": "jk", "fourth": "ji"}
            shapes = {"first": (2, 3), "second": (2, 3), "fourth": (3, 4)}
            answer = next(
                line
                for line, indices in read.items()
                if tuple(sizes[index] for index in indices) != shapes[line]
            )
            ```
            """,
    ),
    Exercise(
        name="08.4",
        question=(
            "A hidden tanh unit has the pre-activation $z = 0.5$. It feeds two units of "
            "the next layer with the weights $2$ and $-3$, and the slopes of the loss "
            "by their biases are $0.4$ and $0.1$. What is the slope of the loss by the "
            "hidden unit's own bias?"
        ),
        answer=Number(_WEIGHTS @ _BY_Z2 * _BEND, rtol=1e-4),
        slips=(
            Slip(
                _WEIGHTS @ _BY_Z2,
                "The roads are added up well. Now pass the tanh of the hidden unit.",
            ),
            Slip(
                _WEIGHTS @ _BY_Z2 * (1 - np.tanh(np.tanh(_Z)) ** 2),
                "You took tanh twice. Its slope belongs at the pre-activation.",
            ),
            Slip(
                _WEIGHTS @ _BY_Z2 * (1 - _Z**2),
                "One minus the square wants the activation, tanh of z, and not z.",
            ),
            Slip(
                _WEIGHTS[0] * _BY_Z2[0] * _BEND,
                "That is the upper road alone. The unit feeds two.",
            ),
            Slip(
                _WEIGHTS[1] * _BY_Z2[1] * _BEND,
                "That is the lower road alone. The unit feeds two.",
            ),
            Slip(
                abs(_WEIGHTS) @ _BY_Z2 * _BEND,
                "A negative weight turns the blame around: mind its sign.",
            ),
            Slip(
                _WEIGHTS @ _BY_Z2 * np.tanh(_Z),
                "That multiplies by the activation. Its slope is wanted.",
            ),
        ),
        hints=(
            "How many roads lead from this unit to the loss?",
            "Add up weight times bias slope over the next units; then multiply by the "
            "slope of tanh at z.",
            "Compute `(2 * 0.4 - 3 * 0.1) * (1 - np.tanh(0.5) ** 2)`.",
        ),
        solution="""
            Two roads add up, and the slope of tanh leads on to the bias. Measured
            instead of reasoned: move z a little and see what reaches both units.

            ```python
            from math import tanh

            def blame(z):
                a = tanh(z)
                return 0.4 * (2 * a) + 0.1 * (-3 * a)

            step = 1e-5
            answer = (blame(0.5 + step) - blame(0.5 - step)) / (2 * step)
            ```
            """,
    ),
)
