"""The identity of an experiment: equal hash, same experiment, through whichever door it came."""

from __future__ import annotations

import functools
import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from reprodx.errors import DatasetNotFoundError, SchemaError
from reprodx.folder_links import links_out_of
from reprodx.hashing import sha256_of_code, sha256_of_json, sha256_of_path
from reprodx.portability import is_portable
from reprodx.schemas import CARD

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reprodx.config.schema import Config

HASHED = ("data", "split", "model", "optimizer", "scheduler", "augmentation", "trainer", "evaluation", "seed")
"""The sections that decide a result; tracking, sweeps and names of experiments do not."""
ALIKE_CODE = (
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
)
"""The sources that tell how well two sets of cases can be told apart, which preparing and training ask."""
PREPARING_CODE = ("artifacts", "datasets", "inputs", *ALIKE_CODE, "portability", "preparation", "schemas", "splits")
"""The sources that decide what prepared cases look like."""
OF_ONE_FOLD = ("fold", "repeat")
"""Keys of a split that say which part of one cross-validation a run is."""
PATH_ENDS = ("path", "folder")
"""How the keys end that count by the bytes that they lead to, not by their names."""


def config_hash(config: Config) -> str:
    """Return the sha256, as hex, of the sections that decide a result; files that they name count by their bytes.

    Args:
        config: The validated configuration.

    Returns:
        64 hexadecimal digits.

    Raises:
        DatasetNotFoundError: If a path of the data leads nowhere.
    """
    sections = config.as_dict()
    return sha256_of_json(by_content({key: sections[key] for key in HASHED}) | {"data": _data_by_content(config)})


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
    return sha256_of_json(by_content({**shared, "split": split}) | {"data": _data_by_content(config)})


def prepared_hash(config: Config) -> str:
    """Return the sha256, as hex, of all that decides the prepared cases: data, split, raw bytes, cards, code, process.

    Args:
        config: The validated configuration.

    Returns:
        64 hexadecimal digits.

    Raises:
        DatasetNotFoundError: If a path of the data leads nowhere.
    """
    cards = [sha256_of_path(card) for card in cards_of(config)]
    return sha256_of_json([cases_hash(config), cards, sha256_of_code(*PREPARING_CODE), is_portable()])


def cases_hash(config: Config) -> str:
    """Return the sha256, as hex, of the settings that select the cases: data with their raw bytes, and split.

    Args:
        config: The validated configuration.

    Returns:
        64 hexadecimal digits.

    Raises:
        DatasetNotFoundError: If a path of the data leads nowhere.
    """
    return sha256_of_json([_data_by_content(config), by_content(config.split)])


def paths_of(config: Config) -> dict[str, Path]:
    """Return the files and folders that the data are read from, by their key.

    >>> from types import SimpleNamespace
    >>> paths_of(SimpleNamespace(data={"name": "ecg", "path": "a.csv", "static_path": None}))
    {'path': PosixPath('a.csv')}
    """
    return data_paths(config.data)


def data_paths(data: Mapping[str, Any]) -> dict[str, Path]:
    """Return the files and folders that a data section names, by their key."""
    return {key: Path(value) for key, value in data.items() if _is_path_key(key) and value is not None}


def named_files(config: Config) -> dict[str, Path]:
    """Return every file and folder that the sections that decide a result name, by its dotted key.

    Args:
        config: The validated configuration.

    Returns:
        Those of `paths_of`, whether they exist or not, and what `by_content` takes for a file.
    """
    sections = config.as_dict()
    texts = texts_of({key: sections[key] for key in HASHED})
    found = {place: Path(text) for place, text in texts if _is_file_name(_last_key(place), text)}
    return {**{f"data.{key}": path for key, path in paths_of(config).items()}, **found}


def texts_of(node: Any, place: str = "") -> Iterator[tuple[str, str]]:
    """Yield the settings that are text and not empty, by their dotted key; an entry of a list has its number behind it.

    >>> list(texts_of({"model": {"name": "mlp", "files": ["a.txt", 1]}}))
    [('model.name', 'mlp'), ('model.files[0]', 'a.txt')]
    """
    if isinstance(node, Mapping):
        for name, value in node.items():
            yield from texts_of(value, f"{place}.{name}" if place else f"{name}")
    elif isinstance(node, list | tuple):
        for position, value in enumerate(node):
            yield from texts_of(value, f"{place}[{position}]")
    elif isinstance(node, str) and node:
        yield place, node


def by_content(node: Any) -> Any:
    """Return settings in which every file that they name stands by the sha256 of its bytes.

    Weights to start from or a vocabulary decide a result as settings do: the same bytes under another name are the
    same experiment, other bytes under the same name are another.

    Args:
        node: A section, or a part of one.

    Returns:
        The same, with 64 hexadecimal digits for each text that is the name of a file here: a path or a name with an
        ending, so that a word is no file by chance; below a key that ends as a path's, of any file or folder.
    """
    return _by_content(node, "")


def _by_content(node: Any, key: str) -> Any:
    if isinstance(node, Mapping):
        return {name: _by_content(value, str(name)) for name, value in node.items()}
    if isinstance(node, list | tuple):
        return [_by_content(value, key) for value in node]
    return content_hash(key, Path(node)) if _is_file_name(key, node) else node


def _last_key(place: str) -> str:
    return place.rpartition(".")[2].partition("[")[0]


def _is_file_name(key: str, value: object) -> bool:
    # os.path's functions take what no file can be called for absent.
    if not isinstance(value, str):
        return False
    looks_like_one = os.sep in value or bool(Path(value).suffix)
    return os.path.exists(value) if _is_path_key(key) else looks_like_one and os.path.isfile(value)  # noqa: PTH110, PTH113


def _is_path_key(key: str) -> bool:
    return key in PATH_ENDS or key.endswith(tuple(f"_{end}" for end in PATH_ENDS))


def cards_of(config: Config) -> list[Path]:
    """Return the card beside each file of the data, where there is one; that in a folder counts as its content."""
    cards = (path.with_name(CARD) for path in paths_of(config).values() if path.is_file())
    return [card for card in dict.fromkeys(cards) if card.is_file()]


def _data_by_content(config: Config) -> dict[str, Any]:
    # First, because it knows the whole name of a key.
    named = {key: content_hash(f"data.{key}", path) for key, path in paths_of(config).items()}
    data: dict[str, Any] = by_content(config.data)
    return data | named


def content_hash(key: str, path: Path) -> str:
    """Return the sha256, as hex, of a file or folder that a setting names.

    Args:
        key: Of the setting, dotted, for the message.
        path: The file or folder.

    Returns:
        64 hexadecimal digits.

    Raises:
        DatasetNotFoundError: If there is none.
        SchemaError: If a link in the folder leads out of it.
    """
    if not path.exists():
        raise DatasetNotFoundError(f"{key}: {path} does not exist; give the path from the project's root")
    if path.is_dir() and (links := links_out_of(path)):
        raise SchemaError(
            f"{key}: links in {path} lead out of it ({len(links)}; `find {path}/ -type l` lists links): put the files "
            "themselves there, or choose a folder above both"
        )
    files = [path] if path.is_file() else sorted(file for file in path.rglob("*") if file.is_file())
    states = tuple((str(file), file.stat().st_size, file.stat().st_mtime_ns) for file in files)
    return _sha256(path, states)


@functools.cache
def _sha256(path: Path, _states: tuple[tuple[str, int, int], ...]) -> str:
    """Return the sha256 of a path, which a command asks for several times: once, as long as no file is touched."""
    return sha256_of_path(path)
