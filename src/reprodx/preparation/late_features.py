"""Strong features that are called like what is known only after the outcome."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from reprodx.datasets.column_meanings import is_known_late
from reprodx.preparation.give_aways import distinctions, readings

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    import polars as pl
    from numpy.typing import NDArray

    from reprodx.preparation.give_aways import Reading
    from reprodx.schemas import Task

NUM_STRONGEST, SHARE_OF_STRONGEST = 3, 0.1
"""So many features, or this share of them if that is more, are the strongest."""
MIN_AUROC = 0.6
"""What tells less by itself is not strong, whatever the others are."""
CHANCE = 0.5
"""The AUROC of what tells nothing."""


def find_late_features(
    features: pl.DataFrame, truth: pl.DataFrame, classes: Sequence[str], task: Task, patients: NDArray[np.int64]
) -> dict[str, float]:
    """Return the features that are called like what is known too late and are among the strongest by themselves.

    Args:
        features: Shape (cases, features), clean, of training cases only.
        truth: Shape (cases, classes), whether each case is of each class or has each label.
        classes: Their names.
        task: What is predicted.
        patients: Shape (cases,), a number from 0 for each patient.

    Returns:
        The best AUROC by which each tells a class from the others, surely above chance, by its name.
    """
    if not any(map(is_known_late, features.columns)):
        return {}
    questions = [one.is_positive for one in distinctions(truth.to_numpy(), classes, task)]
    best = {column.name: _best(column, questions, patients) for column in features}
    strongest = sorted(best, key=lambda name: -best[name].area)
    strongest = strongest[: max(NUM_STRONGEST, math.ceil(SHARE_OF_STRONGEST * len(strongest)))]
    suspects = (name for name in strongest if is_known_late(name) and best[name].area > MIN_AUROC)
    return {name: best[name].area for name in suspects if _is_sure(best[name], patients)}


@dataclass(frozen=True)
class _Best:
    """The reading of a column that tells something best."""

    area: float
    reading: Reading
    is_positive: NDArray[np.bool_]


def _best(column: pl.Series, questions: Sequence[NDArray[np.bool_]], patients: NDArray[np.int64]) -> _Best:
    found = (
        _Best(reading.area(truth, patients), reading, truth) for reading in readings(column) for truth in questions
    )
    return max(found, key=lambda one: one.area)


def _is_sure(best: _Best, patients: NDArray[np.int64]) -> bool:
    estimate = best.reading.estimate(best.is_positive, patients)
    return estimate.value == 1 or (estimate.ci_low is not None and estimate.ci_low > CHANCE)
