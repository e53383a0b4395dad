"""Files that a run left in the store, fetched and read; a damaged one is named, without its folder of the moment."""

from __future__ import annotations

import json
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from reprodx.errors import ArtifactCorruptError, ArtifactError, SchemaError
from reprodx.tracking.names import SHORT

if TYPE_CHECKING:
    from collections.abc import Iterator, Set
    from pathlib import Path

    from mlflow.entities import Run as StoredRun

    from reprodx.tracking.store import Store


def in_words(stored: StoredRun) -> str:
    """Return what a run is called in a message: its name, and enough of its id."""
    return f"run {stored.info.run_name!r} ({stored.info.run_id[:SHORT]})"


def fetch(store: Store, stored: StoredRun, wanted: Set[str], folder: Path) -> set[str]:
    """Download files and folders of a run; return which of those wanted there are.

    Args:
        store: Where it is kept.
        stored: The run.
        wanted: Names of its outermost artifacts.
        folder: Where they go.

    Returns:
        Names.

    Raises:
        TrackingError: If the store refuses.
    """
    run_id = stored.info.run_id
    with store.refusing(f"reading {in_words(stored)}"):
        present = wanted & {file.path for file in store.client.list_artifacts(run_id)}
        for path in sorted(present):
            store.client.download_artifacts(run_id, path, str(folder))
    return set(present)


@contextmanager
def told_of(name: str, folder: Path) -> Iterator[None]:
    """Say of what a damaged file is, where a message would name the folder that it lies in for now.

    Args:
        name: Of what the person knows, such as a run.
        folder: Where its files were fetched to.

    Raises:
        ArtifactError: If one is absent or damaged.
        SchemaError: If one is not what it should be.
    """
    try:
        yield
    except (ArtifactError, SchemaError) as error:
        raise type(error)(str(error).replace(f"{folder}/", f"{name}: ")) from error


def read_logged_json(path: Path) -> Any:
    """Return the content of a JSON file, None where there is none.

    Args:
        path: The file.

    Returns:
        What `json.loads` makes of it.

    Raises:
        ArtifactCorruptError: If it is not JSON.
    """
    if not path.is_file():
        return None
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ArtifactCorruptError(f"{path} is not valid JSON ({error}): evaluate it again") from error


def read_logged_config(path: Path) -> Any:
    """Return the settings as they were logged, empty where none were; what they refer to is not looked up here.

    Args:
        path: The file.

    Returns:
        The settings, nested.

    Raises:
        ArtifactCorruptError: If it is not YAML.
    """
    if not path.is_file():
        return {}
    from omegaconf import OmegaConf
    from omegaconf.errors import OmegaConfBaseException
    from yaml import YAMLError

    try:
        return OmegaConf.to_container(OmegaConf.load(path), resolve=False)
    except (OmegaConfBaseException, YAMLError, ValueError) as error:
        reason = str(error).splitlines()[0]
        raise ArtifactCorruptError(f"{path} is not valid YAML ({reason}): evaluate it again") from error
