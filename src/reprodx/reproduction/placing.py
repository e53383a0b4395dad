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
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.is_dir():
        shutil.copytree(source, target, copy_function=shutil.copyfile)
    else:
        shutil.copyfile(source, target)


def remove(path: Path) -> None:
    """Remove a file, link or folder; an absent one is gone already."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
