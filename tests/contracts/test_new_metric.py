"""A metric is one file: the example of CONTRIBUTING, in a copy of the sources, is scored, compared and reported."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.special import expit
from sklearn.metrics import matthews_corrcoef, roc_auc_score

from reprodx.cli import main
from reprodx.reporting.model_card import write_model_card
from tests.prediction_tables import compare, write_classes, write_run
from tests.project import ROOT
from tests.reporting.conftest import make_evaluation, make_graded, make_predictions, write

ALL = "from pathlib import Path; from tests.contracts.test_new_metric import write_all; write_all(Path.cwd())"
CLASSES = {"binary": ("healthy", "disease"), "multiclass": ("mild", "moderate", "severe")}


def write_all(folder: Path) -> None:
    """Write what commands say of the same predictions, by the sources that are found first."""
    (folder / "sources.txt").write_text(str(sys.modules["reprodx"].__file__))
    for task, classes in CLASSES.items():
        evaluation = make_evaluation(make_predictions(classes))
        blocks = evaluation.written.items()
        written = {split: {name: one.as_dict() for name, one in block.items()} for split, block in blocks}
        (folder / f"{task}.json").write_text(json.dumps(written))
        write(folder / f"{task}.html", evaluation)
        write_model_card(folder / f"{task}.md", evaluation)
    files = [str(each) for each in two_models(folder)]
    outputs = ["--json", "compared.json", "--html", "compared.html"]
    assert main(["compare", *files, "--metric", "matthews", *outputs]) == 0


def two_models(folder: Path) -> list[Path]:
    rng, targets, files = np.random.default_rng(0), np.arange(120) % 2, []
    for name, worth in (("a", 1), ("b", 3)):
        probs = expit(worth * (targets - 0.5) + rng.normal(size=120))
        files.append(write_run(folder / f"{name}.parquet", targets, probs, name=name))
    return files


@pytest.fixture(scope="module")
def added(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder in which the copy with one file more has written all."""
    folder = tmp_path_factory.mktemp("copy")
    sources = Path(shutil.copytree(ROOT / "src", folder / "src", ignore=shutil.ignore_patterns("__pycache__")))
    section = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8").partition("## Add a metric")[2]
    example = re.search(r"```python\n(.*?)```", section, re.DOTALL)
    assert example is not None
    (sources / "reprodx/metrics/catalogue/matthews.py").write_text(example[1], encoding="utf-8")
    environment = {**os.environ, "PYTHONPATH": f"{sources}{os.pathsep}{ROOT}"}
    # What holds for every metric holds for this one: its derivative, its resamples, its interval, its difference.
    every = [str(ROOT / f"tests/metrics/test_{name}.py") for name in ("statistic", "estimation")]
    options = ["-n", "0", "-q", "-p", "no:cacheprovider", "-o", f"pythonpath={sources}", "-k", "matthews"]
    tests = ["-m", "pytest", *options, *every]
    for command, place in ((["-c", ALL], folder), (tests, ROOT)):
        done = subprocess.run([sys.executable, *command], cwd=place, env=environment, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr
    assert (folder / "sources.txt").read_text().startswith(str(sources))
    return folder


def read(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("task", CLASSES)
def test_it_is_scored_as_scikit_learn_has_it_with_an_interval(added: Path, task: str) -> None:
    predictions = make_predictions(CLASSES[task]).of("test")
    called = predictions.probs()[:, 1] >= 0.4 if task == "binary" else predictions.probs().argmax(axis=1)
    for split, scores in read(added / f"{task}.json").items():
        assert scores["matthews"]["ci_low"] < scores["matthews"]["value"] < scores["matthews"]["ci_high"], split
    found = read(added / f"{task}.json")["test"]["matthews"]
    assert found["value"] == pytest.approx(matthews_corrcoef(predictions.targets(), called))
    assert found["method"].startswith("Fisher z delta method")


def test_report_and_model_card_show_it(added: Path) -> None:
    found = read(added / "binary.json")["test"]["matthews"]
    shown = f"{found['value']:.3f}"
    for name in ("binary.html", "binary.md", "multiclass.html", "multiclass.md"):
        text = (added / name).read_text(encoding="utf-8")
        assert "Matthews correlation" in text, name
        assert (shown in text) == name.startswith("binary"), name
    # Of two classes alone it is a number to be seen at a glance, which a hub reads.
    is_key = ["type: matthews" in (added / f"{task}.md").read_text(encoding="utf-8") for task in CLASSES]
    assert is_key == [True, False]


def test_models_are_compared_by_it(added: Path) -> None:
    numbers = read(added / "compared.json")
    assert (numbers["metric"], numbers["verdicts"][0]["verdict"]) == ("matthews", "superior")
    (pair,) = numbers["metrics"]["matthews"]["pairs"]
    assert pair["ci"][0] < pair["value"] < pair["ci"][1]
    assert pair["p"] < 0.05
    estimates = numbers["metrics"]["matthews"]["estimates"]
    assert pair["value"] == pytest.approx(estimates["b"]["value"] - estimates["a"]["value"])
    assert "Matthews correlation" in (added / "compared.html").read_text(encoding="utf-8")


NAMES = ("macro", "micro", "referable")


def test_a_class_of_any_name_takes_no_other_numbers_place(tmp_path: Path) -> None:
    predictions = make_predictions(NAMES)
    found = make_evaluation(predictions).written["test"]
    test = predictions.of("test")
    mean = roc_auc_score(test.targets(), test.probs(), multi_class="ovr")
    own = [roc_auc_score(test.targets() == place, test.probs()[:, place]) for place in range(3)]
    assert found["auroc_macro"].value == found["auroc"].value == pytest.approx(mean)
    assert found["auroc_class_macro"].value == pytest.approx(own[0])
    assert [found[f"auroc_{name}"].value for name in NAMES[1:]] == pytest.approx(own[1:])
    files = [
        write_classes(tmp_path / f"{name}.csv", test.targets(), test.probs()[:, order], NAMES)
        for name, order in (("a", [0, 1, 2]), ("b", [1, 0, 2]))
    ]
    compared = compare(*files)["metrics"]
    assert compared["auroc"]["estimates"]["a"]["value"] == pytest.approx(mean)
    assert compared["auroc_class_macro"]["estimates"]["a"]["value"] == pytest.approx(own[0])


def test_a_grade_called_referable_is_not_the_referable_grades() -> None:
    graded = make_graded()
    renamed = {"none": "none", "mild": "mild", "moderate": "referable", "severe": "macro"}
    table = graded.table.rename({f"prob_{old}": f"prob_{new}" for old, new in renamed.items()})
    threshold = {**graded.metadata["threshold"], "positive": "referable or above"}
    metadata = {**graded.metadata, "classes": list(renamed.values()), "threshold": threshold}
    predictions = type(graded)(table.with_columns(table["y_true"].replace(renamed)), metadata)
    found, usual = (make_evaluation(each).written["test"] for each in (predictions, graded))
    assert found["auroc_referable"] == usual["auroc_referable"]
    assert found["sensitivity_referable"] == usual["sensitivity_referable"]
    assert found["auroc_class_referable"] == usual["auroc_moderate"]
    assert (found["auroc_macro"], found["auroc_class_macro"]) == (usual["auroc_macro"], usual["auroc_severe"])
    assert len(found) == len(usual)
