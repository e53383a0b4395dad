"""Who is asked to end while a command runs ends that command first."""

from __future__ import annotations

import os
import signal
import threading
from typing import TYPE_CHECKING

import pytest

from reprodx.errors import Interrupted
from reprodx.interruption import heeded
from tests.faults.forks import Forks

if TYPE_CHECKING:
    from pathlib import Path


def test_a_command_does_not_outlive_who_waits_for_it(tmp_path: Path) -> None:
    begun = Forks(tmp_path, tmp_path / "logs").program(("sleep", "60"))
    asks = threading.Timer(0.5, os.kill, (os.getpid(), signal.SIGTERM))
    asks.start()
    with heeded(), pytest.raises(Interrupted):
        begun.ended()
    assert begun.ended().exit_code == -signal.SIGKILL
