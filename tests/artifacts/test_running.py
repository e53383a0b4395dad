"""Two processes are never at the results of one configuration."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

from filelock import FileLock

from reprodx.artifacts import running

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


def test_a_configuration_that_another_process_is_at_waits_for_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(running, "home", lambda: tmp_path)
    caplog.set_level("INFO", "reprodx")
    lock, is_held, order = tmp_path / ".cache/running/of.lock", threading.Event(), []

    def be_at_it_until_waited_for() -> None:
        with FileLock(lock):
            is_held.set()
            while "another process is running this configuration" not in caplog.text:
                time.sleep(0.01)
            order.append("first")

    threading.Thread(target=be_at_it_until_waited_for, daemon=True).start()
    is_held.wait()
    for name in ("second", "third"):
        with running.alone("of"):
            order.append(name)
    assert order == ["first", "second", "third"]
    assert caplog.text.count("another process") == 1
