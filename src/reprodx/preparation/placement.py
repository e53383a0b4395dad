"""Cases in their splits: those that belong to none are left out, and counted."""

from __future__ import annotations

import dataclasses
import logging
from typing import TYPE_CHECKING

import polars as pl

from reprodx.errors import SchemaError
from reprodx.schemas import (
    CASE_ID,
    GROUP_PREFIX,
    LABEL_PREFIX,
    PATIENT_ID,
    SITE,
    SPLIT,
    SPLITS,
    TIME,
    TRAIN,
    Y_TRUE,
    Exclusion,
    RawCases,
    SplitAssignment,
)

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

logger = logging.getLogger(__name__)

CONTRACT = (CASE_ID, PATIENT_ID, SITE, TIME, Y_TRUE)
"""Columns of a dataset's cases that are kept, with every `group_*` and `y_true_*`."""


def kept_columns(cases: pl.DataFrame) -> pl.DataFrame:
    """Return the columns that outlive the split: all but the one that a predefined split was read from."""
    return cases.select(
        name for name in cases.columns if name in CONTRACT or name.startswith((GROUP_PREFIX, LABEL_PREFIX))
    )


def place(read: RawCases, assignment: SplitAssignment) -> tuple[RawCases, NDArray[np.bool_]]:
    """Return the cases with their `split`, and which of those that were read they are.

    Args:
        read: The cases of a dataset.
        assignment: Of these cases; "" leaves a case out.

    Returns:
        The cases that are kept, and shape (cases that were read,): whether a case is kept.

    Raises:
        SchemaError: If a split has no case, or a class none to train on.
    """
    is_kept = assignment.split != ""
    num_left_out = int((~is_kept).sum())
    cases = kept_columns(read.cases).with_columns(pl.Series(SPLIT, assignment.split))
    placed = dataclasses.replace(read, cases=cases)
    if num_left_out:
        exclusion = Exclusion("belongs to no split", num_left_out)
        placed = dataclasses.replace(
            read,
            cases=cases.filter(is_kept),
            features=read.features.filter(is_kept),
            inputs=None if read.inputs is None else read.inputs.select(is_kept),
            exclusions=(*read.exclusions, exclusion),
        )
    _check_splits(placed)
    return placed, is_kept


def _check_splits(placed: RawCases) -> None:
    counts = {split: int((placed.cases[SPLIT] == split).sum()) for split in SPLITS}
    logger.info("split: %s", ", ".join(f"{count} {split}" for split, count in counts.items()))
    for split, count in counts.items():
        if not count:
            raise SchemaError(f"no case is left for {split}: look at the settings of the split")
    is_train = placed.cases[SPLIT] == TRAIN
    for label in placed.classes:
        if not (is_train & placed.is_of(label)).any():
            raise SchemaError(f"class {label!r} has no case in {TRAIN}: split otherwise, or leave the class out")
