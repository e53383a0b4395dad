"""What a finished run leaves in the store."""

from __future__ import annotations

import dataclasses
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest

from reprodx.artifacts.files import write_json, write_text
from reprodx.artifacts.locations import Locations
from reprodx.errors import ArtifactMissingError
from reprodx.hashing import sha256_of_path
from reprodx.tracking.results import log_results
from reprodx.tracking.run import Run
from reprodx.tracking.runs import start_run

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from reprodx.config import Config
    from reprodx.tracking.description import RunDescription
    from reprodx.tracking.store import Store

PATIENT = "PATIENT-4711"


@pytest.fixture
def locations(tmp_path: Path, manifest: Mapping[str, Any]) -> Locations:
    """Return finished results, in which a patient is named."""
    found = Locations(tmp_path / "prepared", tmp_path / "models", tmp_path / "results")
    write_json(found.prepared / "manifest.json", manifest)
    write_text(found.prepared / "table_one.csv", "variable,level\n")
    write_text(found.prepared / "card.md", "# Clinic")
    write_text(found.prepared / "cases.parquet", PATIENT)
    write_json(found.metrics, {"test": {"auroc": {"value": 0.9, "ci_low": 0.8, "ci_high": None, "n": 12}}})
    write_text(found.predictions, PATIENT)
    write_text(found.report, "<html>")
    write_text(found.results / "plots" / "roc.csv", "fpr,tpr\n")
    return found


def test_scores_and_files_are_logged(
    store: Store, description: RunDescription, config: Config, locations: Locations
) -> None:
    with start_run(store, description) as run:
        log_results(run, config, locations)
    logged = store.client.get_run(run.run_id)
    assert logged.data.metrics == {"test/auroc": 0.9, "test/auroc_ci_low": 0.8}
    assert logged.data.tags["reprodx.complete"] == "true"
    assert logged.inputs.dataset_inputs
    listed = {file.path for file in store.client.list_artifacts(run.run_id)}
    assert listed == {"hashes.json", "metrics.json", "plots", "predictions.parquet", "prepared", "report.html"}
    assert logged.data.tags["reprodx.predictions_sha256"] == sha256_of_path(locations.predictions)


def test_the_model_goes_with_the_report(
    store: Store, description: RunDescription, config: Config, locations: Locations, monkeypatch: pytest.MonkeyPatch
) -> None:
    logged: list[object] = []
    monkeypatch.setattr(Run, "log_model", lambda _, model: logged.append(model))
    config = dataclasses.replace(config, tracking=dataclasses.replace(config.tracking, log_model=True))
    with start_run(store, description) as run:
        log_results(run, config, locations)
        assert not logged
        write_text(locations.model_card, "# mlp")
        log_results(run, config, locations)
    assert logged == [locations]
    assert store.client.get_run(run.run_id).data.tags["reprodx.reported"] == "true"


def test_what_the_cases_were_is_logged_without_the_cases(
    store: Store, description: RunDescription, config: Config, locations: Locations
) -> None:
    with start_run(store, description) as run:
        log_results(run, config, locations)
    listed = {file.path for file in store.client.list_artifacts(run.run_id, "prepared")}
    assert listed == {"prepared/card.md", "prepared/manifest.json", "prepared/table_one.csv"}


def test_explanations_and_the_model_card_are_logged_where_they_were_made(
    store: Store, description: RunDescription, config: Config, locations: Locations
) -> None:
    write_json(locations.results / "explanations.json", {})
    write_text(locations.results / "model_card.md", "# mlp")
    with start_run(store, description) as run:
        log_results(run, config, locations)
    listed = {file.path for file in store.client.list_artifacts(run.run_id)}
    assert {"explanations.json", "model_card.md"} < listed


@pytest.mark.parametrize(
    ("warnings", "health"), [([], "nothing found"), (["mode collapse from epoch 3", "divergence"], "divergence")]
)
def test_a_generator_leaves_samples_and_the_health_of_its_training(
    store: Store, description: RunDescription, config: Config, locations: Locations, warnings: list[str], health: str
) -> None:
    model = {"name": "dcgan", "_target_": "reprodx.models.dcgan.DCGAN"}
    with_model = dataclasses.replace(config.tracking, log_model=True)
    generator = dataclasses.replace(config, model=model, tracking=with_model)
    write_json(locations.models / "model.json", {"warnings": warnings})
    write_text(locations.samples / "sheet.png", "picture")
    with start_run(store, description) as run:
        log_results(run, generator, locations)
    listed = {file.path for file in store.client.list_artifacts(run.run_id)}
    assert {"samples", "models"} < listed
    assert "predictions.parquet" not in listed
    tags = store.client.get_run(run.run_id).data.tags
    assert tags["reprodx.training_health"].endswith(health)
    assert "reprodx.predictions_sha256" not in tags


def test_no_patient_is_named_in_the_database(
    store: Store, description: RunDescription, config: Config, locations: Locations
) -> None:
    with start_run(store, description) as run:
        log_results(run, config, locations)
    with closing(sqlite3.connect(store.uri.removeprefix("sqlite:///"))) as database:
        content = "\n".join(database.iterdump())
    assert str(run.run_id) in content
    assert PATIENT not in content


def test_a_run_without_results_is_refused(
    store: Store, description: RunDescription, config: Config, locations: Locations
) -> None:
    locations.metrics.unlink()
    with pytest.raises(ArtifactMissingError, match="reprodx evaluate"), start_run(store, description) as run:
        log_results(run, config, locations)
    assert "reprodx.complete" not in store.client.get_run(run.run_id).data.tags


def test_without_a_store_nothing_happens(config: Config, locations: Locations) -> None:
    run = Run()
    log_results(run, config, locations)
    assert run.run_id is None
