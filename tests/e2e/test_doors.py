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


def config_hash_of(folder: Path) -> object:
    return read_predictions(folder / "predictions.parquet").metadata["config_hash"]


def test_dvc_repro_twice_gives_the_same_bytes(project: Project) -> None:
    before = results(project.folder / "results")
    project("dvc", "repro", "--force", "--no-run-cache")
    assert results(project.folder / "results") == before


def test_reprodx_run_gives_the_bytes_of_dvc_repro(project: Project) -> None:
    shutil.rmtree(project.folder / "data/prepared")
    project("reprodx", "run")
    (own,) = project.outputs()
    assert own.name == config_hash_of(project.folder / "results")
    assert results(own / "results") == results(project.folder / "results")


def test_a_trial_of_a_sweep_gives_the_bytes_of_dvc_repro(project: Project) -> None:
    project("reprodx", "run", "-m", "seed=1,0")
    assert len(project.outputs()) == 2
    own = project.folder / "outputs" / str(config_hash_of(project.folder / "results"))
    assert results(own / "results") == results(project.folder / "results")
    (other,) = [folder for folder in project.outputs() if folder != own]
    assert results(other / "results") != results(own / "results")


def test_dvc_exp_run_gives_the_bytes_of_reprodx_run(project: Project) -> None:
    project("dvc", "exp", "run", "-S", "model=logistic")
    project("reprodx", "run", "model=logistic")
    (own,) = project.outputs()
    assert own.name == config_hash_of(project.folder / "results")
    assert results(own / "results") == results(project.folder / "results")


def test_stages_with_overrides_give_the_bytes_of_run(project: Project) -> None:
    for command in ("prepare", "train", "evaluate"):
        project("reprodx", command, "model=logistic")
    (own,) = project.outputs()
    in_stages = results(own / "results")
    shutil.rmtree(own)
    project("reprodx", "run", "model=logistic")
    assert results(own / "results") == in_stages


def test_tracking_does_not_touch_the_artefacts(project: Project) -> None:
    before = results(project.folder / "results")
    project("reprodx", "run", "tracking=none")
    (own,) = project.outputs()
    assert results(own / "results") == before


def test_the_seed_of_training_does_not_move_the_split(project: Project) -> None:
    project("reprodx", "run", "-m", "seed=1,2", "tracking=none")
    hashes = {read_predictions(own / "results/predictions.parquet").metadata["split_hash"] for own in project.outputs()}
    assert len(hashes) == 1


def test_evaluate_with_overrides_needs_its_own_training(project: Project) -> None:
    line = project.refused("reprodx", "evaluate", "model=logistic", "seed=5")
    assert "reprodx train" in line


def test_equal_metrics_are_written_as_json_without_nan(project: Project) -> None:
    metrics = json.loads(project.read("results/metrics.json"), parse_constant=lambda name: pytest.fail(name))
    assert {"val", "test"} == metrics.keys()
    assert 0.5 < metrics["test"]["auroc"]["ci_low"] < metrics["test"]["auroc"]["value"] < 1


def test_a_setting_that_changes_no_model_still_makes_another_experiment(project: Project) -> None:
    project("dvc", "exp", "run", "-S", "model=gradient_boosting")
    before = config_hash_of(project.folder / "results")
    project("dvc", "exp", "run", "-S", "model=gradient_boosting", "-S", "optimizer.lr=0.5")
    project("reprodx", "run", "model=gradient_boosting", "optimizer.lr=0.5")
    (own,) = project.outputs()
    assert own.name == config_hash_of(project.folder / "results") != before
    assert results(own / "results") == results(project.folder / "results")
