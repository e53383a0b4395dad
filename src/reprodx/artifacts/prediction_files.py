"""How files of predictions are read, whoever wrote them, and how differently written names become one."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from reprodx.artifacts.foreign_columns import with_case_ids, with_class_of_prob, with_pandas_index
from reprodx.artifacts.prediction_tables import read_table
from reprodx.errors import SchemaError
from reprodx.schemas import (
    CASE_ID,
    FOLD,
    GROUP_PREFIX,
    LABEL_PREFIX,
    LOGIT_PREFIX,
    PATIENT_ID,
    PROB_PREFIX,
    REPEAT,
    SITE,
    Y_TRUE,
)

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import polars as pl

WHOLE_NUMBER = re.compile(r"(-?(?:0|[1-9]\d*))(?:\.0+)?")
TRUTH_WORDS = {"1": "true", "0": "false"}
"""How classes 1 and 0 are called where `y_true` holds truth values."""
TRUTH_NUMBERS = {"true": "1", "false": "0"}
"""The other way round."""
MISSING = ("", "NA", "NaN", "nan")
"""What tools write for a label that they do not know."""


def read_file(path: Path) -> tuple[pl.DataFrame, dict[str, Any], tuple[str, ...]]:
    """Read the table of a predictions file, and our metadata where it has them.

    Args:
        path: A `.csv` or `.csv.gz` file, or Parquet under any other name.

    Returns:
        The table, of a CSV file all text; the metadata, empty in files of other tools; and what was taken for ours in
        reading, see `with_case_ids`.

    Raises:
        ArtifactMissingError: If there is no such file.
        ArtifactCorruptError: If it is neither CSV nor Parquet.
        SchemaError: If it cannot be read by `read_table`, or what tells its cases apart, or the class of its only
            probability, cannot be told.
    """
    table, metadata, said = read_table(path)
    table, index = with_pandas_index(table, said)
    table, notes = with_case_ids(path, table, index)
    return with_class_of_prob(path, table), metadata, notes


def typed(path: Path, table: pl.DataFrame) -> pl.DataFrame:
    """Return a table with ids and groups as text and probabilities as float64.

    Args:
        path: For messages.
        table: As another tool wrote it, or ours.

    Returns:
        The same rows. What should be a number and is none becomes null.

    Raises:
        SchemaError: If there is no case id, an id is missing, or a fold is no whole number.
    """
    import polars as pl

    if not table.height:
        raise SchemaError(f"{path} has no rows: give one for each case")
    if CASE_ID not in table.columns:
        raise SchemaError(
            f"{path} has no column {CASE_ID!r}: give {CASE_ID}, {Y_TRUE} and {PROB_PREFIX}*{_alike(table)}"
        )
    ids = [name for name in (CASE_ID, PATIENT_ID) if name in table.columns]
    for name in ids:
        if num_missing := int((table[name].is_null() | (table[name].cast(pl.String) == "")).sum()):
            raise SchemaError(f"{path}: {num_missing} rows have no {name}: fill it in or leave the column out")
    texts = [name for name in table.columns if name == SITE or name.startswith(GROUP_PREFIX)]
    numbers = [pl.col(name).cast(pl.Float64, strict=False) for name in table.columns if name.startswith(PROB_PREFIX)]
    return table.with_columns(
        *(_id_text(path, table[name]) for name in ids),
        *(pl.col(name).cast(pl.String) for name in texts),
        *numbers,
        *(_whole(path, table[name]) for name in (FOLD, REPEAT) if name in table.columns),
        *(_yes_or_no(table[name]) for name in table.columns if name.startswith(LABEL_PREFIX)),
    )


def plain_names(names: Sequence[str]) -> tuple[str, ...]:
    """Return names of classes without what only tells how a tool writes numbers and truth values.

    Args:
        names: All classes of a file.

    Returns:
        Whole numbers without decimals, where all names are whole numbers; truth values in small letters, where all
        are truth values; else the names as they are.

    >>> plain_names(["0.0", "1"]), plain_names(["TRUE", "False"]), plain_names(["0.0", "0.5"])
    (('0', '1'), ('true', 'false'), ('0.0', '0.5'))
    """
    whole = [match[1] for name in names if (match := WHOLE_NUMBER.fullmatch(name))]
    if len(whole) == len(names):
        return tuple(whole)
    lower = tuple(name.lower() for name in names)
    return lower if set(lower) <= set(TRUTH_NUMBERS) else tuple(names)


def with_plain_names(table: pl.DataFrame) -> pl.DataFrame:
    """Return a table of another tool whose classes are called alike in `y_true` and in the names of columns.

    Args:
        table: With `y_true`.

    Returns:
        The same rows; `y_true` is text, and null where a tool wrote "NA" for it. Where it holds truth values and the
        columns 1 and 0, or the other way round, the columns are called as it calls the classes.
    """
    import polars as pl

    classes = [name.removeprefix(PROB_PREFIX) for name in table.columns if name.startswith(PROB_PREFIX)]
    labels = table.select(pl.col(Y_TRUE).cast(pl.String)).to_series()
    labels = labels.replace({word: None for word in MISSING if word not in classes})
    plain = _plain(classes, labels.drop_nulls().unique().sort().to_list())
    if len({plain[name] for name in classes}) < len(classes):
        return table.with_columns(labels)
    renamed = {prefix + name: prefix + plain[name] for prefix in (PROB_PREFIX, LOGIT_PREFIX) for name in classes}
    return table.with_columns(labels.replace(plain)).rename(renamed, strict=False)


def _plain(classes: Sequence[str], labels: Sequence[str]) -> dict[str, str]:
    """Return the plain name of every class that a column or `y_true` names."""
    of_classes, of_labels = plain_names(classes), plain_names(labels)
    for spelling in (TRUTH_WORDS, TRUTH_NUMBERS):
        if labels and set(of_labels) <= set(spelling.values()) and set(of_classes) <= set(spelling):
            respelled = [spelling[name] for name in of_classes]
            return dict(zip([*classes, *labels], [*respelled, *of_labels], strict=True))
    names = [*classes, *labels]
    return dict(zip(names, plain_names(names), strict=True))


def _alike(table: pl.DataFrame) -> str:
    """Return a hint at a column that would be the id in other letters."""
    found = [name for name in table.columns if name.strip("'\" ").casefold() == CASE_ID]
    return f"; call {found[0]!r} so" if found else ""


def _id_text(path: Path, ids: pl.Series) -> pl.Series:
    """Return ids as text; whole numbers that a tool turned into floats are whole numbers again."""
    import polars as pl

    text = ids.cast(pl.String)
    plain = text.str.replace(r"^(\d+)\.0+$", "$1")
    if num_alike := text.n_unique() - plain.n_unique():
        raise SchemaError(
            f"{path}: {num_alike} of {ids.name} differ from others by .0 alone: write them all in one way"
        )
    is_float = text.str.contains(rf"^{WHOLE_NUMBER.pattern}$") & text.str.contains(".", literal=True)
    return text.str.replace(r"\.0+$", "") if is_float.all() else text


def _whole(path: Path, numbers: pl.Series) -> pl.Series:
    import polars as pl

    whole = numbers.cast(pl.Float64, strict=False).cast(pl.Int64, strict=False)
    if whole.null_count() > numbers.null_count() or (whole != numbers.cast(pl.Float64, strict=False)).any():
        raise SchemaError(f"{path}: {numbers.name} must be whole numbers: number the folds from 0")
    return whole


def _yes_or_no(labels: pl.Series) -> pl.Series:
    """Return truth values that were written as words as 1 and 0, and all else as it is."""
    import polars as pl

    if labels.dtype != pl.String:
        return labels
    return labels.str.to_lowercase().replace({"true": "1", "false": "0"})
