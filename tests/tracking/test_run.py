"""What is written to a run, and what happens when the store dies."""

from __future__ import annotations

import logging
import sqlite3
import time
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from mlflow import MlflowClient

from reprodx.artifacts import files
from reprodx.artifacts.locations import Locations
from reprodx.errors import Pruned, TrackingError
from reprodx.tracking import courier, served_model
from reprodx.tracking import run as run_module
from reprodx.tracking.delivery import MAX_METRICS
from reprodx.tracking.run import Run
from reprodx.tracking.runs import go_on_or_start, resume_run, start_run
from reprodx.tracking.store import SPOOL, open_store

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

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


def test_quick_epochs_share_batches_and_no_point_is_lost(run: Run, store: Store, batches: list[int]) -> None:
    with run:
        for epoch in range(1, 1502):
            run.log_epoch(epoch, {"val/loss": 1 / epoch})
    assert sum(batches) == 1501
    assert len(batches) < 100
    assert max(batches) <= MAX_METRICS
    points = store.client.get_metric_history(run.run_id, "curve/val_loss")
    assert [(point.step, point.value) for point in points] == [(epoch, 1 / epoch) for epoch in range(1, 1502)]


def test_the_final_score_is_not_hidden_by_the_last_point_of_the_curve(run: Run, store: Store) -> None:
    with run:
        run.log_epoch(9, {"val/auroc": 0.7})
        run.log_metrics({"val/auroc": 0.8})
    assert store.client.get_run(run.run_id).data.metrics == {"curve/val_auroc": 0.7, "val/auroc": 0.8}


def test_hundreds_of_parameters_are_logged(run: Run, store: Store) -> None:
    params = {f"data.column_{number}": str(number) for number in range(250)}
    with run:
        run.log_params(params)
    assert params.items() <= store.client.get_run(run.run_id).data.params.items()


def test_files_folders_and_texts_become_artifacts_and_absent_ones_do_not(
    run: Run, store: Store, tmp_path: Path
) -> None:
    (tmp_path / "plots").mkdir()
    (tmp_path / "plots" / "roc.csv").write_text("fpr,tpr\n")
    (tmp_path / "report.html").write_text("<html>")
    with run:
        for name in ("plots", "report.html", "absent"):
            run.log_file(tmp_path / name)
        run.log_text("seed: 0", "config.yaml")
    listed = {file.path for folder in ("", "plots") for file in store.client.list_artifacts(run.run_id, folder)}
    assert listed == {"plots", "plots/roc.csv", "report.html", "config.yaml"}


def test_a_dataset_is_shown_once_however_often_it_is_logged(
    run: Run, store: Store, manifest: Mapping[str, Any]
) -> None:
    with run:
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


def test_a_file_is_logged_as_it_was_when_it_was_logged(run: Run, store: Store, tmp_path: Path) -> None:
    path, link = tmp_path / "metrics.json", tmp_path / "link.json"
    (tmp_path / "fetched").mkdir()
    path.write_text("first")
    link.symlink_to(path)
    with run:
        run.log_file(link)
        path.write_text("second")
    logged = store.client.download_artifacts(run.run_id, "link.json", str(tmp_path / "fetched"))
    assert Path(logged).read_text() == "first"
    assert not Path(logged).is_symlink()


def test_an_epoch_that_a_resumed_training_repeats_is_one_point(
    run: Run, store: Store, description: RunDescription
) -> None:
    for epoch in (1, 2, 3):
        run.log_epoch(epoch, {"val/loss": 1 / epoch})
    run.finish("KILLED")
    resumed = resume_run(store, description)
    assert resumed is not None
    with resumed:
        for epoch in (2, 3, 4):
            resumed.log_epoch(epoch, {"val/loss": 1 / epoch})
        resumed.log_metrics({"test/auroc": 0.9})
        resumed.log_metrics({"test/auroc": 0.9})
    points = store.client.get_metric_history(run.run_id, "curve/val_loss")
    assert [(point.step, point.value) for point in points] == [(1, 1), (2, 1 / 2), (3, 1 / 3), (4, 1 / 4)]
    assert len(store.client.get_metric_history(run.run_id, "test/auroc")) == 1


def test_a_store_that_breaks_is_said_once_and_what_is_logged_waits_until_it_is_mended(
    copy_database: Callable[[Path], None],
    section: Callable[..., Tracking],
    description: RunDescription,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(courier, "FAILING_SECONDS", 1.0)
    copy_database(tmp_path)
    run = start_run(open_store(section(), tmp_path), description)
    with closing(sqlite3.connect(tmp_path / "mlflow.db")) as database, database:
        database.execute("ALTER TABLE metrics RENAME TO hidden")
    with caplog.at_level(logging.WARNING, "reprodx"), run:
        run.log_metrics({"test/auroc": 0.9})
        run.log_metrics({"val/auroc": 0.8})
    first, second = (record.message for record in caplog.records if record.name.startswith("reprodx"))
    assert "the store fails (no such table: metrics)" in first
    assert "3 events of run" in second
    courier.say_undelivered()
    assert "reprodx track --pending" in caplog.text
    with closing(sqlite3.connect(tmp_path / "mlflow.db")) as database, database:
        database.execute("ALTER TABLE hidden RENAME TO metrics")
    end = time.monotonic() + 60
    while list((tmp_path / SPOOL).glob("*")) and time.monotonic() < end:
        time.sleep(0.1)
    assert not list((tmp_path / SPOOL).glob("*"))
    assert run.store is not None
    logged = run.store.client.get_run(run.run_id)
    assert logged.data.metrics == {"test/auroc": 0.9, "val/auroc": 0.8}
    assert logged.info.status == "FINISHED"


def test_a_missing_file_of_a_model_is_no_reason_to_fail(
    run: Run, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with run:
        run.log_model(Locations(tmp_path, tmp_path, tmp_path))
    assert "the model is not logged" in caplog.text


def test_a_model_that_waits_is_on_the_disk_before_it_is_noted(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def save(folder: Path, *_: object) -> None:
        (folder / "data").mkdir()
        for name in ("MLmodel", "data/weights"):
            (folder / name).write_text("weights")

    synced: list[Path] = []
    noted: list[set[Path]] = []
    monkeypatch.setattr(served_model, "save_served_model", save)
    monkeypatch.setattr(files, "sync", synced.append)
    monkeypatch.setattr(run_module, "sync", synced.append)
    monkeypatch.setattr(Run, "_add", lambda *_: noted.append(set(synced)))
    nowhere = Path()
    run.log_model(Locations(nowhere, nowhere, nowhere))
    (model,) = {path.parent for path in synced if path.name == "MLmodel"}
    assert noted == [{model.parent, model, model / "MLmodel", model / "data", model / "data/weights"}]


def test_a_server_is_used_and_its_death_takes_nothing_with_it(
    server: MlflowServer,
    section: Callable[..., Tracking],
    description: RunDescription,
    manifest: Mapping[str, Any],
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
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
    with resumed:
        resumed.log_metrics({"test/auroc": 0.9})
    logged = store.client.get_run(run.run_id)
    assert logged.data.params == description.params
    assert logged.data.metrics == {"curve/val_loss": 0.5, "test/auroc": 0.9}
    assert [file.path for file in store.client.list_artifacts(run.run_id)] == ["config.yaml"]

    monkeypatch.setattr(courier, "FAILING_SECONDS", 1.0)
    again = resume_run(store, description)
    assert again is not None
    server.kill()
    with caplog.at_level(logging.WARNING), again:
        again.log_metrics({"val/auroc": 0.9})
        again.log_text("<html>", "report.html")
    assert len([record for record in caplog.records if record.name.startswith("reprodx")]) == 2
    with pytest.raises(TrackingError, match="unreachable"):
        open_store(section(uri), tmp_path / "home")
    said = "".join([*capfd.readouterr(), caplog.text])
    assert "refused" in said
    assert "secret" not in said


def test_a_run_that_a_search_ended_says_so_until_it_is_gone_on_with(store: Store, description: RunDescription) -> None:
    with pytest.raises(Pruned), start_run(store, description) as run:
        raise Pruned
    assert run.run_id is not None
    stored = store.client.get_run(run.run_id)
    assert (stored.info.status, stored.data.tags["reprodx.pruned"]) == ("KILLED", "true")
    with go_on_or_start(store, description) as again:
        assert again.run_id == run.run_id
    assert "reprodx.pruned" not in store.client.get_run(run.run_id).data.tags
