"""What prepared cases are: their counts and hashes, and what was found and done on the way."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl

from reprodx.artifacts.class_values import CLASS_VALUES
from reprodx.artifacts.prepared import DUPLICATES_FILE
from reprodx.hashing import sha256_of_json
from reprodx.preparation.content import sha256_of_table
from reprodx.preparation.placement import kept_columns
from reprodx.schemas import CASE_ID, FOLD, PATIENT_ID, SPLIT, SPLITS, TRAIN

if TYPE_CHECKING:
    from collections.abc import Mapping

    from reprodx.inputs import Inputs
    from reprodx.preparation.case_transform import CaseTransform
    from reprodx.preparation.leakage import Leaks
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
        "modality": placed.modality.value,
        "is_synthetic": placed.is_synthetic,
        "classes": list(placed.classes),
        CLASS_VALUES: flow[CLASS_VALUES],
        "num_cases": placed.cases.height,
        "splits": flow["splits"],
        "exclusions": flow["excluded"],
        "has_patients": placed.has_patients,
        "split_hash": sha256_of_table(placed.cases.select(CASE_ID, SPLIT).sort(CASE_ID)),
    }


def describe_source(read: RawCases, assignment: SplitAssignment) -> dict[str, Any]:
    """Return the data's hash whatever their split, how they were read, fold, and the cross-validation's hash.

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
        "data_hash": sha256_of_json([sha256_of_table(table) for table in _content(read)]),
        "cv_hash": cv_hash,
        "reference_standard": read.reference_standard,
        "fold": assignment.fold,
        "repeat": assignment.repeat,
        "notes": list(read.notes),
    }


def _content(read: RawCases) -> list[pl.DataFrame]:
    tables = [kept_columns(read.cases), read.features]
    return tables if read.inputs is None else [*tables, pl.DataFrame({"digest": read.inputs.digests()})]


def describe_leaks(leaks: Leaks) -> dict[str, Any]:
    """Return whether the run is leaky, what was acknowledged, and which strong features may be known too late.

    Args:
        leaks: What the gate let through.

    Returns:
        Entries of the manifest.
    """
    found = {"features": list(leaks.features), "duplicates": list(leaks.duplicates), "patients": leaks.num_patients}
    return {"leaky": leaks.is_leaky, "acknowledged": found, "late_features": list(leaks.late_features)}


def describe_features(transform: CaseTransform, inputs: Inputs | None) -> dict[str, Any]:
    """Return what models are given: features with their kind, and pictures, signals, series or texts.

    Args:
        transform: Fitted on train.
        inputs: As models take them; None for a table.

    Returns:
        Entries of the manifest: `features`; `dropped`, the columns that gave none with the reason; `units` of
        measurement; `summary`, the names of the summary features; `inputs`, channels and scaling, None for a table.
    """
    table = transform.table
    return {
        "features": [
            {"name": feature.name, "column": column.name, "kind": feature.kind}
            for column in table.columns
            for feature in column.features()
        ],
        "dropped": dict(table.dropped),
        "units": dict(table.units),
        "summary": list(transform.summary_names),
        "inputs": None if inputs is None else {"channels": list(inputs.channels), **transform.describe_inputs()},
    }


def find_warnings(placed: RawCases, identical: IdenticalInputs, transform: CaseTransform) -> list[str]:
    """Return in words what a reader of the results should know of the cases.

    Args:
        placed: The cases, with their `split`.
        identical: Which of these have the same inputs.
        transform: Fitted on train.

    Returns:
        One sentence each.
    """
    warnings = []
    if identical.num_cases:
        so = _what_follows(placed, identical)
        found = f"{identical.num_cases} cases have inputs {identical.kind} to another case's"
        warnings.append(f"{found}, {so}: see {DUPLICATES_FILE}")
    for split in SPLITS:
        is_in = placed.cases[SPLIT] == split
        absent = [label for label in placed.classes if not (is_in & placed.is_of(label)).any()]
        warnings += [f"class {label!r} has no case in {split}" for label in absent]
    surprises = transform.table.surprises(placed.features.filter(placed.cases[SPLIT] != TRAIN))
    return warnings + [f"held-out cases: {surprise}" for surprise in surprises]


def _what_follows(placed: RawCases, identical: IdenticalInputs) -> str:
    if identical.is_by_chance:
        return "as is likely in so coarse a table"
    if placed.has_patients:
        num_between = identical.num_between(placed.cases[PATIENT_ID])
        if not num_between:
            return "all of the same patient"
        so = "who are kept in one split" if identical.believed is None else "who are told apart as data.patient says"
        return f"{num_between} of them to that of another patient, {so}"
    if placed.inputs is not None:
        return "and count as one patient's"
    first = pl.Series(identical.first)
    num_apart = placed.cases.select(pl.col(SPLIT).n_unique().over(first) > 1).to_series().sum()
    return f"{num_apart} of them in another split" if num_apart else "and are kept in one split"
