"""The exercises of lesson 10: what slopes cost, and the tape."""

import math

from chainrule_lessons.exercises.answers import Function, Number
from chainrule_lessons.exercises.exercise import Exercise, Slip

__all__ = ["EXERCISES"]

# Two numbers with their slopes: u, du, v, dv.
PAIRS = ((2.0, 1.0, 5.0, 0.5), (3.0, -0.5, -1.5, 2.0), (0.7, 0.3, 1.1, 0.4))

EXERCISES = (
    Exercise(
        name="10.1",
        question=(
            "A network has 4 layers of width 5 and no biases. It gets one sample. How "
            "many multiplications do all its slopes cost by differences?"
        ),
        answer=Number(2 * (4 * 5 * 5) * (4 * 5 * 5)),
        slips=(
            Slip(2 * 100, "Those are the losses. Each of them multiplies as well."),
            Slip(
                100 * 100, "That is one loss for each weight. A difference needs more."
            ),
            Slip(
                101 * 100,
                "That is one step for each weight, and a loss to start from. Here each "
                "weight is turned both ways.",
            ),
            Slip(3 * 100 * 100, "That is forward mode."),
            Slip(3 * 100, "That is backward."),
            Slip(
                2 * (4 * 5) ** 2,
                "Count the weights again: a layer holds one for each pair of units.",
            ),
            Slip(
                2 * (4 * 5) * 100,
                "You took a unit for a weight. Each layer holds one for each pair.",
            ),
        ),
        hints=(
            "How many weights are there? How many multiplications is one loss?",
            "A loss multiplies once for each weight. The differences need two losses "
            "for each weight.",
            "There are $4 \\cdot 5 \\cdot 5 = 100$ weights. Take 2 losses for each, of "
            "as many multiplications.",
        ),
        solution="""
            Each weight is multiplied once in each loss, and is turned up and down
            once. Counted by loops:

            ```python
            weights = [(k, j, i) for k in range(4) for j in range(5) for i in range(5)]
            answer = 0
            for turned in weights:
                for way in ("up", "down"):
                    answer += len(weights)
            ```
            """,
    ),
    Exercise(
        name="10.2",
        question=(
            "Somebody writes `=` for `+=` in `backward`. What does `x.grad` hold after "
            "`y = x * exp(x)` at `x = 2`?"
        ),
        answer=Number(2 * math.exp(2), rtol=1e-4),
        slips=(
            Slip(
                3 * math.exp(2),
                "That is the true slope. Here one of the two roads is lost.",
            ),
            Slip(
                math.exp(2),
                "That share arrives first. What arrives later overwrites it.",
            ),
            Slip(2, "That is what arrives at exp(x), one step before x."),
            Slip(2 + math.exp(2), "exp(x) has a local slope as well, and += is gone."),
            Slip(0, "Something does arrive at x, more than once."),
        ),
        hints=(
            "Two shares arrive at x, and the tape is read from its end. Which share "
            "arrives last?",
            "The product is read first. It writes a share into x and one into exp(x). "
            "Then exp(x) is read, and writes its own share into x.",
            "The last to write is exp(x): what it received, $x$, times its local "
            "slope, $e^x$.",
        ),
        solution="""
            The product was written last, so it is read first: it leaves exp(2) at x
            and 2 at exp(x). Then exp(x) overwrites what is in x.

            ```python
            from math import exp

            by_y = 1.0
            by_x, by_e = by_y * exp(2), by_y * 2  # the product is read
            by_x = by_e * exp(2)  # then exp(x), with = for +=
            answer = by_x
            ```
            """,
    ),
    Exercise(
        name="10.3",
        question=(
            "In forward mode a number travels with its slope. Write the rule for the "
            "quotient $u / v$: from `u`, its slope `du`, `v` and its slope `dv`, return "
            "the value and the slope."
        ),
        answer=Function(lambda u, du, v, dv: (u / v, (du - u / v * dv) / v), at=PAIRS),
        slips=(
            Slip(
                lambda u, du, v, dv: (u / v, du / dv),
                "The slope of a quotient is not the quotient of the slopes.",
            ),
            Slip(
                lambda u, du, v, dv: (u / v, (du + u / v * dv) / v),
                "If v grows, the quotient shrinks: mind a sign.",
            ),
            Slip(
                lambda u, du, v, dv: (u / v, du / v),
                "That lets v stand still. It brings a share as well.",
            ),
            Slip(
                lambda u, du, v, dv: (u / v, (du * v - u * dv) / v),
                "Nearly: the slope of 1/v has a square below.",
            ),
            Slip(
                lambda u, du, v, dv: (u / v, (u * dv - du * v) / v**2),
                "Which of the two roads brings the minus?",
            ),
            Slip(
                lambda u, du, v, dv: (du - u / v * dv) / v,
                "That is the slope alone. The value travels in front of it.",
            ),
            Slip(
                lambda u, du, v, dv: ((du - u / v * dv) / v, u / v),
                "Both are there. Which one goes first?",
            ),
            Slip(
                lambda u, du, v, dv: (u * v, du * v + u * dv),
                "That is the product's rule.",
            ),
            Slip(
                lambda u, du, v, dv: (u / v, 1 / v - u / v**2),
                "Those are the local slopes. Each is multiplied by the slope coming in.",
            ),
        ),
        hints=(
            "Two roads lead into the quotient, one from u and one from v.",
            "The local slope of $u/v$ by u is $1/v$, and by v it is $-u/v^2$. Each is "
            "multiplied by the slope that comes in along its road.",
            "Add $\\frac1v \\cdot \\dot u$ and $-\\frac{u}{v^2} \\cdot \\dot v$, and return "
            "it behind the value.",
        ),
        solution="""
            Two roads, each a local slope times the slope that comes in:

            ```python
            def answer(u, du, v, dv):
                value = u / v
                slope = 1 / v * du + (-u / v**2) * dv
                return value, slope
            ```
            """,
    ),
    Exercise(
        name="10.4",
        question=(
            "Each layer of a chain hands on 0.8 of the slope it gets. After how many "
            "layers is less than a thousandth of it left, for the first time?"
        ),
        answer=Number(31),
        slips=(
            Slip(30, "Nearly: after so many, a little more than a thousandth is left."),
            Slip(32, "One layer earlier, less than a thousandth is left already."),
            Slip(5, "The layers do not each take 0.2 of the whole: they multiply."),
            Slip(
                math.log(1e-3) / math.log(0.8),
                "Layers come whole. Which whole number do you need?",
            ),
            Slip(10, "That is for layers that hand on one half."),
        ),
        hints=(
            "After one layer 0.8 is left, after two 0.64.",
            "After k layers $0.8^k$ is left. A logarithm finds k, or a loop.",
            "Take $\\log 0.001 / \\log 0.8$, and round to the right side.",
        ),
        solution="""
            The factors multiply, so walk until little enough is left:

            ```python
            left, answer = 1.0, 0
            while left >= 0.001:
                left, answer = 0.8 * left, answer + 1
            ```
            """,
    ),
)
