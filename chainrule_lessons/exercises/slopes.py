"""The exercises of lesson 01: measure a slope."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from chainrule_lessons.exercises.answers import Answer, Band, Function, Number
from chainrule_lessons.exercises.exercise import Exercise, Slip
from chainrule_lessons.numeric import DerivativeError, derivative

__all__ = ["EXERCISES"]

EPS_32 = float(np.finfo(np.float32).eps)
EPS_64 = float(np.finfo(np.float64).eps)
Map = Callable[[float], float]


def _cube(x: float) -> float:
    return x**3


def _one_over(x: float) -> float:
    return 1 / x


def _change(f: Map, delta: float) -> Map:
    """Give the numerator of a difference quotient, as a function of x."""
    return lambda x: f(x + delta) - f(x)


def _undivided(f: Map, at: float | None = None) -> tuple[Slip, ...]:
    """Give the slip of a missing division, for every Δ that a reader may choose."""
    words = "That is the change of f alone. Divide it by the step that caused it."
    changes = [_change(f, 10.0**-n) for n in range(1, 8)]
    return tuple(Slip(df if at is None else df(at), words) for df in changes)


@dataclass(frozen=True)
class AtOne(Answer):
    """What a function does at 1: ``"smooth"``, ``"corner"``, ``"jump"`` and so on.

    Examples
    --------
    >>> AtOne(abs).read(abs), AtOne(abs).read(lambda x: abs(x - 1))
    ('smooth', 'corner')
    """

    def read(self, answer: Any) -> Any:
        """Read it off what `derivative` says, once f(1) is known to be a number."""
        if Function(answer, at=(1.0,)).read(answer) is ...:
            return ...
        try:
            derivative(answer, 1.0)
        except DerivativeError as error:
            corners = ("kink", "vertical tangent")
            return "corner" if error.kind in corners else error.kind
        return "smooth"

    def doubt(self, reading: str) -> str:
        """Ask for a plainer function."""
        return "Its values near 1 do not settle what it does there. Try a plainer one."


EXERCISES = (
    Exercise(
        name="01.1",
        question="What is the slope of $f(x) = x^3$ at $x = 2$?",
        answer=Number(3 * 2**2, rtol=1e-4),
        slips=(
            Slip(2**3, "That is the value f(2). The slope says how fast f changes."),
            Slip(
                -3 * 2**2,
                "The sign is turned: x³ rises at 2. "
                "Subtract the value at x from the value at x + Δ.",
            ),
            Slip(2**2, "The power came down by one, but it also becomes a factor."),
            Slip(3 * 2**3, "The factor is right, but the power stays one lower."),
            *_undivided(_cube, at=2.0),
            *(
                Slip(
                    _change(_cube, delta)(2.0) / delta,
                    "Your Δ is too small: what you see is rounding, not the slope. "
                    "Try a step near 1e-6.",
                )
                for delta in (1e-14, 1e-15, 1e-16)
            ),
        ),
        hints=(
            "Step a little to the right of 2. How large is f's change for that step?",
            (
                "Compute (f(2 + Δ) − f(2)) / Δ for Δ = `1e-3`, then for a smaller Δ. "
                "Which number do the results approach?"
            ),
            r"The slope of $x^n$ is $n\,x^{n-1}$: set n to 3 and x to 2.",
        ),
        solution=r"""
            Take a small step, and divide the change of f by the step:

            $$\frac{(2+Δ)^3 - 2^3}{Δ} = 12 + 6Δ + Δ^2$$

            As Δ goes to 0, only the 12 is left. The computer agrees:

            ```python
            x, delta = 2.0, 1e-6
            answer = ((x + delta) ** 3 - x**3) / delta
            ```
            """,
    ),
    Exercise(
        name="01.2",
        question=(
            "Write the derivative of $f(x) = 1/x$ as a Python function of x, "
            "for any x except 0."
        ),
        answer=Function(lambda x: -1 / x**2, at=(0.5, 1.0, 2.0, -1.5), rtol=1e-4),
        slips=(
            Slip(lambda x: 1 / x**2, "The sign is turned: does 1/x rise or fall?"),
            Slip(_one_over, "That is f itself. Its slope says how fast it changes."),
            Slip(
                lambda x: -1 / x,
                "The factor is there, but the power did not move. "
                "Lower it by one: what comes below −1?",
            ),
            Slip(
                lambda x: -1.0,
                "From −1 the power went up to 0. Lowering it by one leads the other way.",
            ),
            Slip(
                lambda x: 0.0,
                "The slope of a quotient is not the quotient of the slopes.",
            ),
            *_undivided(_one_over),
        ),
        hints=(
            "Does f rise or fall? Is it steeper near 0 or far from it?",
            "Write 1/x as a power of x. The power becomes a factor and goes down by one.",
            (
                "$x^{-1}$ has the factor −1 in front and the power −1 − 1 above. "
                "Write that as `return ...`."
            ),
        ),
        solution=r"""
            Put both fractions over one denominator and the step cancels:

            $$\frac{1}{Δ}\left(\frac{1}{x+Δ} - \frac{1}{x}\right)
            = \frac{-1}{x\,(x+Δ)} \to -\frac{1}{x^2}$$

            ```python
            def answer(x):
                return -1 / x**2
            ```

            It is negative everywhere, since 1/x falls on both sides of 0.
            """,
    ),
    Exercise(
        name="01.3",
        question=(
            "You take forward differences with float32 numbers, which are ε = 1.2e-7 "
            "apart at 1. At x = 1 the function, its slope and its bend are all about 1. "
            "Which Δ keeps the error small? The right size is enough: "
            "a factor of 5 either way is accepted."
        ),
        answer=Band(
            EPS_32**0.5, edges=(0, EPS_32 / 2, EPS_32**0.5 / 5, EPS_32**0.5 * 5)
        ),
        slips=(
            Slip(-(EPS_32**0.5), "Δ is a step to the right: a positive number."),
            Slip(
                EPS_64**0.5,
                "In float32, 1 + Δ is 1 again with so small a Δ. "
                "That step suits float64.",
            ),
            Slip(
                1e-6,
                "That is too small: rounding in f, divided by Δ, drowns the slope.",
            ),
            Slip(
                EPS_32 ** (1 / 3),
                "That is too large: the secant misses how f bends. "
                "A central difference could afford it.",
            ),
        ),
        hints=(
            "Two errors pull in opposite directions: one grows with Δ, one with 1/Δ.",
            (
                "The bend costs about Δ, rounding costs about ε/Δ. "
                "The sum is smallest where both are equal."
            ),
            "Solve Δ = ε/Δ for Δ, with ε = `np.finfo(np.float32).eps`.",
        ),
        solution=r"""
            The secant's error is about Δ/2 times the bend, and rounding adds about ε/Δ.
            One falls as the other grows, and they balance where Δ² is about ε:

            ```python
            import numpy as np

            answer = np.finfo(np.float32).eps ** 0.5
            ```

            About half of the seven digits of float32 are lost. That is the price of
            a forward difference.
            """,
    ),
    Exercise(
        name="01.4",
        question=(
            "Write a function of x that is continuous at $x = 1$ "
            "but has no slope there."
        ),
        answer=AtOne(lambda x: abs(x - 1)),
        slips=(
            Slip(
                lambda x: x**2,
                "That function has a slope at 1. "
                "If it has a corner somewhere else, move the corner to 1.",
            ),
            Slip(
                lambda x: 1.0 if x > 1 else 0.0,
                "It jumps at 1, so it is not continuous there: both sides have to meet.",
            ),
            Slip(
                lambda x: np.sqrt(x - 1),
                "It ends at 1: on the left it has no values. "
                "Let it come in from both sides.",
            ),
        ),
        hints=(
            "Think of a path with a sharp corner: no gap, but two directions.",
            "Which function of this lesson has a kink, and at which x?",
            "A kink at 0 moves to 1 if you write x − 1 wherever the function says x.",
        ),
        solution=r"""
            |x| comes in to 0 with slope −1 and leaves with slope 1. Both sides meet,
            so it is continuous, but no single number is its slope. Moved to 1:

            ```python
            def answer(x):
                return abs(x - 1)
            ```

            `max(x, 1)` has a corner there too, and `np.cbrt(x - 1)` stands upright.
            """,
    ),
)
