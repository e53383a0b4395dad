"""By what a split is balanced where a case may have several labels."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from reprodx.schemas import LABEL_PREFIX, PATIENT_ID, Y_TRUE, Task

if TYPE_CHECKING:
    from reprodx.schemas import RawCases

MIN_PATIENTS = 10
"""A label of fewer patients cannot be dealt out evenly; its cases are dealt out with those of the commonest stratum."""


def with_strata(read: RawCases) -> pl.DataFrame:
    """Return the cases as a split is to see them: in a multi-label task `y_true` is the rarest label that a case has.

    Sets of labels would be too many to deal out evenly, and most of them too rare.

    Args:
        read: The cases of a dataset.

    Returns:
        The cases; of other tasks as they are.
    """
    if read.task != Task.MULTILABEL:
        return read.cases
    rarest_first = sorted(read.classes, key=lambda name: (read.is_of(name).sum(), name))
    has_label = [(pl.col(LABEL_PREFIX + name) == 1, pl.lit(name)) for name in rarest_first]
    stratum = pl.coalesce(*(pl.when(condition).then(name) for condition, name in has_label), pl.col(Y_TRUE))
    cases = read.cases.with_columns(stratum.alias(Y_TRUE))
    patients = cases.group_by(Y_TRUE).agg(pl.col(PATIENT_ID).n_unique()).sort(PATIENT_ID, Y_TRUE, descending=True)
    rare = patients.filter(pl.col(PATIENT_ID) < MIN_PATIENTS)[Y_TRUE]
    is_rare = pl.col(Y_TRUE).is_in(rare.to_list())
    return cases.with_columns(
        pl.when(is_rare).then(pl.lit(patients[Y_TRUE][0])).otherwise(pl.col(Y_TRUE)).alias(Y_TRUE)
    )
