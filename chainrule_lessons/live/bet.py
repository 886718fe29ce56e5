"""What a reader bets on before the sliders of a figure unlock."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from chainrule_lessons.validation import describe

__all__ = ["Bet", "checked_question"]

# A question; choices, or choices with a sentence each, or a number with its sentence.
Bet = tuple[str, Sequence[str] | dict[str, str]] | tuple[str, float, str]


def checked_question(predict: Any) -> dict[str, Any]:
    """Say a question to the front end: choices, with a sentence each, or a number."""
    match predict:
        case None:
            return {}
        case (str(text), choices) if text.strip() and _are_choices(choices):
            said = {"text": text, "choices": list(choices)}
            told = isinstance(choices, dict)
            return said | ({"sentences": list(choices.values())} if told else {})
        case (str(text), int() | float() as number, str(sentence)) if text.strip():
            return {"text": text, "number": number, "sentence": sentence}
    raise TypeError(
        "LiveFigure: predict must be a question and two choices or more, such as "
        f"('Which way?', ['left', 'right']), got {describe(predict)}"
    )


def _are_choices(given: Any) -> bool:
    """Say whether these are two different texts or more, or texts with sentences."""
    texts = [*given, *given.values()] if isinstance(given, dict) else given
    return (
        isinstance(texts, list | tuple)
        and all(isinstance(text, str) for text in texts)
        and len(given) == len(set(given)) >= 2
    )
