"""The hashes of all that a run read and wrote, by which a rerun is compared with it stage by stage."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from reprodx.config.identity import cards_of, content_hash, named_files
from reprodx.config.targets import is_generator
from reprodx.hashing import sha256_of_path

if TYPE_CHECKING:
    from collections.abc import Mapping

    from reprodx.artifacts.locations import Locations
    from reprodx.config import Config

MANIFEST = "manifest.json"
"""Of the prepared cases."""
HASHES_FILE, ENVIRONMENT_RECORD = "hashes.json", "environment.json"
"""Artifacts of every run."""
RAW, SPLIT, PREPARED, WEIGHTS, PREDICTIONS, METRICS, REPORT = STAGES = (
    "raw",
    "split",
    "prepared",
    "weights",
    "predictions",
    "metrics",
    "report",
)
"""In the order in which they are made."""
SHARED = "shared"
"""Beside the stages: the hashes of files as they were logged without ids of patients, by the artifact's name."""


def hashes_record(config: Config, locations: Locations, manifest: Mapping[str, Any]) -> dict[str, dict[str, str]]:
    """Return the sha256, as hex, of every file of a run, by stage and by name.

    Args:
        config: Files that it names are hashed, a folder as a whole: the names in it may be patients'.
        locations: Where the prepared cases, the model and the results are.
        manifest: Of the prepared cases, whose files it has the hashes of: train and evaluate have just checked them.

    Returns:
        By the names of `STAGES`, then by the file's name below its folder; of `raw` by its path from the project's
        root, or, where it lies outside, by its key and its last name; of `split` by `membership`. They are of the files
        here, whatever was logged in their place.
    """
    return {RAW: _raw(config), **made_hashes(locations, manifest, is_generator=is_generator(config.model))}


def made_hashes(locations: Locations, manifest: Mapping[str, Any], *, is_generator: bool) -> dict[str, dict[str, str]]:
    """Return the sha256, as hex, of every file that a run made.

    Args:
        locations: Where the prepared cases, the model and the results are.
        manifest: Of the prepared cases, whose files it has the hashes of.
        is_generator: Whether samples stand in the place of predictions.

    Returns:
        As `hashes_record`, without `raw`.
    """
    made = _files(locations.samples) if is_generator else _file(locations.predictions)
    return {
        SPLIT: {"membership": manifest["split_hash"]},
        PREPARED: {**manifest.get("files", {}), **_file(locations.prepared / MANIFEST)},
        WEIGHTS: _files(locations.models),
        PREDICTIONS: made,
        METRICS: _file(locations.metrics),
        REPORT: {
            **_file(locations.report),
            **_file(locations.model_card),
            **_file(locations.explanations),
            **{f"{locations.plots.name}/{name}": digest for name, digest in _files(locations.plots).items()},
        },
    }


def as_text(record: Mapping[str, Any]) -> str:
    """Return a record as JSON for people and machines."""
    return json.dumps(record, indent=2, sort_keys=True, allow_nan=False) + "\n"


def _raw(config: Config) -> dict[str, str]:
    data = {_name(key, path): content_hash(key, path) for key, path in named_files(config).items()}
    cards = {_name("card", card): sha256_of_path(card) for card in cards_of(config)}
    return {**data, **cards}


def _name(key: str, path: Path) -> str:
    here = Path.cwd()
    inside = (here / path).resolve()
    return inside.relative_to(here).as_posix() if inside.is_relative_to(here) else f"{key}: {path.name}"


def _file(path: Path) -> dict[str, str]:
    return {path.name: sha256_of_path(path)} if path.is_file() else {}


def _files(folder: Path) -> dict[str, str]:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): sha256_of_path(path) for path in files}
