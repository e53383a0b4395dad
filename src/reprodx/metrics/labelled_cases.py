"""The cases of a multi-label predictions table as arrays."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from reprodx.metrics.scored_cases import ScoredCases, finite_probs, patient_numbers
from reprodx.metrics.undefined import missing_class
from reprodx.schemas import PATIENT_ID

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from reprodx.artifacts.predictions import Predictions


@dataclass(frozen=True)
class LabelledCases:
    """What a metric needs to know of the cases of one split or subgroup, each of which has any number of labels."""

    targets: NDArray[np.int64]
    """Shape (cases, labels), 1 where a case has the label, else 0."""
    probs: NDArray[np.float64]
    """Shape (cases, labels)."""
    patients: NDArray[np.int64] | None
    """Shape (cases,), a number from 0 for each patient; None where every case is a patient of its own."""
    labels: tuple[str, ...]

    @classmethod
    def of(cls, predictions: Predictions) -> LabelledCases:
        """Return the cases of a table.

        Args:
            predictions: Of one split or subgroup of a multi-label task.

        Returns:
            The cases, in the table's order.

        Raises:
            MetricError: If a probability is missing or not a number.
        """
        return cls(
            targets=predictions.targets(),
            probs=finite_probs(predictions),
            patients=patient_numbers(predictions.table[PATIENT_ID]),
            labels=predictions.classes,
        )

    def about(self, index: int) -> ScoredCases:
        """Return the cases as having one label or not."""
        probs, name = self.probs[:, index], self.labels[index]
        classes = (f"no {name}", name)
        return ScoredCases(self.targets[:, index], np.column_stack([1 - probs, probs]), self.patients, classes)

    @property
    def undefined_label(self) -> str | None:
        """Why labels cannot be averaged over: the first that all cases have or lack; None where there is none."""
        for index, name in enumerate(self.labels):
            if reason := missing_class(self.targets[:, index] == 1):
                return f"label {name!r}: {reason}"
        return None

    @property
    def strata(self) -> NDArray[np.int64]:
        """Shape (cases,): 0 for no label, else the case's rarest label, the higher the rarer.

        Drawn within these, resamples keep rare labels in their numbers, and no stratum is as small as those of whole
        sets of labels are.
        """
        rank = np.empty(len(self.labels), dtype=np.int64)
        rank[np.argsort(-self.targets.sum(axis=0), kind="stable")] = np.arange(1, len(self.labels) + 1)
        strata: NDArray[np.int64] = (self.targets * rank).max(axis=1)
        return strata
