"""The exercises of lesson 04: add up the paths."""

from __future__ import annotations

import numpy as np

from chainrule_lessons.exercises.answers import Array, Function, Number
from chainrule_lessons.exercises.exercise import Exercise, Slip

__all__ = ["EXERCISES"]

# 04.1 at t = 1: x = sin t, y = exp(2 t), f = x² y.
X, Y = np.sin(1), np.exp(2)
BY_X, BY_Y = 2 * X * Y * np.cos(1), X**2 * 2 * Y


EXERCISES = (
    Exercise(
        name="04.1",
        question=(
            r"Let $f(x, y) = x^2 y$ with $x = \sin t$ and $y = e^{2t}$. "
            r"What is $df/dt$ at $t = 1$?"
        ),
        answer=Number(BY_X + BY_Y, rtol=1e-4),
        slips=(
            Slip(BY_X, "That is the share of x alone. The road through y is missing."),
            Slip(BY_Y, "That is the share of y alone. The road through x is missing."),
            Slip(
                2 * X * Y + X**2,
                "Those are the slopes of f by x and by y. "
                "Each still waits for its own second factor, the slope by t.",
            ),
            Slip(
                np.cos(1) + 2 * Y,
                "Those are the slopes of x and y by t. "
                "Each still waits for the slope of f.",
            ),
            Slip(BY_X * BY_Y, "Slopes multiply along a road. Two roads add up."),
            Slip(
                2 * np.cos(1) + 2 * Y,
                "The slopes of f are taken at x = 1, y = 1. "
                "They belong where the roads pass: at x(t) and y(t).",
            ),
            Slip(
                BY_X + BY_Y / 2,
                "The share of y lacks a factor: exp(2t) is a chain of its own.",
            ),
            Slip(X**2 * Y, "That is the value of f. How fast does it change?"),
        ),
        hints=(
            "How many roads lead from t to f? Each gives one share.",
            (
                "The share of x is $∂f/∂x · dx/dt$. "
                "Write the share of y in the same way, then add."
            ),
            (
                r"Add $2xy · \cos t$ and $x^2 · 2e^{2t}$, "
                r"with $x = \sin 1$ and $y = e^2$."
            ),
        ),
        solution=r"""
            Two roads, each a product of two slopes:

            $$\frac{df}{dt} = \underbrace{2xy\,\cos t}_{\text{by } x}
            + \underbrace{x^2\,2e^{2t}}_{\text{by } y}$$

            ```python
            from math import cos, exp, sin

            t = 1.0
            x, y = sin(t), exp(2 * t)
            answer = 2 * x * y * cos(t) + x**2 * 2 * exp(2 * t)
            ```
            """,
    ),
    Exercise(
        name="04.2",
        question=(
            r"Let $f(\mathbf{x}) = x_1 x_2^2 + 5 x_3$. Write the Jacobian "
            r"$\partial f/\partial\mathbf{x}$ at $\mathbf{x} = (2, 3, 4)$: "
            "one row, three columns."
        ),
        answer=Array([[3**2, 2 * 2 * 3, 5]], rtol=1e-4),
        slips=(
            Slip(
                [[3**2], [2 * 2 * 3], [5]],
                "That is the gradient, a column. The Jacobian is its transpose.",
            ),
            Slip(
                [3**2, 2 * 2 * 3, 5],
                "The numbers are right. A row also needs its own pair of brackets: "
                "one inside the other.",
            ),
            Slip(
                [[3**2, 2 * 3, 5]],
                "The middle slope lost a factor: what stands before x₂²?",
            ),
            Slip(
                [[3**2, 2 * 2 * 3, 5 * 4]],
                "The last entry is the value of a term, not its slope.",
            ),
            Slip(
                [[3**2 + 2 * 2 * 3 + 5]],
                "Nothing is added here: each input keeps a column of its own.",
            ),
        ),
        hints=(
            "One output makes one row. Which input belongs to which column?",
            "Each entry is a slope with the two other inputs held still, as in lesson 3.",
            (
                "The columns are $x_2^2$, $2 x_1 x_2$ and the factor of $x_3$. "
                "Write `[[..., ..., ...]]` with two pairs of brackets."
            ),
        ),
        solution=r"""
            Three partial derivatives side by side:
            $\partial f/\partial\mathbf{x} = (x_2^2,\; 2x_1x_2,\; 5)$.
            Measured, with f returning a list so that the output counts as a row:

            ```python
            from chainrule_lessons.numeric import jacobian

            answer = jacobian(lambda x: [x[0] * x[1] ** 2 + 5 * x[2]], [2, 3, 4])
            ```
            """,
    ),
    Exercise(
        name="04.3",
        question=(
            "A computation has three steps: b = a·a, then c = a + b, then f = b·c. "
            "Write the slope of f by a as a Python function of a, "
            "adding at each node."
        ),
        answer=Function(
            lambda a: 3 * a**2 + 4 * a**3, at=(0.5, 1.0, 2.0, -1.5), rtol=1e-4
        ),
        slips=(
            Slip(
                lambda a: 2 * a**2 + 2 * a**3,
                "Two links lead from a to b, since a·a uses a twice. "
                "You counted one of them.",
            ),
            Slip(
                lambda a: 2 * a**2 + 4 * a**3,
                "The road from a straight to c is missing. "
                "Was it overwritten by a later line?",
            ),
            Slip(
                lambda a: 3 * a**2 + 2 * a**3,
                "b is used twice: by f and by c. Its road through c is missing.",
            ),
            Slip(
                lambda a: a**2 + 2 * a**3,
                "b is used twice: by c and by f. Its road straight to f is missing.",
            ),
            Slip(
                lambda a: a**2,
                "b was held still here. It is made of a, so it has to move with a.",
            ),
            Slip(lambda a: a**3 + a**4, "That is f itself. How fast does it change?"),
        ),
        hints=(
            "Start at f and go back. At each node add one share for each use of it.",
            (
                "First the slope of f by c, then by b (used by f and by c), "
                "then by a (used by c, and twice by b)."
            ),
            (
                "By c: b. By b: `c + b`, one share from f and one through c. "
                "By a: one share through c, and two links to b, each with slope a."
            ),
        ),
        solution="""
            Go back from f, with one `+=` for each use:

            ```python
            def answer(a):
                b = a * a
                c = a + b
                by_c = b
                by_b = c
                by_b += by_c * 1
                by_a = by_c * 1
                by_a += by_b * a
                by_a += by_b * a
                return by_a
            ```

            Multiplied out, f is a³ + a⁴, and its slope 3a² + 4a³ is the same.
            """,
    ),
    Exercise(
        name="04.4",
        question=(
            "Between an input and an output lie 6 layers of 3 nodes. Each node has a "
            "link to every node of the next layer. How many roads lead from the "
            "input to the output?"
        ),
        answer=Number(3**6),
        slips=(
            Slip(
                3 * 6, "That is how many nodes there are. A road picks one in a layer."
            ),
            Slip(6**3, "Base and power changed places: how many choices has a layer?"),
            Slip(
                3**7,
                "One factor too many: the output is a single node, no choice.",
            ),
            Slip(
                3**5,
                "One factor too few: each of the layers offers its choice.",
            ),
            Slip(
                3 + 5 * 3**2 + 3,
                "Those are the links, the cost of adding node by node. "
                "The roads are many more.",
            ),
            Slip(
                6 * 3**6,
                "Those are the multiplications road by road. How many roads are there?",
            ),
        ),
        hints=(
            "Walk from the input to the output. How often do you choose?",
            "In each layer you choose one of its nodes, and every choice is free.",
            "Multiply the number of choices: one factor for each layer.",
        ),
        solution="""
            Six free choices among three nodes, so six factors of three. Counted
            one by one:

            ```python
            from itertools import product

            answer = sum(1 for road in product(range(3), repeat=6))
            ```
            """,
    ),
)
