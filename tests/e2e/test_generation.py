"""A generator through DVC: its samples, what it is judged by, and what it is not."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
import yaml

if TYPE_CHECKING:
    from tests.project import Project

SMALL = (
    *("data.num_patients=30", "data.size=[32,32]", "model.filters=4", "trainer.max_epochs=2", "trainer.batch_size=16"),
    *("evaluation.num_generated=24", "evaluation.num_samples=10"),
)
OUTPUT = "results/samples/sheet.png"


@pytest.mark.pipeline
def test_an_experiment_of_dvc_leaves_samples_and_no_predictions(project: Project) -> None:
    settings = [part for setting in ("experiment=image_gan", *SMALL) for part in ("-S", setting)]
    project("dvc", "exp", "run", *settings)
    outs = yaml.safe_load((project.folder / "dvc.yaml").read_text(encoding="utf-8"))["stages"]["evaluate"]["outs"]
    assert all((project.folder / out).exists() for out in outs)
    assert project.read(OUTPUT).startswith(b"\x89PNG")
    scores = json.loads(project.read("results/metrics.json"))
    assert set(scores) == {"val", "test"}
    assert {"two_sample_auroc", "tstr_auroc", "copied_share", "membership_auroc"} <= set(scores["test"])

    assert "generat" in project.refused_here("compare", "--experiment", "synth_fundus", exit_code=3)
    file = "results/predictions.parquet"
    assert "generat" in project.refused_here("compare", file, file, exit_code=3)

    project("reprodx", "run", "experiment=image_gan", *SMALL)
    (own,) = project.outputs()
    assert not (own / file).exists()
    assert (own / OUTPUT).read_bytes() == project.read(OUTPUT)
    assert (own / "results/metrics.json").read_bytes() == project.read("results/metrics.json")
