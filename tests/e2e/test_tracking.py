"""Runs in the store: one a training, nested below their sweep, and never lost with a workspace."""

from __future__ import annotations

import re
import shutil
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from mlflow import MlflowClient
    from mlflow.entities import Run

    from tests.project import Project


@pytest.fixture
def project(finished_copy: Callable[[], Project]) -> Project:
    """Return a finished project with an empty store."""
    project = finished_copy()
    for path in project.folder.glob("mlflow.db*"):
        path.unlink()
    shutil.rmtree(project.folder / "mlruns")
    return project


def runs_of(project: Project, experiment: str = "heart") -> list[Run]:
    client = client_of(project)
    found = client.get_experiment_by_name(experiment)
    assert found is not None, f"no experiment {experiment}"
    return list(client.search_runs([found.experiment_id], order_by=["attributes.start_time ASC"]))


def client_of(project: Project) -> MlflowClient:
    from mlflow import MlflowClient

    return MlflowClient(f"sqlite:///{project.folder}/mlflow.db")


def test_train_and_evaluate_of_one_repro_write_one_run(finished_copy: Callable[[], Project]) -> None:
    project = finished_copy()
    (run,) = runs_of(project)
    assert run.info.status == "FINISHED"
    assert run.info.run_name == "mlp"
    assert {"val/auroc", "curve/val_loss", "test/auroc", "test/auroc_ci_low"} <= run.data.metrics.keys()
    assert run.data.params["model.name"] == "mlp"
    assert not [name for name in run.data.params if name.endswith("_target_")]
    for tag in ("config_hash", "data_hash", "split_hash", "git_commit", "git_dirty", "seed", "modality", "task"):
        assert run.data.tags[f"reprodx.{tag}"]
    assert run.data.tags["reprodx.git_dirty"] == "false"
    assert "reprodx.restored" not in run.data.tags
    artifacts = {item.path for item in client_of(project).list_artifacts(run.info.run_id)}
    assert {"config.yaml", "environment.txt", "predictions.parquet", "metrics.json", "report.html"} <= artifacts
    # A changed evaluation alone opens a restored run.
    project.edit("conf/evaluation/default.yaml", "confidence_level: 0.95", "confidence_level: 0.9")
    output = project("dvc", "repro")
    assert "Running stage 'train'" not in output
    first, second = runs_of(project)
    assert second.data.tags["reprodx.restored"] == "true"
    assert second.data.params["evaluation.confidence_level"] == "0.9"
    assert first.data.params["evaluation.confidence_level"] == "0.95"


def test_track_logs_what_dvc_restored_and_only_once(project: Project) -> None:
    shutil.rmtree(project.folder / ".cache")
    assert "Running stage" not in project("dvc", "repro")
    project("reprodx", "track")
    assert "already" in project.here("track")
    (run,) = runs_of(project)
    assert run.data.tags["reprodx.restored"] == "true"
    assert run.data.metrics["test/auroc"] > 0.5


def test_a_sweep_nests_its_trials_on_the_same_test_split(project: Project) -> None:
    project.here("run", "-m", "model=logistic,gradient_boosting", "seed=0,1", "trainer=smoke")
    parent, *children = runs_of(project)
    assert parent.info.status == "FINISHED"
    assert [child.data.tags["mlflow.parentRunId"] for child in children] == [parent.info.run_id] * 4
    assert len({child.data.tags["reprodx.split_hash"] for child in children}) == 1
    assert len({child.data.tags["reprodx.config_hash"] for child in children}) == 4
    assert all("val/auroc" in child.data.metrics for child in children)


def test_a_failing_trial_does_not_stop_the_others(project: Project) -> None:
    line = project.refused_here("run", "-m", "model=mlp", "optimizer.lr=1e30,0.01", "optimizer=sgd")
    assert "lr" in line or "learning rate" in line
    parent, *children = runs_of(project)
    assert sorted(child.info.status for child in children) == ["FAILED", "FINISHED"]
    assert parent.info.status == "FAILED"


@pytest.mark.pipeline
def test_a_sweep_in_parallel_processes(project: Project) -> None:
    project("reprodx", "run", "-m", "hydra/launcher=joblib", "model=logistic", "seed=0,1", "trainer=smoke")
    _, *children = runs_of(project)
    assert [child.info.status for child in children] == ["FINISHED"] * 2


def test_what_has_ended_is_not_run_again_unless_it_is_asked_for(project: Project) -> None:
    command = ("run", "-m", "model=logistic", "trainer=smoke")
    for seeds in ("seed=0", "seed=0,1", "seed=1,0"):
        project.here(*command, seeds)
    children = [run for run in runs_of(project) if "mlflow.parentRunId" in run.data.tags]
    assert len(children) == 2
    assert len(runs_of(project)) - len(children) == 2
    (line,) = [text for text in project.here("run", *command[2:], "seed=1").splitlines() if "had ended" in text]
    assert next(run.info.run_id for run in children if run.data.tags["reprodx.seed"] == "1") in line
    assert len(runs_of(project)) == 4
    project.here("run", *command[2:], "seed=1", "--again")
    assert len(runs_of(project)) == 5


@pytest.mark.parametrize("how", [["--temp"], ["--queue"]], ids=["temp", "queue"])
@pytest.mark.pipeline
def test_experiments_in_temporary_workspaces_leave_their_runs_here(project: Project, how: list[str]) -> None:
    project("dvc", "exp", "run", *how, "-S", "model=logistic")
    if how == ["--queue"]:
        project("dvc", "queue", "start")
        project("dvc", "queue", "stop", "--kill") if wait_for_queue(project) else None
    (run,) = runs_of(project)
    assert run.data.params["model.name"] == "logistic"
    assert "test/auroc" in run.data.metrics


def wait_for_queue(project: Project) -> bool:
    """Wait until the queue is empty; tell whether a worker still runs."""
    import time

    for _ in range(120):
        status = project("dvc", "queue", "status")
        if re.search(r"Success|Failed", status):
            return "Worker status: 1" in status
        time.sleep(1)
    raise AssertionError(status)


def test_an_unreachable_server_is_found_before_training(project: Project) -> None:
    address = "http://127.0.0.1:9"
    line = project.refused_here("run", f"tracking.uri={address}")
    assert "127.0.0.1:9" in line
    assert not (project.folder / "outputs").exists()
