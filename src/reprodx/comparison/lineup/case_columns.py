"""What is known of the compared cases themselves: their folds, sites and subgroups."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from reprodx.schemas import FOLD, GROUP_PREFIX, SITE

if TYPE_CHECKING:
    from collections.abc import Sequence

    import polars as pl
    from numpy.typing import NDArray

    from reprodx.comparison.lineup.answers import Answers


def folds_of(members: Sequence[Sequence[Answers]]) -> tuple[NDArray[np.int64] | None, str | None]:
    """Return the fold that tested each case.

    Args:
        members: Aligned, by contender.

    Returns:
        Shape (cases,), and None; without cross-validation None twice; and where the members were split differently
        None and a note.
    """
    folds = [_folds(one) for group in members for one in group]
    present = [one for one in folds if one is not None]
    if not present:
        return None, None
    if len(present) == len(folds) and all(np.array_equal(one, present[0]) for one in present):
        return present[0], None
    if any(len({one.member.repeat for one in group}) > 1 for group in members):
        return (
            None,
            "Repetitions of cross-validation deal the cases into other folds, so results by fold are not given.",
        )
    return None, "Cases agree, but the models were not trained on the same folds, so results by fold are not given."


def columns_of(members: Sequence[Answers]) -> tuple[list[pl.Series], tuple[str, ...]]:
    """Return site and subgroups of the cases.

    Args:
        members: Aligned, the reference's first.

    Returns:
        `site` and `group_*`, each from the first member that has it; a note for each that others give differently.
    """
    found: dict[str, pl.Series] = {}
    notes = {}
    for one in members:
        for name in one.table.columns:
            if name != SITE and not name.startswith(GROUP_PREFIX):
                continue
            column = one.table[name]
            if num := int(column.ne_missing(found.setdefault(name, column)).sum()):
                notes[name] = f"{name} differs between files in {num} cases: that of the first file is taken."
    return list(found.values()), tuple(notes.values())


def _folds(answers: Answers) -> NDArray[np.int64] | None:
    """Return the fold of each case, None where all were tested in one."""
    if FOLD not in answers.table.columns or answers.table[FOLD].null_count():
        return None
    folds = answers.table[FOLD].to_numpy().astype(np.int64)
    return None if np.ptp(folds) == 0 else folds
