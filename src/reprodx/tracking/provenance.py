"""Which code made a run: no user name, no path of the machine, no patient's row."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

REWRITTEN = ("params.yaml", "dvc.lock", "results/")
"""What the stages themselves rewrite: never a sign of changed code."""
SOURCES = ("src/*", "conf/*", "*.py", "*.toml", "*.lock", "dvc.yaml", "Makefile")
"""What a diff may show. Tables and notebooks may hold patients' rows, so other files only count as dirty."""
UNKNOWN = "unknown"
GIT_SECONDS = 20


@dataclass(frozen=True)
class Provenance:
    """The state of the code."""

    commit: str
    """The commit's sha, `unknown` outside git."""
    dirty: str
    """`true`, `false`, or `unknown` outside git."""
    diff: str
    """The uncommitted changes of sources, new files included, as a patch; empty where there are none."""


def provenance(root: Path) -> Provenance:
    """Return the state of the code in a working tree.

    Args:
        root: The root of the project.

    Returns:
        The state; `unknown` where git is absent or nothing was ever committed.
    """
    commit = _git(root, "rev-parse", "--verify", "--quiet", "HEAD")
    if not commit:
        return Provenance(UNKNOWN, UNKNOWN, "")
    left_out = [f":(exclude){path}" for path in REWRITTEN]
    status = _git(root, "status", "--porcelain", "--", ".", *left_out)
    if not status:
        return Provenance(commit.strip(), "false", "")
    diff = _git(root, "diff", "--no-color", "--no-ext-diff", "HEAD", "--", *SOURCES, *left_out)
    return Provenance(commit.strip(), "true", diff + _new_files(root, left_out))


def _new_files(root: Path, left_out: list[str]) -> str:
    """Return the patch that adds the sources that git does not know yet, such as the file of a new network."""
    names = _git(root, "ls-files", "-z", "--others", "--exclude-standard", "--", *SOURCES, *left_out)
    return "".join(
        _git(root, "diff", "--no-color", "--no-ext-diff", "--no-index", "--", "/dev/null", name)
        for name in names.split("\0")
        if name
    )


def _git(root: Path, *arguments: str) -> str:
    """Return what git prints, nothing where it is absent or knows no repository here."""
    try:
        finished = subprocess.run(
            ["git", "--no-optional-locks", "-C", str(root), *arguments],
            capture_output=True,
            check=False,
            timeout=GIT_SECONDS,
            encoding="utf-8",
            errors="replace",
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return finished.stdout
