"""Git as reproduction calls it: without hooks, without the settings that a hook leaves, and with errors in one line."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

from reprodx.errors import ConfigError

if TYPE_CHECKING:
    from pathlib import Path

NO_HOOKS = ("-c", f"core.hooksPath={os.devnull}")
"""DVC and pre-commit install hooks that would check data out, or refuse."""


def git(folder: Path, *arguments: str, given: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    """Run git in a folder.

    Args:
        folder: Where.
        *arguments: After `git`.
        given: What it reads.

    Returns:
        How it ended, and what it wrote.

    Raises:
        ConfigError: If there is no git.
    """
    # Inside of a hook, git is told of another repository.
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    command = ["git", "--no-optional-locks", *NO_HOOKS, "-C", str(folder), *arguments]
    try:
        return subprocess.run(command, input=given, capture_output=True, check=False, env={**kept, "LC_ALL": "C"})
    except FileNotFoundError as error:
        raise ConfigError("git is missing here: install it, a run is made again from its commit") from error


def told(finished: subprocess.CompletedProcess[bytes]) -> str:
    """Return why git failed, in one line."""
    lines = finished.stderr.decode("utf-8", "replace").strip().splitlines()
    return lines[0].removeprefix("fatal: ").removeprefix("error: ") if lines else f"exit code {finished.returncode}"
