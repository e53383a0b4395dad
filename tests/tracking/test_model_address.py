"""A model's address leads to the run that it comes from."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from reprodx.errors import ConfigError
from reprodx.tracking.model_address import source_run_id

if TYPE_CHECKING:
    from reprodx.tracking.store import Store
    from tests.tracking.conftest import RunLogger


@pytest.fixture
def registered(log_run: RunLogger) -> tuple[str, list[str]]:
    """Return the name of a registered model, and the runs of its two versions."""
    client, name = log_run.store.client, f"dx {log_run.experiment}"
    client.create_registered_model(name)
    run_ids = [log_run("first"), log_run("second")]
    for run_id in run_ids:
        client.create_model_version(name, f"runs:/{run_id}/model", run_id=run_id)
    client.set_registered_model_alias(name, "best", "1")
    return name, run_ids


def test_a_version_an_alias_and_the_latest_lead_to_a_run(store: Store, registered: tuple[str, list[str]]) -> None:
    name, (first, second) = registered
    assert source_run_id(store, f"models:/{name}/1") == first
    assert source_run_id(store, f"models:/{name}/2") == second
    assert source_run_id(store, f"models:/{name}@best") == first
    assert source_run_id(store, f"models:/{name}/latest") == second


def test_a_logged_model_leads_to_a_run(log_run: RunLogger, monkeypatch: pytest.MonkeyPatch) -> None:
    client, run_id = log_run.store.client, log_run()
    experiment_id = client.get_run(run_id).info.experiment_id
    logged = client.create_logged_model(experiment_id, name="model", source_run_id=run_id)
    client.finalize_logged_model(logged.model_id, "READY")
    assert source_run_id(log_run.store, f"models:/{logged.model_id}") == run_id
    client.create_registered_model(log_run.experiment)
    # MLflow looks the source up in the store of the environment.
    monkeypatch.setenv("MLFLOW_TRACKING_URI", log_run.store.uri)
    client.create_model_version(log_run.experiment, f"models:/{logged.model_id}", model_id=logged.model_id)
    assert source_run_id(log_run.store, f"models:/{log_run.experiment}/1") == run_id


def test_the_address_of_an_artifact_leads_to_its_run(store: Store) -> None:
    assert source_run_id(store, f"runs:/{'a' * 32}/model") == "a" * 32
    assert source_run_id(store, f"runs:/{'a' * 32}") == "a" * 32


@pytest.mark.parametrize(
    "address", ["models:/none/1", "models:/none@best", "models:/none/latest", "models:/m-0123456789abcdef"]
)
def test_a_model_that_is_not_there_is_refused(store: Store, address: str) -> None:
    with pytest.raises(ConfigError, match=r"is no model that .* has of a run"):
        source_run_id(store, address)


def test_a_model_of_no_run_is_refused(log_run: RunLogger) -> None:
    client = log_run.store.client
    logged = client.create_logged_model(log_run.store.experiment_id(log_run.experiment), name="model")
    with pytest.raises(ConfigError, match="of a run"):
        source_run_id(log_run.store, f"models:/{logged.model_id}")


@pytest.mark.parametrize("address", ["models:/", "models:/name", "models:/name/production", "runs:/12/model"])
def test_what_is_no_address_is_refused(store: Store, address: str) -> None:
    with pytest.raises(ConfigError, match="write models:/NAME/1"):
        source_run_id(store, address)
