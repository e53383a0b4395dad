"""A saved model as a logged model of its run, made once however often it is tried."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reprodx.artifacts.files import replacing_file
from reprodx.errors import TrackingError
from reprodx.tracking.connection import tried_once

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from mlflow import MlflowClient
    from mlflow.entities import LoggedModel, Run

NAME = "model"
"""What the model is called in its run: `runs:/<run id>/model`."""


def log_model(client: MlflowClient, run_id: str, folder: Path, *, is_served: bool) -> None:
    """Log a saved model, unless its run has one; what an earlier try has made of it is gone on with.

    Args:
        client: Of the store.
        run_id: Of the run.
        folder: That `mlflow` saved; it is told which model it is.
        is_served: Whether a server is between, whose answers may be another's.

    Raises:
        TrackingError: If the store took the files and does not have them.
    """
    from mlflow.entities import LoggedModelOutput

    run = client.get_run(run_id)
    if run.outputs and run.outputs.model_outputs:
        return
    model_id = (_begun(client, run) or _created(client, run)).model_id
    _name_it(folder, model_id)
    client.log_model_artifacts(model_id, str(folder))
    if is_served and (num_lost := _num_lost(folder, _sizes_there(client, model_id, None))):
        raise TrackingError(f"{num_lost} files of the model were sent, and the store does not have them")
    client.finalize_logged_model(model_id, "READY")
    with tried_once():
        # A second time would be a second model in the run's list.
        client.log_outputs(run_id, [LoggedModelOutput(model_id, step=0)])


def _begun(client: MlflowClient, run: Run) -> LoggedModel | None:
    condition = f"source_run_id = '{run.info.run_id}' AND name = '{NAME}'"
    found = client.search_logged_models([run.info.experiment_id], condition, max_results=1)
    return found[0] if found else None


def _created(client: MlflowClient, run: Run) -> LoggedModel:
    with tried_once():
        return client.create_logged_model(
            run.info.experiment_id, name=NAME, source_run_id=run.info.run_id, params=run.data.params
        )


def _name_it(folder: Path, model_id: str) -> None:
    from mlflow.models import Model
    from mlflow.models.model import MLMODEL_FILE_NAME

    model = Model.load(str(folder))
    model.model_id = model.model_uuid = model_id
    with replacing_file(folder / MLMODEL_FILE_NAME) as temporary:
        model.save(str(temporary))


def _num_lost(folder: Path, there: Mapping[str, int | None]) -> int:
    here = {path.relative_to(folder).as_posix(): path.stat().st_size for path in folder.rglob("*") if path.is_file()}
    # A server tells no size of an empty file.
    return sum(there.get(path, -1) not in {None, size} for path, size in here.items())


def _sizes_there(client: MlflowClient, model_id: str, folder: str | None) -> dict[str, int | None]:
    sizes: dict[str, int | None] = {}
    for file in client.list_logged_model_artifacts(model_id, folder):
        sizes.update(_sizes_there(client, model_id, file.path) if file.is_dir else {file.path: file.file_size})
    return sizes
