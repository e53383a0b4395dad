"""Predictions, manifests and settings of models that never were."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl
import pytest

from reprodx.artifacts.predictions import Predictions, joined_labels
from reprodx.metrics.scorecard import score, score_groups
from reprodx.reporting.evaluation import Evaluation
from reprodx.reporting.report import write_report
from tests.settings import score_settings

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from reprodx.metrics.settings import ScoreSettings

SETTINGS = score_settings(num_resamples=100, num_calibration_bins=5)
SITES = ("north", "south", "north", "south", "north", "south", "north", "tiny")
"""Of every two cases in turn, so that few of them are of the last one."""


GRADES = ("none", "mild", "moderate", "severe")
LABELS = ("fluid", "drusen", "scar")


def make_predictions(classes: tuple[str, ...], num_cases: int = 160, *, skill: float = 1.0) -> Predictions:
    """Return predictions whose probabilities favour the true class by `skill` in the logit."""
    rng = np.random.default_rng(0)
    targets = np.arange(num_cases) % len(classes)
    logits = rng.normal(size=(num_cases, len(classes))) + skill * np.eye(len(classes))[targets]
    logits -= logits[:, :1]
    probs = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    ids = [f"case{number:04}" for number in range(num_cases)]
    table = pl.DataFrame(
        {
            "case_id": ids,
            "patient_id": ids,
            "site": [SITES[number // 2 % len(SITES)] for number in range(num_cases)],
            "split": ["val" if number < num_cases // 2 else "test" for number in range(num_cases)],
            "y_true": [classes[target] for target in targets],
            **{f"prob_{name}": probs[:, index] for index, name in enumerate(classes)},
            **{f"logit_{name}": logits[:, index] for index, name in enumerate(classes)},
            "group_age": [(">=60", "50-<60", "<50")[number % 3] for number in range(num_cases)],
        }
    )
    metadata: dict[str, Any] = {
        "classes": list(classes),
        "task": "binary" if len(classes) == 2 else "multiclass",
        "config_hash": "c" * 64,
        "split_hash": "5" * 64,
        "cv_hash": None,
        "seed": 0,
    }
    if len(classes) == 2:
        metadata["threshold"] = {"value": 0.4, "rule": "largest Youden index", "chosen_on": "val"}
    return Predictions(table, metadata)


def make_graded(num_cases: int = 240) -> Predictions:
    """Return predictions of four grades, whose probabilities fall with the distance to the true one."""
    predictions = make_predictions(GRADES, num_cases)
    rng = np.random.default_rng(1)
    places = predictions.targets() + rng.normal(scale=0.7, size=num_cases)
    logits = -1.5 * np.abs(np.arange(len(GRADES)) - places[:, None])
    probs = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    columns = [pl.Series(f"prob_{name}", probs[:, index]) for index, name in enumerate(GRADES)]
    threshold = {"value": 0.5, "rule": "largest Youden index", "chosen_on": "val", "positive": "moderate or above"}
    metadata = {**predictions.metadata, "task": "ordinal", "threshold": threshold}
    return Predictions(predictions.table.with_columns(columns), metadata)


def make_labelled(num_labels: int = 3, num_cases: int = 400) -> Predictions:
    """Return predictions of labels of falling frequency; the last one has no threshold."""
    labels = [f"{LABELS[index % len(LABELS)]}{index // len(LABELS) or ''}" for index in range(num_labels)]
    rng = np.random.default_rng(0)
    targets = (rng.random((num_cases, num_labels)) < np.linspace(0.5, 0.1, num_labels)).astype(np.int8)
    probs = 1 / (1 + np.exp(1.5 - 2.5 * targets - rng.normal(size=targets.shape)))
    binary = make_predictions(("healthy", "disease"), num_cases)
    table = binary.table.select(pl.exclude("^(prob|logit)_.*$")).with_columns(
        **{f"y_true_{name}": targets[:, index] for index, name in enumerate(labels)},
        **{f"prob_{name}": probs[:, index] for index, name in enumerate(labels)},
    )
    rule = {"rule": "largest Youden index", "chosen_on": "val"}
    thresholds = {name: {"value": 0.3 + index / 50, **rule} for index, name in enumerate(labels)}
    thresholds[labels[-1]] = {"value": None, "reason": "all validation cases lack it", **rule}
    metadata = {**binary.metadata, "classes": labels, "task": "multilabel", "thresholds": thresholds}
    del metadata["threshold"]
    return Predictions(table.with_columns(joined_labels(table, tuple(labels))), metadata)


def make_manifest(classes: tuple[str, ...]) -> dict[str, Any]:
    """Return a manifest as preparation writes it, of 320 cases of which 3 were excluded."""
    splits = {
        split: {"cases": n, "patients": n, "classes": dict.fromkeys(classes, n // len(classes))}
        for split, n in (("train", 157), ("val", 80), ("test", 80))
    }
    return {
        "num_cases": 317,
        "exclusions": [{"rule": "target is missing", "count": 2}, {"rule": "age is out of range", "count": 1}],
        "splits": splits,
        "has_patients": True,
        "reference_standard": "biopsy",
        "classes": list(classes),
        "features": [
            {"name": "age", "column": "age", "kind": "numeric"},
            {"name": "age__missing", "column": "age", "kind": "indicator"},
        ],
        "dropped": {"ward": "constant among the training cases"},
        "leaky": False,
        "acknowledged": {"features": [], "duplicates": [], "patients": 0},
        "warnings": ["4 cases have inputs identical to another's, and are kept together"],
        "data_hash": "d" * 64,
        "fold": 0,
        "repeat": 0,
    }


def make_table_one() -> pl.DataFrame:
    """Return a table 1 as text, as it is read from preparation's CSV file."""
    columns = ("variable", "level", "unit", "train", "val", "test", "smd_val", "smd_test")
    rows = [
        ("cases", None, None, "157", "80", "80", None, None),
        ("y_true", "disease", None, "78 (49.7%)", "40 (50.0%)", "40 (50.0%)", "0.006", "0.006"),
        ("age", None, "years", "53.1 (9.4)", "54.3 (9.2)", "53.9 (9.6)", "-0.124", "0.083"),
    ]
    return pl.DataFrame(rows, schema=dict.fromkeys(columns, pl.String), orient="row")


def make_config() -> dict[str, Any]:
    """Return the sections that decide a result."""
    return {
        "data": {"name": "ward", "path": "/home/someone/secret/ward.csv"},
        "split": {"name": "patient", "_target_": "reprodx.splits.patient_stratified.PatientStratified"},
        "model": {"name": "mlp", "hidden_sizes": [64, 32]},
        "evaluation": {"margin": 0.02},
        "seed": 0,
    }


def make_evaluation(predictions: Predictions, **manifest: object) -> Evaluation:
    """Return predictions with their scores and with a manifest in which the given keys are replaced."""
    return Evaluation(
        predictions=predictions,
        scores=score(predictions, SETTINGS),
        groups=score_groups(predictions, SETTINGS),
        table_one=make_table_one(),
        manifest={**make_manifest(predictions.classes), **manifest},
        config=make_config(),
        settings=SETTINGS,
    )


def write(path: Path, evaluation: Evaluation) -> Path:
    """Write the report of an evaluation and return where."""
    write_report(path, evaluation)
    return path


@pytest.fixture(scope="session")
def settings() -> ScoreSettings:
    return SETTINGS


@pytest.fixture(scope="session")
def binary() -> Evaluation:
    """Disease or not, told apart well."""
    return make_evaluation(make_predictions(("healthy", "disease")))


@pytest.fixture(scope="session")
def multiclass() -> Evaluation:
    """Three classes."""
    return make_evaluation(make_predictions(("mild", "moderate", "severe")))


@pytest.fixture(scope="session")
def ordinal() -> Evaluation:
    """Four grades, of pictures."""
    return make_evaluation(make_graded(), modality="image", features=[], dropped={})


@pytest.fixture(scope="session")
def multilabel() -> Evaluation:
    """Three labels, of pictures."""
    return make_evaluation(make_labelled(), modality="image", features=[], dropped={})


@pytest.fixture(scope="session")
def labelled() -> Callable[..., Predictions]:
    """Return a function that makes predictions of the given number of labels."""
    return make_labelled


@pytest.fixture(scope="session")
def evaluated() -> Callable[..., Evaluation]:
    """Return a function that evaluates predictions beside a manifest with the given keys replaced."""
    return make_evaluation


@pytest.fixture(scope="session")
def predicted() -> Callable[..., Predictions]:
    """Return a function that makes predictions for the given classes."""
    return make_predictions


@pytest.fixture(scope="session")
def written() -> Callable[[Path, Evaluation], Path]:
    """Return a function that writes the report of an evaluation."""
    return write
