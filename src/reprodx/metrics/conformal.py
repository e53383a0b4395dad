"""Prediction sets that hold the true class as often as was promised, in each class by itself.

Calibrated on the validation cases of each class apart (Mondrian), so that a rare class is not sacrificed to a frequent
one. Nothing is randomised: equal predictions give equal sets.

Source: Vovk, Gammerman & Shafer, Algorithmic Learning in a Random World, 2005, chapter 4.5; Angelopoulos & Bates,
Found Trends Mach Learn 2023;16:494, sections 1 and 3.2 (the score is 1 less the probability of the class).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from reprodx.metrics.groups import grouped_rows
from reprodx.metrics.questions import questions
from reprodx.metrics.scored_cases import ScoredCases
from reprodx.metrics.shares import share
from reprodx.metrics.undefined import NO_CASE
from reprodx.schemas import TEST, VAL, Estimate, Task

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from reprodx.artifacts.predictions import Predictions
    from reprodx.metrics.settings import ScoreSettings

EMPTY, SINGLE, SEVERAL, ALL = "empty", "single", "several", "all"
"""How many classes a set holds; `SEVERAL` only where there are more than two classes."""


@dataclass(frozen=True)
class GroupCoverage:
    """How often the sets hold the true class among the cases that share a value of a grouping column."""

    column: str
    """`site` or a `group_*` column."""
    group: str
    coverage: Estimate


@dataclass(frozen=True)
class PredictionSets:
    """How the sets of one question do on the test cases, or why there are none."""

    name: str
    """The label in a multi-label task, else nothing."""
    classes: tuple[str, ...]
    min_probs: tuple[float, ...]
    """By class: a set holds it where its probability is at or above this one; none where sets are undefined."""
    num_calibration: tuple[int, ...]
    """By class: validation cases that it was calibrated on."""
    coverage: dict[str, Estimate]
    """By class: the share of its cases whose set holds it."""
    by_group: tuple[GroupCoverage, ...]
    """Over all classes."""
    sizes: dict[str, Estimate]
    """The share of the cases by how many classes their set holds."""
    single_accuracy: Estimate
    """The share of sets of one class that are right."""
    reason: str | None
    """Why there are no sets; None where there are."""


def prediction_sets(predictions: Predictions, settings: ScoreSettings) -> list[PredictionSets]:
    """Return the sets calibrated on the validation split as they do on the test split.

    Args:
        predictions: Of the validation and test splits.
        settings: The coverage that is promised, and how intervals are made.

    Returns:
        One of all classes; in a multi-label task one for each label and its absence.

    Raises:
        MetricError: If a probability is not a number.
    """
    val, test = predictions.of(VAL), predictions.of(TEST)
    rows = grouped_rows(test.table)
    return [
        _evaluated(name, calibration, cases, rows, settings)
        for (name, calibration), (_, cases) in zip(_parts(val, settings), _parts(test, settings), strict=True)
    ]


def min_probs(calibration: ScoredCases, coverage: float) -> NDArray[np.float64]:
    """Return from which probability on a set holds each class.

    Args:
        calibration: Cases that trained nothing, at least `num_needed` of each class.
        coverage: The share of each class's cases whose set shall hold it, in (0, 1).

    Returns:
        Shape (classes,): the probability that the ceil((n + 1) * coverage)-th most probable of the n cases of a class
        has of it.

    Source: Angelopoulos & Bates 2023, equation 2, within each class.
    """
    lowest = []
    for index in range(len(calibration.classes)):
        own = np.sort(calibration.probs[calibration.targets == index, index])
        lowest.append(own[own.size - _rank(own.size, coverage)])
    return np.array(lowest)


def num_needed(coverage: float) -> int:
    """Return how many calibration cases of a class a coverage takes; with fewer each set would have to hold it.

    >>> num_needed(0.9), num_needed(0.95), num_needed(0.8)
    (9, 19, 4)
    """
    return math.ceil(round(1 / (1 - coverage), 9)) - 1


def _rank(num_cases: int, coverage: float) -> int:
    # Rounded, because (n + 1) * 0.95 may exceed the whole number that it is by a rounding error.
    return math.ceil(round((num_cases + 1) * coverage, 9))


def _parts(predictions: Predictions, settings: ScoreSettings) -> list[tuple[str, ScoredCases]]:
    if predictions.task == Task.MULTILABEL:
        return [(one.name, one.cases) for one in questions(predictions, settings.ordinal_cut)]
    return [("", ScoredCases.of(predictions))]


def _evaluated(
    name: str,
    calibration: ScoredCases,
    cases: ScoredCases,
    rows: list[tuple[str, str, NDArray[np.int64]]],
    settings: ScoreSettings,
) -> PredictionSets:
    counts = np.bincount(calibration.targets, minlength=len(cases.classes))
    if reason := _too_few(counts, cases, settings):
        nothing = Estimate.undefined(reason, n=cases.targets.size)
        known = tuple(counts.tolist())
        return PredictionSets(name, cases.classes, (), known, {}, (), {}, nothing, reason)
    lowest = min_probs(calibration, settings.conformal_coverage)
    is_held = cases.probs >= lowest
    is_covered = is_held[np.arange(len(is_held)), cases.targets]
    sizes = is_held.sum(axis=1)
    return PredictionSets(
        name=name,
        classes=cases.classes,
        min_probs=tuple(lowest.tolist()),
        num_calibration=tuple(counts.tolist()),
        coverage={
            one: _share(is_covered, cases.targets == index, cases, settings) for index, one in enumerate(cases.classes)
        },
        by_group=tuple(
            GroupCoverage(column, group, _group_coverage(is_covered, members, cases, settings))
            for column, group, members in rows
        ),
        sizes={
            kind: _share(is_kind, np.full(sizes.size, fill_value=True), cases, settings)
            for kind, is_kind in _kinds(sizes, len(cases.classes)).items()
        },
        single_accuracy=_share(is_covered, sizes == 1, cases, settings),
        reason=None,
    )


def _too_few(counts: NDArray[np.int64], cases: ScoredCases, settings: ScoreSettings) -> str | None:
    if not cases.targets.size:
        return NO_CASE
    needed, rarest = num_needed(settings.conformal_coverage), int(counts.argmin())
    if counts[rarest] >= needed:
        return None
    return f"validation has {counts[rarest]} cases of {cases.classes[rarest]!r}, {needed} are needed to calibrate on"


def _kinds(sizes: NDArray[np.int64], num_classes: int) -> dict[str, NDArray[np.bool_]]:
    kinds = {EMPTY: sizes == 0, SINGLE: sizes == 1}
    if num_classes > 2:
        kinds[SEVERAL] = (sizes > 1) & (sizes < num_classes)
    return {**kinds, ALL: sizes == num_classes}


def _group_coverage(
    is_covered: NDArray[np.bool_], members: NDArray[np.int64], cases: ScoredCases, settings: ScoreSettings
) -> Estimate:
    if members.size < settings.min_group_size:
        return Estimate.undefined(f"too few: {members.size} cases (minimum {settings.min_group_size})", n=members.size)
    is_member = np.zeros(is_covered.size, dtype=bool)
    is_member[members] = True
    return _share(is_covered, is_member, cases, settings)


def _share(
    is_hit: NDArray[np.bool_], is_member: NDArray[np.bool_], cases: ScoredCases, settings: ScoreSettings
) -> Estimate:
    patients = None if cases.patients is None else cases.patients[is_member]
    return share(is_hit[is_member], patients, settings)
