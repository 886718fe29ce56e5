"""The exercises of lesson 07: slopes that say where to go."""

from chainrule_lessons.exercises.answers import Choice, Function, Number
from chainrule_lessons.exercises.exercise import Exercise, Slip

__all__ = ["EXERCISES"]

EXERCISES = (
    Exercise(
        name="07.1",
        question=(
            "A weight stands at $0.7$, and the slope of the loss there is $-1.42$. "
            "The learning rate is $0.1$. Where does one step of descent put the weight?"
        ),
        answer=Number(0.7 + 0.1 * 1.42),
        slips=(
            Slip(
                0.7 - 0.1 * 1.42,
                "That goes uphill. The slope is negative: minus a minus is a plus.",
            ),
            Slip(
                0.7 + 1.42,
                "That takes the whole slope as its step. Multiply it by the rate first.",
            ),
            Slip(
                0.1 * 1.42, "That is the step alone. Add it to where the weight stands."
            ),
            Slip(
                0.7 - 1.42,
                "That leaves out the rate and walks uphill: two slips in one step.",
            ),
        ),
        hints=(
            "The slope says how the loss changes when the weight grows. Which way is down?",
            "The rule is: new weight = weight - rate * slope. Mind both minus signs.",
            "Type `answer = 0.7 - 0.1 * (-1.42)`.",
        ),
        solution="""
            The slope is negative, so the loss falls when the weight grows. The rule
            turns that into a move to the right:

            ```python
            weight, slope, rate = 0.7, -1.42, 0.1
            answer = weight - rate * slope
            ```
            """,
    ),
    Exercise(
        name="07.2",
        question=(
            "For the loss $L(w) = (w - 3)^2$, write a function of $w$ and the "
            "learning rate that returns the weight after one step of descent."
        ),
        answer=Function(
            lambda w, rate: w - rate * 2 * (w - 3),
            at=((0.0, 0.1), (5.0, 0.25), (-2.0, 0.7), (4.0, 0.3)),
        ),
        slips=(
            Slip(
                lambda w, rate: w + rate * 2 * (w - 3),
                "That walks uphill. The step is against the slope.",
            ),
            Slip(
                lambda w, rate: w - rate * (w - 3),
                "The square's own slope brings a factor that is missing here.",
            ),
            Slip(
                lambda w, rate: w - 2 * (w - 3),
                "The learning rate has no say in your step.",
            ),
            Slip(
                lambda w, rate: w - rate * (w - 3) ** 2,
                "That steps by the loss itself. The step uses its slope.",
            ),
            Slip(
                lambda w, rate: rate * 2 * (w - 3),
                "That is the step alone. The function returns the new weight.",
            ),
        ),
        hints=(
            "Two things are needed: the slope of the loss at w, and the rule for a step.",
            "The slope of a square is twice its inside, times the slope of the inside.",
            "Fill in: `return w - rate * slope`, with the slope of $(w - 3)^2$ at w.",
        ),
        solution="""
            The chain rule gives the slope of the square: twice the inside, times the
            slope of the inside, which is that of $w - 3$.

            ```python
            def answer(w, rate):
                slope = 2 * (w - 3) * 1
                return w - rate * slope
            ```
            """,
    ),
    Exercise(
        name="07.3",
        question=(
            "For the loss $L(w) = 5(w - 3)^2$, each step multiplies the distance to "
            "the bottom by a fixed number. Above which learning rate do the steps run "
            "away from the bottom?"
        ),
        answer=Number(2 / 10),
        slips=(
            Slip(
                1 / 10,
                "At this rate one step lands on the bottom. Larger ones overshoot, and "
                "the first of those still come closer each time.",
            ),
            Slip(
                2 / 5,
                "The slope of the square brings a factor besides the one in front.",
            ),
            Slip(10, "That is how fast the slope grows with the distance, not a rate."),
            Slip(
                5,
                "That is the number in front of the square. Work out the distance after "
                "one step first.",
            ),
        ),
        hints=(
            "Write $d = w - 3$ for the distance. What is $d$ after one step?",
            (
                "The slope is ten times $d$. So a step turns $d$ into $d$ minus ten "
                "times the rate times $d$. When is that further away than before?"
            ),
            "Solve $1 - 10\\,\\eta = -1$ for the rate $\\eta$.",
        ),
        solution="""
            With $d = w - 3$ the slope is $10 d$, so one step leads from $d$ to
            $(1 - 10\\eta)\\,d$. The steps grow as soon as that factor passes below
            $-1$: they jump across the bottom and land further out.

            ```python
            stiffness = 10
            answer = (1 - (-1)) / stiffness
            ```
            """,
    ),
    Exercise(
        name="07.4",
        question=(
            "In the chain $y = w_2 w_1 x$ with $w_1 = 3$, $w_2 = 1$, $x = 1$ and target "
            "$2$: which weight moves further in one step of descent? Answer with "
            '`"w1"`, `"w2"`, `"both alike"` or `"neither"`.'
        ),
        answer=Choice("w2"),
        slips=(
            Slip(
                "w1",
                "The larger weight has the smaller slope: what it is multiplied with "
                "counts, and its partner is small.",
            ),
            Slip(
                "both alike",
                "The error is the same for both, but each slope carries the other "
                "weight as a factor.",
            ),
            Slip(
                "neither",
                "The output is off its target, so the loss has a slope by each weight.",
            ),
        ),
        hints=(
            "A step is the rate times the slope, so compare the two slopes.",
            "By one weight, the other is a constant factor, as in lesson 3.",
            "Each slope is `2 * (y - 2) * x * other`. Which one has the larger `other`?",
        ),
        solution="""
            Each slope carries the *other* weight: $2(y - 2)\\,x\\,w_2$ by $w_1$, and
            $2(y - 2)\\,x\\,w_1$ by $w_2$. The second is three times the first.

            ```python
            w1, w2, x, target = 3, 1, 1, 2
            error = w2 * w1 * x - target
            slopes = {"w1": 2 * error * x * w2, "w2": 2 * error * x * w1}
            answer = max(slopes, key=slopes.get)
            ```
            """,
    ),
)
