"""The exercises of lesson 02: chain two functions."""

from __future__ import annotations

import numpy as np

from chainrule_lessons.exercises.answers import Choice, Function, Number
from chainrule_lessons.exercises.exercise import Exercise, Slip

__all__ = ["EXERCISES"]

# The chain of 02.3: u = w x, v = u², cost = sin v.
W, X = 2.0, 0.6
U = W * X
V = U**2

# The chain of 02.4: a = 3x, b = a², c = cos b, d = exp c, with a slip in the third.
A = 3 * 0.4
B = A**2
CLAIMED = (3.0, 2 * A, -np.sin(A), np.exp(np.cos(B)))

EXERCISES = (
    Exercise(
        name="02.1",
        question=r"What is the slope of $e^{\sin x}$ at $x = 1$?",
        answer=Number(np.exp(np.sin(1)) * np.cos(1), rtol=1e-4),
        slips=(
            Slip(
                np.exp(1) * np.cos(1),
                "That is the outer slope at x; it belongs at sin x.",
            ),
            Slip(
                np.exp(np.sin(1)) + np.cos(1), "That adds the slopes. Stages multiply."
            ),
            Slip(
                np.exp(np.sin(1)),
                "That is the outer slope alone. The inner factor is missing.",
            ),
            Slip(
                np.exp(np.cos(1)),
                "The inner slope went into exp. What goes into exp is the inner value; "
                "the inner slope is a factor.",
            ),
            Slip(
                -np.exp(np.sin(1)) * np.cos(1),
                "The sign is turned: it is the slope of the cosine that has a minus.",
            ),
        ),
        hints=(
            "There are two stages: first a sine, then exp. Each has a slope of its own.",
            "Which number goes into exp? Take the slope of exp there, not at 1.",
            r"Multiply $e^{u}$, taken at $u = \sin 1$, by the slope of the sine at 1.",
        ),
        solution=r"""
            The sine comes first and gives u = sin 1. Its slope is cos 1. The slope of
            $e^u$ is $e^u$ again, taken at its own input u:

            ```python
            from math import cos, exp, sin

            u = sin(1)
            answer = exp(u) * cos(1)
            ```
            """,
    ),
    Exercise(
        name="02.2",
        question=(
            r"Write the derivative of $\log(3x + 2)$ as a Python function of x, "
            "for x above 0."
        ),
        answer=Function(
            lambda x: 3 / (3 * x + 2), at=(0.25, 0.5, 1.0, 2.0, 5.0), rtol=1e-4
        ),
        slips=(
            Slip(
                lambda x: 1 / (3 * x + 2),
                "The slope of log is at the right place. The slope of the line is missing.",
            ),
            Slip(
                lambda x: 3 / x,
                "Both factors are there, but the slope of log is taken at x. "
                "What goes into log?",
            ),
            Slip(
                lambda x: 1 / x,
                "That is the slope of log alone, at x. Ask what goes into log, "
                "and how fast that grows.",
            ),
            Slip(
                lambda x: 1 / (3 * x + 2) + 3,
                "That adds the two slopes. Stages multiply.",
            ),
            Slip(
                lambda x: 1 / 3,
                "The slope of the line went into log. What goes in is the line's value.",
            ),
            Slip(
                lambda x: 3 * np.log(3 * x + 2),
                "The line's slope is there, but log stands where its slope belongs.",
            ),
            Slip(
                lambda x: np.log(3 * x + 2),
                "That is the function. Its derivative says how fast it changes.",
            ),
        ),
        hints=(
            "Call the line u. First u is computed from x, then the logarithm of u.",
            "The slope of log u is 1/u. What is u here, and how fast does it grow with x?",
            "Multiply 1/u by the slope of the line, and write u out in terms of x.",
        ),
        solution=r"""
            With $u = 3x + 2$ the two slopes are $1/u$ and 3:

            ```python
            def answer(x):
                u = 3 * x + 2
                return 1 / u * 3
            ```
            """,
    ),
    Exercise(
        name="02.3",
        question=(
            r"A machine has three stages, $u = w x$, $v = u^2$ and $\text{cost} = \sin v$. "
            "It stands at x = 0.6 and w = 2. "
            "What is the slope of the cost by its parameter w, the blue one?"
        ),
        answer=Number(np.cos(V) * 2 * U * X, rtol=1e-4),
        slips=(
            Slip(
                np.cos(V) * 2 * U * W,
                "That is the orange slope, by x. Which slope of the first stage stays "
                "with w?",
            ),
            Slip(
                np.cos(V) * 2 * U,
                "That is the slope by u. One factor is missing: how fast u grows with w.",
            ),
            Slip(
                np.cos(V) * X,
                "The middle stage is skipped. The square has a slope too.",
            ),
            Slip(
                np.cos(U) * 2 * U * X,
                "The slope of the sine is taken at u. What goes into the sine?",
            ),
            Slip(
                np.cos(X) * 2 * X * X,
                "Every slope is taken at x. Each belongs at the input of its own stage.",
            ),
            Slip(
                np.cos(V) + 2 * U + X,
                "That adds the three slopes. Along a chain they multiply.",
            ),
            Slip(
                -np.cos(V) * 2 * U * X,
                "The sign is turned: the slope of the sine has no minus.",
            ),
        ),
        hints=(
            "Run the machine forward first: you need u and v before any slope.",
            (
                "Two orange slopes, those of the sine and of the square, "
                "then the blue one of the first stage."
            ),
            r"Multiply $\cos v$, $2u$ and the slope of $w x$ by w: how fast u grows with w.",
        ),
        solution=r"""
            Forward for the values, then backward. The last factor is blue: u grows
            by x for one unit of w.

            ```python
            from math import cos

            x, w = 0.6, 2.0
            u = w * x
            v = u**2
            by_v = cos(v)
            by_u = by_v * 2 * u
            answer = by_u * x
            ```
            """,
    ),
    Exercise(
        name="02.4",
        question=(
            "Four stages in a row: a = 3x (triple), b = a² (square), c = cos b (cosine), "
            "d = exp c (exponential). At x = 0.4 somebody gives these four local slopes: "
            f"{CLAIMED[0]:.4f}, {CLAIMED[1]:.4f}, {CLAIMED[2]:.4f}, {CLAIMED[3]:.4f}. "
            "One is wrong. Which stage: "
            '"triple", "square", "cosine" or "exponential"?'
        ).replace("-", "−"),
        answer=Choice("cosine"),
        slips=(
            Slip(
                "triple",
                "A line has the same slope everywhere, so this one needs no input.",
            ),
            Slip(
                "square",
                "This one is twice its input, and its input is a. Look at a later stage.",
            ),
            Slip(
                "exponential",
                "Its slope is its own value, exp of c, with the true c. "
                "The stages before it were run correctly; a slope was taken wrongly.",
            ),
        ),
        hints=(
            "Run the chain forward and write down what goes into each stage.",
            "Measure each stage alone with `derivative`, at its own input.",
            (
                "One of the four is the slope of its stage at the input of the stage "
                "before. Compare the slopes with those at a and at b."
            ),
        ),
        solution=r"""
            Measure each stage at its own input and look for the one that differs:

            ```python
            import numpy as np

            from chainrule_lessons.numeric import derivative

            stages = {
                "triple": lambda x: 3 * x,
                "square": lambda a: a**2,
                "cosine": np.cos,
                "exponential": np.exp,
            }
            claimed, value, gaps = [3, 2.4, -0.9320, 1.1393], 0.4, {}
            for (name, stage), slope in zip(stages.items(), claimed):
                gaps[name] = abs(derivative(stage, value) - slope)
                value = stage(value)
            answer = max(gaps, key=gaps.get)
            ```

            The slope given was −sin a; what goes into the cosine is b.
            """,
    ),
)
