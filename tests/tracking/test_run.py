"""What is written to a run, and what happens when the store dies."""

from __future__ import annotations

import logging
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest
from mlflow import MlflowClient

from reprodx.artifacts.locations import Locations
from reprodx.errors import TrackingError
from reprodx.tracking import run as run_module
from reprodx.tracking.run import Run
from reprodx.tracking.runs import resume_run, start_run
from reprodx.tracking.store import open_store

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from reprodx.config import Tracking
    from reprodx.tracking.description import RunDescription
    from reprodx.tracking.store import Store
    from tests.mlflow_server import MlflowServer


@pytest.fixture
def run(store: Store, description: RunDescription) -> Run:
    return start_run(store, description)


@pytest.fixture
def batches(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Return the sizes of the batches of metrics that are written from now on."""
    sizes: list[int] = []
    log_batch = MlflowClient.log_batch

    def counting(self: MlflowClient, run_id: str, metrics: Any = (), **more: Any) -> None:
        sizes.append(len(metrics))
        log_batch(self, run_id, metrics=metrics, **more)

    monkeypatch.setattr(MlflowClient, "log_batch", counting)
    return sizes


def test_without_a_store_nothing_happens(tmp_path: Path, manifest: Mapping[str, Any]) -> None:
    with Run() as run:
        run.log_params({"seed": "0"})
        run.set_tags({"a": "b"})
        run.log_epoch(1, {"val/loss": 0.5})
        run.log_metrics({"test/auroc": 0.9})
        run.log_file(tmp_path)
        run.log_text("text", "name")
        run.log_dataset(manifest)
    assert run.run_id is None
    assert not run.failed


def test_quick_epochs_share_batches_and_no_point_is_lost(run: Run, store: Store, batches: list[int]) -> None:
    with run:
        for epoch in range(1, 1502):
            run.log_epoch(epoch, {"val/loss": 1 / epoch})
    assert batches == [1000, 501]
    points = store.client.get_metric_history(run.run_id, "curve/val_loss")
    assert [(point.step, point.value) for point in points] == [(epoch, 1 / epoch) for epoch in range(1, 1502)]


def test_slow_epochs_are_written_as_they_come(run: Run, batches: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run_module, "FLUSH_SECONDS", 0)
    run.log_epoch(1, {"val/loss": 0.5, "val/auroc": 0.8})
    run.log_epoch(2, {"val/loss": 0.4, "val/auroc": 0.9})
    assert batches == [2, 2]


def test_the_final_score_is_not_hidden_by_the_last_point_of_the_curve(run: Run, store: Store) -> None:
    with run:
        run.log_epoch(9, {"val/auroc": 0.7})
        run.log_metrics({"val/auroc": 0.8})
    assert store.client.get_run(run.run_id).data.metrics == {"curve/val_auroc": 0.7, "val/auroc": 0.8}


def test_hundreds_of_parameters_are_logged(run: Run, store: Store) -> None:
    params = {f"data.column_{number}": str(number) for number in range(250)}
    run.log_params(params)
    assert params.items() <= store.client.get_run(run.run_id).data.params.items()


def test_files_folders_and_texts_become_artifacts_and_absent_ones_do_not(
    run: Run, store: Store, tmp_path: Path
) -> None:
    (tmp_path / "plots").mkdir()
    (tmp_path / "plots" / "roc.csv").write_text("fpr,tpr\n")
    (tmp_path / "report.html").write_text("<html>")
    for name in ("plots", "report.html", "absent"):
        run.log_file(tmp_path / name)
    run.log_text("seed: 0", "config.yaml")
    assert not run.failed
    listed = {file.path for folder in ("", "plots") for file in store.client.list_artifacts(run.run_id, folder)}
    assert listed == {"plots", "plots/roc.csv", "report.html", "config.yaml"}


def test_a_dataset_is_shown_once_however_often_it_is_logged(
    run: Run, store: Store, manifest: Mapping[str, Any]
) -> None:
    run.log_dataset(manifest)
    run.log_dataset(manifest)
    (logged,) = store.client.get_run(run.run_id).inputs.dataset_inputs
    assert (logged.dataset.name, logged.dataset.digest) == (run.experiment, "d" * 8)


@pytest.mark.parametrize(
    ("error", "status"),
    [(None, "FINISHED"), (ValueError, "FAILED"), (KeyboardInterrupt, "KILLED")],
)
def test_a_run_ends_as_its_block_does(run: Run, store: Store, error: type[BaseException] | None, status: str) -> None:
    def block() -> None:
        with run:
            if error is not None:
                raise error

    if error is None:
        block()
    else:
        with pytest.raises(error):
            block()
    assert store.client.get_run(run.run_id).info.status == status


def test_a_store_that_breaks_is_said_once_and_nothing_is_raised(
    copy_database: Callable[[Path], None],
    section: Callable[..., Tracking],
    description: RunDescription,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    copy_database(tmp_path)
    run = start_run(open_store(section(), tmp_path), description)
    with closing(sqlite3.connect(tmp_path / "mlflow.db")) as database, database:
        database.execute("DROP TABLE metrics")
    with caplog.at_level(logging.WARNING, "reprodx"), run:
        run.log_metrics({"test/auroc": 0.9})
        run.log_metrics({"test/auroc": 0.9})
    assert run.failed
    (record,) = [record for record in caplog.records if record.name.startswith("reprodx")]
    assert "log_metrics failed (no such table: metrics)" in record.message
    assert "reprodx track" in record.message
    assert "\n" not in record.message


def test_a_missing_file_of_a_model_is_no_reason_to_fail(
    run: Run, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    run.log_model(Locations(tmp_path, tmp_path, tmp_path))
    assert run.failed
    assert "log_model failed" in caplog.text


def test_a_server_is_used_and_its_death_takes_nothing_with_it(
    server: MlflowServer,
    section: Callable[..., Tracking],
    description: RunDescription,
    manifest: Mapping[str, Any],
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    uri = server.uri.replace("//", "//ann:secret@")
    store = open_store(section(uri), tmp_path / "home")
    assert store is not None
    with start_run(store, description) as run:
        run.log_epoch(1, {"val/loss": 0.5})
        run.log_dataset(manifest)
        run.log_text("seed: 0", "config.yaml")
    resumed = resume_run(store, description)
    assert resumed is not None
    assert resumed.run_id == run.run_id
    resumed.log_metrics({"test/auroc": 0.9})
    logged = store.client.get_run(run.run_id)
    assert logged.data.params == description.params
    assert logged.data.metrics == {"curve/val_loss": 0.5, "test/auroc": 0.9}
    assert [file.path for file in store.client.list_artifacts(run.run_id)] == ["config.yaml"]

    server.kill()
    with caplog.at_level(logging.WARNING), resumed:
        resumed.log_metrics({"val/auroc": 0.9})
        resumed.log_text("<html>", "report.html")
    assert resumed.failed
    assert len([record for record in caplog.records if record.name.startswith("reprodx")]) == 1
    with pytest.raises(TrackingError, match="unreachable"):
        open_store(section(uri), tmp_path / "home")
    said = "".join([*capfd.readouterr(), caplog.text])
    assert "refused" in said
    assert "secret" not in said
