"""What a bet is about starts folded: ``%%fold`` on the first line of a cell."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import Any

from IPython import get_ipython
from IPython.core.error import UsageError
from IPython.utils.capture import capture_output

__all__ = ["Folded", "fold"]


@dataclass(frozen=True)
class Folded:
    """Text and pictures under a line that opens them with a click.

    Examples
    --------
    >>> Folded("The computer says", "42", "<pre>42</pre>")
    42
    """

    title: str
    text: str
    html: str

    def __repr__(self) -> str:
        return self.text

    def _repr_html_(self) -> str:
        summary = f"<summary>{escape(self.title)}: click to open</summary>"
        return f"<details>{summary}{self.html}</details>"


def fold(title: str, code: str) -> Folded:
    """Run a cell, and fold what it shows under the words behind ``%%fold``.

    A cell magic: running all cells of a lesson then answers none of its bets. An error
    is shown as always.

    Parameters
    ----------
    title : str
        What the reader clicks on.
    code : str
        The other lines of the cell.

    Returns
    -------
    Folded
        What it printed and showed.

    Raises
    ------
    UsageError
        After the traceback of a cell that fails.
    """
    with capture_output(stderr=False) as caught:
        done = get_ipython().run_cell(code, store_history=False)
    if not done.success:  # it has shown its traceback; nothing more may run
        caught.show()
        raise UsageError(f"%%fold {title}: nothing was folded, because the cell failed")
    shown = [output.data for output in caught.outputs]
    plain = [caught.stdout.rstrip(), *(data["text/plain"] for data in shown)]
    html = [f"<pre>{escape(plain[0])}</pre>"] * bool(plain[0])
    html += [_html(data) for data in shown]
    return Folded(title, "\n".join(filter(None, plain)), "".join(html))


def _html(data: dict[str, Any]) -> str:
    return data.get("text/html") or f"<pre>{escape(data['text/plain'])}</pre>"
