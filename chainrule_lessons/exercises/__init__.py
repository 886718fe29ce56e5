"""Exercises that answer back: check an answer, ask for a hint, see it worked."""

from chainrule_lessons.exercises.check import check, hint, solution

__all__ = ["check", "hint", "solution"]
