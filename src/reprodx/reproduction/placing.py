"""A file or folder copied to a second place: a link would let whoever writes there write into the original."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def put(source: Path, target: Path) -> None:
    """Put a file, or a folder with all that is in it, at a place of its own; what stands there is replaced.

    Args:
        source: Where it lies; links in it are followed.
        target: Where it goes.
    """
    remove(target)
    # The files that a folder's hash is of; its permissions stay behind, or nobody could remove the copy.
    files = [source] if source.is_file() else [path for path in source.rglob("*") if path.is_file()]
    for file in files:
        place = target / file.relative_to(source)
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, place)


def remove(path: Path) -> None:
    """Remove a file, link or folder; an absent one is gone already."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
