"""The same cases in the same order for every member, or why that cannot be."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import polars as pl

from reprodx.artifacts.prediction_metadata import HASHED_WITH
from reprodx.comparison.lineup.spelled_ids import other_spelling, shape_of
from reprodx.errors import IncomparableError
from reprodx.schemas import CASE_ID, PATIENT_ID

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from reprodx.comparison.lineup.answers import Answers

NUM_SHAPES = 3
"""Forms of case ids that a refusal names."""


class Lost(NamedTuple):
    """Cases of one contender that others lack."""

    num_cases: int
    num_events: int


def aligned(
    answers: Sequence[Sequence[Answers]], names: Sequence[str], *, intersect: bool, event: int | None
) -> tuple[list[list[Answers]], list[Lost]]:
    """Return everybody's answers for the same cases in the same order.

    Args:
        answers: By contender, of each member.
        names: Of the contenders.
        intersect: Whether the common cases are compared where members have different ones.
        event: The first target that counts as an event; None in tasks without, and for labels any of them.

    Returns:
        The answers, and what each contender lost.

    Raises:
        IncomparableError: If cases differ and `intersect` is false, or none is common; if ids differ in how they are
            written alone; if the true class of a case differs between members.
    """
    members = [one for group in answers for one in group]
    first = members[0].ids
    if all(one.ids.equals(first) for one in members[1:]):
        shared, lost = [list(group) for group in answers], [Lost(0, 0)] * len(answers)
    else:
        _refuse_other_spelling(members)
        common = first
        for one in members[1:]:
            common = common.filter(common.is_in(one.ids.implode()))
        if not intersect or common.is_empty():
            raise IncomparableError(_different_cases(answers, names, common))
        shared = [[one.among(common) for one in group] for group in answers]
        lost = [_lost(group, common, event) for group in answers]
    _refuse_other_labels([one for group in shared for one in group])
    return shared, lost


def label_of(answers: Answers) -> str:
    """Return what a member is called in messages: its sources."""
    labels = [source.label for source in answers.member.sources]
    return labels[0] if len(labels) == 1 else f"{labels[0]} and its {len(labels) - 1} other folds"


def shapes(ids: pl.Series) -> str:
    """Return in words how ids are written, letters as a or A and digits as 0: ids themselves are of patients.

    >>> shapes(pl.Series(["P-01", "x7", "x8"]))
    'A-00, a0'
    """
    return ", ".join(pl.DataFrame({"shape": shape_of(ids)})["shape"].unique().sort().head(NUM_SHAPES)) or "none"


def _different_cases(answers: Sequence[Sequence[Answers]], names: Sequence[str], common: pl.Series) -> str:
    members = [one for group in answers for one in group]
    first = members[0]
    other = next(one for one in members[1:] if not one.ids.equals(first.ids))
    counts = ", ".join(
        f"{name} {' and '.join(map(str, dict.fromkeys(len(one.ids) for one in group)))}"
        for name, group in zip(names, answers, strict=True)
    )
    if common.is_empty() and any(HASHED_WITH in source.predictions.metadata for source in first.member.sources):
        return (
            f"no case is common to all (cases: {counts}): ids are hashed, so that it does not show whether they are "
            f"written otherwise; give predictions of the same cases, with ids as the data of the runs have them"
        )
    if common.is_empty():
        return (
            f"no case is common to all (cases: {counts}): ids are of the form {shapes(first.ids)} in {label_of(first)} "
            f"and {shapes(other.ids)} in {label_of(other)}; give predictions of the same cases"
        )
    sides = "; ".join(
        f"{len(only)} only in {label_of(one)}"
        for one, two in ((first, other), (other, first))
        for only in (one.ids.filter(~one.ids.is_in(two.ids.implode())),)
    )
    return f"cases differ ({counts}): {sides}; use --intersect to compare the {len(common)} that all have"


def _refuse_other_spelling(members: Sequence[Answers]) -> None:
    """Refuse ids that one file writes otherwise than another: the common cases would be too few, or other ones."""
    for one, two in combinations(members, 2):
        if spelled := other_spelling(one.ids, two.ids):
            raise IncomparableError(
                f"ids are of the form {spelled.first!r} in {label_of(one)} and {spelled.second!r} in {label_of(two)} "
                f"({spelled.num} cases differ in this alone): write them alike in all files"
            )


def _lost(group: Sequence[Answers], common: pl.Series, event: int | None) -> Lost:
    cases = pl.concat(
        pl.DataFrame({CASE_ID: one.ids, "is_event": is_event(one.targets, event)}) for one in group
    ).unique(CASE_ID)
    gone = cases.filter(~pl.col(CASE_ID).is_in(common.implode()))
    return Lost(gone.height, int(gone["is_event"].sum()))


def is_event(targets: NDArray[np.int64], event: int | None) -> NDArray[np.bool_]:
    """Return whether each case is one of those that are looked for, shape (cases,).

    Args:
        targets: Shape (cases,), or (cases, labels).
        event: The first target that counts; None where none does, and for labels any of them.

    Returns:
        All false in a multi-class task.
    """
    if targets.ndim == 2:
        return np.asarray(targets.any(axis=1))
    return np.zeros(len(targets), dtype=bool) if event is None else np.asarray(targets >= event)


def _refuse_other_labels(members: Sequence[Answers]) -> None:
    first = members[0]
    for one in members[1:]:
        differs = (one.targets != first.targets).reshape(len(first.ids), -1).any(axis=1)
        if num := int(differs.sum()):
            raise IncomparableError(
                f"{num} of {len(differs)} cases are labelled differently in {label_of(first)} and {label_of(one)}: "
                f"compare runs on one version of the labels"
            )


def patients_of(members: Sequence[Answers]) -> tuple[pl.Series | None, tuple[str, ...]]:
    """Return who each case belongs to.

    Args:
        members: Aligned.

    Returns:
        The patient ids, None where no file names patients; and the labels of files that name none while others do.
        Where nobody declared them, what is one group in any file is one.

    Raises:
        IncomparableError: If two files name different patients for a case.
    """
    naming = [one for one in members if _names_patients(one)]
    if not naming:
        return None, ()
    lacking = tuple(label_of(one) for one in members if not _names_patients(one))
    if not are_declared(members):
        return _joined([one.table[PATIENT_ID] for one in naming]), lacking
    first = naming[0].table[PATIENT_ID]
    for one in naming[1:]:
        if num := int((one.table[PATIENT_ID] != first).sum()):
            raise IncomparableError(
                f"{num} cases belong to different patients in {label_of(naming[0])} and {label_of(one)}: give both the "
                f"same {PATIENT_ID}"
            )
    return first, lacking


def _joined(groups: Sequence[pl.Series]) -> pl.Series:
    """Return one name for all cases that are linked by the groups of any file, through any chain."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    rows = np.arange(len(groups[0]))
    first = [pl.DataFrame({"group": one, "row": rows}).select(pl.col("row").first().over("group")) for one in groups]
    links = (np.tile(rows, len(groups)), np.concatenate([one.to_series().to_numpy() for one in first]))
    graph = coo_array((np.ones(links[0].size, np.int8), links), shape=(rows.size, rows.size))
    component = connected_components(graph, directed=False)[1]
    return groups[0].gather(np.unique(component, return_index=True)[1][component])


def are_declared(members: Sequence[Answers]) -> bool:
    """Return whether patients are who they were declared to be, not groups of cases with the same inputs.

    Args:
        members: Aligned.

    Returns:
        Also for files that do not say, if their patients differ from their cases.
    """
    said = [source.predictions.metadata.get("has_patients") for one in members for source in one.member.sources]
    return any(said) or (None in said and any(map(_names_patients, members)))


def _names_patients(answers: Answers) -> bool:
    """Return whether files name patients or groups; older ones do not say, and then these differ from their cases."""
    said = [source.predictions.metadata.get("has_patients") for source in answers.member.sources]
    return any(said) or bool((answers.table[PATIENT_ID] != answers.ids).any())
