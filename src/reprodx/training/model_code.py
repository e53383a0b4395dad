"""Which code a model was trained by, noted until it is judged: that may be by other code, in another command."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from reprodx.artifacts.files import write_json
from reprodx.artifacts.locations import model_note
from reprodx.hashing import sha256_of_code, sha256_of_path
from reprodx.training.finished_training import CODE

if TYPE_CHECKING:
    from pathlib import Path


def note_code(models: Path) -> None:
    """Note that the code of this process trained a model.

    Args:
        models: The folder of the model. Several codes may have made the same bytes.
    """
    path = _note(models)
    write_json(path, sorted({*_codes(path), sha256_of_code(*CODE)}))


def is_of_other_code(models: Path) -> bool:
    """Tell whether a model is known to be trained by code, and by none like that of this process.

    Args:
        models: The folder of the model.

    Returns:
        False also of a model that was trained nowhere near, such as one that DVC pulled.
    """
    codes = _codes(_note(models))
    return bool(codes) and sha256_of_code(*CODE) not in codes


def _note(models: Path) -> Path:
    return model_note(sha256_of_path(models))


def _codes(path: Path) -> list[str]:
    try:
        codes: list[str] = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return []
    return codes
