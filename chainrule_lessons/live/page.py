"""What a browser gets to run and to wear, joined from the files beside this one."""

from pathlib import Path

__all__ = ["joined"]


def joined(*files: str) -> str:
    """Return files as one text: a Path would be watched, by a watcher that holds on.

    >>> joined("page.js", "live.js").count("function make(")
    1
    """
    here = Path(__file__).parent
    return "\n".join((here / file).read_text(encoding="utf-8") for file in files)
