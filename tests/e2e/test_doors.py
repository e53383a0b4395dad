"""One config, four doors, the same run: equal hashes and equal bytes, each in a process of its own."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING

import pytest

from reprodx.artifacts.predictions import read_predictions

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.project import Project

SAME_BYTES = ("predictions.parquet", "metrics.json", "report.html")


@pytest.fixture
def project(finished_copy: Callable[[], Project]) -> Project:
    """Return a finished project without any cache of DVC's or ours."""
    project = finished_copy()
    for cache in (".cache", ".dvc/cache", ".dvc/tmp"):
        shutil.rmtree(project.folder / cache, ignore_errors=True)
    return project


def results(folder: Path) -> dict[str, bytes]:
    return {name: (folder / name).read_bytes() for name in SAME_BYTES}


def folder_bytes(folder: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in folder.iterdir()}


def config_hash_of(folder: Path) -> object:
    return read_predictions(folder / "predictions.parquet").metadata["config_hash"]


def test_dvc_repro_twice_gives_the_same_bytes(project: Project) -> None:
    before = results(project.folder / "results")
    project("dvc", "repro", "--force", "--no-run-cache")
    assert results(project.folder / "results") == before
    # As in a clone of a repository that holds the result.
    assert project("git", "status", "--porcelain") == ""
    assert "the same bytes as in the repository" in project("python", "-m", "reprodx.last_result")


def test_reprodx_run_gives_the_bytes_of_dvc_repro_tracked_or_not(project: Project) -> None:
    shutil.rmtree(project.folder / "data/prepared")
    project("reprodx", "run", "tracking=none")
    (own,) = project.outputs()
    assert own.name == config_hash_of(project.folder / "results")
    assert results(own / "results") == results(project.folder / "results")


@pytest.mark.pipeline
def test_a_trial_of_a_sweep_gives_the_bytes_of_dvc_repro(project: Project) -> None:
    project("reprodx", "run", "-m", "seed=1,0")
    assert len(project.outputs()) == 2
    own = project.folder / "outputs" / str(config_hash_of(project.folder / "results"))
    (other,) = [folder for folder in project.outputs() if folder != own]
    # Of the winner at once, of the other when it is asked for.
    assert (other / "results/report.html").exists() != (own / "results/report.html").exists()
    for seed in (0, 1):
        assert "had ended before" in project("reprodx", "run", f"seed={seed}")
    assert results(own / "results") == results(project.folder / "results")
    assert results(other / "results") != results(own / "results")
    # The seed of training does not move the split.
    files = [folder / "results/predictions.parquet" for folder in (own, other)]
    assert len({read_predictions(file).metadata["split_hash"] for file in files}) == 1


@pytest.mark.pipeline
def test_stages_with_overrides_give_the_bytes_of_dvc_repro(project: Project) -> None:
    for command in ("prepare", "train", "evaluate"):
        project("reprodx", command, "seed=0")
    (own,) = project.outputs()
    assert own.name == config_hash_of(project.folder / "results")
    assert results(own / "results") == results(project.folder / "results")


def test_evaluate_with_overrides_needs_its_own_training(project: Project) -> None:
    line = project.refused_here("evaluate", "model=logistic", "seed=5")
    assert "reprodx train" in line


def test_equal_metrics_are_written_as_json_without_nan(project: Project) -> None:
    metrics = json.loads(project.read("results/metrics.json"), parse_constant=lambda name: pytest.fail(name))
    assert {"val", "test"} == metrics.keys()
    assert 0.5 < metrics["test"]["auroc"]["ci_low"] < metrics["test"]["auroc"]["value"] < 1


@pytest.mark.pipeline
def test_dvc_exp_run_gives_the_bytes_of_reprodx_run_where_a_setting_changes_no_model(project: Project) -> None:
    before, models = config_hash_of(project.folder / "results"), folder_bytes(project.folder / "models")
    project("dvc", "exp", "run", "-S", "optimizer.name=own")
    assert folder_bytes(project.folder / "models") == models
    project("reprodx", "run", "optimizer.name=own")
    (own,) = project.outputs()
    # It makes another experiment all the same.
    assert own.name == config_hash_of(project.folder / "results") != before
    assert results(own / "results") == results(project.folder / "results")
