"""The files by which git remembers what DVC keeps: `table.csv.dvc` says what `table.csv` was."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

POINTER = ".dvc"
"""Ends the name of such a file, after the name of what is kept."""


def outs_of(pointer: Path) -> Mapping[str, Mapping[str, Any]]:
    """Return what a pointer says of the files and folders beside it, by their names.

    Args:
        pointer: The file.

    Returns:
        `md5`, `size` and the like as DVC wrote them; nothing where there is no such file, or it is none of DVC's.
    """
    import yaml

    try:
        content = yaml.safe_load(pointer.read_text(encoding="utf-8"))
        return {str(out["path"]): dict(out) for out in content["outs"]}
    except (OSError, ValueError, yaml.YAMLError, KeyError, TypeError):
        return {}
