"""The identity of an experiment: equal hash, same experiment, through whichever door it came."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import TYPE_CHECKING, Any

from reprodx.errors import DatasetNotFoundError
from reprodx.hashing import sha256_of_code, sha256_of_json, sha256_of_path
from reprodx.schemas import CARD

if TYPE_CHECKING:
    from reprodx.config.schema import Config

HASHED = ("data", "split", "model", "optimizer", "scheduler", "augmentation", "trainer", "evaluation", "seed")
"""The sections that decide a result; tracking, sweeps and names of experiments do not."""
PREPARING_CODE = (
    "artifacts",
    "datasets",
    "inputs",
    "metrics/alike",
    "metrics/asked",
    "metrics/bootstrap",
    "metrics/catalogue/auroc",
    "metrics/combined_t",
    "metrics/difference",
    "metrics/estimation",
    "metrics/measured",
    "metrics/metric",
    "metrics/mover",
    "metrics/ranked_cases",
    "metrics/scored_cases",
    "metrics/settings",
    "metrics/statistic",
    "metrics/undefined",
    "metrics/variance",
    "metrics/wilson",
    "preparation",
    "schemas",
    "splits",
)
"""The sources that decide what prepared cases look like."""
OF_ONE_FOLD = ("fold", "repeat")
"""Keys of a split that say which part of one cross-validation a run is."""
PATH_ENDS = ("path", "folder")
"""How the data keys end that count by the bytes that they lead to, not by their names."""


def config_hash(config: Config) -> str:
    """Return the sha256, as hex, of the sections that decide a result.

    Args:
        config: The validated configuration.

    Returns:
        64 hexadecimal digits.

    Raises:
        DatasetNotFoundError: If a path of the data leads nowhere.
    """
    sections = config.as_dict()
    return sha256_of_json({**{key: sections[key] for key in HASHED}, "data": _data_by_content(config)})


def recipe_hash(config: Config) -> str:
    """Return the sha256, as hex, of what runs share that differ in seed, fold and repetition alone.

    Args:
        config: The validated configuration.

    Returns:
        64 hexadecimal digits.

    Raises:
        DatasetNotFoundError: If a path of the data leads nowhere.
    """
    sections = config.as_dict()
    split = {key: value for key, value in config.split.items() if key not in OF_ONE_FOLD}
    shared = {key: sections[key] for key in HASHED if key != "seed"}
    return sha256_of_json({**shared, "data": _data_by_content(config), "split": split})


def prepared_hash(config: Config) -> str:
    """Return the sha256, as hex, of all that decides the prepared cases: data, split, raw bytes, cards, code version.

    Args:
        config: The validated configuration.

    Returns:
        64 hexadecimal digits.

    Raises:
        DatasetNotFoundError: If a path of the data leads nowhere.
    """
    return sha256_of_json(
        [cases_hash(config), [sha256_of_path(card) for card in cards_of(config)], sha256_of_code(*PREPARING_CODE)]
    )


def cases_hash(config: Config) -> str:
    """Return the sha256, as hex, of the settings that select the cases: data with their raw bytes, and split.

    Args:
        config: The validated configuration.

    Returns:
        64 hexadecimal digits.

    Raises:
        DatasetNotFoundError: If a path of the data leads nowhere.
    """
    return sha256_of_json([_data_by_content(config), config.split])


def paths_of(config: Config) -> dict[str, Path]:
    """Return the files and folders that the data are read from, by their key.

    >>> from types import SimpleNamespace
    >>> paths_of(SimpleNamespace(data={"name": "ecg", "path": "a.csv", "static_path": None}))
    {'path': PosixPath('a.csv')}
    """
    return {
        key: Path(value)
        for key, value in config.data.items()
        if (key in PATH_ENDS or key.endswith(tuple(f"_{end}" for end in PATH_ENDS))) and value is not None
    }


def cards_of(config: Config) -> list[Path]:
    """Return the card beside each file of the data, where there is one; that in a folder counts as its content."""
    cards = (path.with_name(CARD) for path in paths_of(config).values() if path.is_file())
    return [card for card in dict.fromkeys(cards) if card.is_file()]


def _data_by_content(config: Config) -> dict[str, Any]:
    return {**config.data, **{key: content_hash(key, path) for key, path in paths_of(config).items()}}


def content_hash(key: str, path: Path) -> str:
    """Return the sha256, as hex, of a file or folder of the data.

    Args:
        key: Of the setting, for the message.
        path: The file or folder.

    Returns:
        64 hexadecimal digits.

    Raises:
        DatasetNotFoundError: If there is none.
    """
    if not path.exists():
        raise DatasetNotFoundError(f"data.{key}: {path} does not exist; give the path from the project's root")
    files = [path] if path.is_file() else sorted(file for file in path.rglob("*") if file.is_file())
    states = tuple((str(file), file.stat().st_size, file.stat().st_mtime_ns) for file in files)
    return _sha256(path, states)


@functools.cache
def _sha256(path: Path, _states: tuple[tuple[str, int, int], ...]) -> str:
    """Return the sha256 of a path, which a command asks for several times: once, as long as no file is touched."""
    return sha256_of_path(path)
