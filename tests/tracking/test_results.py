"""What a finished run leaves in the store."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest

from reprodx.artifacts.files import write_json, write_text
from reprodx.artifacts.locations import Locations
from reprodx.errors import ArtifactMissingError
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
    assert not run.failed
    logged = store.client.get_run(run.run_id)
    assert logged.data.metrics == {"test/auroc": 0.9, "test/auroc_ci_low": 0.8}
    assert logged.data.tags["reprodx.complete"] == "true"
    assert logged.inputs.dataset_inputs
    listed = {file.path for file in store.client.list_artifacts(run.run_id)}
    assert listed == {"metrics.json", "plots", "predictions.parquet", "report.html"}


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
    assert not run.failed
