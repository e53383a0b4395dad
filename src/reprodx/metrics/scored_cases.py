"""What one model said of the cases of a split, as arrays."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from reprodx.errors import MetricError
from reprodx.metrics.bootstrap import patient_strata
from reprodx.metrics.undefined import absent_classes, missing_class
from reprodx.schemas import PATIENT_ID, Sampling, Task

if TYPE_CHECKING:
    import polars as pl
    from numpy.typing import NDArray

    from reprodx.artifacts.predictions import Predictions

NO_THRESHOLD = "no threshold was chosen"


@dataclass(frozen=True, eq=False)
class ScoredCases:
    """What a metric needs to know of the cases of one split or subgroup."""

    targets: NDArray[np.int64]
    """Shape (cases,), the index of the true class; in a binary task 1 is positive. Multi-label: shape (cases, labels),
    1 where a case has the label, else 0."""
    probs: NDArray[np.float64]
    """Shape (cases, classes)."""
    patients: NDArray[np.int64] | None
    """Shape (cases,), a number from 0 for each patient; None where every case is a patient of its own."""
    classes: tuple[str, ...]
    task: Task = Task.BINARY
    """Binary also where a yes-or-no question is asked of another task's cases."""
    calls: NDArray[np.int64] | None = None
    """Shape (cases,), the index of the class that each case is called; None where it is called none."""
    not_called: str = NO_THRESHOLD
    """Why `calls` is None."""
    decision_threshold: float = 0.5
    """In (0, 1): the probability at which net benefit is taken."""
    design_strata: NDArray[np.int64] | None = None
    """Shape (cases,): the class in whose number patients were chosen by design; None in a cohort."""

    @classmethod
    def of(cls, predictions: Predictions) -> ScoredCases:
        """Return the cases of a table.

        Args:
            predictions: Of one split or subgroup.

        Returns:
            The cases, in the table's order; several classes or grades are called the most probable one.

        Raises:
            MetricError: If a probability is missing or not a number.
        """
        task, probs = predictions.task, predictions.probs().astype(np.float64)
        if num_bad := int((~np.isfinite(probs)).any(axis=1).sum()):
            raise MetricError(f"{num_bad} of {len(probs)} predictions are not numbers: evaluate the model again")
        patients = patient_numbers(predictions.table[PATIENT_ID])
        calls = probs.argmax(axis=1) if task in (Task.MULTICLASS, Task.ORDINAL) else None
        cases = cls(predictions.targets(), probs, patients, predictions.classes, task, calls)
        return cases.with_fixed_classes() if predictions.sampling == Sampling.CASE_CONTROL else cases

    def with_fixed_classes(self) -> ScoredCases:
        """Return the same cases as chosen by their class; a patient with cases of several counts as of the highest."""
        of_patients = patient_strata(self.strata, self.patients)
        return dataclasses.replace(
            self, design_strata=of_patients if self.patients is None else of_patients[self.patients]
        )

    @classmethod
    def yes_or_no(
        cls, is_positive: NDArray[np.bool_], scores: NDArray[np.float64], patients: NDArray[np.int64] | None
    ) -> ScoredCases:
        """Return cases of one question from scores of any scale, of which ranks are taken alone.

        Args:
            is_positive: Shape (cases,).
            scores: Shape (cases,), finite; higher means more likely positive.
            patients: Shape (cases,), a number from 0 for each patient; None where every case is one of its own.

        Returns:
            The cases.
        """
        return cls(is_positive.astype(np.int64), np.column_stack([1 - scores, scores]), patients, ("no", "yes"))

    @property
    def num_cases(self) -> int:
        """Rows."""
        return len(self.targets)

    @property
    def has_grades(self) -> bool:
        """Whether the classes have an order."""
        return self.task == Task.ORDINAL

    @property
    def num_patients(self) -> int:
        """Patients that the cases are of."""
        return self.num_cases if self.patients is None else int(self.patients.max(initial=-1)) + 1

    @cached_property
    def is_positive(self) -> NDArray[np.bool_]:
        """Shape (cases,); of a binary task."""
        is_positive: NDArray[np.bool_] = self.targets == 1
        return is_positive

    @property
    def n_events(self) -> int | None:
        """Positive cases; None with several classes or labels."""
        return int(self.is_positive.sum()) if self.task == Task.BINARY else None

    @property
    def positive_probs(self) -> NDArray[np.float64]:
        """Shape (cases,), of the positive class of a binary task."""
        return self.probs[:, 1]

    @cached_property
    def ones(self) -> NDArray[np.float64]:
        """The column whose weighted sum is the weight of all cases."""
        return np.ones(self.num_cases)

    @cached_property
    def positives(self) -> NDArray[np.float64]:
        """1 where positive."""
        return self.is_positive.astype(np.float64)

    @cached_property
    def errors(self) -> NDArray[np.float64]:
        """Shape (cases,): the squared distance of the probabilities from what was.

        Of the positive class alone in a binary task, summed over several classes, the mean over labels.
        """
        if self.task == Task.BINARY:
            squared: NDArray[np.float64] = (self.positive_probs - self.positives) ** 2
            return squared
        if self.task == Task.MULTILABEL:
            return np.asarray(((self.probs - self.targets) ** 2).mean(axis=1))
        return np.asarray(((self.probs - np.eye(len(self.classes))[self.targets]) ** 2).sum(axis=1))

    @property
    def missing(self) -> str | None:
        """Why the classes, or those of a label, cannot be told apart here; None where all are present."""
        if self.task == Task.BINARY:
            return missing_class(self.is_positive)
        if self.task != Task.MULTILABEL:
            return absent_classes(np.bincount(self.targets, minlength=len(self.classes)))
        for index, name in enumerate(self.classes):
            if reason := missing_class(self.targets[:, index] == 1):
                return f"label {name!r}: {reason}"
        return None

    @cached_property
    def strata(self) -> NDArray[np.int64]:
        """Shape (cases,): the true class; with labels 0 for none, else the case's rarest label, the higher the rarer.

        What a case-control design fixes in its numbers: no stratum is as small as those of whole sets of labels are.
        """
        if self.task != Task.MULTILABEL:
            return self.targets
        rank = np.empty(len(self.classes), dtype=np.int64)
        rank[np.argsort(-self.targets.sum(axis=0), kind="stable")] = np.arange(1, len(self.classes) + 1)
        strata: NDArray[np.int64] = (self.targets * rank).max(axis=1, initial=0)
        return strata

    @property
    def drawn_within(self) -> NDArray[np.int64]:
        """Shape (cases,): within what patients are resampled; all equal in a cohort."""
        return np.zeros(self.num_cases, dtype=np.int64) if self.design_strata is None else self.design_strata

    def num_of_rarest(self, is_counted: NDArray[np.bool_]) -> int:
        """Return how many patients the rarest class has, or the rarer side of the rarest label.

        Args:
            is_counted: Shape (cases,): classes of which no case counts are left out.

        Returns:
            0 where no case counts.
        """
        labels = self.targets.T if self.task == Task.MULTILABEL else self.targets[None]
        counts = [
            count_patients(row == value, self.patients)
            for row in labels
            for value in np.flatnonzero(np.bincount(row[is_counted]))
        ]
        return min(counts, default=0)

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

    def called_at(self, threshold: float | None, reason: str | None = None) -> ScoredCases:
        """Return the cases of a binary task with calls and decisions at a threshold.

        Args:
            threshold: At or above it a case is called positive; None calls none and leaves decisions where they are.
            reason: Why there is no threshold.

        Returns:
            The same cases.
        """
        if threshold is None:
            return dataclasses.replace(self, calls=None, not_called=reason or NO_THRESHOLD)
        decision = threshold if 0 < threshold < 1 else self.decision_threshold
        return dataclasses.replace(self, calls=self.called(threshold), decision_threshold=decision)

    def about(self, index: int) -> ScoredCases:
        """Return whether each case is of a class, or has a label: cases of two classes."""
        probs, name = self.probs[:, index], self.classes[index]
        if self.task == Task.MULTILABEL:
            targets, rest = self.targets[:, index], f"no {name}"
            calls = None
        else:
            targets, rest = (self.targets == index).astype(np.int64), "other classes"
            calls = None if self.calls is None else (self.calls == index).astype(np.int64)
        return ScoredCases(
            targets,
            np.column_stack([1 - probs, probs]),
            self.patients,
            (rest, name),
            calls=calls,
            design_strata=self.design_strata,
        )

    def select(self, rows: NDArray[np.int64]) -> ScoredCases:
        """Return some of the cases, in the order of `rows`."""
        return dataclasses.replace(
            self,
            targets=self.targets[rows],
            probs=self.probs[rows],
            patients=renumbered(None if self.patients is None else self.patients[rows]),
            calls=None if self.calls is None else self.calls[rows],
            design_strata=None if self.design_strata is None else self.design_strata[rows],
        )


def count_patients(is_counted: NDArray[np.bool_], patients: NDArray[np.int64] | None) -> int:
    """Return how many patients some of the cases are of.

    Args:
        is_counted: Shape (cases,).
        patients: Shape (cases,), a number from 0 for each patient; None where every case is a patient of its own.

    Returns:
        The number of distinct patients.

    >>> count_patients(np.array([True, True, False]), np.array([4, 4, 2]))
    1
    """
    return int(np.count_nonzero(is_counted if patients is None else np.bincount(patients[is_counted])))


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


def renumbered(patients: NDArray[np.int64] | None) -> NDArray[np.int64] | None:
    """Return the patients of some of the cases with numbers from 0 without gaps.

    Args:
        patients: Shape (cases,), a number for each patient; None where every case is a patient of its own.

    Returns:
        Shape (cases,); None where every one of these cases is a patient of its own.

    >>> renumbered(np.array([7, 3, 7])).tolist(), renumbered(np.array([7, 3]))
    ([1, 0, 1], None)
    """
    if patients is None:
        return None
    distinct, numbers = np.unique(patients, return_inverse=True)
    return None if distinct.size == patients.size else numbers.astype(np.int64)
