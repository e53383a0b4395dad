"""A saved model as a logged model of its run, made once however often it is tried."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reprodx.artifacts.files import replacing_file
from reprodx.errors import TrackingError
from reprodx.tracking.connection import tried_once

if TYPE_CHECKING:
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
    if is_served and (lost := _sizes_here(folder).items() - _sizes_there(client, model_id, None).items()):
        raise TrackingError(f"{len(lost)} files of the model were sent, and the store does not have them")
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


def _sizes_here(folder: Path) -> dict[str, int]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.stat().st_size for path in files}


def _sizes_there(client: MlflowClient, model_id: str, folder: str | None) -> dict[str, int]:
    sizes: dict[str, int] = {}
    # A server leaves the size of an empty file out.
    for file in client.list_logged_model_artifacts(model_id, folder):
        sizes.update(_sizes_there(client, model_id, file.path) if file.is_dir else {file.path: file.file_size or 0})
    return sizes
