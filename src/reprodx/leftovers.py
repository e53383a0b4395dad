"""What killed processes left: half-written files in the project, folders in the machine's temporary one.

Each has the process that made it in its name. A command makes its own temporary files below one folder, and removes
before it begins what is of processes that are gone.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from reprodx.artifacts.files import clear_abandoned, temporary_prefix
from reprodx.artifacts.locations import home

if TYPE_CHECKING:
    from collections.abc import Iterator

CACHES = ".cache"
"""Where there is none, no command has run."""
DEPTHS = {".": 0, "data": 0, "models": 0, "results": 1, "outputs": 2, CACHES: 2}
"""Folders that commands write in, and how many levels of folders below them."""
NAME = Path("reprodx")


@contextmanager
def cleared() -> Iterator[None]:
    """Remove what killed processes left, and give this one a temporary folder that goes when the block ends."""
    root = home()
    if (root / CACHES).is_dir():
        for name, depth in DEPTHS.items():
            _clear(root / name, depth)
        _clear_reproductions(root)
    clear_abandoned(Path(tempfile.gettempdir()))
    before, own = tempfile.tempdir, tempfile.mkdtemp(prefix=temporary_prefix(NAME))
    tempfile.tempdir = own
    try:
        yield
    finally:
        tempfile.tempdir = before
        shutil.rmtree(own, ignore_errors=True)


def _clear(folder: Path, depth: int) -> None:
    if not folder.is_dir() or not os.access(folder, os.W_OK):
        return
    clear_abandoned(folder)
    if depth:
        with os.scandir(folder) as entries:
            below = [Path(entry.path) for entry in entries if entry.is_dir(follow_symlinks=False)]
        for each in below:
            _clear(each, depth - 1)


def _clear_reproductions(root: Path) -> None:
    from reprodx.reproduction.workspace import FOLDER
    from reprodx.reproduction.workspace import clear_abandoned as clear_workspaces

    if any((root / FOLDER).glob("*.lock")):
        clear_workspaces(root)
