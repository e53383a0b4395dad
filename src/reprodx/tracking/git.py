"""Git as we call it: without hooks, without the settings that a hook leaves, in one language."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

from reprodx.errors import ConfigError

if TYPE_CHECKING:
    from pathlib import Path

GIT_SECONDS = 20
NO_HOOKS = ("-c", f"core.hooksPath={os.devnull}")
"""DVC and pre-commit install hooks that would check data out, or refuse."""


def git(
    folder: Path, *arguments: str, given: bytes = b"", index: Path | None = None, seconds: float | None = None
) -> subprocess.CompletedProcess[bytes]:
    """Run git in a folder.

    Args:
        folder: Where; its own repository answers, also inside of a hook of another one.
        *arguments: After `git`.
        given: What it reads.
        index: A file to use as git's index instead of the repository's own; None uses that one and leaves it alone.
        seconds: After which it is given up; None waits.

    Returns:
        How it ended, and what it wrote: as bytes, because reading as text takes the carriage returns from the lines of
        a patch, which then fits no more.

    Raises:
        ConfigError: If there is no git.
    """
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    own = {"LC_ALL": "C"} if index is None else {"LC_ALL": "C", "GIT_INDEX_FILE": str(index)}
    command = ["git", "--no-optional-locks", *NO_HOOKS, "-C", str(folder), *arguments]
    try:
        return subprocess.run(
            command, input=given, capture_output=True, check=False, env={**kept, **own}, timeout=seconds
        )
    except FileNotFoundError as error:
        raise ConfigError("git is missing here: install it, a run is made again from its commit") from error


def told(finished: subprocess.CompletedProcess[bytes]) -> str:
    """Return why git failed, in one line."""
    lines = finished.stderr.decode("utf-8", "replace").strip().splitlines()
    return lines[0].removeprefix("fatal: ").removeprefix("error: ") if lines else f"exit code {finished.returncode}"


def ask_git(root: Path, *arguments: str, given: str = "", index: Path | None = None) -> str:
    """Return what git prints, for questions to which silence is an answer.

    Args:
        root: The folder to ask in.
        *arguments: After `git`.
        given: What it reads.
        index: See `git`.

    Returns:
        Its output; nothing where git is absent, refuses, or knows no repository there.
    """
    try:
        finished = git(root, *arguments, given=given.encode(), index=index, seconds=GIT_SECONDS)
    except (ConfigError, OSError, subprocess.TimeoutExpired):
        return ""
    return finished.stdout.decode("utf-8", "replace")
