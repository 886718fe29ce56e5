"""The exercise of lesson 00: how an exercise works."""

from chainrule_lessons.exercises.answers import Number
from chainrule_lessons.exercises.exercise import Exercise, Slip

__all__ = ["EXERCISES"]

EXERCISES = (
    Exercise(
        name="00.1",
        question=(
            "A path climbs 90 metres while it goes 600 metres forward. "
            "How many metres does it climb for each metre forward?"
        ),
        answer=Number(90 / 600),
        slips=(
            Slip(90, "That is the whole climb. Share it among the metres forward."),
            Slip(
                600 / 90,
                "That is upside down: metres forward for each metre of climb. "
                "Divide what you gain by what you spend.",
            ),
            Slip(90 * 600, "That multiplies. Sharing the climb out is a division."),
            Slip(600 - 90, "That is a difference. A slope compares by dividing."),
            Slip(
                100 * 90 / 600,
                "That is the slope in percent, as road signs give it. "
                "Here we ask for metres per metre.",
            ),
        ),
        hints=(
            "A slope says how much you gain for *one* unit of what you spend.",
            (
                "You gain 90 metres of climb and spend 600 metres of path. "
                "Share the first among the second."
            ),
            "Type `answer = 90 / 600`: Python does the division.",
        ),
        solution="""
            90 metres up are shared among 600 metres forward, so divide:

            ```python
            climb, forward = 90, 600
            answer = climb / forward
            ```

            Every slope of this course is such a quotient: the change of the output
            over the change of the input.
            """,
    ),
)
