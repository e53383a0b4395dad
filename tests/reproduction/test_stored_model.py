"""The model that a store keeps is what the run wrote, or nothing is proved of it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from mlflow.entities import LoggedModelOutput

from reprodx.artifacts.files import write_text
from reprodx.errors import ArtifactCorruptError
from reprodx.hashing import sha256_of_path
from reprodx.reproduction.opened_run import open_recorded
from reprodx.reproduction.stored_model import check_stored_model
from reprodx.tracking.record import PREPARED, WEIGHTS

if TYPE_CHECKING:
    from pathlib import Path

    from tests.tracking.conftest import RunLogger


def test_a_model_of_other_weights_is_refused_and_a_deleted_one_is_not_missed(
    log_run: RunLogger, tmp_path: Path
) -> None:
    store = log_run.store
    run_id = log_run(files={"config.yaml": "data: {}\n"})
    written = tmp_path / "model"
    write_text(written / "artifacts/models/best.safetensors", "weights")
    write_text(written / "artifacts/transforms.json", "{}")
    logged = store.client.create_logged_model(
        store.client.get_run(run_id).info.experiment_id, name="model", source_run_id=run_id
    )
    store.client.log_model_artifacts(logged.model_id, str(written))
    store.client.finalize_logged_model(logged.model_id, "READY")
    store.client.log_outputs(run_id, [LoggedModelOutput(logged.model_id, step=0)])
    folders = [tmp_path / name for name in ("run", "same", "other", "deleted")]
    for folder in folders:
        folder.mkdir()
    weights = {"best.safetensors": sha256_of_path(written / "artifacts/models/best.safetensors")}
    transforms = {"transforms.json": sha256_of_path(written / "artifacts/transforms.json")}
    run = replace(open_recorded(run_id, store, folders[0]), hashes={WEIGHTS: weights, PREPARED: transforms})
    check_stored_model(run, store, folders[1])
    for other in ({WEIGHTS: {"best.safetensors": "0" * 64}}, {PREPARED: {"transforms.json": "0" * 64}}):
        with pytest.raises(ArtifactCorruptError, match=r"of the model that the store keeps of run .* is not what"):
            check_stored_model(replace(run, hashes=other), store, folders[2] / next(iter(other)))
    store.client.delete_logged_model(logged.model_id)
    check_stored_model(replace(run, hashes={WEIGHTS: {"best.safetensors": "0" * 64}}), store, folders[3])
