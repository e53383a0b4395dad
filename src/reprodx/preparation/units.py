"""What must stay together in a split: the cases of a patient, and cases whose inputs are identical."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

import numpy as np
import polars as pl
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from reprodx.inputs import Modality

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from reprodx.schemas import RawCases

MAX_CHANCE_PAIRS = 1.0
"""Pairs of identical inputs expected by chance from which on identity says nothing: the table is too coarse."""
ROW, DIGEST = "\0row", "\0digest"
"""Names that no column of a table has."""


@dataclass(frozen=True)
class IdenticalInputs:
    """Which cases have the same inputs."""

    first: NDArray[np.int64]
    """Shape (cases,): the row of the first case with the same inputs, the case's own row where there is none."""
    num_cases: int
    """Cases that share their inputs with another case."""
    is_by_chance: bool
    """Whether that is to be expected of so coarse a table; then `first` tells all cases apart."""
    kind: Literal["identical", "nearly identical"] = "identical"
    """How far "the same" goes: a picture that was recompressed, resized, mirrored or brightened is the same."""

    def of(self, is_kept: NDArray[np.bool_]) -> IdenticalInputs:
        """Return the same for some of the cases; `first` keeps its numbers.

        Args:
            is_kept: Shape (cases,).

        Returns:
            With `first` of these cases only.
        """
        return replace(self, first=self.first[is_kept])


def find_identical_inputs(read: RawCases) -> IdenticalInputs:
    """Return which cases are judged by the same picture, signal, series or text, or else by the same features.

    Args:
        read: The cases of a dataset.

    Returns:
        For each case the first with the same inputs.
    """
    if read.inputs is None:
        return find_identical_rows(read.features)
    digests = pl.Series(DIGEST, read.inputs.digests())
    first = _first_rows(read.features.with_columns(digests))
    if read.inputs.modality != Modality.IMAGE:
        return IdenticalInputs(first, _num_shared(first), is_by_chance=False)
    from reprodx.preparation.near_duplicates import find_near_duplicates

    first = _first_of_component(first, find_near_duplicates(read.inputs))
    return IdenticalInputs(first, _num_shared(first), is_by_chance=False, kind="nearly identical")


def find_identical_rows(features: pl.DataFrame) -> IdenticalInputs:
    """Return which rows of a table have the same values, missing ones included, in all features.

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
    num_cases = _num_shared(first)
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
    return _components(_first_rows(patient_ids.to_frame()), identical.first)


def _components(*partners: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the number of each row's component, where every row is linked to its partner in each array."""
    rows = np.arange(len(partners[0]))
    links = (np.tile(rows, len(partners)), np.concatenate(partners))
    graph = coo_array((np.ones(links[0].size, dtype=np.int8), links), shape=(rows.size, rows.size))
    return connected_components(graph, directed=False)[1].astype(np.int64)


def _first_of_component(*partners: NDArray[np.int64]) -> NDArray[np.int64]:
    components = _components(*partners)
    first = np.unique(components, return_index=True)[1]
    return first[components].astype(np.int64)


def _num_shared(first: NDArray[np.int64]) -> int:
    return int((np.bincount(first, minlength=first.size)[first] > 1).sum())


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
