"""The cases of a predictions table as arrays."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from reprodx.errors import MetricError
from reprodx.schemas import PATIENT_ID

if TYPE_CHECKING:
    import polars as pl
    from numpy.typing import NDArray

    from reprodx.artifacts.predictions import Predictions


@dataclass(frozen=True)
class ScoredCases:
    """What a metric needs to know of the cases of one split or subgroup."""

    targets: NDArray[np.int64]
    """Shape (cases,), the index of the true class; in a binary task 1 is positive."""
    probs: NDArray[np.float64]
    """Shape (cases, classes)."""
    patients: NDArray[np.int64] | None
    """Shape (cases,), a number from 0 for each patient; None where every case is a patient of its own."""
    classes: tuple[str, ...]

    @classmethod
    def of(cls, predictions: Predictions) -> ScoredCases:
        """Return the cases of a table.

        Args:
            predictions: Of one split or subgroup, of a task whose classes exclude each other.

        Returns:
            The cases, in the table's order.

        Raises:
            MetricError: If a probability is missing or not a number.
        """
        return cls(
            targets=predictions.targets(),
            probs=finite_probs(predictions),
            patients=patient_numbers(predictions.table[PATIENT_ID]),
            classes=predictions.classes,
        )

    @property
    def is_positive(self) -> NDArray[np.bool_]:
        """Shape (cases,); of a binary task."""
        is_positive: NDArray[np.bool_] = self.targets == 1
        return is_positive

    @property
    def positive_probs(self) -> NDArray[np.float64]:
        """Shape (cases,), of the positive class of a binary task."""
        return self.probs[:, 1]

    def called(self, threshold: float | None) -> NDArray[np.int64]:
        """Return the index of the class that each case is called, shape (cases,).

        Args:
            threshold: In a binary task: a case is called positive at or above it. None calls the most probable class,
                the first among equals.

        Returns:
            Indices into `classes`.
        """
        called = self.probs.argmax(axis=1) if threshold is None else self.positive_probs >= threshold
        return np.asarray(called, dtype=np.int64)


def finite_probs(predictions: Predictions) -> NDArray[np.float64]:
    """Return the probabilities of a table.

    Args:
        predictions: Of one split or subgroup.

    Returns:
        Shape (cases, classes).

    Raises:
        MetricError: If one is missing or not a number.
    """
    probs = predictions.probs().astype(np.float64)
    num_bad = int((~np.isfinite(probs)).any(axis=1).sum())
    if num_bad:
        raise MetricError(f"{num_bad} of {len(probs)} predictions are not numbers: evaluate the model again")
    return probs


def patient_numbers(patient_ids: pl.Series) -> NDArray[np.int64] | None:
    """Return a number from 0 for each patient, by case, or None where every case is a patient of its own.

    >>> import polars as pl
    >>> patient_numbers(pl.Series(["b", "a", "b"])).tolist()
    [1, 0, 1]
    """
    if patient_ids.n_unique() == len(patient_ids):
        return None
    numbers: NDArray[np.int64] = patient_ids.rank("dense").to_numpy().astype(np.int64) - 1
    return numbers
