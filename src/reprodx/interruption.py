"""Being asked to end, with Ctrl-C or by a scheduler: what goes on is left so that the same command goes on with it.

A signal raises `Interrupted` in the main thread, at once, or where a block that must not be cut in two has ended. What
libraries make of it (they wrap, swallow and replace) is of no matter: `request` remembers it.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys
import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from reprodx.errors import Interrupted

if TYPE_CHECKING:
    from collections.abc import Iterator

DVC_STAGE = "DVC_STAGE"
"""The variable by which DVC tells a command that it is a stage."""
PR_SET_PDEATHSIG = 1
"""Linux's option of `prctl` that names the signal which the end of the parent sends."""
SIGNALS = (signal.SIGINT, signal.SIGTERM)
SAME_SECONDS = 1.0
"""Within which signals are one request: `timeout` sends two, and a terminal's goes to all that it runs."""


class _Listener:
    """What this process was asked, and whether it may be cut now."""

    def __init__(self) -> None:
        self.asked: Interrupted | None = None
        self.asked_at = 0.0
        self.is_listening = self.is_postponed = False

    def hear(self, number: int, _frame: object) -> None:
        if self.asked is None:
            self.asked, self.asked_at = Interrupted(signal.Signals(number)), time.monotonic()
            if not self.is_postponed:
                raise self.asked
        elif time.monotonic() - self.asked_at >= SAME_SECONDS:
            os.write(2, f"reprodx: {self.asked}\n".encode())
            os._exit(self.asked.exit_code)


_LISTENER = _Listener()


@contextmanager
def heeded() -> Iterator[None]:
    """Heed signals in the block: the first raises `Interrupted`, one that comes later while it ends ends at once.

    Only the main thread can; in another one, and for signals that the process was started to ignore, nothing changes.
    """
    if threading.current_thread() is not threading.main_thread() or _LISTENER.is_listening:
        yield
        return
    before = {one: signal.getsignal(one) for one in SIGNALS}
    _LISTENER.asked, _LISTENER.is_listening = None, True
    listen()
    try:
        yield
    finally:
        _LISTENER.is_listening = _LISTENER.is_postponed = False
        for one, handler in before.items():
            signal.signal(one, handler)


def follow_dvc() -> None:
    """Be asked to end where DVC ends and this is its stage: what the next `dvc repro` starts would run beside it."""
    if DVC_STAGE in os.environ and sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def listen() -> None:
    """Set the handlers of `heeded` again, which a library has replaced."""
    for one in SIGNALS if _LISTENER.is_listening else ():
        if signal.getsignal(one) is not signal.SIG_IGN:
            signal.signal(one, _LISTENER.hear)


@contextmanager
def postponed() -> Iterator[None]:
    """Let nothing cut the block, but for a part of it that is `allowed`; it should be short.

    Raises:
        Interrupted: When the block has ended without an error, if a signal came meanwhile.
    """
    before, _LISTENER.is_postponed = _LISTENER.is_postponed, True
    try:
        yield
    finally:
        _LISTENER.is_postponed = before
    if not before:
        check()


@contextmanager
def allowed() -> Iterator[None]:
    """Let signals cut the block, which is part of one that is `postponed`.

    Raises:
        Interrupted: If one came before.
    """
    before, _LISTENER.is_postponed = _LISTENER.is_postponed, False
    try:
        check()
        yield
    finally:
        _LISTENER.is_postponed = before


def check() -> None:
    """Raise what was postponed.

    Raises:
        Interrupted: If the process was asked to end.
    """
    if _LISTENER.is_listening and _LISTENER.asked is not None:
        raise _LISTENER.asked


def is_asked() -> bool:
    """Tell whether the process was asked to end, and has not yet."""
    return _LISTENER.asked is not None and _LISTENER.is_listening


def request(error: BaseException) -> Interrupted | None:
    """Return what a command was asked that ended with an error, also after `heeded`.

    Args:
        error: What it ended with; of Ctrl-C a library may make Python's own.

    Returns:
        The request; None where there was none.
    """
    if isinstance(error, Interrupted):
        return error
    return _LISTENER.asked or (Interrupted(signal.SIGINT) if isinstance(error, KeyboardInterrupt) else None)
