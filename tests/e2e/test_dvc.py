"""`dvc repro` re-runs what a change touches, and nothing else."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
import yaml

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.project import Project


@pytest.fixture
def project(finished_copy: Callable[[], Project]) -> Project:
    return finished_copy()


def stages_run(output: str) -> list[str]:
    return re.findall(r"Running stage '(\w+)'", output)


def params(project: Project) -> dict[str, object]:
    loaded: dict[str, object] = yaml.safe_load(project.read("params.yaml"))
    return loaded


def test_nothing_changed_nothing_runs(project: Project) -> None:
    assert stages_run(project("dvc", "repro")) == []


def test_an_edited_model_trains_and_evaluates_again_but_does_not_prepare(project: Project) -> None:
    project.edit("conf/model/mlp.yaml", "dropout:", "dropout: 0.25  #")
    assert stages_run(project("dvc", "repro", "compose")) == ["compose"]
    assert stages_run(project("dvc", "repro", "--dry")) == ["train", "evaluate"]


@pytest.mark.pipeline
def test_edited_data_run_all_and_reverting_restores_params_and_results(project: Project) -> None:
    before = {
        name: project.read(name) for name in ("params.yaml", "results/metrics.json", "results/predictions.parquet")
    }
    project.edit("conf/split/patient_stratified.yaml", "seed: 0", "seed: 7")
    assert stages_run(project("dvc", "repro")) == ["compose", "prepare", "train", "evaluate"]
    assert project.read("results/predictions.parquet") != before["results/predictions.parquet"]
    project.edit("conf/split/patient_stratified.yaml", "seed: 7", "seed: 0")
    # `persist: true` keeps DVC's run-cache from skipping compose, which would leave params.yaml at the newer state.
    assert stages_run(project("dvc", "repro")) == ["compose"]
    assert {name: project.read(name) for name in before} == before


@pytest.mark.pipeline
def test_an_experiment_composes_by_itself_and_is_kept_by_repro(project: Project) -> None:
    project("dvc", "exp", "run", "-S", "model=logistic")
    assert params(project)["model"]["name"] == "logistic"  # type: ignore[index]
    assert stages_run(project("dvc", "repro")) == []
    shown = project("dvc", "exp", "show", "--csv")
    assert "test.auroc.value" in shown
    assert "!" not in shown
    assert "auroc" in project("dvc", "metrics", "diff")
    assert "plots" in project("dvc", "plots", "show")
    # Where conf/ was edited since, repro says which settings of the experiment it drops.
    project.edit("conf/trainer/cpu.yaml", "max_epochs: 3", "max_epochs: 2")
    assert "model.name: logistic -> mlp" in project("dvc", "repro", "compose")


def test_an_invalid_conf_leaves_params_as_they_were(project: Project) -> None:
    before = project.read("params.yaml")
    project.edit("conf/model/mlp.yaml", "_target_: reprodx.models.", "_target_: os.")
    output = project("dvc", "repro", exit_code=255)
    assert "model._target_" in output
    assert project.read("params.yaml") == before


@pytest.mark.pipeline
def test_data_outside_the_watched_folder_are_refused_by_dvc_and_fine_for_run(project: Project) -> None:
    source = "data/raw/heart_disease/heart_disease_uci.csv"
    (project.folder / "elsewhere.csv").write_bytes(project.read(source))
    project.edit("conf/data/heart_disease.yaml", source, "elsewhere.csv")
    assert "outside data/raw" in project("dvc", "repro", exit_code=255)
    project("reprodx", "run", "tracking=none")
    (own,) = project.outputs()
    # A path counts by its bytes: the same table elsewhere is the same experiment.
    assert (own / "results/predictions.parquet").read_bytes() == project.read("results/predictions.parquet")
