"""What must stay together in a split: the cases of a patient, and cases whose inputs are identical."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

if TYPE_CHECKING:
    from numpy.typing import NDArray

MAX_CHANCE_PAIRS = 1.0
"""Pairs of identical inputs expected by chance from which on identity says nothing: the table is too coarse."""
ROW = "\0row"
"""A name that no column of a table has."""


@dataclass(frozen=True)
class IdenticalInputs:
    """Which cases have the same inputs."""

    first: NDArray[np.int64]
    """Shape (cases,): the row of the first case with the same inputs, the case's own row where there is none."""
    num_cases: int
    """Cases that share their inputs with another case."""
    is_by_chance: bool
    """Whether that is to be expected of so coarse a table; then `first` tells all cases apart."""

    def of(self, is_kept: NDArray[np.bool_]) -> IdenticalInputs:
        """Return the same for some of the cases; `first` keeps its numbers.

        Args:
            is_kept: Shape (cases,).

        Returns:
            With `first` of these cases only.
        """
        return replace(self, first=self.first[is_kept])


def find_identical_inputs(features: pl.DataFrame) -> IdenticalInputs:
    """Return which cases have the same values, missing ones included, in all features.

    Identical inputs are taken for one record entered twice, unless so few and coarse features were measured that pairs
    of patients agree by chance. How many pairs would if the features were independent is the number of all pairs times
    the product over features of the chance that two cases agree in it.

    Args:
        features: Shape (cases, features), clean.

    Returns:
        For each case the first with the same inputs.
    """
    rows = np.arange(features.height)
    # The hash only finds candidates: whether they are identical is decided on the values.
    is_candidate = features.hash_rows().is_duplicated()
    if not is_candidate.any():
        return IdenticalInputs(rows, 0, is_by_chance=False)
    numbers = rows[is_candidate.to_numpy()]
    first = rows.copy()
    first[numbers] = numbers[_first_rows(features.filter(is_candidate))]
    num_cases = int((np.bincount(first, minlength=rows.size)[first] > 1).sum())
    is_by_chance = _expected_pairs(features) >= MAX_CHANCE_PAIRS
    return IdenticalInputs(rows if is_by_chance else first, num_cases, is_by_chance)


def find_units(patient_ids: pl.Series, identical: IdenticalInputs) -> NDArray[np.int64]:
    """Return a number for each case, equal where cases are joined by patient or by inputs, through any chain.

    Args:
        patient_ids: Shape (cases,).
        identical: Of the same cases.

    Returns:
        Shape (cases,).

    >>> twins = IdenticalInputs(np.array([0, 1, 1, 3]), 2, is_by_chance=False)
    >>> find_units(pl.Series(["a", "a", "b", "c"]), twins).tolist()
    [0, 0, 0, 1]
    """
    rows = np.arange(len(patient_ids))
    first_of_patient = _first_rows(patient_ids.to_frame())
    links = (np.tile(rows, 2), np.concatenate([first_of_patient, identical.first]))
    graph = coo_array((np.ones(links[0].size, dtype=np.int8), links), shape=(rows.size, rows.size))
    return connected_components(graph, directed=False)[1].astype(np.int64)


def _first_rows(table: pl.DataFrame) -> NDArray[np.int64]:
    """Return for each row the first row that equals it."""
    numbered = table.with_columns(pl.Series(ROW, np.arange(table.height)))
    return numbered.select(pl.col(ROW).first().over(table.columns)).to_series().to_numpy()


def _expected_pairs(features: pl.DataFrame) -> float:
    num_pairs = features.height * (features.height - 1) / 2
    agreement = 1.0
    for column in features:
        counts = column.value_counts()["count"].cast(pl.Float64)
        agreement *= float((counts * (counts - 1)).sum()) / 2 / num_pairs
    return num_pairs * agreement
