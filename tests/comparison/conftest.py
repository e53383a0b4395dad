"""Two models on the same cases."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import polars as pl
import pytest
from sklearn.datasets import load_breast_cancer
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold, cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from reprodx.artifacts.predictions import ClassOrder, Predictions
from reprodx.comparison.compared_cases import ComparedCases, Contender, Member
from reprodx.comparison.source import Source
from reprodx.schemas import Task
from tests.settings import comparison_settings

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from reprodx.comparison.settings import ComparisonSettings
    from reprodx.comparison.source import TrackedRun


class TwoModels(NamedTuple):
    is_positive: NDArray[np.bool_]
    scores: NDArray[np.float64]


@pytest.fixture(scope="session")
def breast_cancer() -> TwoModels:
    """Out-of-fold probabilities of malignancy by logistic regression and by a random forest."""
    features, benign = load_breast_cancer(return_X_y=True)
    folds = StratifiedKFold(5, shuffle=True, random_state=0)
    logistic = make_pipeline(StandardScaler(), LogisticRegression(max_iter=5000))
    forest = RandomForestClassifier(300, random_state=0)
    scores = [
        cross_val_predict(model, features, 1 - benign, cv=folds, method="predict_proba")[:, 1]
        for model in (logistic, forest)
    ]
    return TwoModels(benign == 0, np.stack(scores))


@pytest.fixture
def make_settings() -> Callable[..., ComparisonSettings]:
    """The defaults, but for what is named."""
    return comparison_settings


@pytest.fixture
def make_compared() -> Callable[..., ComparedCases]:
    """Cases of any task from the probabilities of each contender's members; of two classes that of the positive one."""

    def make(
        targets: Sequence[int] | NDArray[np.int64],
        contenders: Sequence[Sequence[Sequence[float] | NDArray[np.float64]]],
        *,
        task: Task = Task.BINARY,
        classes: tuple[str, ...] = ("benign", "malignant"),
        called: Sequence[NDArray[np.int64] | None] | None = None,
        referable: Sequence[NDArray[np.int64] | None] | None = None,
        patients: NDArray[np.int64] | None = None,
        folds: NDArray[np.int64] | None = None,
        columns: dict[str, Sequence[object]] | None = None,
        num_train: int | None = 100,
    ) -> ComparedCases:
        n = len(targets)

        def member(position: int, number: int, probs: Sequence[float] | NDArray[np.float64]) -> Member:
            given = np.asarray(probs, dtype=np.float64)
            return Member(
                probs=np.column_stack([1 - given, given]) if given.ndim == 1 else given,
                called=None if called is None else called[position],
                called_referable=None if referable is None else referable[position],
                thresholds=(None,),
                seed=number,
                repeat=0,
                sources=(),
            )

        table = pl.DataFrame(
            {
                "case_id": [f"c{row:07d}" for row in range(n)],
                "patient_id": [f"p{row if patients is None else patients[row]:07d}" for row in range(n)],
                "y_true": ["" for _ in range(n)],
                **(columns or {}),
            }
        )
        return ComparedCases(
            table=table,
            targets=np.asarray(targets, dtype=np.int64),
            patients=patients,
            folds=folds,
            task=task,
            classes=classes,
            split="test",
            contenders=tuple(
                Contender(
                    f"model {position}",
                    tuple(member(position, number, probs) for number, probs in enumerate(members)),
                    num_train,
                )
                for position, members in enumerate(contenders)
            ),
            has_patients=patients is not None,
            notes=(),
            checks=(),
        )

    return make


@pytest.fixture(scope="session")
def make_source() -> Callable[..., Source]:
    """A binary run of four cases, in which any column and any entry of the metadata can be another."""

    def make(
        label: str = "a",
        *,
        columns: dict[str, Sequence[object]] | None = None,
        classes: Sequence[str] = ("well", "sick"),
        class_order: ClassOrder = ClassOrder.DECLARED,
        run: TrackedRun | None = None,
        **metadata: object,
    ) -> Source:
        given = columns or {}
        ids = given.get("case_id", ["1", "2", "3", "4"])
        default = {
            "case_id": ids,
            "patient_id": ids,
            "split": ["test"] * len(ids),
            "y_true": ["well", "sick"] * (len(ids) // 2),
            "prob_well": [0.75, 0.25] * (len(ids) // 2),
            "prob_sick": [0.25, 0.75] * (len(ids) // 2),
        }
        is_other = any(name.startswith("prob_") for name in given)
        kept = {name: values for name, values in default.items() if not (is_other and name.startswith("prob_"))}
        return Source(
            label, Predictions(pl.DataFrame({**kept, **given}), {"classes": classes, **metadata}, class_order), run
        )

    return make
