"""The exercises of lesson 06: neurons, layers and the line between yes and no."""

from typing import Any

import numpy as np

from chainrule_lessons.exercises.answers import Answer, Array, Function, Number
from chainrule_lessons.exercises.exercise import Exercise, Slip

__all__ = ["EXERCISES"]

CORNERS = np.array([(0, 0), (0, 1), (1, 0), (1, 1)])


def _sigmoid(z: Any) -> Any:
    return 1 / (1 + np.exp(-z))


class OnAt(Answer):
    """A neuron's two weights and its bias, read as the corners where it is on.

    Examples
    --------
    >>> OnAt([1, 1, -0.5]).read([1, 1, -0.5])
    '(0, 1), (1, 0), (1, 1)'
    """

    def read(self, answer: Any) -> Any:
        """Read where w1 x1 + w2 x2 + b is above 0."""
        values = Array(self.right).read(answer)
        if values is ...:
            return ...
        if values.shape != (3,):
            raise ValueError(
                "Your answer must be three numbers, w1, w2 and b, "
                f"got shape {values.shape}"
            )
        z = CORNERS @ values[:2] + values[2]
        if (abs(z) < 1e-9).any():
            raise ValueError(
                "Your line runs through a corner, where the output is one half"
            )
        return ", ".join(str(tuple(corner)) for corner in CORNERS[z > 0].tolist())

    def doubt(self, reading: str) -> str:
        """Say where the neuron is on."""
        return f"Your neuron is above one half at {reading or 'no pair at all'}."


_PLACES = tuple(
    (np.array(weight), np.array(bias), np.array(x))
    for weight, bias, x in (
        ([[1.0, 2.0], [-1.0, 0.5]], [0.5, -1.0], [[1.0, 0.0], [0.5, -1.0]]),
        ([[0.0, -1.5], [2.0, 1.0]], [1.0, 0.2], [[2.0, 1.0], [0.0, 0.3]]),
        ([[-0.7, 0.4], [0.1, 3.0]], [-0.3, 0.8], [[-1.0, 0.5], [1.0, 1.0]]),
    )
)

_SECOND, _FIRST_BIAS, _SECOND_BIAS = np.array([[2, 1], [3, -1]]), [3, -2], [1, 4]
_FIRST = np.array([[1, 2], [0, 1]])

EXERCISES = (
    Exercise(
        name="06.1",
        question=(
            "A neuron σ(w x + b) has $w = 4$ and $b = -6$. "
            "At which input x is its output one half?"
        ),
        answer=Number(6 / 4),
        slips=(
            Slip(
                -6 / 4,
                "The sign is turned. Put your x into w x + b: what should come out?",
            ),
            Slip(6, "That makes x = -b. The weight has a say as well."),
            Slip(6 * 4, "That multiplies by the weight. Undo the product instead."),
            Slip(4 / 6, "That is the wrong way up: x is the one to be isolated."),
            Slip(0.5, "That is the output. The question asks for the input."),
            Slip(
                (0.5 + 6) / 4,
                "You made the pre-activation one half. The output is one half where "
                "the pre-activation is 0.",
            ),
        ),
        hints=(
            "What must the pre-activation z be, for σ(z) to be one half?",
            "It must be 0. So look for the x at which $w x + b$ vanishes.",
            "Solve $4x - 6 = 0$ for x.",
        ),
        solution="""
            σ(z) is one half at $z = 0$ alone, so $w x + b = 0$. That gives
            $x = -b/w$, the threshold of the neuron.

            ```python
            w, b = 4, -6
            answer = -b / w
            ```
            """,
    ),
    Exercise(
        name="06.2",
        question=(
            "Write a layer of sigmoid neurons as a function of `weight` (out, in), "
            "`bias` (out,) and a batch `x` (N, in). It returns the outputs (N, out)."
        ),
        answer=Function(lambda weight, bias, x: _sigmoid(x @ weight.T + bias), _PLACES),
        slips=(
            Slip(
                lambda weight, bias, x: x @ weight.T + bias,
                "Those are the pre-activations. The sigmoid is still to come.",
            ),
            Slip(
                lambda weight, bias, x: _sigmoid(x @ weight + bias),
                "A row of the weight belongs to one neuron. Your product takes its "
                "columns; it runs here because the test weights are square.",
            ),
            Slip(
                lambda weight, bias, x: _sigmoid(weight @ x + bias),
                "A row of x is a sample and meets a row of the weight. Your product "
                "meets its columns; it runs here because the test batch is square.",
            ),
            Slip(
                lambda weight, bias, x: _sigmoid(x @ weight.T),
                "The bias has no say in your layer.",
            ),
            Slip(
                lambda weight, bias, x: _sigmoid(-(x @ weight.T + bias)),
                "Your S-curve falls: a larger pre-activation gives a smaller output. "
                "Look at the sign in the exponent.",
            ),
            Slip(
                lambda weight, bias, x: np.tanh(x @ weight.T + bias),
                "That is a layer of tanh neurons. The S asked for lies between 0 and 1.",
            ),
            Slip(
                lambda weight, bias, x: _sigmoid(x @ weight.T) + bias,
                "The bias is added after the squashing. It belongs before.",
            ),
        ),
        hints=(
            "Two steps: first all pre-activations at once, then the sigmoid of each.",
            "Each row of `x` meets each row of `weight`. Which product does that?",
            "Name `z = x @ weight.T + bias`; what is left is the sigmoid of `z`.",
        ),
        solution="""
            The transpose turns the rows of the weight into columns, so that row n of
            the batch meets row j of the weight. The bias spreads over all N rows.

            ```python
            import numpy as np

            def answer(weight, bias, x):
                z = x @ weight.T + bias
                return 1 / (1 + np.exp(-z))
            ```
            """,
    ),
    Exercise(
        name="06.3",
        question=(
            "Build an *and*: give `[w1, w2, b]` such that σ(w1·x1 + w2·x2 + b) is "
            "above one half when both inputs are 1, and below one half for the other "
            "three pairs of 0 and 1."
        ),
        answer=OnAt([1, 1, -1.5]),
        slips=(
            Slip(
                [1, 1, -0.5],
                "That is an or: one input alone is enough. Set the threshold higher.",
            ),
            Slip(
                [-1, -1, 1.5],
                "That is the opposite, off only when both inputs are 1. Turn all signs.",
            ),
            Slip([1, 1, -3], "It is never on, not even when both inputs are 1."),
            Slip([1, 1, 1], "It is always on. A negative bias keeps a neuron quiet."),
            Slip([1, 0, -0.5], "It listens to the first input alone."),
            Slip([0, 1, -0.5], "It listens to the second input alone."),
        ),
        hints=(
            "Two equal weights make the sum count how many inputs are 1.",
            "With both weights 1, the sum w1·x1 + w2·x2 is 0, 1 or 2. The bias decides "
            "which of these are enough.",
            "Keep both weights at 1. Put $-b$ between the sum that must not be enough "
            "and the sum that must.",
        ),
        solution="""
            Equal weights count the ones. One is too few and two are enough, so the
            threshold goes halfway between them. Many other answers are as good.

            ```python
            too_few, enough = 1, 2
            answer = [1, 1, -(too_few + enough) / 2]
            ```
            """,
    ),
    Exercise(
        name="06.4",
        question=(
            "Two Linear layers in a row, nothing between them. The first has weight "
            "$[[1, 2], [0, 1]]$ and bias $(3, -2)$, the second has weight "
            "$[[2, 1], [3, -1]]$ and bias $(1, 4)$. "
            "What is the bias of the one layer that replaces both?"
        ),
        answer=Array(_SECOND @ _FIRST_BIAS + _SECOND_BIAS),
        slips=(
            Slip(
                np.add(_FIRST_BIAS, _SECOND_BIAS),
                "The first bias passes through the second layer before they meet.",
            ),
            Slip(
                _SECOND @ _FIRST_BIAS,
                "That is the first bias after the second weight. One term is missing.",
            ),
            Slip(
                _SECOND.T @ _FIRST_BIAS + _SECOND_BIAS,
                "The second weight is transposed there. A row belongs to one output.",
            ),
            Slip(
                _FIRST @ _FIRST_BIAS + _SECOND_BIAS,
                "The first bias is added after the first weight, so it meets the "
                "second weight alone.",
            ),
            Slip(
                _FIRST @ _SECOND_BIAS + _FIRST_BIAS,
                "That is the other order: the second layer first.",
            ),
            Slip(
                _SECOND @ np.add(_FIRST_BIAS, _SECOND_BIAS),
                "The second bias is added last. No weight multiplies it.",
            ),
        ),
        hints=(
            "A layer's bias is what it answers to the input (0, 0). So what do both "
            "layers answer to that?",
            "The first layer answers its own bias. Send that through the second layer.",
            "Compute `second @ first_bias + second_bias`.",
        ),
        solution="""
            Feed in zeros. The first layer answers its bias, and the second turns that
            into its weight times it, plus its own bias.

            ```python
            import numpy as np

            after_first = np.array([[1, 2], [0, 1]]) @ [0, 0] + [3, -2]
            answer = np.array([[2, 1], [3, -1]]) @ after_first + [1, 4]
            ```
            """,
    ),
)
