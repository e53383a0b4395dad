"""A comparison is found from its runs, and its runs from the comparison; a store that fails costs no file."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from reprodx.errors import ConfigError
from reprodx.tracking import courier
from reprodx.tracking.compared_runs import open_sources, tracked_openings
from reprodx.tracking.comparison_run import MAX_IDS, MAX_LINKS, log_comparison
from reprodx.tracking.store import open_store

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from reprodx.config import Tracking
    from reprodx.tracking.store import Store
    from tests.mlflow_server import MlflowServer
    from tests.tracking.conftest import RunLogger


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    written = [tmp_path / "comparison.html", tmp_path / "comparison.json"]
    for path in written:
        path.write_text("{}")
    return written


def logged(store: Store, experiment: str, run_ids: list[str], files: list[Path], **tags: str) -> str | None:
    return log_comparison(
        store,
        experiment=experiment,
        name="mlp with lstm",
        run_ids=run_ids,
        params={"metric": "auroc"},
        metrics={"difference/auroc": 0.02},
        tags=tags,
        files=files,
    )


def test_a_comparison_and_its_runs_name_each_other(log_run: RunLogger, files: list[Path]) -> None:
    client, split = log_run.store.client, "ab" * 32
    run_ids = [log_run(name, split_hash=split) for name in ("mlp", "lstm")]
    tags = {"reprodx.verdict": "mlp is superior to lstm"}
    first = logged(log_run.store, log_run.experiment, run_ids, files, **tags)
    second = logged(log_run.store, log_run.experiment, run_ids[:1], files)
    assert first is not None
    run = client.get_run(first)
    assert (run.info.run_name, run.info.status) == ("compare mlp with lstm", "FINISHED")
    assert run.data.tags["reprodx.kind"] == "comparison"
    assert run.data.tags["reprodx.compared"] == ",".join(run_ids)
    assert run.data.tags["reprodx.split_hash"] == split
    assert run.data.tags["reprodx.verdict"] == "mlp is superior to lstm"
    assert (run.data.params, run.data.metrics) == ({"metric": "auroc"}, {"difference/auroc": 0.02})
    assert {file.path for file in client.list_artifacts(first)} == {"comparison.html", "comparison.json"}
    assert client.get_run(run_ids[0]).data.tags["reprodx.compared_in"] == f"{first},{second}"
    assert client.get_run(run_ids[1]).data.tags["reprodx.compared_in"] == first
    assert client.get_run(run_ids[0]).info.status == "FINISHED"
    note = run.data.tags["mlflow.note.content"]
    assert note.startswith("**mlp is superior to lstm**")
    for run_id in run_ids:
        assert f"(#/experiments/{run.info.experiment_id}/runs/{run_id})" in note


def test_a_comparison_is_compared_with_nothing_itself(log_run: RunLogger, files: list[Path]) -> None:
    run_id = log_run("mlp", split_hash="ab" * 32)
    logged(log_run.store, log_run.experiment, [run_id], files)
    found = open_sources([], experiment=log_run.experiment, filter_string=None, store=log_run.store)
    assert [source.run.run_id for source in found if source.run] == [run_id]
    assert "compare mlp" not in {one.opening.name for one in tracked_openings(log_run.store, "ab" * 32)}


def test_runs_of_several_splits_make_a_comparison_of_none(log_run: RunLogger, files: list[Path]) -> None:
    run_ids = [log_run(name, split_hash=2 * name) for name in "ab"]
    comparison = logged(log_run.store, log_run.experiment, run_ids, files)
    assert "reprodx.split_hash" not in log_run.store.client.get_run(comparison).data.tags


def test_full_tags_keep_the_newest_and_long_notes_say_how_many_are_left_out(
    log_run: RunLogger, files: list[Path]
) -> None:
    client, run_ids = log_run.store.client, [log_run("mlp", predictions=False) for _ in range(MAX_LINKS + 5)]
    client.set_tag(run_ids[0], "reprodx.compared_in", ",".join(["0" * 32] * MAX_IDS))
    comparison = logged(log_run.store, log_run.experiment, run_ids, files)
    assert comparison is not None
    compared_in = client.get_run(run_ids[0]).data.tags["reprodx.compared_in"].split(",")
    assert len(compared_in) == MAX_IDS
    assert compared_in[-1] == comparison
    assert "- and 5 more" in client.get_run(comparison).data.tags["mlflow.note.content"]


def test_fifty_contenders_fit_into_what_mlflow_takes(log_run: RunLogger, files: list[Path]) -> None:
    client, run_ids = log_run.store.client, [log_run("x" * 250, predictions=False) for _ in range(50)]
    comparison = log_comparison(
        log_run.store,
        experiment=log_run.experiment,
        name="transformer " * 50,
        run_ids=run_ids,
        params={},
        metrics={},
        tags={"reprodx.verdict": "transformer against mlp: inconclusive; " * 49},
        files=files,
    )
    run = client.get_run(comparison)
    assert len(run.info.run_name) <= 250
    assert len(run.data.tags["mlflow.note.content"]) < 8000
    assert run.data.tags["mlflow.note.content"].endswith("The report is an artifact.")


def test_a_name_is_no_markup_in_the_note(log_run: RunLogger, files: list[Path]) -> None:
    comparison = logged(log_run.store, log_run.experiment, [log_run("x](http://evil)<b>")], files)
    note = log_run.store.client.get_run(comparison).data.tags["mlflow.note.content"]
    assert "[xhttp:evilb (" in note


def test_a_run_that_is_named_twice_is_linked_once(log_run: RunLogger, files: list[Path]) -> None:
    run_id = log_run("mlp")
    comparison = logged(log_run.store, log_run.experiment, [run_id, run_id], files)
    assert log_run.store.client.get_run(run_id).data.tags["reprodx.compared_in"] == comparison
    assert log_run.store.client.get_run(comparison).data.tags["reprodx.compared"] == run_id


def test_without_tracked_runs_files_are_logged_alone(log_run: RunLogger, files: list[Path]) -> None:
    comparison = logged(log_run.store, log_run.experiment, [], files)
    assert comparison is not None
    assert len(log_run.store.client.list_artifacts(comparison)) == 2


def test_an_unknown_run_is_a_warning(log_run: RunLogger, files: list[Path], caplog: pytest.LogCaptureFixture) -> None:
    assert logged(log_run.store, log_run.experiment, ["0" * 32], files) is None
    assert "the comparison's files are kept" in caplog.text
    assert all(path.exists() for path in files)


@pytest.mark.parametrize("failing", ["create_run", "log_artifact", "log_batch"])
def test_a_store_that_fails_is_a_warning_and_costs_no_file(
    log_run: RunLogger,
    files: list[Path],
    failing: str,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(courier, "FAILING_SECONDS", 0.1)
    run_id = log_run("mlp")

    def fail(*_: object, **__: object) -> None:
        raise OSError("the cable is out")

    with monkeypatch.context() as patched:
        patched.setattr(type(log_run.store.client), failing, fail)
        comparison = logged(log_run.store, log_run.experiment, [run_id], files)
    assert "the cable is out" in caplog.text
    assert all(path.exists() for path in files)
    assert (comparison is None) == (failing == "create_run")
    # What waits is delivered when the store is back, and only then is the run told where it was compared.
    end = time.monotonic() + 60
    while comparison and time.monotonic() < end:
        if log_run.store.client.get_run(comparison).info.status == "FINISHED":
            break
        time.sleep(0.1)
    assert log_run.store.client.get_run(run_id).data.tags.get("reprodx.compared_in") == comparison


def test_a_server_is_searched_and_written_like_a_database(
    server: MlflowServer, section: Callable[..., Tracking], tmp_path: Path, files: list[Path]
) -> None:
    from tests.tracking.conftest import RunLogger

    store = open_store(section(server.uri), tmp_path)
    assert store is not None
    log_run = RunLogger(store, "clinic", tmp_path / "to_log")
    split = "ab" * 32
    explained = {"prepared/manifest.json": '{"num_cases": 4}'}
    first, second = (log_run(name, split_hash=split, files=explained) for name in ("mlp", "lstm"))
    store.client.create_registered_model("dx")
    store.client.create_model_version("dx", f"runs:/{second}/model", run_id=second)
    names = ["mlp", second[:9], "models:/dx/1"]
    found = open_sources(names, experiment=None, filter_string=None, store=store)
    assert [source.run.run_id for source in found if source.run] == [first, second]
    assert [source.run.manifest for source in found if source.run] == [{"num_cases": 4}] * 2
    for names, filter_string, reason in [
        ([], "nonsense", "MLflow does not understand"),
        (["0" * 32], None, "no run of"),
        (["models:/dx/2"], None, "is no model"),
    ]:
        with pytest.raises(ConfigError, match=reason):
            open_sources(names, experiment=None, filter_string=filter_string, store=store)
    comparison = logged(store, "clinic", [first, second], files)
    assert store.client.get_run(first).data.tags["reprodx.compared_in"] == comparison
    assert {one.run_id for one in tracked_openings(store, split)} == {first, second}
