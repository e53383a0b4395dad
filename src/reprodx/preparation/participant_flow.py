"""The way of the cases: read, excluded by which rule, split, of which class."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl

from reprodx.schemas import PATIENT_ID, SPLIT, SPLITS, Y_TRUE

if TYPE_CHECKING:
    from reprodx.schemas import RawCases


def participant_flow(raw: RawCases) -> dict[str, Any]:
    """Return the flow as JSON.

    Args:
        raw: The cases that were kept, with their `split`.

    Returns:
        `read`; `excluded`, a list of rule and count; `analysed`; and in `splits`, for each, the number of cases, of
        patients and of cases of each class.
    """
    cases = raw.cases.select(PATIENT_ID, SPLIT, Y_TRUE)
    return {
        "read": raw.num_read,
        "excluded": [{"rule": exclusion.rule, "count": exclusion.count} for exclusion in raw.exclusions],
        "analysed": raw.cases.height,
        "splits": {split: _counts(cases.filter(pl.col(SPLIT) == split), raw.classes) for split in SPLITS},
    }


def _counts(cases: pl.DataFrame, classes: tuple[str, ...]) -> dict[str, Any]:
    return {
        "cases": cases.height,
        "patients": cases[PATIENT_ID].n_unique(),
        "classes": {name: int((cases[Y_TRUE] == name).sum()) for name in classes},
    }
