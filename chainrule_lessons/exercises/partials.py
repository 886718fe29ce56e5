"""The exercises of lesson 03: hold the rest constant."""

import numpy as np

from chainrule_lessons.exercises.answers import Array, Function, Number
from chainrule_lessons.exercises.exercise import Exercise, Slip

__all__ = ["EXERCISES"]

TARGET = np.array([1.0, 1.0, 4.0])
SAID = np.array([3.5, 1.0, -2.0])
MISSES = SAID - TARGET

BEND = np.array([1.0, 10.0])
POINT = np.array([3.0, 1.0])
SLOPES = 2 * BEND * POINT
RATE = 0.03

EXERCISES = (
    Exercise(
        name="03.1",
        question=(
            r"Write $\partial f/\partial z$ of $f(x, z) = x^2 z + z^3$ "
            "as a Python function of x and z."
        ),
        answer=Function(
            lambda x, z: x**2 + 3 * z**2,
            at=((1.5, 0.5), (2.0, -1.0), (-3.0, 2.0)),
            rtol=1e-4,
        ),
        slips=(
            Slip(
                lambda x, z: 2 * x * z,
                "That is the slope along x. Along z, hold x and let z move.",
            ),
            Slip(
                lambda x, z: 2 * x + 3 * z**2,
                "In x² z you moved both inputs at once. x waits: "
                "x² is a number like 7, and stays as it is.",
            ),
            Slip(
                lambda x, z: 2 * x * z + x**2 + 3 * z**2,
                "You added the slope along x. Each partial derivative stands alone.",
            ),
            Slip(
                lambda x, z: 3 * z**2,
                "x² z does change with z. A held x² is a factor, not a lone constant.",
            ),
            Slip(
                lambda x, z: 1 + 3 * z**2,
                "The factor in front of z got lost. 7 z has the slope 7; "
                "here the factor is another.",
            ),
            Slip(
                lambda x, z: x**2 * z + z**3,
                "That is f itself. Its slope along z says how fast f changes with z.",
            ),
        ),
        hints=(
            "Pretend that x is a fixed number, such as 5. What is the slope along z?",
            "Take the two terms one by one. The first is a number times z.",
            (
                "The slope of 25 z + z³ along z is 25 + 3z². "
                "Where did the 25 come from, when x was 5?"
            ),
        ),
        solution=r"""
            Hold x. Then $x^2$ is a fixed factor and $x^2 z$ is a straight line in z,
            with that factor as its slope. The term $z^3$ has the slope $3z^2$.

            ```python
            def answer(x, z):
                return x**2 + 3 * z**2
            ```

            x is held, and yet it stands in the result.
            """,
    ),
    Exercise(
        name="03.2",
        question=(
            r"A network said $y = (3.5, 1, -2)$, the target is $t = (1, 1, 4)$, and the "
            r"loss is $L = \sum_i (y_i - t_i)^2$. What is the gradient of L by y?"
        ),
        answer=Array(2 * MISSES, rtol=1e-4),
        slips=(
            Slip(
                np.sum(MISSES**2),
                "That is the loss. Its gradient has one slope for each input.",
            ),
            Slip(
                2 * np.sum(MISSES),
                "You added the slopes. Keep them apart: one for each input.",
            ),
            Slip(
                2 * MISSES[[0, 2]],
                "One slope is missing. A slope of zero is a slope too.",
            ),
            Slip(MISSES, "The factor 2 of the square is missing."),
            Slip(
                -2 * MISSES,
                "The sign is turned. The inner slope of y − t by y is +1.",
            ),
            Slip(
                MISSES**2,
                "Those are the terms of the loss. "
                "How fast does each one change with its own y?",
            ),
            Slip(
                2 * SAID,
                "That leaves the target out: take the slope of (y − t)², not of y².",
            ),
            Slip(
                2 * MISSES / 3,
                "That is the slope of the mean. This loss is a sum.",
            ),
        ),
        hints=(
            "How many inputs does L have? The gradient has as many entries.",
            "Hold two of the y's. Only one term of the sum still moves.",
            "The slope of (y − t)² by y is 2 (y − t). Do that for each of the three.",
        ),
        solution=r"""
            Each $y_i$ stands in one term only, and the slope of that term is
            $2\,(y_i - t_i)$. Put the three slopes in a row:

            ```python
            import numpy as np

            y, t = np.array([3.5, 1, -2]), np.array([1, 1, 4])
            answer = 2 * (y - t)
            ```

            The middle entry hit its target, so its slope is zero.
            """,
    ),
    Exercise(
        name="03.3",
        question=(
            r"You stand at $(x, z) = (3, 1)$ in the ravine $x^2 + 10 z^2$. Where do you "
            r"stand after one step of gradient descent with learning rate $\eta = 0.03$?"
        ),
        answer=Array(POINT - RATE * SLOPES, rtol=1e-4),
        slips=(
            Slip(
                POINT + RATE * SLOPES,
                "You went uphill. The gradient points up: subtract it.",
            ),
            Slip(
                -RATE * SLOPES,
                "That is the step alone. Add it to the place where you stand.",
            ),
            Slip(SLOPES, "That is the gradient. A step is a small part of it."),
            Slip(
                POINT - SLOPES,
                "That step is a whole gradient long. Multiply it by the learning rate.",
            ),
            Slip(
                POINT - RATE * BEND * POINT,
                "The factor 2 of the squares is missing in the gradient.",
            ),
            Slip(
                POINT - RATE * SLOPES * [1, 0],
                "z moved too: every input takes its own slope.",
            ),
            Slip(
                POINT - RATE * SLOPES.sum(),
                "You gave both inputs the same step. Each takes its own slope.",
            ),
            Slip(
                POINT - RATE * SLOPES / np.hypot(*SLOPES),
                "You made the gradient one unit long. Here its length counts.",
            ),
        ),
        hints=(
            "Three things: a point, the gradient there, a small step against it.",
            "The gradient is (2x, 20z). Work it out at the point where you stand.",
            "Along x the step is −0.03 · 2 · 3. Do the same along z, then add the point.",
        ),
        solution=r"""
            The new point is the old one minus η times the gradient $(2x, 20z)$:

            ```python
            import numpy as np

            point = np.array([3.0, 1.0])
            slopes = np.array([2 * point[0], 20 * point[1]])
            answer = point - 0.03 * slopes
            ```

            z moves more than three times as far as x: the wall is steeper than the floor.
            """,
    ),
    Exercise(
        name="03.4",
        question=(
            r"On $f(x) = x^2$ you stand at $x = 1$ and step to the right by $\delta$. "
            r"At which $\delta$ is the change that the slope predicts off by exactly 10 % "
            "of the true change?"
        ),
        answer=Number(2 / 9, rtol=1e-3),
        slips=(
            Slip(
                0.2, "That is 10 % of the predicted change. Compare with the true one."
            ),
            Slip(
                -2 / 11,
                "That is the edge on the left. To the right the true change is larger.",
            ),
            Slip(
                2 / 11,
                "That distance belongs to a step to the left. "
                "To the right the true change is larger than predicted.",
            ),
            Slip(0.1, "A step of 10 % is another thing: what counts is the error."),
            Slip(
                10**-0.5,
                "There the error is 0.1. Compare it with the true change.",
            ),
        ),
        hints=(
            "Write down three things for a step δ: predicted, true, and their difference.",
            "Predicted 2δ, true 2δ + δ². The error is what is left over.",
            "Solve δ² = 0.1 · (2δ + δ²) for δ: first divide both sides by δ.",
        ),
        solution=r"""
            The slope is 2, so a step predicts $2\delta$. The true change is
            $(1+\delta)^2 - 1 = 2\delta + \delta^2$, so the error is $\delta^2$.
            It is a tenth of the true change where $10\,\delta = 2 + \delta$. A search
            finds the same:

            ```python
            low, high = 0.01, 1.0
            while high - low > 1e-12:
                answer = (low + high) / 2
                true = (1 + answer) ** 2 - 1
                error = true - 2 * answer
                low, high = (answer, high) if error < 0.1 * true else (low, answer)
            ```

            A step of a fifth of x is as far as this slope can be trusted to 10 %.
            """,
    ),
)
