"""Some of the cases that are compared on, such as those of a site."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from reprodx.comparison.compared_cases import ComparedCases, Contender, Member


def subset(cases: ComparedCases, rows: NDArray[np.int64]) -> ComparedCases:
    """Return some of the cases, with what every contender said of them.

    Args:
        cases: That are compared on.
        rows: Positions of those that are kept.

    Returns:
        The cases without folds and validation cases.
    """
    return dataclasses.replace(
        cases,
        table=cases.table[rows],
        targets=cases.targets[rows],
        patients=None if cases.patients is None else _renumbered(cases.patients[rows]),
        folds=None,
        contenders=tuple(_contender_among(contender, rows) for contender in cases.contenders),
    )


def _contender_among(contender: Contender, rows: NDArray[np.int64]) -> Contender:
    members = tuple(_member_among(member, rows) for member in contender.members)
    return dataclasses.replace(contender, members=members, validation=None)


def _member_among(member: Member, rows: NDArray[np.int64]) -> Member:
    return dataclasses.replace(
        member,
        probs=member.probs[rows],
        called=None if member.called is None else member.called[rows],
        called_referable=None if member.called_referable is None else member.called_referable[rows],
    )


def _renumbered(patients: NDArray[np.int64]) -> NDArray[np.int64] | None:
    distinct, numbers = np.unique(patients, return_inverse=True)
    return None if distinct.size == patients.size else numbers.astype(np.int64)
