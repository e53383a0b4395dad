"""A file or folder at a second place: linked where the disk allows it, else copied."""

from __future__ import annotations

import os
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
        shutil.copytree(source, target, copy_function=_link_or_copy)
    else:
        _link_or_copy(str(source), str(target))


def remove(path: Path) -> None:
    """Remove a file, link or folder; an absent one is gone already."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def _link_or_copy(source: str, target: str) -> None:
    """Give a file a second name, which costs no space; of a link, to what it leads to."""
    try:
        os.link(os.path.realpath(source), target)
    except OSError:
        shutil.copyfile(source, target)
