"""The identity of an experiment: equal hash, same experiment, through whichever door it came."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import TYPE_CHECKING, Any

from reprodx.errors import DatasetNotFoundError
from reprodx.hashing import sha256_of_code, sha256_of_json, sha256_of_path

if TYPE_CHECKING:
    from reprodx.config.schema import Config

HASHED = ("data", "split", "model", "optimizer", "scheduler", "augmentation", "trainer", "evaluation", "seed")
"""The sections that decide a result; tracking, sweeps and names of experiments do not."""
PREPARING_CODE = (
    "artifacts",
    "datasets",
    "metrics/auroc",
    "metrics/ranked_cases",
    "metrics/structural_components",
    "metrics/undefined",
    "preparation",
    "schemas",
    "splits",
)
"""The sources that decide what prepared cases look like."""
PATH_KEY = "path"
"""A data key that counts by the bytes that it leads to, not by its name."""


def config_hash(config: Config) -> str:
    """Return the sha256, as hex, of the sections that decide a result.

    Args:
        config: The validated configuration.

    Returns:
        64 hexadecimal digits.

    Raises:
        DatasetNotFoundError: If `data.path` names no file.
    """
    sections = config.as_dict()
    return sha256_of_json({**{key: sections[key] for key in HASHED}, "data": _data_by_content(config)})


def prepared_hash(config: Config) -> str:
    """Return the sha256, as hex, of all that decides the prepared cases: data, split, raw bytes, code version.

    Args:
        config: The validated configuration.

    Returns:
        64 hexadecimal digits.

    Raises:
        DatasetNotFoundError: If `data.path` names no file.
    """
    return sha256_of_json([cases_hash(config), sha256_of_code(*PREPARING_CODE)])


def cases_hash(config: Config) -> str:
    """Return the sha256, as hex, of the settings that select the cases: data with their raw bytes, and split.

    Args:
        config: The validated configuration.

    Returns:
        64 hexadecimal digits.

    Raises:
        DatasetNotFoundError: If `data.path` names no file.
    """
    return sha256_of_json([_data_by_content(config), config.split])


def _data_by_content(config: Config) -> dict[str, Any]:
    if config.data.get(PATH_KEY) is None:
        return config.data
    path = Path(config.data[PATH_KEY])
    if not path.is_file():
        raise DatasetNotFoundError(f"data.path: {path} does not exist; give the path from the project's root")
    state = path.stat()
    return {**config.data, PATH_KEY: _sha256(path, state.st_size, state.st_mtime_ns)}


@functools.cache
def _sha256(path: Path, _size: int, _modified_ns: int) -> str:
    """Return the sha256 of a file, which a command asks for several times: once, as long as the file is not touched."""
    return sha256_of_path(path)
