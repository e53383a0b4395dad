"""Which processes are known to be gone."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from reprodx.tracking import processes
from reprodx.tracking.processes import is_alive, is_dead, own


def changed(tag: str, start: int, end: int, by: str) -> str:
    assert tag[start:end] != by
    return tag[:start] + by + tag[end:]


def test_this_process_is_alive_and_is_not_named() -> None:
    assert is_alive(own())
    assert not is_dead(own())
    assert len(own().partition(":")[0]) == 12


def test_a_process_that_has_ended_is_dead() -> None:
    script = "from reprodx.tracking.processes import own; print(own())"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    tag = done.stdout.strip()
    assert tag.partition(":")[0] == own().partition(":")[0]
    assert is_dead(tag)
    assert not is_alive(tag)


def test_another_process_with_the_same_id_is_another() -> None:
    assert is_dead(f"{own().rpartition(':')[0]}:1")


def test_before_this_boot_everything_has_ended() -> None:
    earlier = changed(own(), 6, 12, "------")
    assert is_dead(earlier)
    assert not is_alive(earlier)


@pytest.mark.parametrize(
    "tag", ["------" + own()[6:], "", "x", "1:2", "a:b:c"], ids=["elsewhere", "empty", "x", "two", "words"]
)
def test_of_other_machines_nothing_is_known(tag: str) -> None:
    assert not is_dead(tag)
    assert not is_alive(tag)


def test_without_proc_the_id_alone_tells(monkeypatch: pytest.MonkeyPatch) -> None:
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    monkeypatch.setattr(processes, "PROCESSES", Path("/nowhere"))
    place = own().partition(":")[0]
    assert own().endswith(":0")
    assert is_alive(own())
    assert is_dead(f"{place}:{gone.pid}:0")
