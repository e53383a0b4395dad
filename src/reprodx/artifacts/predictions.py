"""The predictions file: everything that is needed to judge a model, without the model."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from reprodx.artifacts.files import replacing_file
from reprodx.artifacts.prediction_files import read_file, typed, with_plain_names
from reprodx.artifacts.prediction_metadata import GENERATION, METADATA_KEY
from reprodx.errors import SchemaError
from reprodx.schemas import (
    CASE_ID,
    LABEL_PREFIX,
    LOGIT_PREFIX,
    NO_LABEL,
    PATIENT_ID,
    PROB_PREFIX,
    SAMPLING,
    SCORED_SPLITS,
    SPLIT,
    TEST,
    Y_TRUE,
    Sampling,
    Task,
)

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import numpy as np
    import polars as pl
    from numpy.typing import NDArray

PROBABILITY_TOLERANCE = 1e-3
"""How far the probabilities of a case may sum from 1: other tools round them."""
GENERATED_CASES = "generated_cases"
"""Key of the metadata: what a generator added to the training cases, as in `model.json`; absent where nothing was."""


class ClassOrder(StrEnum):
    """What the order of the classes, and so the positive class of a binary task, comes from."""

    DECLARED = "declared"
    """The metadata: someone meant it."""
    ONLY_COLUMN = "only column"
    """The only probability column of a binary task is that of the positive class."""
    COLUMNS = "columns"
    """The order in which the columns happen to stand."""


@dataclass(frozen=True)
class Predictions:
    """The predictions file: what a model said of every case of the validation and test splits."""

    table: pl.DataFrame
    """`case_id patient_id site split fold repeat y_true prob_<class>... logit_<class>... group_*`.

    In a multi-label task `y_true_<label>` too, and a case's probabilities need not sum to 1.
    """
    metadata: Mapping[str, Any]
    """Config hash, split hash, class names, task, seed, threshold with its rule, and what else judges need."""
    class_order: ClassOrder = ClassOrder.DECLARED
    """What the order of `classes` comes from."""
    notes: tuple[str, ...] = ()
    """What of a file of another tool was taken for what ours have, each to stand after the file's name."""

    @property
    def classes(self) -> tuple[str, ...]:
        """Class names in their order, which is that of the grades in an ordinal task; else the negative one first."""
        return tuple(self.metadata["classes"])

    @property
    def task(self) -> Task:
        """What is predicted; where the metadata do not say, binary for two classes and multi-class for more."""
        return Task(self.metadata.get("task") or (Task.BINARY if len(self.classes) == 2 else Task.MULTICLASS))

    @property
    def sampling(self) -> Sampling:
        """How the cases came to be; where the metadata do not say, as they came."""
        return Sampling(self.metadata.get(SAMPLING, Sampling.COHORT))

    def of(self, split: str) -> Predictions:
        """Return the predictions of one split."""
        import polars as pl

        return replace(self, table=self.table.filter(pl.col(SPLIT) == split))

    def probs(self) -> NDArray[np.float64]:
        """Return the probabilities, shape (cases, classes)."""
        return self.table.select([PROB_PREFIX + name for name in self.classes]).to_numpy()

    def targets(self) -> NDArray[np.int64]:
        """Return the index of each case's true class, shape (cases,); of labels 0 or 1, shape (cases, labels)."""
        import numpy as np
        import polars as pl

        if self.task == Task.MULTILABEL:
            return self.table.select([LABEL_PREFIX + name for name in self.classes]).to_numpy().astype(np.int64)
        return self.table[Y_TRUE].cast(pl.Enum(self.classes)).to_physical().to_numpy().astype(np.int64)


def write_predictions(path: Path, predictions: Predictions) -> None:
    """Write the predictions file; equal content gives equal bytes."""
    import pyarrow.parquet

    table = predictions.table.to_arrow()
    metadata = json.dumps(dict(predictions.metadata), sort_keys=True, allow_nan=False)
    with replacing_file(path) as temporary:
        pyarrow.parquet.write_table(table.replace_schema_metadata({METADATA_KEY: metadata}), temporary)


def read_predictions(path: Path) -> Predictions:
    """Read a predictions file, ours or another tool's, and check it.

    Files of other tools (CSV or Parquet) need `case_id, y_true, prob_*` alone: each case is then a patient of its
    own, all cases are of the test split, and a single `prob_<class>` in a binary task is completed by its complement.
    With `y_true_<label>` in the place of `y_true` the task is multi-label. Their ids are text, and classes that are
    whole numbers or truth values are called alike however they are written: `1` and `1.0`, `TRUE` and `true`. An index
    is the `case_id` where there is no other, and `prob` or `y_prob` the probability of class 1 or true.

    Args:
        path: A `.csv` file, or Parquet under any other name.

    Returns:
        The table with every column that ours have, and its metadata with at least `classes`, `task` and
        `has_patients`. A generator's file is returned as it stands.

    Raises:
        ArtifactMissingError: If there is no such file.
        ArtifactCorruptError: If it is neither CSV nor Parquet.
        SchemaError: If a column is missing, a case id is missing or repeated, within a split or between them, a label
            has no probability column, or probabilities are missing, outside [0, 1], or do not sum to 1 where classes
            exclude each other.
    """
    table, metadata, notes = read_file(path)
    if metadata.get("task") == GENERATION:
        return Predictions(table, metadata)
    return replace(_checked(path, typed(path, table), metadata), notes=notes)


def _checked(path: Path, table: pl.DataFrame, metadata: dict[str, Any]) -> Predictions:
    import polars as pl

    has_patients = PATIENT_ID in table.columns
    is_multilabel = any(column.startswith(LABEL_PREFIX) for column in table.columns)
    read = _with_labels if metadata.get("task", Task.MULTILABEL) == Task.MULTILABEL and is_multilabel else _with_classes
    table, classes, task, class_order = read(path, table, metadata.get("classes"))
    if SPLIT not in table.columns:
        table = table.with_columns(pl.lit(TEST).alias(SPLIT))
    if not has_patients:
        table = table.with_columns(pl.col(CASE_ID).alias(PATIENT_ID))
    if table.select(CASE_ID, SPLIT).is_duplicated().any():
        raise SchemaError(f"{path} has a {CASE_ID} more than once in a split: a case is predicted once")
    if num_shared := table.height - table[CASE_ID].n_unique():
        raise SchemaError(
            f"{path} has {num_shared} cases in two splits: one that chose cannot judge; leave each in one"
        )
    _check_probs(path, table, classes, sum_to_one=task != Task.MULTILABEL)
    completed = {"task": str(task), "has_patients": has_patients, **metadata, "classes": classes}
    return Predictions(table, completed, class_order)


def _with_classes(
    path: Path, table: pl.DataFrame, declared: list[str] | None
) -> tuple[pl.DataFrame, tuple[str, ...], Task, ClassOrder]:
    """Return the table with the probability of every class, the classes, the task that they make, and their order."""
    import polars as pl

    if Y_TRUE not in table.columns:
        raise SchemaError(f"{path} has no column {Y_TRUE!r}: give {CASE_ID}, {Y_TRUE} and {PROB_PREFIX}*")
    table = with_plain_names(table) if declared is None else table.with_columns(pl.col(Y_TRUE).cast(pl.String))
    if num_missing := table[Y_TRUE].null_count():
        raise SchemaError(f"{path}: {num_missing} rows have no {Y_TRUE}: leave out cases whose class is not known")
    table, classes, class_order = _with_all_probs(path, table, declared)
    if not table[Y_TRUE].is_in(list(classes)).all():
        raise SchemaError(f"{path} has a {Y_TRUE} without a {PROB_PREFIX}<class> column: classes are {list(classes)}")
    return table, classes, Task.BINARY if len(classes) == 2 else Task.MULTICLASS, class_order


def _with_labels(
    path: Path, table: pl.DataFrame, declared: list[str] | None
) -> tuple[pl.DataFrame, tuple[str, ...], Task, ClassOrder]:
    """Return the table with `y_true` as the joined labels, the labels, the task, and the order of the labels."""
    import polars as pl

    found = [column.removeprefix(LABEL_PREFIX) for column in table.columns if column.startswith(LABEL_PREFIX)]
    classes = tuple(declared or found)
    needed = [prefix + name for name in classes for prefix in (LABEL_PREFIX, PROB_PREFIX)]
    if missing := [column for column in needed if column not in table.columns]:
        raise SchemaError(f"{path} has no column {missing[0]!r}: give {LABEL_PREFIX}* and {PROB_PREFIX}* of each label")
    labels = table.select(pl.col(LABEL_PREFIX + name).cast(pl.Float64, strict=False) for name in classes)
    if not all(labels[column].is_in([0.0, 1.0]).fill_null(value=False).all() for column in labels.columns):
        raise SchemaError(f"{path}: {LABEL_PREFIX}* must be 1 where a case has the label and 0 where it has not")
    table = table.with_columns(labels.cast(pl.Int8))
    order = ClassOrder.DECLARED if declared else ClassOrder.COLUMNS
    return table.with_columns(joined_labels(table, classes)), classes, Task.MULTILABEL, order


def joined_labels(table: pl.DataFrame, classes: tuple[str, ...]) -> pl.Series:
    """Return each case's labels in alphabetical order, joined by `+`, or `NO_LABEL`.

    Args:
        table: `y_true_<label>` of every label, 0 or 1.
        classes: The labels.

    Returns:
        The column `y_true`, as text.

    >>> import polars as pl
    >>> joined_labels(pl.DataFrame({"y_true_b": [1, 0], "y_true_a": [1, 0]}), ("b", "a")).to_list()
    ['a+b', 'none']
    """
    import polars as pl

    present = (pl.when(pl.col(LABEL_PREFIX + name) == 1).then(pl.lit(name)) for name in sorted(classes))
    joined = pl.concat_str(*present, separator="+", ignore_nulls=True).replace("", NO_LABEL)
    return table.select(joined.alias(Y_TRUE)).to_series()


def _check_probs(path: Path, table: pl.DataFrame, classes: tuple[str, ...], *, sum_to_one: bool) -> None:
    probs = table.select(PROB_PREFIX + name for name in classes)
    row_sums = probs.sum_horizontal(ignore_nulls=False)
    is_bad = row_sums.is_null() | row_sums.is_nan() | (probs.min_horizontal() < 0)
    is_bad |= ((row_sums - 1).abs() > PROBABILITY_TOLERANCE) if sum_to_one else (probs.max_horizontal() > 1)
    if is_bad.any():
        first = int(is_bad.arg_true()[0]) + 2  # as a spreadsheet shows it, whose row 1 is the header
        rule = "be numbers that lie in [0, 1] and sum to 1" if sum_to_one else "be numbers that lie in [0, 1]"
        raise SchemaError(
            f"{path}, row {first}: {PROB_PREFIX}* must {rule} ({is_bad.sum()} such rows); "
            f"logits belong in {LOGIT_PREFIX}*"
        )


def _with_all_probs(
    path: Path, table: pl.DataFrame, declared: list[str] | None
) -> tuple[pl.DataFrame, tuple[str, ...], ClassOrder]:
    import polars as pl

    found = [column.removeprefix(PROB_PREFIX) for column in table.columns if column.startswith(PROB_PREFIX)]
    if not found:
        raise SchemaError(f"{path} has no {PROB_PREFIX}<class> column: add the probability of each class")
    if len(found) == 1:
        others = sorted(set(declared or table[Y_TRUE].unique()) - set(found))
        if not others:
            raise SchemaError(f"{path}: {Y_TRUE} holds one class alone: give the {PROB_PREFIX}* of the other class too")
        if len(others) != 1:
            raise SchemaError(f"{path} has one {PROB_PREFIX}* column and {len(others) + 1} classes: add the others")
        table = table.with_columns((1 - pl.col(PROB_PREFIX + found[0])).alias(PROB_PREFIX + others[0]))
        found, order = [*others, *found], ClassOrder.ONLY_COLUMN
    else:
        order = ClassOrder.COLUMNS
    if absent := [name for name in declared or () if name not in found]:
        raise SchemaError(f"{path} has no column {PROB_PREFIX + absent[0]!r}, although its metadata name that class")
    return table, tuple(declared or found), ClassOrder.DECLARED if declared else order


def scored_splits(predictions: Predictions) -> tuple[str, ...]:
    """Return the splits that the file holds, validation first."""
    present = set(predictions.table[SPLIT])
    return tuple(split for split in SCORED_SPLITS if split in present)
