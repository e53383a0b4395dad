"""Each writer of the artifact layer on a small content, with what its reader says of a folder."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl
import torch

from reprodx.artifacts.files import read_json, replacing_folder, write_json
from reprodx.artifacts.openings import openings, record_scored
from reprodx.artifacts.predictions import Predictions, read_predictions, write_predictions
from reprodx.hashing import sha256_of_path
from reprodx.reproduction.bundle_file import write_bundle_file
from reprodx.training.checkpoint import Checkpoint
from reprodx.training.model_folder import DESCRIPTION, described

if TYPE_CHECKING:
    from collections.abc import Callable

SPLIT_HASH = "e" * 64


@dataclass(frozen=True)
class Artifact:
    """Something that is written in the folder that the process stands in, and read again."""

    write: Callable[[str], None]
    """Is given what to write: `old` or `new`."""
    read: Callable[[], object]
    """Raises an `ArtifactError` where there is nothing, or nothing whole."""


def _write_table(word: str) -> None:
    table = pl.DataFrame({"case_id": ["a", "b"], "y_true": ["sick", "well"], "prob_sick": [0.75, 0.25]})
    write_predictions(Path("results/predictions.parquet"), Predictions(table, {"name": word, "task": "binary"}))


def _write_model(word: str) -> None:
    with replacing_folder(Path("models")) as folder:
        (folder / "best.safetensors").write_text(word * 100)
        write_json(folder / DESCRIPTION, {"files": {"best.safetensors": sha256_of_path(folder / "best.safetensors")}})


def _read_model() -> str:
    with described(Path("models")):
        return Path("models/best.safetensors").read_text()


def _save_checkpoint(word: str) -> None:
    Checkpoint(Path("checkpoints"), "identity").save(lambda: {"weights": torch.ones(50), "word": word})


def _look_at_test_split(word: str) -> None:
    record_scored({"name": word, "split_hash": SPLIT_HASH}, Path(__file__))


def _write_bundle(word: str) -> None:
    Path("content").mkdir(exist_ok=True)
    Path("content/about.json").write_text(word * 100)
    write_bundle_file(Path("content"), Path("run.zip"))


ARTIFACTS = {
    "json": Artifact(
        lambda word: write_json(Path("results/metrics.json"), {"word": word}),
        lambda: read_json(Path("results/metrics.json"), made_by="evaluate"),
    ),
    "predictions": Artifact(
        _write_table, lambda: dict(read_predictions(Path("results/predictions.parquet")).metadata)["name"]
    ),
    "model": Artifact(_write_model, _read_model),
    "checkpoint": Artifact(
        _save_checkpoint, lambda: (Checkpoint(Path("checkpoints"), "identity").load() or {}).get("word")
    ),
    "ledger": Artifact(_look_at_test_split, lambda: [opening.name for opening in openings(SPLIT_HASH)]),
    "bundle": Artifact(_write_bundle, lambda: sha256_of_path(Path("run.zip"))),
}
