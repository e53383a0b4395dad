"""The model that a store keeps of a run, held against what the run wrote: it is the one that people load and serve."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reprodx.errors import ArtifactCorruptError
from reprodx.hashing import sha256_of_path
from reprodx.tracking.connection import store_errors
from reprodx.tracking.names import ABSENT
from reprodx.tracking.record import PREPARED, WEIGHTS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from reprodx.reproduction.recorded_run import RecordedRun
    from reprodx.tracking.store import Store

KEPT = "artifacts"
"""Where MLflow keeps, in a model, the files that it was made of: a folder of weights, and what prepares cases."""


def check_stored_model(run: RecordedRun, store: Store, folder: Path) -> None:
    """Refuse a run whose model in the store is not what it wrote.

    Args:
        run: As it was recorded; one that recorded no hashes is let through.
        store: Where it is kept.
        folder: An empty one, which the files are put in.

    Raises:
        ArtifactCorruptError: If a file has other bytes.
        TrackingError: If the store refuses.
    """
    assert run.run_id is not None, "of a store"
    for kept in _models(run.run_id, store, folder):
        for file in (path for path in kept.rglob("*") if path.is_file()):
            *folders, name = file.relative_to(kept).parts
            stage, name = (WEIGHTS, "/".join([*folders[1:], name])) if folders else (PREPARED, name)
            noted = run.hashes.get(stage, {}).get(name)
            if noted is not None and sha256_of_path(file) != noted:
                raise ArtifactCorruptError(
                    f"{name} of the model that the store keeps of {run.in_words} is not what the run wrote, whose "
                    f"sha256 was {noted}: a rerun proves nothing of it"
                )


def _models(run_id: str, store: Store, folder: Path) -> Iterator[Path]:
    """Yield the folder of each model of a run, without those that were deleted since."""
    from mlflow.artifacts import download_artifacts

    with store.refusing("reading the model of a run"):
        outputs = store.client.get_run(run_id).outputs
        for model in outputs.model_outputs if outputs else ():
            try:
                location = store.client.get_logged_model(model.model_id).artifact_location
            except store_errors() as error:
                if getattr(error, "error_code", None) != ABSENT:
                    raise
                continue
            own = folder / model.model_id
            own.mkdir(parents=True)
            download_artifacts(f"{location}/{KEPT}", dst_path=str(own), tracking_uri=store.uri)
            yield own / KEPT
