"""What prepared cases are: their counts and hashes, and what was found and done on the way."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl

from reprodx.hashing import sha256_of_json
from reprodx.preparation.content import sha256_of_table
from reprodx.preparation.placement import kept_columns
from reprodx.schemas import CASE_ID, FOLD, SPLIT, SPLITS, TRAIN, Y_TRUE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from reprodx.preparation.leakage import Leaks
    from reprodx.preparation.transforms import TableTransform
    from reprodx.preparation.units import IdenticalInputs
    from reprodx.schemas import RawCases, SplitAssignment


def describe_cases(placed: RawCases, flow: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the manifest says of the cases that were kept.

    Args:
        placed: These cases, with their `split`.
        flow: Their participant flow.

    Returns:
        Entries of the manifest.
    """
    return {
        "task": placed.task.value,
        "classes": list(placed.classes),
        "num_cases": placed.cases.height,
        "splits": flow["splits"],
        "exclusions": flow["excluded"],
        "has_patients": placed.has_patients,
        "split_hash": sha256_of_table(placed.cases.select(CASE_ID, SPLIT).sort(CASE_ID)),
    }


def describe_source(read: RawCases, assignment: SplitAssignment) -> dict[str, Any]:
    """Return the data's hash whatever their split, the reference standard, the fold, and the cross-validation's hash.

    Args:
        read: The cases as they were read.
        assignment: Of these cases. The hash of its folds is equal for every fold of a cross-validation, and None
            without one.

    Returns:
        Entries of the manifest.
    """
    cv_hash = None
    if assignment.folds is not None:
        folds = read.cases.select(CASE_ID).with_columns(pl.Series(FOLD, assignment.folds))
        cv_hash = sha256_of_table(folds.sort(CASE_ID))
    return {
        "data_hash": sha256_of_json([sha256_of_table(kept_columns(read.cases)), sha256_of_table(read.features)]),
        "cv_hash": cv_hash,
        "reference_standard": read.reference_standard,
        "fold": assignment.fold,
        "repeat": assignment.repeat,
    }


def describe_leaks(leaks: Leaks) -> dict[str, Any]:
    """Return whether the run is leaky, and what was acknowledged.

    Args:
        leaks: What the gate let through.

    Returns:
        Entries of the manifest.
    """
    found = {"features": list(leaks.features), "duplicates": list(leaks.duplicates), "patients": leaks.num_patients}
    return {"leaky": leaks.is_leaky, "acknowledged": found}


def describe_features(transform: TableTransform) -> dict[str, Any]:
    """Return the features with their kind, the columns that gave none with the reason, and units of measurement.

    Args:
        transform: Fitted on train.

    Returns:
        Entries of the manifest.
    """
    return {
        "features": [
            {"name": feature.name, "column": column.name, "kind": feature.kind}
            for column in transform.columns
            for feature in column.features()
        ],
        "dropped": dict(transform.dropped),
        "units": dict(transform.units),
    }


def find_warnings(placed: RawCases, identical: IdenticalInputs, transform: TableTransform) -> list[str]:
    """Return in words what a reader of the results should know of the cases.

    Args:
        placed: The cases, with their `split`.
        identical: Which of those that were read have the same inputs.
        transform: Fitted on train.

    Returns:
        One sentence each.
    """
    warnings = []
    if identical.num_cases:
        so = "as is likely in so coarse a table" if identical.is_by_chance else "and are taken for one patient's"
        warnings.append(f"{identical.num_cases} cases have inputs identical to another case's, {so}")
    for split in SPLITS:
        present = set(placed.cases.filter(pl.col(SPLIT) == split)[Y_TRUE].unique())
        warnings += [f"class {label!r} has no case in {split}" for label in placed.classes if label not in present]
    return warnings + transform.surprises(placed.features.filter(placed.cases[SPLIT] != TRAIN))
