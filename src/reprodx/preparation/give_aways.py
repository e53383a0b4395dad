"""Features that by themselves tell what is to be predicted."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from reprodx.metrics.catalogue.auroc import auroc
from reprodx.schemas import INDICATOR_SUFFIX, Task

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from reprodx.schemas import Estimate

MAX_AUROC = 0.99
"""A single feature whose AUROC is surely above this gives the answer away."""
CONFIDENCE_LEVEL = 0.95
"""Of the interval whose lower limit is held against `MAX_AUROC`."""
MIN_PATIENTS_IF_PERFECT, MIN_PATIENTS_IF_CLUSTERED = 20, 5
"""Patients of each class from which on an AUROC counts as sure: of 1, which has no interval; and of several cases a
patient, whose interval is too narrow where it rests on a handful of them."""
MIN_PATIENTS_TO_SAY = 5
"""Of fewer patients a column that says yes or no may well be perfect by chance."""
NUM_FOLDS = 5
"""Folds in which a level's rate of disease is estimated on the other folds."""
MAX_CODES = 20
"""Up to so many different numbers may be codes, which give away whatever their order."""
SIZE_OF_FLAG = 2
"""Different values of a column that says yes or no."""


@dataclass(frozen=True)
class Reading:
    """One way to read a column: by its values, its levels, or whether it is missing."""

    how: str
    """In words."""
    values: pl.Series
    """Shape (cases,), null where it says nothing: numbers to rank, or text."""
    is_by_level: bool
    """Whether each value counts on its own, whatever its order."""

    @property
    def is_flag(self) -> bool:
        """Whether it says yes or no."""
        return self.values.drop_nulls().n_unique() <= SIZE_OF_FLAG

    def tells(self, is_positive: NDArray[np.bool_], patients: NDArray[np.int64]) -> bool | None:
        """Return whether it tells two classes apart.

        Args:
            is_positive: Shape (cases,).
            patients: Shape (cases,), a number from 0 for each patient.

        Returns:
            None where it seems so, of too few patients to be sure.
        """
        return _tells(*self._ranked(is_positive, patients))

    def area(self, is_positive: NDArray[np.bool_], patients: NDArray[np.int64]) -> float:
        """Return the AUROC by which it tells two classes apart, in the direction in which it does."""
        is_positive, ranks, _ = self._ranked(is_positive, patients)
        return _area(is_positive, ranks)

    def estimate(self, is_positive: NDArray[np.bool_], patients: NDArray[np.int64]) -> Estimate:
        """Return the same with its interval."""
        is_positive, ranks, patients = self._ranked(is_positive, patients)
        return _estimate(is_positive, ranks, patients)

    def _ranked(
        self, is_positive: NDArray[np.bool_], patients: NDArray[np.int64]
    ) -> tuple[NDArray[np.bool_], NDArray[np.float64], NDArray[np.int64]]:
        """Return class, rank and patient of the cases of which it says something, so that a high rank is positive."""
        is_present = self._is_present
        if self.is_by_level:
            # A rate has its direction; turned round, that of a level which tells nothing would tell the fold.
            rates = _rate_in_other_folds(self.values, is_positive, patients)
            return is_positive[is_present], rates.rank().to_numpy(), patients[is_present]
        is_positive, ranks = is_positive[is_present], self._ranks
        return is_positive, ranks if _area(is_positive, ranks) >= 0.5 else ranks.size + 1 - ranks, patients[is_present]

    @cached_property
    def _is_present(self) -> NDArray[np.bool_]:
        return self.values.is_not_null().to_numpy()

    @cached_property
    def _ranks(self) -> NDArray[np.float64]:
        return self.values.drop_nulls().rank().to_numpy()

    def of(self, is_chosen: NDArray[np.bool_]) -> Reading:
        """Return the reading of some cases."""
        return Reading(self.how, self.values.filter(pl.Series(is_chosen)), self.is_by_level)


@dataclass(frozen=True)
class Distinction:
    """Something that a feature may tell."""

    words: str
    is_positive: NDArray[np.bool_]
    """Shape (cases,), of which cases it is true."""
    is_whole: bool
    """Whether no more of a question is to be learnt; else it is about one class of several."""


@dataclass(frozen=True)
class GiveAway:
    """What a feature tells by itself."""

    feature: str
    tells: str
    """In words, such as "gives the answer away by its values"."""
    is_all: bool
    """Whether no more is to be learnt; else it tells one class of several, as a telling sign may."""


def find_give_aways(
    features: pl.DataFrame, truth: pl.DataFrame, classes: Sequence[str], task: Task, patients: NDArray[np.int64]
) -> Iterator[GiveAway]:
    """Yield the features by which alone classes can be told, and how.

    Judged is the lower limit of max(AUROC, 1 - AUROC) of each numeric column among the cases that have it, of each
    column's being missing, and of the rate in the other folds of each level of text or of few numbers. Of several
    classes a feature that tells every pair of them gives the answer away, and so does one that says yes or no, or
    misses, as one class or the grades from one on.

    Args:
        features: Shape (cases, features), clean, of training cases only.
        truth: Shape (cases, classes), whether each case is of each class or has each label, in that order.
        classes: Their names.
        task: What is predicted.
        patients: Shape (cases,), a number from 0 for each patient.

    Yields:
        What was found, one at most for each column that gives the answer away.
    """
    asked = distinctions(truth.to_numpy(), classes, task)
    codes = None if task in (Task.BINARY, Task.MULTILABEL) else truth.to_numpy().argmax(axis=1)
    for column in features:
        found: list[GiveAway] = []
        for reading in readings(column):
            if codes is not None and _tells_all(reading, codes, patients):
                found.append(GiveAway(column.name, f"gives the answer away by {reading.how}", is_all=True))
            for one in asked:
                told, words = reading.tells(one.is_positive, patients), f"{one.words} by {reading.how}"
                if told:
                    found.append(GiveAway(column.name, words, is_all=one.is_whole or reading.is_flag))
                elif told is None and reading.is_flag and _fewest(one.is_positive, patients) >= MIN_PATIENTS_TO_SAY:
                    found.append(GiveAway(column.name, f"{words}, of too few patients to be sure,", is_all=False))
        yield from [finding for finding in found if finding.is_all][:1] or found


def readings(column: pl.Series) -> Iterator[Reading]:
    """Yield the ways to read a clean column, Float64 or String."""
    is_text = column.dtype == pl.String
    if not is_text:
        yield Reading("its values", column, is_by_level=False)
    if is_text or SIZE_OF_FLAG < column.drop_nulls().n_unique() <= MAX_CODES:
        yield Reading("its levels", column, is_by_level=True)
    if column.null_count():
        how = f"its being missing ({column.name}{INDICATOR_SUFFIX})"
        yield Reading(how, column.is_null().cast(pl.UInt8), is_by_level=False)


def distinctions(belongs: NDArray[np.bool_], classes: Sequence[str], task: Task) -> list[Distinction]:
    """Return what a feature may tell.

    Args:
        belongs: Shape (cases, classes), whether each case is of each class or has each label.
        classes: Their names.
        task: What is predicted.

    Returns:
        Positive or not; or each label; or each class against the others, and in an order all cuts between grades.
    """
    if task == Task.BINARY:
        return [Distinction("gives the answer away", belongs[:, 1], is_whole=True)]
    columns = [(name, belongs[:, place]) for place, name in enumerate(classes)]
    if task == Task.MULTILABEL:
        return [Distinction(f"gives the label {name} away", column, is_whole=True) for name, column in columns]
    found = [Distinction(f"tells class {name} from the others", column, is_whole=False) for name, column in columns]
    # The lowest and the highest grade against the others are among them already.
    cuts = range(2, len(classes) - 1) if task == Task.ORDINAL else ()
    above = [(classes[cut], belongs[:, cut:].sum(axis=1) > 0) for cut in cuts]
    return found + [Distinction(f"tells {name} and above from what is below", up, is_whole=False) for name, up in above]


def _tells_all(reading: Reading, codes: NDArray[np.int64], patients: NDArray[np.int64]) -> bool:
    """Return whether every two classes are told apart, as surely as their patients allow.

    Where classes are too small each, the largest against the others must have patients enough.
    """
    sizes = np.bincount(codes)
    largest_first = [int(code) for code in np.argsort(-sizes, kind="stable") if sizes[code]]
    is_sure = False
    for one, other in combinations(largest_first, 2):
        is_either = (codes == one) | (codes == other)
        told = reading.of(is_either).tells(codes[is_either] == one, patients[is_either])
        if told is False:
            return False
        is_sure |= told is True
    if is_sure or len(largest_first) < SIZE_OF_FLAG:
        return is_sure
    is_largest = codes == largest_first[0]
    return _fewest(is_largest, patients) >= MIN_PATIENTS_IF_PERFECT


def _rate_in_other_folds(levels: pl.Series, is_positive: NDArray[np.bool_], patients: NDArray[np.int64]) -> pl.Series:
    """Return for each case that has a level the rate of its level in the other folds, the rate of all where none is."""
    # At random, because the order of patients may follow their classes.
    folds = np.random.default_rng(0).permutation(int(patients.max(initial=0)) + 1)[patients] % NUM_FOLDS
    names = levels.drop_nulls().unique()
    codes = levels.replace_strict(names, pl.int_range(names.len(), eager=True), return_dtype=pl.Int64)
    is_there = codes.is_not_null().to_numpy()
    cells = codes.drop_nulls().to_numpy().astype(np.int64) * NUM_FOLDS + folds[is_there]
    size = (names.len(), NUM_FOLDS)
    num_cases = np.bincount(cells, minlength=names.len() * NUM_FOLDS).reshape(size)
    num_events = np.bincount(cells[is_positive[is_there]], minlength=names.len() * NUM_FOLDS).reshape(size)
    others, events = (counts.sum(axis=1, keepdims=True) - counts for counts in (num_cases, num_events))
    rates = np.where(others == 0, is_positive.mean(), events / np.maximum(others, 1)).ravel()
    return pl.Series(rates[cells])


def _tells(is_positive: NDArray[np.bool_], ranks: NDArray[np.float64], patients: NDArray[np.int64]) -> bool | None:
    area = _area(is_positive, ranks)
    if area <= MAX_AUROC:
        return False
    fewest_patients = _fewest(is_positive, patients)
    if area == 1:
        return fewest_patients >= MIN_PATIENTS_IF_PERFECT or None
    if np.unique(patients).size < patients.size and fewest_patients < MIN_PATIENTS_IF_CLUSTERED:
        return None
    limit = _estimate(is_positive, ranks, patients).ci_low
    return limit is not None and limit > MAX_AUROC


def _fewest(is_positive: NDArray[np.bool_], patients: NDArray[np.int64]) -> int:
    """Return the patients of the class that has fewer."""
    return min(np.unique(patients[is_positive]).size, np.unique(patients[~is_positive]).size)


def _area(is_positive: NDArray[np.bool_], ranks: NDArray[np.float64]) -> float:
    """Return the AUROC of ranks, 0.5 of one class only."""
    num_positives = int(is_positive.sum())
    num_negatives = is_positive.size - num_positives
    if not num_positives or not num_negatives:
        return 0.5
    return float((ranks[is_positive].sum() / num_positives - (num_positives + 1) / 2) / num_negatives)


def _estimate(is_positive: NDArray[np.bool_], ranks: NDArray[np.float64], patients: NDArray[np.int64]) -> Estimate:
    _, patients = np.unique(patients, return_inverse=True)
    is_independent = patients.size == 0 or int(patients.max()) + 1 == patients.size
    return auroc(
        is_positive,
        ranks,
        confidence_level=CONFIDENCE_LEVEL,
        patients=None if is_independent else patients,
    )
