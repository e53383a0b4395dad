"""What must stay together in a split: the cases of a patient, and cases whose inputs are identical."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

import numpy as np
import polars as pl
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from reprodx.inputs import Modality
from reprodx.schemas import PATIENT_ID

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from reprodx.schemas import RawCases

MAX_CHANCE_PAIRS = 1.0
"""Pairs of identical inputs expected by chance from which on identity says nothing: the table is too coarse."""
RECORDINGS = (Modality.IMAGE, Modality.SIGNAL)
"""What no two people have the same of."""
ROW, DIGEST = "\0row", "\0digest"
"""Names that no column of a table has."""


@dataclass(frozen=True)
class IdenticalInputs:
    """Which cases have the same inputs, and which of them are therefore kept together."""

    alike: NDArray[np.int64]
    """Shape (cases,): the row of the first case with the same inputs, the case's own row where there is none."""
    is_by_chance: bool = False
    """Whether that is to be expected of so coarse a table; then nobody is kept together for it."""
    kind: Literal["identical", "nearly identical"] = "identical"
    """How far "the same" goes: a picture that was recompressed, resized, mirrored or brightened is the same."""
    believed: NDArray[np.int64] | None = None
    """Shape (cases,): numbers of the declared patients, where these are believed more than inputs that few
    measurements may well share; None where cases with the same inputs are kept together whoever they are of."""

    @property
    def first(self) -> NDArray[np.int64]:
        """Shape (cases,): equal for cases that are kept together for their inputs."""
        if self.believed is not None:
            return _first_rows(pl.DataFrame({"alike": self.alike, "patient": self.believed}))
        return np.arange(self.alike.size) if self.is_by_chance else self.alike

    @property
    def num_cases(self) -> int:
        """Cases that share their inputs with another case."""
        return _num_shared(self.alike)

    def num_between(self, patient_ids: pl.Series) -> int:
        """Return how many cases share their inputs with a case of another patient."""
        groups = pl.DataFrame({"alike": self.alike, "patient": patient_ids})
        return groups.filter(pl.col("patient").n_unique().over("alike") > 1).height

    def of(self, is_kept: NDArray[np.bool_]) -> IdenticalInputs:
        """Return the same for some of the cases; the numbers stay equal where they are.

        Args:
            is_kept: Shape (cases,).

        Returns:
            Of these cases only.
        """
        believed = None if self.believed is None else self.believed[is_kept]
        return replace(self, alike=self.alike[is_kept], believed=believed)


def find_identical_inputs(read: RawCases) -> IdenticalInputs:
    """Return which cases are judged by the same picture, signal, series or text, or else by the same features.

    Two people may well have the same few values or words; whoever declares patients knows. A recording or picture is of
    one person, whatever was declared.

    Args:
        read: The cases of a dataset.

    Returns:
        For each case the first with the same inputs.
    """
    found = _identical(read)
    if read.has_patients and read.modality not in RECORDINGS:
        return replace(found, believed=_first_rows(read.cases.select(PATIENT_ID)))
    return found


def _identical(read: RawCases) -> IdenticalInputs:
    if read.inputs is None:
        return find_identical_rows(read.features)
    digests = pl.Series(DIGEST, read.inputs.digests())
    first = _first_rows(read.features.with_columns(digests))
    if read.inputs.modality != Modality.IMAGE:
        return IdenticalInputs(first)
    from reprodx.preparation.near_duplicates import find_near_duplicates

    return IdenticalInputs(_first_of_component(first, find_near_duplicates(read.inputs)), kind="nearly identical")


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
    alike = np.arange(features.height)
    # The hash only finds candidates: whether they are identical is decided on the values.
    is_candidate = features.hash_rows().is_duplicated()
    if not is_candidate.any():
        return IdenticalInputs(alike)
    numbers = alike[is_candidate.to_numpy()]
    alike = alike.copy()
    alike[numbers] = numbers[_first_rows(features.filter(is_candidate))]
    return IdenticalInputs(alike, is_by_chance=_expected_pairs(features) >= MAX_CHANCE_PAIRS)


def find_units(patient_ids: pl.Series, identical: IdenticalInputs) -> NDArray[np.int64]:
    """Return a number for each case, equal where cases are joined by patient or by inputs, through any chain.

    Args:
        patient_ids: Shape (cases,).
        identical: Of the same cases.

    Returns:
        Shape (cases,).

    >>> twins = IdenticalInputs(np.array([0, 1, 1, 3]))
    >>> find_units(pl.Series(["a", "a", "b", "c"]), twins).tolist()
    [0, 0, 0, 1]
    """
    return _components(_first_rows(patient_ids.to_frame()), identical.first)


def name_units(read: RawCases, units: NDArray[np.int64]) -> pl.DataFrame:
    """Return the cases with one patient id for each unit, where nobody declared patients.

    Cases of one photograph, recording or text are no more than one patient to an interval either. Rows of a table that
    agree in all features are split together out of caution only, and stay cases of their own.

    Args:
        read: The cases.
        units: Shape (cases,).

    Returns:
        `cases`, where a unit bears the patient id of its first case.
    """
    if read.has_patients or read.inputs is None:
        return read.cases
    first = np.unique(units, return_index=True)[1][units]
    return read.cases.with_columns(read.cases[PATIENT_ID].gather(first))


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
