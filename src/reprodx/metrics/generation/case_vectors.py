"""Cases as vectors, with the patients whom they are of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True)
class CaseVectors:
    """Real cases that generated ones are held against."""

    vectors: NDArray[np.float32] | NDArray[np.float64]
    """Shape (cases, features), finite: pixels of a picture made small, shares of tokens, or the like."""
    patients: NDArray[np.int64]
    """Shape (cases,), equal for cases of one patient."""

    def at(self, rows: NDArray[np.int64]) -> CaseVectors:
        """Return some of the cases, in the order of the rows."""
        return CaseVectors(self.vectors[rows], self.patients[rows])


def drawn_patients(cases: CaseVectors, num_patients: int, *, seed: int) -> CaseVectors:
    """Return all cases of some patients.

    Args:
        cases: Of any patients.
        num_patients: How many are drawn; all where there are fewer.
        seed: Of the drawing.

    Returns:
        Their cases, in the order that they had.
    """
    return cases.at(drawn_rows(cases.patients, num_patients, seed=seed))


def drawn_rows(patients: NDArray[np.int64], num_patients: int, *, seed: int) -> NDArray[np.int64]:
    """Return the rows of the cases of some patients.

    Args:
        patients: Shape (cases,), equal for cases of one patient.
        num_patients: How many are drawn; all where there are fewer.
        seed: Of the drawing.

    Returns:
        Ascending.

    >>> drawn_rows(np.array([5, 5, 7]), 2, seed=0)
    array([0, 1, 2])
    """
    drawn = np.random.default_rng(seed).permutation(np.unique(patients))[:num_patients]
    return np.flatnonzero(np.isin(patients, drawn)).astype(np.int64)
