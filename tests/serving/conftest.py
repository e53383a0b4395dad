"""A stored model of each kind, and each logged in a store."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from reprodx.config import Tracking
from reprodx.tracking.description import RunDescription
from reprodx.tracking.runs import start_run
from reprodx.tracking.store import open_store
from tests.serving.stored_model import store_model

if TYPE_CHECKING:
    from reprodx.artifacts.locations import Locations

KINDS = ("trees", "network")


@pytest.fixture(scope="session")
def all_stored(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Locations]:
    """Return where transforms and a model lie, by kind of model."""
    return {kind: store_model(tmp_path_factory.mktemp(kind), kind) for kind in KINDS}


@pytest.fixture(scope="session")
def all_logged(all_stored: dict[str, Locations], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Return the folder of each model in the store, where another process finds it."""
    section = Tracking(
        name="mlflow", uri="sqlite:///mlflow.db", probe_seconds=3.0, log_model=True, patient_ids="hashed"
    )
    store = open_store(section, tmp_path_factory.mktemp("home"))
    assert store is not None
    folders = {}
    for kind, stored in all_stored.items():
        with start_run(store, RunDescription("clinic", kind, kind, {"model.name": kind}, {})) as run:
            run.log_model(stored)
            run.log_model(stored)
        outputs = store.client.get_run(run.run_id).outputs.model_outputs
        assert len(outputs) == 1, "a run has one model, however often it is logged"
        model = store.client.get_logged_model(outputs[0].model_id)
        assert model.params == {"model.name": kind}
        folders[kind] = Path(model.artifact_location)
    return folders


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> str:
    """Return a kind of model."""
    return str(request.param)


@pytest.fixture
def stored(all_stored: dict[str, Locations], kind: str) -> Locations:
    """Return where transforms and a model of this kind lie."""
    return all_stored[kind]


@pytest.fixture
def logged(all_logged: dict[str, Path], kind: str) -> Path:
    """Return the folder of the model of this kind in the store."""
    return all_logged[kind]
