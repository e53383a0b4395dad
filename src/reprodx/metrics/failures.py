"""The cases that a model gets wrong with the most confidence, and how many there are of them all."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from reprodx.artifacts.explanations import Failure, FailureCount, FailureKind
from reprodx.metrics.questions import questions
from reprodx.metrics.scored_cases import ScoredCases
from reprodx.schemas import CASE_ID, FOLD, SITE, Y_TRUE, Task

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from reprodx.artifacts.predictions import Predictions
    from reprodx.metrics.questions import Question

BINARY_KINDS = (FailureKind.FALSE_NEGATIVE, FailureKind.FALSE_POSITIVE)
"""How a yes-or-no question can be answered wrongly."""


def count_failures(predictions: Predictions, ordinal_cut: int) -> list[FailureCount]:
    """Count every failure of a table, in all its ways.

    Args:
        predictions: Of one split.
        ordinal_cut: Position of the first referable grade, from 0; of ordinal tasks alone.

    Returns:
        False negatives and false positives of each question; with several classes one number of wrong classes.

    Raises:
        MetricError: If a threshold was chosen on the test split, or a probability is not a number.
    """
    if predictions.task == Task.MULTICLASS:
        num_wrong = int(_is_called_wrong(ScoredCases.of(predictions)).sum())
        return [FailureCount(None, FailureKind.WRONG_CLASS, num_wrong, predictions.table.height)]
    return [_count(one, kind) for one in questions(predictions, ordinal_cut) for kind in BINARY_KINDS]


def worst_failures(predictions: Predictions, ordinal_cut: int, num_failures: int) -> list[Failure]:
    """Return the failures of which the model was most confident.

    Args:
        predictions: Of one split.
        ordinal_cut: Position of the first referable grade, from 0; of ordinal tasks alone.
        num_failures: Of each kind at most, over all labels together.

    Returns:
        False negatives, then false positives, each from the farthest off its threshold; with several classes wrong
        classes from the most probable one. Ties are in the order of case ids, then of questions.

    Raises:
        MetricError: If a threshold was chosen on the test split, or a probability is not a number.
    """
    if predictions.task == Task.MULTICLASS:
        return _wrong_classes(predictions, num_failures)
    asked = questions(predictions, ordinal_cut)
    worst = []
    for kind in BINARY_KINDS:
        found = [failure for one in asked for failure in _of_question(predictions, one, kind, num_failures)]
        # Sorting is stable, and questions stand in their order.
        worst += sorted(found, key=lambda failure: (-_distance(failure), failure.case_id))[:num_failures]
    return worst


def _distance(failure: Failure) -> float:
    return abs(failure.probability - (failure.threshold or 0.0))


def _count(question: Question, kind: FailureKind) -> FailureCount:
    could = question.cases.is_positive == (kind == FailureKind.FALSE_NEGATIVE)
    threshold = question.threshold
    num = None if threshold.value is None else int(_is_failure(question, kind, threshold.value).sum())
    return FailureCount(question.name, kind, num, int(could.sum()), threshold.reason)


def _is_failure(question: Question, kind: FailureKind, threshold: float) -> NDArray[np.bool_]:
    called, is_positive = question.cases.called(threshold) == 1, question.cases.is_positive
    wrong = is_positive & ~called if kind == FailureKind.FALSE_NEGATIVE else called & ~is_positive
    return np.asarray(wrong)


def _of_question(predictions: Predictions, question: Question, kind: FailureKind, num: int) -> list[Failure]:
    threshold, probs = question.threshold.value, question.cases.positive_probs
    if threshold is None:
        return []
    rows = _farthest(predictions, np.abs(probs - threshold), _is_failure(question, kind, threshold), num)
    return [_failure(predictions, row, question.name, kind, probs[row], threshold) for row in rows]


def _wrong_classes(predictions: Predictions, num: int) -> list[Failure]:
    cases = ScoredCases.of(predictions)
    called, highest = cases.called(None), cases.probs.max(axis=1)
    rows = _farthest(predictions, highest, _is_called_wrong(cases), num)
    kind = FailureKind.WRONG_CLASS
    return [_failure(predictions, row, cases.classes[called[row]], kind, highest[row], None) for row in rows]


def _farthest(
    predictions: Predictions, distances: NDArray[np.float64], is_failure: NDArray[np.bool_], num: int
) -> list[int]:
    """Return the rows of the failures with the largest distances, equal ones in the order of their case ids."""
    ids, rows = predictions.table[CASE_ID].to_numpy().astype(np.str_), np.flatnonzero(is_failure)
    found: list[int] = rows[np.lexsort((ids[rows], -distances[rows]))[:num]].tolist()
    return found


def _is_called_wrong(cases: ScoredCases) -> NDArray[np.bool_]:
    return np.asarray(cases.called(None) != cases.targets)


def _failure(
    predictions: Predictions, row: int, question: str, kind: FailureKind, prob: float, threshold: float | None
) -> Failure:
    entry = predictions.table.row(row, named=True)
    fold = entry.get(FOLD)
    return Failure(
        case_id=str(entry[CASE_ID]),
        question=question,
        kind=kind,
        probability=float(prob),
        threshold=threshold,
        true_class=str(entry[Y_TRUE]),
        site=entry.get(SITE),
        fold=None if fold is None else int(fold),
    )
