"""Git repositories to measure in, and the commands that are timed there."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from functools import reduce
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from benchmarks.comparison import Timing
from benchmarks.timed_command import PEAK_BYTES, PEAK_OWN_BYTES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

ROOT = Path(__file__).parents[1]
BENCHMARKS = ROOT / "benchmarks"
DVC_SETTINGS = (".dvc/config", ".dvc/.gitignore", ".dvcignore")
PARTS = (*DVC_SETTINGS, ".gitignore", "conf", "data/raw", "dvc.yaml", "src")
"""What makes a folder a project, apart from what the stages write."""


class Measured(NamedTuple):
    """What a command of reprodx took."""

    total: Timing
    """With the start and the end of its process."""
    parts: Mapping[str, Timing]
    peak_bytes: float
    peak_own_bytes: float
    """Without files that are mapped into memory; NaN where the machine does not tell."""

    def without(self, *names: str) -> Timing:
        """Return what is left without some parts."""
        return reduce(Timing.__sub__, (self.parts[name] for name in names), self.total)


def fresh_copy(folder: Path) -> Path:
    """Make `folder` a committed copy of the project as after `git clone`, but with the working tree's content."""
    copy_parts(PARTS, folder)
    commit_all(folder)
    return folder


def copy_parts(parts: Sequence[str], folder: Path) -> None:
    """Copy files and folders of the project."""
    for part in parts:
        source, target = ROOT / part, folder / part
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("*.egg-info"))
        else:
            shutil.copy(source, target)


def commit_all(folder: Path) -> None:
    """Make a folder a git repository with one commit."""
    run(["git", "init", "--quiet", "--initial-branch=main"], folder)
    run(["git", "add", "--all"], folder)
    author = ["-c", "user.name=benchmarks", "-c", "user.email=benchmarks@example.org"]
    run(["git", *author, "commit", "--quiet", "--message", "as it stands"], folder)


def run(command: Sequence[str], folder: Path) -> str:
    """Run a command with the virtual environment and without settings of the person; return what it prints."""
    finished = subprocess.run(command, cwd=folder, env=environment(folder), capture_output=True, text=True, check=False)
    if finished.returncode:
        sys.exit(f"{' '.join(command)} ended with {finished.returncode}:\n{finished.stdout}{finished.stderr}")
    return finished.stdout


def now() -> Timing:
    """Return the time by the clock, and the processor time of all child processes that have ended."""
    times = os.times()
    return Timing(time.perf_counter(), times.children_user + times.children_system)


def time_command(command: Sequence[str], folder: Path) -> Timing:
    """Return how long a command takes, its start and its end included."""
    start = now()
    run(command, folder)
    return now() - start


def time_parts(parts: Mapping[str, Sequence[str]], arguments: Sequence[str], folder: Path) -> Measured:
    """Run a command of reprodx and return how long it and parts of it took.

    Args:
        parts: For each part the functions that are timed, as `module:name` or `module:class.name`.
        arguments: Of reprodx.
        folder: The project to run in.

    Returns:
        Times and memory.
    """
    start = now()
    printed = json.loads(
        run([sys.executable, str(BENCHMARKS / "timed_command.py"), json.dumps(parts), *arguments], folder)
    )
    total, peaks = now() - start, [printed.pop(PEAK_BYTES), printed.pop(PEAK_OWN_BYTES)]
    return Measured(total, {name: Timing(*seconds) for name, seconds in printed.items()}, *peaks)


def environment(folder: Path) -> Mapping[str, str]:
    """Return the environment of someone who has activated a virtual environment where the folder is installed."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("MLFLOW_", "DVC_", "HYDRA_"))}
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    return {**kept, "PATH": path, "PYTHONPATH": str(folder / "src")}
