"""What a person reads after `make run`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl
import pytest

from reprodx.artifacts.files import read_json, write_json
from reprodx.artifacts.locations import DVC_OUTS
from reprodx.artifacts.predictions import Predictions
from reprodx.errors import ArtifactMissingError
from reprodx.last_result import lines

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.project import Project


def test_the_result_and_where_to_look(finished_copy: Callable[[], Project], monkeypatch: pytest.MonkeyPatch) -> None:
    project = finished_copy()
    monkeypatch.chdir(project.folder)
    text = "\n".join(lines())
    assert "mlp on heart, 184 test cases" in text
    assert "auroc" in text
    assert "results/report.html" in text
    (pointer,) = (path for path in (project.folder / ".cache/tracking").iterdir() if path.is_file())
    assert "reprodx track" not in text
    pointer.unlink()
    assert "reprodx track" in "\n".join(lines())


def test_an_area_worse_than_chance_asks_whether_classes_are_swapped(
    finished_copy: Callable[[], Project], monkeypatch: pytest.MonkeyPatch
) -> None:
    project = finished_copy()
    monkeypatch.chdir(project.folder)
    assert not any("swapped" in line for line in lines())
    path = project.folder / DVC_OUTS.metrics
    scores = read_json(path, made_by="evaluate")
    scores["test"]["auroc"] |= {"value": 0.2, "ci_low": 0.1, "ci_high": 0.3}
    write_json(path, scores)
    assert "  Are the classes swapped? The AUROC is worse than chance." in lines()


def test_nothing_evaluated_yet_says_what_to_run(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(project.folder)
    with pytest.raises(ArtifactMissingError, match="dvc repro"):
        lines()


def test_grades_and_labels_are_told_too(finished_copy: Callable[[], Project], monkeypatch: pytest.MonkeyPatch) -> None:
    project = finished_copy()
    monkeypatch.chdir(project.folder)
    path = project.folder / DVC_OUTS.metrics
    scores = read_json(path, made_by="evaluate")
    scores["test"]["kappa"] = {"value": 0.7512, "ci_low": 0.7, "ci_high": 0.8, "n": 184}
    scores["test"]["sensitivity_referable"] = {"value": None, "ci_low": None, "ci_high": None, "reason": "no case"}
    write_json(path, scores)
    graded = Predictions(pl.DataFrame(), {"task": "ordinal"})
    monkeypatch.setattr("reprodx.last_result.read_predictions", lambda _: graded)
    found = lines()
    assert [line.split()[0] for line in found[1:4]] == ["kappa", "sensitivity_referable", "report"]
    assert f"  {'kappa':21} 0.751 (0.700 to 0.800)" in found
    assert f"  {'sensitivity_referable':21} no case" in found


def test_a_generator_is_told_by_what_it_is_judged_by(
    finished_copy: Callable[[], Project], monkeypatch: pytest.MonkeyPatch
) -> None:
    project = finished_copy()
    monkeypatch.chdir(project.folder)
    area = {"value": 0.7, "ci_low": 0.6, "ci_high": 0.8, "n": 184}
    share = {"value": 0.0, "ci_low": 0.0, "ci_high": 0.01, "n": 1000}
    write_json(project.folder / DVC_OUTS.metrics, {"test": {"tstr_auroc": area, "copied_share": share}})
    found = lines()
    assert found[0].endswith("184 test cases:")
    assert f"  {'copied_share':12} 0.000 (0.000 to 0.010)" in found
