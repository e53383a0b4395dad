"""Files of predictions that a person names to be compared; nothing here opens a store."""

from __future__ import annotations

import difflib
from pathlib import Path
from typing import TYPE_CHECKING

from reprodx.artifacts.locations import DVC_OUTS
from reprodx.artifacts.predictions import read_predictions
from reprodx.comparison.source import Source
from reprodx.errors import ArtifactMissingError, ConfigError
from reprodx.tracking.names import SHORT

if TYPE_CHECKING:
    from collections.abc import Sequence

PREDICTIONS = DVC_OUTS.predictions
"""Below the folder of a run with overrides; its name alone, in a folder of results."""
ENDINGS = (".csv", ".parquet")
"""Of files that can be nothing else than predictions."""


def find_file(name: str) -> Path | None:
    """Return the file of predictions that a person means.

    Args:
        name: A file; or a folder that holds one, such as `results` or `outputs/<hash>`.

    Returns:
        The file; None where the name is of no file and no folder with predictions.

    Raises:
        ConfigError: If the name is empty.
        ArtifactMissingError: If the name can only be that of a file, and there is none.
    """
    if not name.strip():
        raise ConfigError("a run or file that is to be compared has an empty name: is a variable of the shell unset?")
    path = Path(name)
    for candidate in (path, path / PREDICTIONS.name, path / PREDICTIONS):
        if candidate.is_file():
            return candidate
    if path.suffix.lower() in ENDINGS or path.is_absolute() or (path.parent.name and path.parent.is_dir()):
        raise ArtifactMissingError(f"{name} is no file of predictions{_held(path)}: {_advice(path)}")
    return None


def file_source(path: Path) -> tuple[Source, str]:
    """Return the predictions of a file, and what tells it from another file of the same name.

    Args:
        path: The file.

    Returns:
        The predictions, labelled by the file's name, or by the model's where every run calls its file the same; and
        the beginning of the configuration's hash, else the folder's name.

    Raises:
        ArtifactError: If the file is absent or damaged.
        SchemaError: If its predictions are not what they should be.
    """
    predictions = read_predictions(path)
    own = predictions.metadata.get("name") if path.name == PREDICTIONS.name else None
    told_apart_by = str(predictions.metadata.get("config_hash", ""))[:SHORT] or path.resolve().parent.name
    return Source(str(own or path.name), predictions), told_apart_by


def _held(path: Path) -> str:
    return f", and holds no {PREDICTIONS.name}" if path.is_dir() else ""


def _advice(path: Path) -> str:
    siblings: Sequence[str] = sorted(one.name for one in path.parent.iterdir()) if path.parent.is_dir() else []
    near = [name for name in difflib.get_close_matches(path.name, siblings) if name != path.name]
    return f"did you mean {' or '.join(near)}?" if near else "give a .csv or .parquet file, or a folder of results"
