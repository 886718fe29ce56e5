"""Saving a notebook: what JupyterLab adds to it that only says who opened it."""

from __future__ import annotations

from typing import Any


def forget_version(model: dict[str, Any], **_: Any) -> None:
    """Leave the Python version out of a notebook that is about to be saved.

    JupyterLab writes it as soon as a notebook is open, and an update of the course
    would then meet a changed file. Jupyter Server calls this: it is named in
    ``jupyter_server_config.json``.

    Parameters
    ----------
    model : dict
        A file as Jupyter Server saves it.

    Examples
    --------
    >>> about = {"language_info": {"name": "python", "version": "3.12.1"}}
    >>> forget_version({"type": "notebook", "content": {"metadata": about}})
    >>> about
    {'language_info': {'name': 'python'}}
    """
    if model["type"] == "notebook":
        model["content"]["metadata"].get("language_info", {}).pop("version", None)
