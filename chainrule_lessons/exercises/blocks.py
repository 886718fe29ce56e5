"""The exercises of lesson 09: blocks that pass slopes back."""

from collections.abc import Callable
from typing import Any

import numpy as np

from chainrule_lessons.exercises.answers import Answer, Number
from chainrule_lessons.exercises.exercise import Exercise, Slip
from chainrule_lessons.exercises.reading import call
from chainrule_lessons.layers import Module, Parameter
from chainrule_lessons.validation import describe

__all__ = ["EXERCISES"]

PLACE, GRAD_OUTPUT = np.array([0.5, -1.5, 2.0]), np.array([1.0, -2.0, 0.5])


class Block(Answer):
    """The class of a block with one weight, read as what its blocks do.

    Examples
    --------
    >>> from chainrule_lessons.layers import Scale
    >>> Block(Scale).read(Scale)[:3]
    array([ 1.5, -4.5,  6. ])
    """

    def read(self, answer: Any) -> Any:
        """Read the outputs and the slopes of a block, twice back without a reset."""
        if not (isinstance(answer, type) and issubclass(answer, Module)):
            raise TypeError(
                "Your answer must be the class of a Module, handed in without calling "
                f"it, got {describe(answer)}"
            )
        try:
            return call(lambda x: _there_and_back(answer(3.0), x), PLACE)
        except (TypeError, ValueError) as error:
            words = str(error).replace("your function", "your block")
            raise type(error)(words) from None

    def same(self, one: Any, other: Any) -> bool:
        """Compare all numbers."""
        return one.shape == other.shape and np.allclose(one, other)

    def doubt(self, reading: Any) -> str:
        """Point to the habit of the lesson."""
        return "Ask gradcheck: it names the slope that is off."


def _there_and_back(block: Module, x: Any) -> Any:
    """List what a block says of `x`, and its weight's slope after one and two rounds."""
    output = block.forward(x.copy())
    back = ... if output is ... else block.backward(GRAD_OUTPUT.copy())
    if back is ...:
        return ...
    for name, value in (("forward", output), ("backward", back)):
        if value is None:
            raise TypeError(f"{name} returned None; perhaps a `return` is missing")
    once = float(block.weight.grad)
    block.forward(x.copy())
    block.backward(GRAD_OUTPUT.copy())
    parts = np.ravel(output), np.ravel(back), [once, float(block.weight.grad)]
    return np.concatenate(parts)


def _parabola(
    through: Callable[..., Any] = lambda g, w, x: g * w * 2 * x,
    stays: Callable[..., Any] = lambda g, x: np.sum(g * x**2),
    adds: float = 1.0,
) -> type[Module]:
    """Make the block y = w x² with these slopes; it keeps `adds` of its old ones."""

    class Parabola(Module):
        def __init__(self, weight: float) -> None:
            self.weight = Parameter(weight, "weight")

        def forward(self, x: Any) -> Any:
            self.x = x
            return self.weight.data * x**2

        def backward(self, grad_output: Any) -> Any:
            self.weight.grad = adds * self.weight.grad + stays(grad_output, self.x)
            return through(grad_output, self.weight.data, self.x)

    return Parabola


EXERCISES = (
    Exercise(
        name="09.1",
        question=(
            "In the worked chain, set the bias to $-17$ and the target to $4$. What is "
            "the slope of the loss by the second weight of the Linear block, the one "
            "that meets the input $3$?"
        ),
        answer=Number(2 * (10 - 4) * 20 * 0.25 * 3),
        slips=(
            Slip(
                2 * (10 - 4) * 20 * 0.25,
                "That is the slope by the bias. This weight is multiplied by an input.",
            ),
            Slip(2 * (10 - 4) * 20 * 0.25 * 2, "That is the first weight's slope."),
            Slip(
                2 * (10 - 4) * 20 * 3,
                "The sigmoid let everything through. Its slope belongs in the product.",
            ),
            Slip((10 - 4) * 20 * 0.25 * 3, "The square's factor 2 is missing."),
            Slip(
                2 * (10 - 4) * 0.25 * 3,
                "The Scale is missing: it passes a slope on times its own weight.",
            ),
            Slip(
                -2 * (10 - 4) * 20 * 0.25 * 3,
                "The sign is turned: the answer is above the target, so a larger "
                "weight makes it worse.",
            ),
        ),
        hints=(
            "Go forward first, with all digits. The bias was chosen to make it short.",
            "The linear output is 0, where a sigmoid is one half and has the slope ¼. "
            "Then go back: the square, the Scale, the Sigmoid, the weight's own input.",
            "The factors are $2(10 - 4)$, then $20$, then $\\frac14$, then $3$.",
        ),
        solution="""
            Forward, the chain gives z = 0, then one half, then 10. Backward, each
            block multiplies by its own slope, and the weight's slope takes its input.

            ```python
            from chainrule_lessons import Linear, MSELoss, Scale, Sequential, Sigmoid

            linear = Linear(2, 1, weight=[1, 5], bias=-17)
            chain, loss = Sequential(linear, Sigmoid(), Scale(20)), MSELoss("sum")
            loss(chain([2, 3]), 4)
            chain.backward(loss.backward())
            answer = linear.weight.grad[0, 1]
            ```
            """,
    ),
    Exercise(
        name="09.2",
        question=(
            "A *skip connection* adds a block's input to its output: $y = x + g(x)$. "
            "Three of them follow each other, and every $g$ has the slope $0.2$ where "
            "it stands. What is the slope of the whole?"
        ),
        answer=Number((1 + 0.2) ** 3),
        slips=(
            Slip(0.2**3, "That goes through the blocks alone. The skips add a road."),
            Slip(
                1 + 0.2**3,
                "That is one long skip around all three. Each block has its own.",
            ),
            Slip(3 * (1 + 0.2), "Blocks in series multiply their slopes."),
            Slip(1 + 3 * 0.2, "Close in spirit, but blocks in series multiply."),
            Slip(1 + 0.2, "That is one of the three."),
        ),
        hints=(
            "First find the slope of one of them: two branches in parallel, added.",
            "The branch $x$ has the slope 1 and $g$ has $0.2$. Branches that are added "
            "add their slopes; blocks in series multiply theirs.",
            "Three equal factors, each of them $1 + 0.2$.",
        ),
        solution="""
            In parallel slopes add, in series they multiply. So a deep network with
            skips does not starve: without them the slope would be 0.2 cubed.

            ```python
            from chainrule_lessons import Parallel, Scale, Sequential

            def skip():
                return Parallel(Sequential(), Scale(0.2), combine="add")

            answer = Sequential(skip(), skip(), skip()).jacobian([1.0])
            ```
            """,
    ),
    Exercise(
        name="09.3",
        question=(
            "A network has twenty layers. Backward, one after the other, how many "
            "products does it take to find the slopes of all twenty $\\theta_j$, when "
            "everything that the boxes frame is reused?"
        ),
        answer=Number(2 * 20 - 1),
        slips=(
            Slip(20 * 21 / 2, "That is without the boxes, every row written out."),
            Slip(2 * 20, "Nearly: the first row has nothing to pass on yet."),
            Slip(20, "Those are the blue ones. Passing a slope on costs one as well."),
            Slip(20 - 1, "Those are the orange ones. The blue ones come on top."),
            Slip(
                20**2, "No row needs that many, for most of it stands in the row above."
            ),
        ),
        hints=(
            "Count for two layers in the figure, then for three. What does one more "
            "layer cost?",
            "Each row but the first has one new orange factor. Each row has one blue.",
            "Add $20$ blue products and one orange product for each row but the first.",
        ),
        solution="""
            A new row costs one product to pass the slope on and one to keep a share.
            The first row starts from the loss and costs its blue product alone.

            ```python
            answer = sum(1 if row == 0 else 2 for row in range(20))
            ```
            """,
    ),
    Exercise(
        name="09.4",
        question=(
            "Write a block with one `Parameter` called `weight` that computes "
            "$y = w x^2$ for each entry $x$ of its input. Hand in the class."
        ),
        answer=Block(_parabola()),
        slips=(
            Slip(
                _parabola(adds=0.0),
                "Your backward overwrites weight.grad. Add to it, for a second "
                "backward must not forget the first.",
            ),
            Slip(
                _parabola(through=lambda g, w, x: w * 2 * x),
                "What you return is your own slope. The slope that came in is missing.",
            ),
            Slip(
                _parabola(stays=lambda g, x: np.sum(x**2)),
                "The weight's slope forgets the slope that came in.",
            ),
            Slip(
                _parabola(through=lambda g, w, x: g * w * x),
                "A square has the slope 2x. A factor is missing on the way through.",
            ),
            Slip(
                _parabola(through=lambda g, w, x: g * 2 * x),
                "The weight is missing on the way through.",
            ),
            Slip(
                _parabola(stays=lambda g, x: 0.0),
                "Nothing stays: add the weight's slope to weight.grad.",
            ),
            Slip(
                _parabola(stays=lambda g, x: np.sum(g * 2 * x)),
                "For the weight's slope, hold x still: how does w x² grow with w?",
            ),
            Slip(
                _parabola(stays=lambda g, x: np.mean(g * x**2)),
                "Each entry of x adds its share to the weight's slope: sum, not mean.",
            ),
        ),
        hints=(
            "Start from Wave. What must forward keep for backward?",
            "Two slopes: of w x² by x, and of w x² by w. The slope that comes in "
            "multiplies both; the second is summed over all entries and added up.",
            "By x it is $2 w x$, and by w it is $x^2$.",
        ),
        solution="""
            Forward keeps x. Backward adds to the weight's slope what stays, and
            returns what passes through.

            ```python
            import numpy as np
            from chainrule_lessons import Module, Parameter

            class answer(Module):
                def __init__(self, weight):
                    self.weight = Parameter(weight, "weight")

                def forward(self, x):
                    self.x = x
                    return self.weight.data * x**2

                def backward(self, grad_output):
                    self.weight.grad += np.sum(grad_output * self.x**2)
                    return grad_output * 2 * self.weight.data * self.x
            ```
            """,
    ),
)
