"""The code of a run in a folder of its own: a temporary worktree of its commit, with the changes that were recorded.

Nothing of the person's own worktree, outs, caches or store is in it. It goes when the block ends; what a killed process
left is removed by the next one.
"""

from __future__ import annotations

import re
import shutil
import uuid
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from filelock import FileLock, Timeout

from reprodx.errors import ArtifactCorruptError, ConfigError
from reprodx.tracking.git import git, told

if TYPE_CHECKING:
    from collections.abc import Iterator

FOLDER = Path(".cache/reproductions")
"""Below the project's root: on the disk of the data, and where neither git nor DVC looks."""
CODE = "code"
"""What is checked out below the folder of a workspace."""
BINARY = re.compile(rb"^Binary files .+ and (?:b/)?(.+) differ$", re.MULTILINE)
"""What a patch holds where git wrote no bytes down."""
SHORT = 12
"""Digits of a commit that are shown, and of a folder's name."""


@contextmanager
def workspace(root: Path, commit: str, changes: bytes) -> Iterator[Path]:
    """Yield the project as it was, in a folder that goes when the block ends.

    Args:
        root: The root of the project; its repository must have the commit.
        commit: Its sha.
        changes: A patch of what was not committed; empty where everything was.

    Yields:
        The root of the project in the worktree.

    Raises:
        ConfigError: If the repository does not have the commit.
        ArtifactCorruptError: If the changes do not fit it.
    """
    inside = _place_in_repository(root)
    _check_commit(root, commit)
    with own_folder(root) as folder:
        checkout = folder / CODE
        added = git(root, "worktree", "add", "--detach", "--quiet", str(checkout), commit)
        try:
            if added.returncode:
                raise ConfigError(f"commit {commit[:SHORT]} cannot be checked out: {told(added)}")
            _apply(checkout, changes)
            yield checkout / inside
        finally:
            git(root, "worktree", "remove", "--force", "--force", str(checkout))


@contextmanager
def own_folder(root: Path) -> Iterator[Path]:
    """Yield an empty folder below the project's caches that goes when the block ends; who holds its lock lives.

    What killed processes left is removed first.

    Args:
        root: The root of the project.

    Yields:
        The folder.
    """
    home = root.resolve() / FOLDER
    home.mkdir(parents=True, exist_ok=True)
    clear_abandoned(root)
    folder = home / uuid.uuid4().hex[:SHORT]
    lock = FileLock(f"{folder}.lock")
    try:
        with lock:
            folder.mkdir()
            yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        Path(lock.lock_file).unlink(missing_ok=True)


def clear_abandoned(root: Path) -> None:
    """Remove what killed processes left, and what git remembers of it.

    Args:
        root: The root of the project.
    """
    for lock in (root / FOLDER).glob("*.lock"):
        try:
            with FileLock(lock, timeout=0):
                shutil.rmtree(lock.with_suffix(""), ignore_errors=True)
                lock.unlink(missing_ok=True)
        except Timeout:
            continue
    git(root, "worktree", "prune")


def _place_in_repository(root: Path) -> Path:
    """Return where the project lies in its repository, which is mostly the same folder."""
    found = git(root, "rev-parse", "--show-prefix")
    if found.returncode:
        raise ConfigError(f"{told(found)}: reproduce a run in a clone of the repository that it was made in")
    return Path(found.stdout.decode().strip())


def _check_commit(root: Path, commit: str) -> None:
    if not re.fullmatch("[0-9a-f]{40,64}", commit):
        raise ConfigError("the run was made outside of git: its code is not known, so it cannot be made again")
    if git(root, "cat-file", "-e", f"{commit}^{{commit}}").returncode:
        is_shallow = git(root, "rev-parse", "--is-shallow-repository").stdout.strip() == b"true"
        advice = "`git fetch --unshallow`" if is_shallow else f"`git fetch origin {commit}`, or go to the clone with it"
        what = "this shallow clone" if is_shallow else "this repository"
        raise ConfigError(f"{what} does not have commit {commit[:SHORT]} of the run: {advice}")


def _apply(checkout: Path, changes: bytes) -> None:
    """Apply a recorded patch; git itself refuses names that lead out of the folder."""
    if not changes.strip():
        return
    if binary := BINARY.search(changes):
        name = binary[1].decode("utf-8", "replace")
        raise ArtifactCorruptError(f"the run's uncommitted changes hold {name}, whose bytes were not recorded")
    # The commit is the one that the patch was made on: that a person's git left out the lines around is no matter.
    apply = ("apply", "--whitespace=nowarn", "--unidiff-zero")
    done = git(checkout, *apply, "-", given=changes)
    if done.returncode:
        # Lines that end with a carriage return were recorded without it by older versions.
        done = git(checkout, *apply, "--ignore-whitespace", "-", given=changes)
    if done.returncode:
        raise ArtifactCorruptError(f"the run's uncommitted changes do not fit its commit: {told(done)}")
