"""A disk that fills up in a command, and folders that cannot be written, then the command repeated.

Where this user may mount, the project lies on a small file system of its own, and folders are mounted read-only; else
files may only grow to a limit, and folders lose their permission to be written.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
from random import Random
from typing import TYPE_CHECKING

from reprodx.interruption import allowed, postponed
from tests.faults.scenarios import SCENARIOS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.faults.bench import Bench
    from tests.faults.forks import Ended

FOLDERS = (".", ".cache", ".cache/prepared", ".cache/tracking", "outputs", "results", "mlruns")
"""Of a project, in which a run writes."""
ROOM = 3 << 20
"""Bytes that a run needs at most."""
LARGE = 1 << 30
"""Bytes that are enough."""


def lost_by_full_disk(bench: Bench, name: str, seed: int) -> str:
    """Run the command of a scenario where the disk fills up, make room, and repeat it.

    Args:
        bench: Where.
        name: Of the scenario.
        seed: Decides how much room there is.

    Returns:
        What was lost, empty where nothing was.
    """
    room = Random(f"{name} {seed}").randrange(ROOM)
    scenario = SCENARIOS[name]
    bench.undisturbed(name)
    bench.reset(scenario)
    if not _may_mount():
        ended = bench.forks.start(scenario.command, largest_file=room).ended()
        return _lost(bench, name, ended)
    with _mounted("-t", "tmpfs", "-o", f"size={LARGE}", "tmpfs", str(bench.project)) as disk:
        bench.reset(scenario)
        space = os.statvfs(disk)
        used = (space.f_blocks - space.f_bfree) * space.f_frsize
        _mount("-o", f"remount,size={used + room}", disk)
        ended = bench.begin(scenario).ended()
        _mount("-o", f"remount,size={LARGE}", disk)
        return _lost(bench, name, ended)


def lost_by_closed_folder(bench: Bench, name: str, folder: str) -> str:
    """Run the command of a scenario where a folder cannot be written, open it, and repeat the command.

    Args:
        bench: Where.
        name: Of the scenario.
        folder: Relative to the project; made where it is absent.

    Returns:
        What was lost, empty where nothing was.
    """
    bench.undisturbed(name)
    bench.reset(SCENARIOS[name])
    path = bench.project / folder
    path.mkdir(parents=True, exist_ok=True)
    with _closed(path):
        ended = bench.begin(SCENARIOS[name]).ended()
    return _lost(bench, name, ended)


def _lost(bench: Bench, name: str, ended: Ended) -> str:
    """Return what is not as it should be once a command that refused is repeated, or what it left is delivered."""
    return _misbehaved(ended) or (bench.lost(name) if ended.exit_code else bench.undelivered(name))


def _misbehaved(ended: Ended) -> str:
    """Return what a command did beside refusing in one line, or finishing because it could."""
    complaints = [line for line in ended.said.splitlines() if line.startswith("reprodx: ")]
    if "Traceback" in ended.said or ended.exit_code not in {0, 2}:
        return f"ended with {ended.exit_code}: {ended.said[-300:]}"
    if (ended.exit_code == 2) != (len(complaints) == 1):
        return f"ended with {ended.exit_code} and {len(complaints)} lines: {complaints}"
    return ""


@contextlib.contextmanager
def _closed(path: Path) -> Iterator[None]:
    if not _may_mount():
        path.chmod(0o555)
        try:
            yield
        finally:
            path.chmod(0o755)
        return
    with _mounted("--bind", str(path), str(path)) as place:
        _mount("-o", "remount,ro,bind", place)
        yield


@contextlib.contextmanager
def _mounted(*arguments: str) -> Iterator[str]:
    # No signal falls between the two: a disk that stays lies over the project of the next attempts.
    with postponed():
        _mount(*arguments)
        try:
            with allowed():
                yield arguments[-1]
        finally:
            subprocess.run(["umount", arguments[-1]], check=True)


def _mount(*arguments: str) -> None:
    subprocess.run(["mount", *arguments], check=True)


def _may_mount() -> bool:
    return os.geteuid() == 0
