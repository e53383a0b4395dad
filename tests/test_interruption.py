"""Signals: at once, postponed, doubled, and where nobody heeds them."""

from __future__ import annotations

import os
import pickle
import signal
import subprocess
import sys
import threading
from typing import TYPE_CHECKING

import pytest

from reprodx import interruption
from reprodx.errors import Interrupted
from reprodx.interruption import allowed, heeded, postponed

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def ask(number: signal.Signals = signal.SIGTERM) -> None:
    os.kill(os.getpid(), number)


def interrupted(work: Callable[[], object]) -> Interrupted:
    with pytest.raises(Interrupted) as ended, heeded():
        work()
    return ended.value


@pytest.mark.parametrize("number", interruption.SIGNALS)
def test_a_signal_interrupts_and_the_handlers_are_as_before(number: signal.Signals) -> None:
    before = signal.getsignal(number)
    error = interrupted(lambda: ask(number))
    assert (error.signal, error.exit_code) == (number, 128 + number)
    assert signal.getsignal(number) is before
    assert interruption.request(error) is error
    interruption.check()


def test_a_second_one_at_once_is_the_same_request() -> None:
    done = []

    def work() -> None:
        try:
            ask()
        finally:
            ask()
            done.append("cleared")

    interrupted(work)
    assert done == ["cleared"]


def test_what_must_not_be_cut_is_ended_first_and_what_is_allowed_in_it_is_cut() -> None:
    done = []

    def whole() -> None:
        with postponed():
            ask()
            done.append("whole")
        done.append("after")

    def cut() -> None:
        with postponed():
            with allowed():
                ask()
                done.append("not reached")
            done.append("nor this")

    def too_late() -> None:
        with postponed():
            ask()
            with allowed():
                done.append("begun")

    for work in (whole, cut, too_late):
        interrupted(work)
    assert done == ["whole"]


def test_it_is_remembered_whatever_a_library_makes_of_it() -> None:
    def swallow() -> None:
        try:
            ask()
        except Interrupted:
            raise SystemExit(0) from None

    with pytest.raises(SystemExit) as ended, heeded():
        swallow()
    asked = interruption.request(ended.value)
    assert asked is not None
    assert asked.signal == signal.SIGTERM
    with heeded():
        assert not interruption.is_asked()
        assert interruption.request(ended.value) is None
    made = interruption.request(KeyboardInterrupt())
    assert made is not None
    assert made.signal == signal.SIGINT


def test_handlers_that_a_library_has_set_are_set_again() -> None:
    def work() -> None:
        signal.signal(signal.SIGTERM, lambda *_: None)
        ask()
        interruption.listen()
        ask()

    interrupted(work)


def test_what_the_process_was_started_to_ignore_stays_ignored() -> None:
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with heeded():
            ask(signal.SIGINT)
            assert not interruption.is_asked()
    finally:
        signal.signal(signal.SIGINT, before)


def test_other_threads_change_nothing() -> None:
    before = signal.getsignal(signal.SIGTERM)
    seen = []

    def work() -> None:
        with heeded():
            seen.append(signal.getsignal(signal.SIGTERM))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert seen == [before]


def test_a_process_of_a_trial_can_hand_it_on() -> None:
    copy = pickle.loads(pickle.dumps(Interrupted(signal.SIGINT)))  # noqa: S301 - our own bytes
    assert str(copy) == "interrupted by SIGINT; repeat the command to go on"


def test_a_later_signal_ends_at_once_with_the_line() -> None:
    script = """
import os, signal, time
from reprodx import interruption
interruption.SAME_SECONDS = 0.0
with interruption.heeded():
    try:
        os.kill(os.getpid(), signal.SIGINT)
    finally:
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(60)
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=30, check=False)
    assert (done.returncode, done.stderr) == (130, "reprodx: interrupted by SIGINT; repeat the command to go on\n")


@pytest.mark.parametrize(("name", "has_traceback"), [("reprodx", False), ("notebook.py", True)])
def test_ctrl_c_during_imports_leaves_no_traceback_of_a_command(tmp_path: Path, name: str, has_traceback: bool) -> None:
    script = tmp_path / name
    # Python's own handler, which a process that a shell started in the background has not.
    begin = "import os, signal\nsignal.signal(signal.SIGINT, signal.default_int_handler)\n"
    script.write_text(f"{begin}import reprodx\nos.kill(os.getpid(), signal.SIGINT)\n")
    ended = subprocess.run([sys.executable, str(script)], capture_output=True, text=True, check=False)
    assert ended.returncode == -signal.SIGINT
    assert ("Traceback" in ended.stderr) == has_traceback
    assert bool(ended.stderr) == has_traceback
