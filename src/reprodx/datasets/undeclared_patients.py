"""Columns that say whose case a row is although nobody declared them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from reprodx.datasets.identifier_names import Naming, is_age, is_personal, naming
from reprodx.datasets.spelling import spelling

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from numpy.typing import NDArray

MAX_ROWS = 50_000
"""Rows that are looked at, drawn at random: of a million rows of half as many patients they hold some 1,200 pairs."""
MIN_NAMES = 5
"""Different values from which on a column that is called so may hold names; with fewer they are classes."""
MIN_PATIENTS = 10
"""Different values from which on one that is not may."""
MAX_CASES_EACH = 20
"""Rows a value from which on it is the name of a ward or a device, unless what is personal never differs within it."""
MAX_CASES_EACH_IF_CALLED = {Naming.SURELY: np.inf, Naming.PERHAPS: MAX_CASES_EACH, Naming.ROW: 1.05}
"""Rows a value from which on a column is no patient's, by how it is called."""
MIN_AGREEMENT, MAX_CONFLICT = 0.99, 0.9
"""Share of a value's rows, from one to the next, that agree in what belongs to a patient, but for errors of entry; and
below which share in something personal it is no patient."""
MAX_CHANCE = 1e-9
"""Probability that they agree by chance above which they may do so."""
MAX_DEVIATIONS, MAX_DEPENDENCE = 2.5, 0.1
"""Standard deviations, and difference, up to which neighbouring values agree as often as by chance. They agree more in
what is a function of them, such as a band of age, or less; whose patient a number is, is no matter of its size."""
MAX_CONSTANTS, NUM_TRIALS = 200, 8
"""Columns that are looked at, those with the fewest values; and pairs of rows that show that a column is none."""
MIN_DIGITS_SHARE = 0.9
"""Share of values with a digit from which on text may be a code rather than words."""


def find_undeclared_patients(
    table: pl.DataFrame, *, candidates: Sequence[str], ids: Collection[str] = ()
) -> dict[str, str]:
    """Return the columns that say whose case a row is, as far as their names and values tell.

    A column does if it is called so, and is whole numbers or text. One that is called anything does if its values
    repeat, and what varies overall never varies within a value, surely not by chance: what is called personal, such as
    the sex; where the table has nothing personal, anything that is no function of the value's size. Rows that are the
    same in all are one row.

    Args:
        table: The columns as text, a row for each case.
        candidates: Columns that have no role yet.
        ids: Columns that are known to name the case.

    Returns:
        In words what shows it, by column.
    """
    found = {name: "is called like a patient's id" for name in candidates if _is_called_so(table[name])}
    rows = table if table.height <= MAX_ROWS else table.sample(MAX_ROWS, seed=0)
    values = pl.DataFrame([_values(rows[name]) for name in table.columns if name not in ids])
    values = values.unique(maintain_order=True)
    others = [name for name in candidates if name not in found and _may_be_patients(values[name])]
    if not others:
        return found
    context = _Context.of(values)
    for name in others:
        constant = context.constant_within(values[name])
        if constant:
            shown = ", ".join(map(repr, constant[:3]))
            found[name] = f"has values that repeat, and rows of one value never differ in {shown}"
    return found


def _values(text: pl.Series) -> pl.Series:
    numbers = text.cast(pl.Float64, strict=False)
    if numbers.count() >= MIN_AGREEMENT * text.count():
        return numbers.fill_nan(None)
    return text


def _is_whole_or_text(values: pl.Series) -> bool:
    return values.dtype == pl.String or bool((values.drop_nulls() % 1 == 0).all())


def _is_called_so(text: pl.Series) -> bool:
    called = naming(text.name)
    if called == Naming.NONE:
        return False
    values = _values(text)
    if not _is_whole_or_text(values):
        return False
    num_names = values.drop_nulls().n_unique()
    return num_names >= MIN_NAMES and values.count() <= MAX_CASES_EACH_IF_CALLED[called] * num_names


def _may_be_patients(values: pl.Series) -> bool:
    present = values.drop_nulls()
    if is_age(values.name):
        return False
    return MIN_PATIENTS <= present.n_unique() <= present.len() - MIN_PATIENTS and _is_whole_or_text(present)


def _codes(values: pl.Series) -> NDArray[np.int64]:
    """Return the rank of each value from 1, 0 where there is none."""
    if values.dtype == pl.String:
        values = spelling(values)
    return values.rank("dense").fill_null(0).cast(pl.Int64).to_numpy()


@dataclass(frozen=True)
class _Context:
    """Columns that may belong to patients: those with the fewest values, and all that are called personal."""

    names: tuple[str, ...]
    codes: NDArray[np.int64]
    """Shape (rows, columns)."""
    num_values: NDArray[np.int64]
    """Shape (columns,)."""
    is_personal: NDArray[np.bool_]
    """Shape (columns,)."""
    codes_of: Mapping[str, NDArray[np.int64]]
    """Those of every column of the table, shape (rows,) each."""

    @classmethod
    def of(cls, values: pl.DataFrame) -> _Context:
        codes = {column.name: _codes(column) for column in values}
        varying = sorted((name for name in codes if codes[name].max() > 1), key=lambda name: int(codes[name].max()))
        personal = [name for name in varying if is_personal(name)]
        names = tuple(dict.fromkeys([*personal, *varying[:MAX_CONSTANTS]]))
        return cls(
            names,
            np.array([codes[name] for name in names]).T.reshape(values.height, len(names)),
            np.array([codes[name].max() for name in names], np.int64),
            np.array([name in personal for name in names], bool),
            codes,
        )

    def constant_within(self, own: pl.Series) -> list[str]:
        """Return the columns that never differ within a value of one that says whose case a row is; else none."""
        repeats = _Repeats.of(self.codes_of[own.name])
        is_other = np.array([name != own.name for name in self.names], bool)
        trial = repeats.agreement(self.codes, NUM_TRIALS)
        if (trial[is_other & self.is_personal] < 1 - 2 / NUM_TRIALS).any():
            return []
        num_patients = repeats.each.size
        is_open = is_other & (
            self.is_personal | ((self.num_values <= num_patients / 2) & (trial >= 1 - 1 / NUM_TRIALS))
        )
        places = np.flatnonzero(is_open)
        agreement = repeats.agreement(self.codes[:, places])
        if (agreement[self.is_personal[places]] < MAX_CONFLICT).any():
            return []
        constant = [
            place
            for place, share in zip(places, agreement, strict=True)
            if share >= MIN_AGREEMENT and repeats.is_telling(self.codes[:, place])
        ]
        is_code = own.dtype != pl.String or own.str.contains(r"\d").sum() >= MIN_DIGITS_SHARE * own.count()
        is_fine = is_code and own.count() <= MAX_CASES_EACH * num_patients
        return [self.names[place] for place in constant] if is_fine or self.is_personal[constant].any() else []


@dataclass(frozen=True)
class _Repeats:
    """Rows of a column's values, each beside the next with the same value."""

    first: NDArray[np.int64]
    second: NDArray[np.int64]
    """Shape (pairs,)."""
    each: NDArray[np.int64]
    """Shape (values,): the first row of each value, in the order of the values."""

    @classmethod
    def of(cls, own: NDArray[np.int64]) -> _Repeats:
        rows = np.flatnonzero(own)
        rows = rows[np.argsort(own[rows], kind="stable")]
        is_same = own[rows][1:] == own[rows][:-1]
        return cls(rows[:-1][is_same], rows[1:][is_same], rows[np.append(True, ~is_same)])

    def agreement(self, codes: NDArray[np.int64], num_pairs: int | None = None) -> NDArray[np.float64]:
        """Return the share of the first pairs that agree in each column, of those that have it; 0 without any."""
        one, two = codes[self.first[:num_pairs]], codes[self.second[:num_pairs]]
        is_known = (one > 0) & (two > 0)
        return np.asarray(((one == two) & is_known).sum(axis=0) / np.maximum(is_known.sum(axis=0), 1))

    def is_telling(self, codes: NDArray[np.int64]) -> bool:
        """Return whether agreement in a column, shape (rows,), is beyond chance and no function of their order."""
        of_values = codes[self.each]
        by_chance = _chance(of_values)
        between = float((of_values[1:] == of_values[:-1]).mean())
        deviation = np.sqrt(by_chance * (1 - by_chance) / (of_values.size - 1))
        is_function = abs(between - by_chance) > max(MAX_DEVIATIONS * deviation, MAX_DEPENDENCE)
        num_pairs = int(((codes[self.first] > 0) & (codes[self.second] > 0)).sum())
        return not is_function and num_pairs * np.log(_chance(codes)) <= np.log(MAX_CHANCE)


def _chance(codes: NDArray[np.int64]) -> float:
    """Return the probability that two rows with a value have the same one."""
    shares = np.bincount(codes)[1:] / max(int(np.count_nonzero(codes)), 1)
    return float((shares**2).sum())
