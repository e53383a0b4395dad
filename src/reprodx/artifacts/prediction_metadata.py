"""What a Parquet file of predictions says of itself: in our words, which are held to their form, and in pandas'."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any

from reprodx.errors import ArtifactCorruptError
from reprodx.schemas import SAMPLING, Sampling, Task

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

METADATA_KEY = "reprodx"
"""The key of a Parquet file's metadata under which ours lies as JSON."""
GENERATION = "generation"
"""What the metadata of a generator's run give as its task: it says nothing of classes."""
HASHED_WITH = "hashed_with"
"""Where ids are keyed hashes: the fingerprint of the key."""
PANDAS_KEY = "pandas"


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _is_classes(value: object) -> bool:
    if not isinstance(value, list) or not value or not all(isinstance(name, str) for name in value):
        return False
    return len(set(value)) == len(value)


def _is_threshold(value: object) -> bool:
    if value is None:
        return True
    if not isinstance(value, dict) or not {"value", "rule", "chosen_on"} <= value.keys():
        return False
    return value["value"] is None or _is_number(value["value"])


FORMS: Mapping[str, tuple[Callable[[Any], bool], str]] = {
    "classes": (_is_classes, "names, each once"),
    "task": (lambda value: value in (*Task, GENERATION), f"one of {', '.join((*Task, GENERATION))}"),
    SAMPLING: (lambda value: value in tuple(Sampling), f"one of {', '.join(Sampling)}"),
    "margin": (lambda value: _is_number(value) and 0 <= value < 1, "a number in [0, 1)"),
    "name": (lambda value: isinstance(value, str), "text"),
    HASHED_WITH: (lambda value: isinstance(value, str), "text"),
    "threshold": (_is_threshold, "what value, rule and chosen_on say"),
    "thresholds": (
        lambda value: isinstance(value, dict) and all(map(_is_threshold, value.values())),
        "for each label what value, rule and chosen_on say",
    ),
}
"""What the values under our keys must be, where they are there, and that in words."""


def read_metadata(path: Path, written: Mapping[bytes, bytes]) -> dict[str, Any]:
    """Return our metadata of a file.

    Args:
        path: For messages.
        written: All metadata of the file.

    Returns:
        Empty in files of other tools.

    Raises:
        ArtifactCorruptError: If they are no JSON, or say what ours never do.
    """
    remedy = f"make it again, or leave out its metadata {METADATA_KEY!r}"
    try:
        found = json.loads(written.get(METADATA_KEY.encode(), b"{}"))
    except (ValueError, RecursionError) as error:
        raise ArtifactCorruptError(f"{path}: its metadata {METADATA_KEY!r} are no JSON: {remedy}") from error
    if not isinstance(found, dict):
        raise ArtifactCorruptError(f"{path}: its metadata {METADATA_KEY!r} are no mapping: {remedy}")
    for key, (is_right, form) in FORMS.items():
        if key in found and not is_right(found[key]):
            raise ArtifactCorruptError(f"{path}: {key!r} in its metadata {METADATA_KEY!r} must be {form}: {remedy}")
    return found


def pandas_index(written: Mapping[bytes, bytes]) -> list[str | dict[str, Any]]:
    """Return what pandas says of the index of a table.

    Args:
        written: All metadata of the file.

    Returns:
        The name of a column, or `name start stop step` of a range of numbers, for each level; nothing of what pandas
        never says.
    """
    try:
        said = json.loads(written.get(PANDAS_KEY.encode(), b"{}"))
    except (ValueError, RecursionError):
        return []
    levels = said.get("index_columns") if isinstance(said, dict) else None
    return [one for one in levels if isinstance(one, str) or _is_range(one)] if isinstance(levels, list) else []


def _is_range(said: object) -> bool:
    if not isinstance(said, dict):
        return False
    limits = [said.get(key) for key in ("start", "stop", "step")]
    is_named = said.get("name") is None or isinstance(said["name"], str)
    return is_named and all(isinstance(limit, int) for limit in limits) and limits[2] != 0
