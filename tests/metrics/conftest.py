"""Cases with known answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import polars as pl
import pytest
from sklearn.datasets import load_breast_cancer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold, cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from reprodx.artifacts.predictions import Predictions
from reprodx.metrics.bootstrap import Bootstrap
from tests.settings import score_settings

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from reprodx.metrics.settings import ScoreSettings


class OutOfFold(NamedTuple):
    is_positive: NDArray[np.bool_]
    probs: NDArray[np.float64]


@pytest.fixture(scope="session")
def breast_cancer() -> OutOfFold:
    """Out-of-fold probabilities of malignancy by standardised logistic regression."""
    features, benign = load_breast_cancer(return_X_y=True)
    folds = StratifiedKFold(5, shuffle=True, random_state=0)
    model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=5000))
    probs = cross_val_predict(model, features, 1 - benign, cv=folds, method="predict_proba")[:, 1]
    return OutOfFold(benign == 0, probs)


@pytest.fixture
def bootstrap() -> Bootstrap:
    return Bootstrap(num_resamples=400, seed=3, confidence_level=0.95)


@pytest.fixture
def settings() -> ScoreSettings:
    return score_settings()


@pytest.fixture
def make_predictions() -> Callable[..., Predictions]:
    """Predictions of a split from class names and probabilities."""

    def make(
        y_true: Sequence[str],
        probs: NDArray[np.float64],
        classes: tuple[str, ...],
        *,
        split: Sequence[str] | str = "test",
        columns: dict[str, Sequence[object]] | None = None,
        **metadata: object,
    ) -> Predictions:
        n = len(y_true)
        table = pl.DataFrame(
            {
                "case_id": [f"c{row}" for row in range(n)],
                "patient_id": [f"p{row}" for row in range(n)],
                "split": [split] * n if isinstance(split, str) else split,
                "y_true": list(y_true),
                **{f"prob_{name}": probs[:, index] for index, name in enumerate(classes)},
                **(columns or {}),
            }
        )
        return Predictions(table, {"classes": list(classes), **metadata})

    return make


@pytest.fixture(scope="session")
def make_labelled() -> Callable[..., Predictions]:
    """Predictions of three labels, the last of them rare, of patients with one or several cases."""

    def make(num_cases: int = 240, *, cases_per_patient: int = 1, seed: int = 0, **metadata: object) -> Predictions:
        rng = np.random.default_rng(seed)
        labels = ("fluid", "cyst", "scar")
        targets = (rng.random((num_cases, 3)) < (0.5, 0.3, 0.1)).astype(np.int8)
        probs = 1 / (1 + np.exp(1 - 2 * targets - rng.normal(size=targets.shape).round(1)))
        table = pl.DataFrame(
            {
                "case_id": [f"c{row}" for row in range(num_cases)],
                "patient_id": [f"p{row // cases_per_patient}" for row in range(num_cases)],
                "split": ["val" if row < num_cases // 2 else "test" for row in range(num_cases)],
                "site": ["x", "x", "y"] * (num_cases // 3),
                **{f"y_true_{name}": targets[:, index] for index, name in enumerate(labels)},
                **{f"prob_{name}": probs[:, index] for index, name in enumerate(labels)},
            }
        )
        return Predictions(table, {"classes": list(labels), "task": "multilabel", **metadata})

    return make


@pytest.fixture(scope="session")
def make_graded() -> Callable[..., Predictions]:
    """Predictions of four grades whose probabilities fall with the distance to the true one."""

    def make(num_cases: int = 240, *, cases_per_patient: int = 1, seed: int = 0, **metadata: object) -> Predictions:
        rng = np.random.default_rng(seed)
        grades = ("none", "mild", "moderate", "severe")
        targets = rng.integers(0, 4, size=num_cases)
        distances = np.abs(np.arange(4) - (targets + rng.normal(scale=0.9, size=num_cases))[:, None])
        probs = np.exp(-1.5 * distances) / np.exp(-1.5 * distances).sum(axis=1, keepdims=True)
        table = pl.DataFrame(
            {
                "case_id": [f"c{row}" for row in range(num_cases)],
                "patient_id": [f"p{row // cases_per_patient}" for row in range(num_cases)],
                "split": ["val" if row < num_cases // 2 else "test" for row in range(num_cases)],
                "site": ["x", "x", "y"] * (num_cases // 3),
                "y_true": [grades[target] for target in targets],
                **{f"prob_{name}": probs[:, index] for index, name in enumerate(grades)},
            }
        )
        return Predictions(table, {"classes": list(grades), "task": "ordinal", **metadata})

    return make
