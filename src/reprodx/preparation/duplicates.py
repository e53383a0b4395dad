"""Cases with the same inputs, listed for a person to look at: only that person can say which is the mistake."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from reprodx.schemas import CASE_ID, PATIENT_ID, SPLIT, Y_TRUE

if TYPE_CHECKING:
    from reprodx.preparation.units import IdenticalInputs
    from reprodx.schemas import RawCases


def duplicates_table(placed: RawCases, identical: IdenticalInputs) -> pl.DataFrame:
    """Return the cases whose inputs are the same as another's.

    Args:
        placed: The cases that were kept, with their `split`.
        identical: Which of them have the same inputs.

    Returns:
        `group case_id same_as patient_id split y_true is_kept_together`: a row for each case of a group of such cases,
        numbered from 1; `same_as` is the group's first case, null for that case itself. A pair is a group of two.
    """
    table = placed.cases.select(CASE_ID, PATIENT_ID, SPLIT, Y_TRUE).with_columns(
        pl.Series("alike", identical.alike), pl.Series("unit", identical.first)
    )
    groups = table.filter(pl.len().over("alike") > 1)
    first = pl.col(CASE_ID).first().over("alike")
    return groups.select(
        pl.col("alike").rank("dense").alias("group"),
        CASE_ID,
        pl.when(pl.col(CASE_ID) != first).then(first).alias("same_as"),
        PATIENT_ID,
        SPLIT,
        Y_TRUE,
        (pl.struct("unit", SPLIT).n_unique().over("alike") == 1).alias("is_kept_together"),
    ).sort("group", maintain_order=True)
