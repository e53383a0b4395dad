"""What git says of a working tree, as text."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

GIT_SECONDS = 20


def ask_git(root: Path, *arguments: str, given: str = "", index: Path | None = None) -> str:
    """Return what git prints.

    Args:
        root: The folder to ask in; its own repository answers, also inside of a hook of another one.
        *arguments: After `git`.
        given: What it reads.
        index: A file to use as git's index instead of the repository's own; None uses that one and leaves it alone.

    Returns:
        Its output; nothing where git is absent, refuses, or knows no repository there.
    """
    environ = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    try:
        finished = subprocess.run(
            ["git", "--no-optional-locks", "-C", str(root), *arguments],
            input=given.encode(),
            capture_output=True,
            check=False,
            timeout=GIT_SECONDS,
            env=environ if index is None else {**environ, "GIT_INDEX_FILE": str(index)},
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    # Decoded here: reading as text takes the carriage returns from the lines of a patch, which then fits no more.
    return finished.stdout.decode("utf-8", "replace")
