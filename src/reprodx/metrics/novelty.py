"""Whether cases lie far from those that the model was trained on, and whether it errs more on those that do.

The predictions file carries for each case the share of validation cases that lie nearer to the training cases.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from reprodx.artifacts.predictions import Predictions
from reprodx.metrics.catalogue.auroc import auroc
from reprodx.metrics.groups import GroupScore, grouped_rows, score_by_group
from reprodx.metrics.questions import questions
from reprodx.metrics.rest_differences import RestDifference, rest_differences
from reprodx.metrics.scored_cases import NO_THRESHOLD, ScoredCases, patient_numbers
from reprodx.metrics.shares import share
from reprodx.schemas import GROUP_PREFIX, PATIENT_ID, SITE, TEST, Estimate, Task

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from reprodx.metrics.settings import ScoreSettings

OOD_SCORE = "ood_score"
"""The column: the share of validation cases that lie nearer to the training cases, in [0, 1]."""
LIMITS = (0.95, 0.99)
"""A case beyond one lies farther than this share of the validation cases; so does one less it of cases of the same
origin."""
TYPICAL_SHARE = 0.9
"""Of the test cases: the nearest, which the rest are compared with."""
TYPICAL, REST = "typical", "rest"
ALL_CASES = "all cases"
NUM_BINS = 10
"""Of the histogram."""
NO_SCORE = f"the predictions file has no column {OOD_SCORE!r}"


@dataclass(frozen=True)
class FarShares:
    """How many test cases lie far out."""

    group: str
    """A site, or `ALL_CASES`."""
    n: int
    beyond: tuple[Estimate, ...]
    """The share of them beyond each of `LIMITS`."""


@dataclass(frozen=True)
class Novelty:
    """How strange the test cases are, and what it matters; or why that is not known."""

    shares: tuple[FarShares, ...]
    """All cases first, then each site."""
    error_auroc: Estimate
    """Of the score, for the cases that the model calls wrongly: 0.5 says that strangeness foretells no error."""
    parts: tuple[GroupScore, ...]
    """Performance among the nearest `TYPICAL_SHARE` of the test cases, and among the rest."""
    differences: tuple[RestDifference, ...]
    """The nearest less the rest."""
    histogram: pl.DataFrame
    """`score_from score_to num_cases`: of the test cases; equally many in each bin are expected of cases like those of
    validation."""
    reason: str | None
    """Why nothing is known; None where it is."""


def novelty(predictions: Predictions, settings: ScoreSettings) -> Novelty:
    """Return how far the test cases lie from the training cases, as the predictions file says.

    Args:
        predictions: With the column `OOD_SCORE` or without.
        settings: How intervals are made, and from how many cases on.

    Returns:
        What is known of the test cases.

    Raises:
        MetricError: If a threshold was chosen on the test split, or a probability is not a number.
        ConfigError: If `ordinal_cut` does not leave a grade on both sides.
    """
    test = predictions.of(TEST)
    if OOD_SCORE not in test.table.columns or test.table[OOD_SCORE].null_count() or not test.table.height:
        reason = NO_SCORE if OOD_SCORE not in test.table.columns else f"{OOD_SCORE!r} lacks values of test cases"
        nothing = Estimate.undefined(reason, n=test.table.height)
        return Novelty((), nothing, (), (), pl.DataFrame(), reason)
    scores = test.table[OOD_SCORE].to_numpy().astype(np.float64)
    parts = _by_typicality(test, scores)
    return Novelty(
        shares=tuple(_far_shares(test, scores, settings)),
        error_auroc=_error_auroc(test, scores, settings),
        parts=tuple(score_by_group(parts, settings)),
        differences=tuple(one for one in rest_differences(parts, settings) if one.group == TYPICAL),
        histogram=_histogram(scores),
        reason=None,
    )


def _far_shares(test: Predictions, scores: NDArray[np.float64], settings: ScoreSettings) -> list[FarShares]:
    groups = [(ALL_CASES, np.arange(scores.size))]
    groups += [(group, rows) for column, group, rows in grouped_rows(test.table) if column == SITE]
    patients = patient_numbers(test.table[PATIENT_ID])
    return [
        FarShares(
            group,
            rows.size,
            tuple(
                share(scores[rows] > limit, None if patients is None else patients[rows], settings) for limit in LIMITS
            ),
        )
        for group, rows in groups
    ]


def _error_auroc(test: Predictions, scores: NDArray[np.float64], settings: ScoreSettings) -> Estimate:
    is_wrong = _is_wrong(test, settings)
    if is_wrong is None:
        return Estimate.undefined(NO_THRESHOLD, n=scores.size)
    if is_wrong.all() or not is_wrong.any():
        reason = "every call is wrong" if is_wrong.all() else "no call is wrong"
        return Estimate.undefined(reason, n=scores.size, n_events=int(is_wrong.sum()))
    patients = patient_numbers(test.table[PATIENT_ID])
    return auroc(is_wrong, scores, confidence_level=settings.confidence_level, patients=patients)


def _is_wrong(test: Predictions, settings: ScoreSettings) -> NDArray[np.bool_] | None:
    """Return which cases are called wrongly, in a multi-label task in any label; None where nothing is called."""
    if test.task in (Task.MULTICLASS, Task.ORDINAL):
        cases = ScoredCases.of(test)
        return np.asarray(cases.calls != cases.targets)
    asked = [one.cases for one in questions(test, settings.ordinal_cut) if one.cases.calls is not None]
    if not asked:
        return None
    wrong = [cases.calls != cases.targets for cases in asked]
    return np.asarray(np.any(wrong, axis=0))


def _by_typicality(test: Predictions, scores: NDArray[np.float64]) -> Predictions:
    """Return the cases with one grouping column alone: whether they are among the nearest."""
    is_typical = scores <= np.quantile(scores, TYPICAL_SHARE, method="inverted_cdf")
    table = test.table.select(pl.exclude(SITE, f"^{GROUP_PREFIX}.*$"))
    typicality = pl.Series(f"{GROUP_PREFIX}typicality", np.where(is_typical, TYPICAL, REST).tolist())
    return Predictions(table.with_columns(typicality), test.metadata)


def _histogram(scores: NDArray[np.float64]) -> pl.DataFrame:
    edges = np.arange(NUM_BINS + 1) / NUM_BINS
    counts = np.histogram(scores, bins=edges)[0]
    return pl.DataFrame({"score_from": edges[:-1], "score_to": edges[1:], "num_cases": counts})
