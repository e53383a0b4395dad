"""The words of the contracts: column names, tasks, and the small types that rooms hand to each other."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum, StrEnum
from typing import TYPE_CHECKING

from reprodx.inputs import Modality

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    import polars as pl
    from numpy.typing import NDArray

    from reprodx.inputs import Inputs

CASE_ID = "case_id"
"""One row to be diagnosed: a visit, an image, a record. Unique in a table."""
PATIENT_ID = "patient_id"
"""The person a case belongs to; equals the case id where the data name no patient."""
SITE = "site"
"""Where the case was seen."""
TIME = "time"
"""When the case was seen, where that is known."""
SPLIT = "split"
"""One of `SPLITS`."""
FOLD = "fold"
"""The cross-validation fold that was tested, 0 without cross-validation."""
REPEAT = "repeat"
"""The repetition of cross-validation, 0 without."""
WEIGHT = "weight"
"""An optional positive weight of a case."""
Y_TRUE = "y_true"
"""The class name given by the reference standard; in a multi-label task the names of all labels, joined by `+`."""
LABEL_PREFIX = "y_true_"
"""Before a label's name, in a multi-label task: 1 where the case has the label, else 0."""
NO_LABEL = "none"
"""What stands in `y_true` for a case that has none of the labels."""
PROB_PREFIX = "prob_"
"""Before a class name: the predicted probability, float64 in [0, 1]."""
LOGIT_PREFIX = "logit_"
"""Before a class name: the score whose softmax over classes is the probability, float64."""
GROUP_PREFIX = "group_"
"""Before a name: a subgroup for which performance is reported, as text."""
INDICATOR_SUFFIX = "__missing"
"""After a feature's name: 1 where the value was missing, else 0."""

CARD = "card.md"
"""The file beside data, and among prepared cases, that says in Markdown what is known of them."""

TRAIN, VAL, TEST = "train", "val", "test"
SPLITS = (TRAIN, VAL, TEST)
SCORED_SPLITS = (VAL, TEST)
"""The splits whose predictions are written."""


class Extent(IntEnum):
    """How far a run is judged; each holds those before it."""

    VALIDATION = 1
    """Scored on validation; the test split stays closed."""
    SCORED = 2
    """Scored on validation and test."""
    REPORTED = 3
    """With what people and servers read: report, model card, plots, explanations, the served model."""


class Task(StrEnum):
    """What is predicted of a case."""

    BINARY = "binary"
    MULTICLASS = "multiclass"
    ORDINAL = "ordinal"
    """Classes in an order, such as grades."""
    MULTILABEL = "multilabel"
    """Any number of labels a case."""


class Sampling(StrEnum):
    """How the cases came to be."""

    COHORT = "cohort"
    """Patients as they came: how many have the disease is random."""
    CASE_CONTROL = "case_control"
    """So many of each class were chosen by design."""

    @property
    def in_words(self) -> str:
        """What a reader must know of it."""
        if self == Sampling.COHORT:
            return "cohort: patients as they came (also taken where nothing is stated)"
        return (
            "case-control: the classes were fixed by design; predictive values, Brier score, accuracy and net benefit "
            "hold for this mixture alone"
        )


SAMPLING = "sampling"
"""Its key in the configuration, the manifest and the predictions' metadata; absent from older ones: a cohort."""


@dataclass(frozen=True)
class Exclusion:
    """Cases that were read and left out."""

    rule: str
    """The rule in words, such as "target is missing"."""
    count: int
    """How many cases it excluded."""


@dataclass(frozen=True)
class ClassValue:
    """A value of the source as it is written there, and the class that it became."""

    value: str
    """Empty for an empty cell."""
    class_name: str | None
    """None where it is none, so that its cases are left out; in a multi-label task a label, or what it is not."""
    count: int
    """Rows of the source that have it."""


@dataclass(frozen=True)
class RawCases:
    """What a dataset hands to preparation: one row per case, nothing split, imputed or scaled.

    `cases` holds `case_id`, `patient_id` (text), `y_true` (text, one of `classes`), where they are known `site`
    and `time`, every `group_*` (text), and the column that a predefined split is read from under its own name.
    A multi-label task also has `y_true_<label>` (Int8, 0 or 1) for each of `classes`.
    `features` has the same rows in the same order: numeric columns Float64, categorical ones String, null is missing;
    beside `inputs` it may have no column.
    """

    cases: pl.DataFrame
    features: pl.DataFrame
    classes: tuple[str, ...]
    """Class names; in a binary task the negative one first."""
    num_read: int
    """Rows in the source, before any exclusion."""
    exclusions: tuple[Exclusion, ...]
    has_patients: bool
    """Whether the source names patients; else each case counts as a patient of its own."""
    card: str
    """Where the data come from and what is known to be wrong with them, in Markdown."""
    units: Mapping[str, str] = field(default_factory=dict)
    """Unit of measurement by feature name, such as "mg/dL"."""
    cleaning: Mapping[str, object] = field(default_factory=dict)
    """What turned raw text into values, column by column, as JSON; serving applies the same to new tables."""
    takes_unknown_levels: bool = False
    """Whether a new case may have a level that no training case had; it then counts as none of theirs."""
    reference_standard: str | None = None
    """How the true class was established, in words; None where nobody said."""
    inputs: Inputs | None = None
    """Pictures, signals, series or texts, in the order of `cases`; None for a table."""
    declared_task: Task | None = None
    """`ORDINAL` or `MULTILABEL` where the dataset says so."""
    is_synthetic: bool = False
    """Whether the cases were made by a simulator and are of no patient."""
    class_values: tuple[ClassValue, ...] = ()
    """Which values of the source became which class; empty where each class is one value of its own name."""
    undeclared_patients: Mapping[str, str] = field(default_factory=dict)
    """Columns of the source that say whose case a row is although they have no role, and what shows it."""
    warnings: tuple[str, ...] = ()
    """What reading found that the owner of the data should know, one sentence each without a value of a patient."""
    notes: tuple[str, ...] = ()
    """By which rules columns were read otherwise than they stand in the source, one sentence each."""

    @property
    def task(self) -> Task:
        """As declared; else binary for two classes, and multi-class for more."""
        return self.declared_task or (Task.BINARY if len(self.classes) == 2 else Task.MULTICLASS)

    @property
    def modality(self) -> Modality:
        """What kind of measurement the cases are judged by."""
        return Modality.TABLE if self.inputs is None else self.inputs.modality

    @property
    def values_of_classes(self) -> tuple[ClassValue, ...]:
        """`class_values` in the order of the classes, also where they are the names of these."""
        if self.task == Task.MULTILABEL and self.class_values:
            return self.class_values
        if self.class_values:
            places = {name: place for place, name in enumerate(self.classes)}
            return tuple(sorted(self.class_values, key=lambda one: places.get(str(one.class_name), len(places))))
        return tuple(ClassValue(name, name, int(self.is_of(name).sum())) for name in self.classes)

    def is_of(self, name: str) -> pl.Series:
        """Return whether each case is of a class or has a label, shape (cases,)."""
        if self.task == Task.MULTILABEL:
            return self.cases[LABEL_PREFIX + name] == 1
        return self.cases[Y_TRUE] == name


@dataclass(frozen=True)
class SplitAssignment:
    """Which split each case belongs to."""

    split: NDArray[np.str_]
    """Shape (cases,), each one of `SPLITS`, or "" for a case that is left out."""
    fold: int = 0
    repeat: int = 0
    folds: NDArray[np.int64] | None = None
    """Shape (cases,): the fold in which each case is tested, where the split is cross-validation."""


@dataclass(frozen=True)
class Estimate:
    """One number of a report with its uncertainty, or the reason why there is none."""

    value: float | None
    ci_low: float | None
    ci_high: float | None
    n: int
    """Cases that it was computed from."""
    n_events: int | None
    """Cases of the class in question; None where no class is singled out."""
    method: str
    """How the interval was made, such as "logit DeLong"."""
    reason: str | None = None
    """Why the value or its interval is undefined; None when both are defined."""

    @classmethod
    def undefined(cls, reason: str, *, n: int, n_events: int | None = None, method: str = "none") -> Estimate:
        """Return an estimate without a value, which says why."""
        return cls(None, None, None, n, n_events, method, reason)

    def as_dict(self) -> dict[str, float | int | str | None]:
        """Return the entry of `metrics.json`; `reason` is present only where something is undefined."""
        entry: dict[str, float | int | str | None] = {
            "value": self.value,
            "ci_low": self.ci_low,
            "ci_high": self.ci_high,
            "n": self.n,
            "n_events": self.n_events,
            "method": self.method,
        }
        return entry if self.reason is None else {**entry, "reason": self.reason}
