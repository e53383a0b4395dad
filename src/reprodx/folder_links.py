"""Links in a folder of data: those that lead out of it are files of somebody else's, and are never read."""

from __future__ import annotations

import os
import re
from pathlib import Path

STORED = re.compile(r"/[0-9a-f]{2}/[0-9a-f]{30}$|/\.git/annex/objects/")
"""Where DVC (`cache.type symlink`) and git-annex keep a file, under its hash, and leave a link to it."""


def leads_out(path: Path, folder: Path) -> bool:
    """Tell whether what is called by a path lies elsewhere than below a folder.

    Args:
        path: A file or folder; links in it are followed. One that is absent lies where it would be.
        folder: Which may be called by way of a link itself.

    Returns:
        False of a file that DVC or git-annex keep and put there by a link.
    """
    # Not Path.resolve, which fails for links that lead to themselves.
    place = Path(os.path.realpath(path))
    return not place.is_relative_to(os.path.realpath(folder)) and not STORED.search(place.as_posix())


def links_out_of(folder: Path) -> list[Path]:
    """Return the links at any depth of a folder that lead out of it, in order."""
    return sorted(path for path in folder.rglob("*") if path.is_symlink() and leads_out(path, folder))
