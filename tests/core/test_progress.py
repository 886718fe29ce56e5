"""The bar in a terminal, in a kernel with and without somebody at it, and nowhere."""

from __future__ import annotations

import io
import re
import sys
import time

import pytest
from jupyter_client.manager import start_new_kernel

from chainrule_lessons.progress import progress_bar


class Terminal(io.StringIO):
    def isatty(self):
        return True


def count(steps=25, seconds=0.02, **options):
    with progress_bar(steps, "steps", **options) as advance:
        for step in range(steps):
            time.sleep(seconds)
            advance(f"at {step}")


def stderr(monkeypatch, kind):
    """Put a stream in the place of stderr, which pytest holds until a test begins."""
    stream = kind()
    monkeypatch.setattr(sys, "stderr", stream)
    return stream


def test_no_bar_where_nobody_looks(monkeypatch, capsys):
    stream = stderr(monkeypatch, io.StringIO)
    count()
    assert stream.getvalue() == capsys.readouterr().out == ""


def test_bar_in_a_terminal_is_wiped_at_the_end(monkeypatch):
    stream = stderr(monkeypatch, Terminal)
    count()
    frames = stream.getvalue().split("\r")
    assert any(re.search(r"steps: .*/25 .*at \d", frame) for frame in frames)
    assert frames[-1] == frames[-2].strip() == ""
    assert "\n" not in stream.getvalue()


def test_bar_can_be_asked_for(monkeypatch):
    stream = stderr(monkeypatch, io.StringIO)
    count(show=True)
    assert "/25" in stream.getvalue()


def test_bar_can_be_forbidden(monkeypatch):
    stream = stderr(monkeypatch, Terminal)
    count(show=False)
    assert stream.getvalue() == ""


def test_short_calculation_shows_no_bar(monkeypatch):
    stream = stderr(monkeypatch, Terminal)
    count(steps=2, seconds=0)
    assert stream.getvalue() == ""


def test_words_may_be_left_out_and_errors_pass(monkeypatch):
    stream = stderr(monkeypatch, Terminal)
    with pytest.raises(KeyError), progress_bar(2, "steps") as advance:  # noqa: PT012
        time.sleep(0.4)
        advance()
        raise KeyError
    assert "1/2" in stream.getvalue()
    assert stream.getvalue().endswith("\r")


WRONG = {
    "progress_bar: total must be 0 or more, got -1": (ValueError, (-1, "steps")),
    "progress_bar: total must be a whole number, got 2.5": (TypeError, (2.5, "steps")),
    "progress_bar: what must be text, got None": (TypeError, (2, None)),
    "progress_bar: show must be True, False or None, got 'yes'": (
        TypeError,
        (2, "steps", "yes"),
    ),
}


@pytest.mark.parametrize("message", WRONG)
def test_wrong_input_is_named(message):
    error, arguments = WRONG[message]
    with (
        pytest.raises(error, match=f"^{re.escape(message)}$"),
        progress_bar(*arguments),
    ):
        pass


CELL = """
import time
from chainrule_lessons.progress import progress_bar
with progress_bar(25, "steps") as advance:
    for _ in range(25):
        time.sleep(0.02)
        advance()
"""


@pytest.mark.slow
def test_bar_in_a_notebook_shows_in_a_live_front_end_only():
    manager, client = start_new_kernel()
    try:
        seen = {}
        for live in (False, True):
            messages = seen[live] = []
            reply = client.execute_interactive(
                CELL, allow_stdin=live, output_hook=messages.append, timeout=60
            )
            assert reply["content"]["status"] == "ok"
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
    outputs = {
        live: [m for m in messages if "data" in m["content"] or "text" in m["content"]]
        for live, messages in seen.items()
    }
    assert outputs[False] == []
    first, *updates = outputs[True]
    assert first["msg_type"] == "display_data"
    assert {m["msg_type"] for m in updates} == {"update_display_data"}
    texts = [m["content"]["data"]["text/plain"] for m in outputs[True]]
    bars = list(filter(None, texts))
    assert bars
    assert all(re.match(r"steps: .*/25 .*", bar) for bar in bars)
    assert texts[-1] == ""
