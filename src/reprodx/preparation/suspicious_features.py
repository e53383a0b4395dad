"""Features that a model should not learn from: ids, and what gives the answer away."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from reprodx.metrics.catalogue.auroc import auroc
from reprodx.schemas import INDICATOR_SUFFIX

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

MIN_DISTINCT_SHARE = 0.95
"""Share of distinct values from which on a column may be an id."""
MIN_CASES_FOR_ID = 20
"""With fewer cases a measurement may well be distinct and in order."""
MAX_AUROC = 0.99
"""A single feature whose AUROC is surely above this gives the answer away."""
CONFIDENCE_LEVEL = 0.95
"""Of the interval whose lower limit is held against `MAX_AUROC`."""
MIN_PATIENTS_IF_PERFECT, MIN_PATIENTS_IF_CLUSTERED = 20, 5
"""Patients of each class from which on an AUROC counts as sure: of 1, which has no interval; and of several cases a
patient, whose interval is too narrow where it rests on a handful of them."""
NUM_FOLDS = 5
"""Folds in which a category's rate of disease is estimated on the other folds."""


def is_like_id(values: pl.Series) -> bool:
    """Return whether a column names its cases rather than measures them.

    Nearly all values are distinct, and they are text; or whole numbers that ascend or descend through the file, or
    that fill at least half of the range that they span, which a measurement would fill with repetitions.

    Args:
        values: Shape (cases,), Float64 or String, in the order of the file.

    Returns:
        False where fewer than `MIN_CASES_FOR_ID` cases have a value.

    >>> is_like_id(pl.Series(range(30)).cast(pl.Float64)), is_like_id(pl.Series(range(30)).cast(pl.Float64).sqrt())
    (True, False)
    """
    present = values.drop_nulls()
    is_text = present.dtype == pl.String
    if present.len() < MIN_CASES_FOR_ID or not (is_text or (present == present.round()).all()):
        return False
    num_distinct = present.n_unique()
    if num_distinct < MIN_DISTINCT_SHARE * values.len():
        return False
    if is_text or present.is_sorted() or present.is_sorted(descending=True):
        return True
    numbers = present.to_numpy()
    return bool(num_distinct >= (numbers.max() - numbers.min() + 1) / 2)


def give_aways(
    features: pl.DataFrame, is_positive: NDArray[np.bool_], patients: NDArray[np.int64]
) -> Iterator[tuple[str, str]]:
    """Yield the features by which alone the classes of these cases can be told, and how.

    Judged is the lower limit of max(AUROC, 1 - AUROC) of each numeric column among the cases that have it, of each
    column's being missing, and of each categorical column's rate of disease in the other folds.

    Args:
        features: Shape (cases, features), clean, of training cases only.
        is_positive: Shape (cases,).
        patients: Shape (cases,), a number from 0 for each patient.

    Yields:
        Name of the column, and what of it gives the answer away.
    """
    for name, how, scores in _scores(features, is_positive, patients):
        is_present = scores.is_not_null().to_numpy()
        truth = is_positive[is_present]
        ranks = scores.drop_nulls().rank().to_numpy()
        if _gives_away(truth, ranks, patients[is_present]):
            yield name, how


def _scores(
    features: pl.DataFrame, is_positive: NDArray[np.bool_], patients: NDArray[np.int64]
) -> Iterator[tuple[str, str, pl.Series]]:
    for column in features:
        if column.dtype == pl.String:
            yield column.name, "its levels", _rate_in_other_folds(column, is_positive, patients)
        else:
            yield column.name, "its values", column
        if column.null_count():
            yield column.name, f"its being missing ({column.name}{INDICATOR_SUFFIX})", column.is_null().cast(pl.UInt8)


def _rate_in_other_folds(levels: pl.Series, is_positive: NDArray[np.bool_], patients: NDArray[np.int64]) -> pl.Series:
    table = pl.DataFrame({"level": levels, "is_positive": is_positive, "fold": patients % NUM_FOLDS})
    num_events = pl.col("is_positive").sum()
    others = pl.len().over("level") - pl.len().over("level", "fold")
    rate = (num_events.over("level") - num_events.over("level", "fold")) / others
    known = pl.when(others == 0).then(pl.col("is_positive").mean()).otherwise(rate)
    return table.select(pl.when(pl.col("level").is_not_null()).then(known)).to_series()


def _gives_away(is_positive: NDArray[np.bool_], ranks: NDArray[np.float64], patients: NDArray[np.int64]) -> bool:
    num_positives = int(is_positive.sum())
    num_negatives = is_positive.size - num_positives
    if not num_positives or not num_negatives:
        return False
    area = (ranks[is_positive].sum() / num_positives - (num_positives + 1) / 2) / num_negatives
    if max(area, 1 - area) <= MAX_AUROC:
        return False
    of_classes = (patients[is_positive], patients[~is_positive])
    fewest_patients = min(np.unique(members).size for members in of_classes)
    _, patients = np.unique(patients, return_inverse=True)
    is_independent = int(patients.max()) + 1 == patients.size
    if area in (0, 1):
        return fewest_patients >= MIN_PATIENTS_IF_PERFECT
    if not is_independent and fewest_patients < MIN_PATIENTS_IF_CLUSTERED:
        return False
    estimate = auroc(
        is_positive,
        ranks if area > 0.5 else -ranks,
        confidence_level=CONFIDENCE_LEVEL,
        patients=None if is_independent else patients,
    )
    return estimate.ci_low is not None and estimate.ci_low > MAX_AUROC
