"""The cases that are compared on, and what every model said of each of them, in one order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from reprodx.metrics.chosen_threshold import THRESHOLDS, ChosenThreshold
from reprodx.schemas import Sampling

if TYPE_CHECKING:
    import numpy as np
    import polars as pl
    from numpy.typing import NDArray

    from reprodx.comparison.source import Source
    from reprodx.schemas import Task


@dataclass(frozen=True)
class Member:
    """One answer for every case: that of a run, or of the folds of one cross-validation put together."""

    probs: NDArray[np.float64]
    """Shape (cases, classes)."""
    called: NDArray[np.int64] | None
    """What each case is called, at the threshold that its own run chose: shape (cases,), an index into the classes; of
    an ordinal task the grade. Multi-label: shape (cases, labels), 0 or 1. None where one has no threshold."""
    called_referable: NDArray[np.int64] | None
    """Of an ordinal task, shape (cases,): 1 where called referable; None without a threshold, and in other tasks."""
    thresholds: tuple[float | None, ...]
    """The threshold of each run, in the order of `sources`; None where it has none, or one for each label."""
    seed: int | None
    """Of training; None where the file does not say."""
    repeat: int
    """The repetition of cross-validation, 0 without."""
    sources: tuple[Source, ...]
    """One, or one for each fold."""

    def thresholds_for(self, label: str) -> tuple[float | None, ...]:
        """Return the threshold of each run for a label; an empty name asks for that of a task with one question."""
        if not label:
            return self.thresholds
        entries = [source.predictions.metadata.get(THRESHOLDS, {}).get(label) for source in self.sources]
        return tuple(ChosenThreshold.of(entry).value for entry in entries)


@dataclass(frozen=True)
class Contender:
    """One of the models that are compared: a recipe, with a member for each seed and repetition that it was run in."""

    name: str
    """Short, distinct, and fit for a table."""
    members: tuple[Member, ...]
    """At least one."""
    num_train: int | None
    """Cases that a run was trained on, the mean of its runs; None where the files do not say."""
    num_lost: int = 0
    """Cases that it has and others lack; above 0 only where the common ones alone are compared."""
    num_events_lost: int = 0
    """Positive or referable ones among these."""
    validation: ComparedCases | None = None
    """What its runs said of their validation cases, with itself as the only contender; None where they said nothing,
    or where each case is validated in one fold and tested in another."""


@dataclass(frozen=True)
class ComparedCases:
    """The cases of one split, and every contender's answers in the same order."""

    table: pl.DataFrame
    """`case_id patient_id y_true`, and where the files have them `site`, `fold` and `group_*`, sorted by case id."""
    targets: NDArray[np.int64]
    """Shape (cases,), the index of the true class; multi-label (cases, labels), 0 or 1."""
    patients: NDArray[np.int64] | None
    """Shape (cases,), a number from 0 for each patient; None where every case is a patient of its own."""
    folds: NDArray[np.int64] | None
    """Shape (cases,), the fold that tested each case, equal in all contenders; None without cross-validation, and where
    contenders were split differently."""
    task: Task
    classes: tuple[str, ...]
    """In a binary task the negative one first."""
    split: str
    contenders: tuple[Contender, ...]
    """The reference first."""
    has_patients: bool
    """Whether a file names patients; else independence of cases is assumed."""
    notes: tuple[str, ...]
    """What a reader must know of how the cases came together, in full sentences."""
    checks: tuple[tuple[str, str], ...]
    """What was checked before comparing, and what was found, in words: the report's comparability table."""
    sampling: Sampling = Sampling.COHORT
    """How the cases came to be."""

    @property
    def pair_positions(self) -> tuple[tuple[int, int], ...]:
        """Each contender with the reference: (position, 0)."""
        return tuple((position, 0) for position in range(1, len(self.contenders)))
