"""Exercises that answer back: check an answer, ask for a hint, see it worked.

In a notebook, ``%%fold`` on the first line of a cell folds what the cell shows.
"""

from IPython import get_ipython

from chainrule_lessons.exercises.check import check, hint, solution
from chainrule_lessons.exercises.fold import fold

__all__ = ["check", "hint", "solution"]

if shell := get_ipython():
    shell.register_magic_function(fold, "cell")
