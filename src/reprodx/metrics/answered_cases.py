"""The cases of a split as the metrics of groups need them: who is ranked above whom, and what each is called."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from reprodx.metrics.chosen_threshold import NO_THRESHOLD
from reprodx.metrics.labelled_cases import LabelledCases
from reprodx.metrics.ordinal import quadratic_kappas
from reprodx.metrics.proportions import PROPORTIONS
from reprodx.metrics.questions import questions
from reprodx.metrics.scored_cases import ScoredCases
from reprodx.metrics.shares import renumbered
from reprodx.metrics.undefined import ratio
from reprodx.schemas import Task

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from reprodx.artifacts.predictions import Predictions

DISTANCES = {"accuracy": 0, "within_1": 1}
"""By metric: how many positions the called class may lie from the true one."""


@dataclass(frozen=True)
class AnsweredCases:
    """Cases with the answers to their task's yes-or-no questions, and with the classes they are called."""

    answers: NDArray[np.int64]
    """Shape (questions, cases), 0 or 1."""
    scores: NDArray[np.float64]
    """Shape (questions, cases): the probability of yes."""
    cells: NDArray[np.int64] | None
    """Shape (cases,): the number of the true class times that of classes, plus the number of the called one; None where
    nothing is called."""
    num_classes: int
    strata: NDArray[np.int64]
    """Shape (cases,): the class, or the rarest label; what resamples and permutations keep in its numbers."""
    patients: NDArray[np.int64] | None
    """Shape (cases,), a number from 0 for each patient; None where every case is a patient of its own."""
    not_called: str
    """Why `cells` is None."""

    @classmethod
    def of(cls, predictions: Predictions, ordinal_cut: int) -> AnsweredCases:
        """Return the cases of a table.

        Args:
            predictions: Of one split, with at least one case.
            ordinal_cut: Position of the first referable grade, from 0; of ordinal tasks alone.

        Returns:
            The cases, in the table's order.

        Raises:
            MetricError: If a threshold was chosen on the test split, or a probability is not a number.
            ConfigError: If the cut does not leave a grade on both sides.
        """
        asked = questions(predictions, ordinal_cut)
        answers = np.stack([one.cases.targets for one in asked])
        scores = np.stack([one.cases.positive_probs for one in asked])
        if predictions.task == Task.MULTILABEL:
            labelled = LabelledCases.of(predictions)
            return cls(answers, scores, None, 2, labelled.strata, labelled.patients, "labels are not called together")
        cases, threshold = ScoredCases.of(predictions), asked[0].threshold
        num_classes, is_binary = len(cases.classes), predictions.task == Task.BINARY
        cells = None
        if not is_binary or threshold.value is not None:
            cells = cases.targets * num_classes + cases.called(threshold.value if is_binary else None)
        reason = threshold.reason or NO_THRESHOLD
        return cls(answers, scores, cells, num_classes, cases.targets, cases.patients, reason)

    def select(self, rows: NDArray[np.int64]) -> AnsweredCases:
        """Return some of the cases, in the order of `rows`."""
        return AnsweredCases(
            self.answers[:, rows],
            self.scores[:, rows],
            None if self.cells is None else self.cells[rows],
            self.num_classes,
            self.strata[rows],
            None if self.patients is None else renumbered(self.patients[rows]),
            self.not_called,
        )


def proportion_cells(metric: str, num_classes: int) -> tuple[NDArray[np.bool_], NDArray[np.bool_]] | None:
    """Return which cells of a table of true by called class a proportion counts, and of which.

    Args:
        metric: One of `GROUP_METRICS`.
        num_classes: Of the table.

    Returns:
        Numerator and denominator, each of shape (classes, classes); None where the metric is no proportion.
    """
    if metric in DISTANCES:
        places = np.arange(num_classes)
        is_near = np.abs(np.subtract.outer(places, places)) <= DISTANCES[metric]
        return is_near, np.ones_like(is_near)
    if metric in PROPORTIONS:
        return np.array(PROPORTIONS[metric].hits, dtype=bool), np.array(PROPORTIONS[metric].of, dtype=bool)
    return None


def table_metric(metric: str, tables: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return a metric of tables of true by called class.

    Args:
        metric: One of `GROUP_METRICS` that is no AUROC.
        tables: Shape (tables, classes, classes), counts.

    Returns:
        Shape (tables,), NaN where undefined.
    """
    cells = proportion_cells(metric, tables.shape[-1])
    if cells is None:
        return quadratic_kappas(tables)
    hits, of = cells
    return ratio(tables[:, hits].sum(axis=1), tables[:, of].sum(axis=1))
