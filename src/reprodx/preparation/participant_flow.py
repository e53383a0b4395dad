"""The way of the cases: read, excluded by which rule, split, of which class."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from reprodx.artifacts.class_values import CLASS_VALUES, as_entries
from reprodx.schemas import PATIENT_ID, SPLIT, SPLITS

if TYPE_CHECKING:
    import polars as pl

    from reprodx.schemas import RawCases


def participant_flow(raw: RawCases) -> dict[str, Any]:
    """Return the flow as JSON.

    Args:
        raw: The cases that were kept, with their `split`.

    Returns:
        `read`; `class_values`, which values of the source became which class; `excluded`, a list of rule and count;
        `analysed`; and in `splits`, for each, the number of cases, of patients and of cases of each class or label.
    """
    return {
        "read": raw.num_read,
        CLASS_VALUES: as_entries(raw.values_of_classes),
        "excluded": [{"rule": exclusion.rule, "count": exclusion.count} for exclusion in raw.exclusions],
        "analysed": raw.cases.height,
        "splits": {split: _counts(raw, raw.cases[SPLIT] == split) for split in SPLITS},
    }


def _counts(raw: RawCases, is_in_split: pl.Series) -> dict[str, Any]:
    return {
        "cases": int(is_in_split.sum()),
        "patients": raw.cases[PATIENT_ID].filter(is_in_split).n_unique(),
        "classes": {name: int((raw.is_of(name) & is_in_split).sum()) for name in raw.classes},
    }
