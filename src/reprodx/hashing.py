"""The hashes that name things: JSON, files, folders, and our own sources."""

from __future__ import annotations

import functools
import hashlib
import json
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


def sha256_of_json(content: object) -> str:
    """Return the hex digest of canonical JSON: sorted keys, no spaces, shortest float form.

    >>> sha256_of_json({"b": 1, "a": 2}) == sha256_of_json({"a": 2, "b": 1})
    True
    """
    canonical = json.dumps(content, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(canonical.encode()).hexdigest()


def sha256_of_path(path: Path) -> str:
    """Return the hex digest of a file's bytes, or of a folder's files with their names inside it."""
    if path.is_dir():
        return sha256_of_files(path, (file for file in path.rglob("*") if file.is_file()))
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def sha256_of_files(root: Path, files: Iterable[Path]) -> str:
    """Return the hex digest of files' bytes and of their names relative to `root`, in the order of the names."""
    names = sorted(file.relative_to(root).as_posix() for file in files)
    return sha256_of_json([[name, sha256_of_path(root / name)] for name in names])


@functools.cache
def sha256_of_code(*packages: str) -> str:
    """Return the hex digest of the Python sources of reprodx's packages and modules, named as `"splits"`.

    This is what "code version" means: equal sources make equal results, whatever commit they stand in. They are read
    once: what a process has imported does not follow an edit.
    """
    root = Path(__file__).parent
    files: list[Path] = []
    for package in packages:
        folder, module = root / package, root / f"{package}.py"
        files += folder.rglob("*.py") if folder.is_dir() else [module]
    return sha256_of_files(root, files)
