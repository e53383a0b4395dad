"""The processes of a service, known by a mark in their environment: also after its first one was killed, or a reboot.

A file with a process id would be stale then; and the id alone, after a restart, may be another program's.
"""

from __future__ import annotations

import os
import subprocess
import time
from typing import TYPE_CHECKING

import psutil

from reprodx.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

MARK = "REPRODX_SERVICE"
"""The variable whose value is the folder of a service."""
STRANGE = ("AWS_", "MLFLOW_", "PG", "NANIO_", "_MLFLOW_")
"""Beginnings of variables by which a person's settings would reach a service."""
SECONDS = 120.0
"""How long a service may take to answer on a busy machine."""
PATIENCE = 10.0
"""Seconds in which a process that is asked to end may do so."""
_STARTED: list[subprocess.Popen[bytes]] = []
"""They outlive this process, and Python warns of one that is forgotten while it runs."""


def start(folder: Path, command: Sequence[str], variables: Mapping[str, str]) -> None:
    """Start a service in the background, in a group of its own.

    Args:
        folder: Of the service, where it works and logs; made where it is absent.
        command: The program and its arguments, which everybody on the machine can read.
        variables: Further ones of its environment.
    """
    folder.mkdir(mode=0o700, exist_ok=True)
    own = {name: value for name, value in os.environ.items() if not name.startswith(STRANGE)}
    with (folder / "log").open("ab") as log:
        started = subprocess.Popen(
            command,
            cwd=folder,
            env={**own, **variables, MARK: str(folder)},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    _STARTED.append(started)


def running(folder: Path) -> list[psutil.Process]:
    """Return the processes of a service, those that its first one started too."""
    return [process for process in psutil.process_iter() if _mark(process) == str(folder)]


def is_whole(folder: Path) -> bool:
    """Tell whether the first process of a service lives: without it nobody starts again what ends of the others."""
    return any(_leads(process.pid) for process in running(folder))


def end(processes: Sequence[psutil.Process]) -> None:
    """Ask processes to end, and end those that do not.

    Args:
        processes: All of a service.
    """
    for process in processes:
        _tell(process.terminate)
    for process in _left(processes):
        _tell(process.kill)
    _left(processes)


def wait_until(answers: Callable[[], bool], folder: Path, name: str) -> None:
    """Wait until a service answers.

    Args:
        answers: Whether it does.
        folder: Of the service.
        name: For messages.

    Raises:
        ConfigError: If it ended, or does not answer for `SECONDS`.
    """
    until = time.monotonic() + SECONDS
    while time.monotonic() < until and running(folder):
        if answers():
            return
        time.sleep(0.2)
    raise ConfigError(f"{name} did not start: {last_line(folder / 'log')}; see {folder / 'log'}")


def last_line(log: Path) -> str:
    """Return the last line of a log that says anything."""
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines() if log.is_file() else []
    return next((line.strip() for line in reversed(lines) if line.strip()), "it said nothing")


def _mark(process: psutil.Process) -> str | None:
    try:
        return str(process.environ().get(MARK))
    except (psutil.Error, OSError):
        # Another user's, or gone.
        return None


def _leads(process: int) -> bool:
    try:
        return os.getpgid(process) == process
    except ProcessLookupError:
        return False


def _left(processes: Sequence[psutil.Process]) -> list[psutil.Process]:
    """Wait for processes, and return those that do not end; one that nobody has asked after has ended too."""
    until = time.monotonic() + PATIENCE
    while (left := [process for process in processes if _lives(process)]) and time.monotonic() < until:
        time.sleep(0.05)
    return left


def _lives(process: psutil.Process) -> bool:
    try:
        return bool(process.is_running() and process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def _tell(ask: Callable[[], None]) -> None:
    try:
        ask()
    except psutil.NoSuchProcess:
        return
