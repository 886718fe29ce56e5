"""How far a long calculation is, and what a training has seen.

The bar shows where somebody waits. It stands in a terminal or in a notebook's cell, and
goes away at the end. Under nbval or nbconvert there is none: what they store must not
depend on the time it took.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from chainrule_lessons.validation import describe, whole_number

__all__ = ["History", "progress_bar"]


@contextmanager
def progress_bar(
    total: int, what: str, show: bool | None = None
) -> Iterator[Callable[..., None]]:
    """Show a bar while the body of a `with` runs.

    It appears after 0.3 s, so that a short calculation shows none.

    Parameters
    ----------
    total : int
        How many steps there are.
    what : str
        What is counted, for instance ``"epochs"``.
    show : bool, optional
        Whether to show it. Left out, it shows in a terminal and in a notebook with
        somebody at it.

    Yields
    ------
    callable
        Call it after each step, with a few words on the step if you like.

    Raises
    ------
    TypeError, ValueError
        For a `total` that is no whole number from 0, a `what` that is no text, and a
        `show` that is neither True, False nor None.

    Examples
    --------
    >>> with progress_bar(3, "squares") as advance:
    ...     for n in range(3):
    ...         advance(f"last {n**2}")
    """
    total = whole_number(total, "progress_bar: total")
    if not isinstance(what, str):
        raise TypeError(f"progress_bar: what must be text, got {describe(what)}")
    stream = _stream(show)
    if stream is None:
        yield lambda words="": None
        return
    from tqdm import tqdm  # here, so that importing the package stays quick

    # A cell has no width that could be asked for.
    options = {"ncols": 79} if isinstance(stream, _Cell) else {}
    with tqdm(
        total=total, desc=what, file=stream, leave=False, delay=0.3, **options
    ) as bar:

        def advance(words: str = "") -> None:
            bar.set_postfix_str(words, refresh=False)
            bar.update()

        yield advance


def _stream(show: bool | None) -> Any:
    """Return where the bar goes, None for nowhere."""
    if show not in (True, False, None):
        raise TypeError(
            f"progress_bar: show must be True, False or None, got {describe(show)}"
        )
    if show is False:
        return None
    shell = _watched_shell()
    if shell:
        return _Cell(shell)
    return sys.stderr if show or sys.stderr.isatty() else None


def _watched_shell() -> Any:
    """Return IPython's shell if somebody sits at the notebook that runs this.

    A front end with somebody at it lets a cell ask for input; nbval, nbconvert and
    nbclient do not.
    """
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython else None
    parent = getattr(getattr(shell, "kernel", None), "get_parent", dict)()
    return shell if parent.get("content", {}).get("allow_stdin") else None


class _Cell:
    """A stream whose last line stands in the output of a notebook's cell."""

    encoding = "utf-8"  # what tqdm looks at before it draws blocks

    def __init__(self, shell: Any) -> None:
        self._publish = shell.display_pub.publish
        self._transient = {"display_id": f"progress-{id(self)}"}
        self._shown = False

    def write(self, text: str) -> None:
        data = {"text/plain": text.strip()}
        self._publish(data, transient=self._transient, update=self._shown)
        self._shown = True

    def flush(self) -> None:
        pass


@dataclass
class History:
    """What `fit` saw, one entry an epoch.

    Attributes
    ----------
    losses : list of float
        The mean loss of the mini-batches (their sum, for a loss that sums), each
        taken before its step. The last one is infinite if training diverged.
    validation_losses : list of float
        The loss on the held-out samples after the epoch, if any were given.
    accuracies : list of float
        The share of held-out samples named right, if their targets are classes.
    diverged : bool
        Whether training was stopped because its numbers had left all bounds.
    """

    losses: list[float] = field(default_factory=list)
    validation_losses: list[float] = field(default_factory=list)
    accuracies: list[float] = field(default_factory=list)
    diverged: bool = False

    def __repr__(self) -> str:
        names = ("loss", "held-out loss", "accuracy")
        courses = (self.losses, self.validation_losses, self.accuracies)
        parts = [f"{len(self.losses)} epochs"]
        for name, seen in zip(names, courses, strict=True):
            parts += [f"{name} {seen[0]:.4g} -> {seen[-1]:.4g}"] if seen else []
        return f"History({', '.join(parts)}{', diverged' * self.diverged})"
