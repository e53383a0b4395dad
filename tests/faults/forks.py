"""Commands of reprodx as forks of a process that has imported what takes seconds, so that hundreds can be killed."""

from __future__ import annotations

import multiprocessing
import os
import resource
import signal
import subprocess
import sys
from contextlib import nullcontext
from dataclasses import dataclass
from typing import TYPE_CHECKING

from reprodx.errors import Interrupted
from tests.faults.recording import recording
from tests.project import environment

if TYPE_CHECKING:
    from collections.abc import Sequence
    from multiprocessing.connection import Connection
    from multiprocessing.context import ForkServerProcess
    from pathlib import Path

PRELOADED = (
    *(
        "tests.faults.forks",
        "reprodx.pipeline",
        "reprodx.sweep.launch",
        "reprodx.stages.train",
        "reprodx.stages.compare",
    ),
    *("reprodx.stages.evaluate", "reprodx.stages.evaluate_generator", "reprodx.tracking.results"),
    *("reprodx.tracking.restore", "reprodx.training.network_fit", "reprodx.training.generation.gan_fit"),
    *("mlflow.store.tracking.sqlalchemy_store", "mlflow.pyfunc", "pytorch_lightning", "hydra"),
)
"""What the first process imports; Polars, which cannot be forked once it computes, is at rest in it."""
SECONDS = 300
"""How long a command may take before it is called hung."""
HUNG = 124
"""Stands for the exit code of a command that was hung."""


@dataclass(frozen=True)
class Ended:
    """How a command ended."""

    exit_code: int
    """The signal as a negative number where it was killed."""
    said: str


class Begun:
    """A command that has begun, with the processes that it starts in a group of its own."""

    def __init__(self, process: ForkServerProcess | subprocess.Popen[bytes], log: Path) -> None:
        """Stand for a process and what it prints."""
        self._process, self._log = process, log

    def kill(self, after: float, number: int) -> bool:
        """Send a signal to all its processes after some seconds; return whether it had not ended by then."""
        if self._has_ended(after):
            return False
        self._signal(number)
        return True

    def ended(self) -> Ended:
        """Wait until it ends."""
        if not self._has_ended(SECONDS):
            self._signal(signal.SIGKILL)
            return Ended(HUNG, self._said())
        process = self._process
        found = process.returncode if isinstance(process, subprocess.Popen) else process.exitcode
        return Ended(found or 0, self._said())

    def _has_ended(self, within: float) -> bool:
        try:
            return self._ends(within)
        except Interrupted:
            # It would go on alone, and keep the disk that it is on from being unmounted.
            self._signal(signal.SIGKILL)
            self._ends(SECONDS)
            raise

    def _ends(self, within: float) -> bool:
        if not isinstance(self._process, subprocess.Popen):
            self._process.join(within)
            return self._process.exitcode is not None
        try:
            self._process.wait(within)
        except subprocess.TimeoutExpired:
            return False
        return True

    def _signal(self, number: int) -> None:
        assert self._process.pid is not None, "it was started"
        os.killpg(self._process.pid, number)

    def _said(self) -> str:
        return self._log.read_text(errors="replace")


@dataclass(frozen=True)
class Forks:
    """Starts commands in a project, one after the other."""

    project: Path
    logs: Path

    def start(
        self,
        command: Sequence[str],
        *,
        record: tuple[Path, Sequence[str]] | None = None,
        largest_file: int | None = None,
    ) -> Begun:
        """Begin a command; return when its first line of code is about to run.

        Args:
            command: Arguments of `reprodx`.
            record: Where its recording goes, and the watched names, see `recording`.
            largest_file: Bytes that a file may have at most.
        """
        self.logs.mkdir(parents=True, exist_ok=True)
        log = self.logs / "said.txt"
        ready, says_ready = multiprocessing.Pipe(duplex=False)
        process = _context().Process(
            target=_run, args=(self.project, log, tuple(command), says_ready, record, largest_file)
        )
        process.start()
        says_ready.close()
        ready.poll(SECONDS)
        return Begun(process, log)

    def program(self, command: Sequence[str]) -> Begun:
        """Begin another program, such as DVC."""
        self.logs.mkdir(parents=True, exist_ok=True)
        log = self.logs / "said.txt"
        with log.open("wb") as file:
            process = subprocess.Popen(
                command,
                cwd=self.project,
                env={**environment(), "PYTHONPATH": str(self.project / "src")},
                stdout=file,
                stderr=file,
                process_group=0,
            )
        return Begun(process, log)

    def __call__(self, *command: str) -> Ended:
        """Run a command to its end."""
        return self.start(command).ended()


def _context() -> multiprocessing.context.ForkServerContext:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(list(PRELOADED))
    return context


def _run(
    project: Path,
    log: Path,
    command: tuple[str, ...],
    says_ready: Connection,
    record: tuple[Path, Sequence[str]] | None,
    largest_file: int | None,
) -> None:
    os.setpgid(0, 0)
    os.chdir(project)
    for name in os.environ.keys() - environment().keys():
        del os.environ[name]
    printed = os.open(log, os.O_CREAT | os.O_WRONLY | os.O_TRUNC)
    for stream in (1, 2):
        os.dup2(printed, stream)
    if largest_file is not None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (largest_file, largest_file))
    from reprodx.cli import main

    sys.argv = ["reprodx", *command]
    with recording(project, record[1]) if record else nullcontext() as recorded:
        says_ready.send_bytes(b"ready")
        exit_code = main(command)
    if record and recorded:
        recorded.write(record[0])
    sys.stdout.flush()
    sys.exit(exit_code)
