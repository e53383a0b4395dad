"""Measurements over time as they lie in a Parquet or CSV file, brought to steps of equal length.

A row holds all variables at one time, or, where `variable` and `value` are named, one measurement.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from reprodx.datasets.cleaning import NUMERIC, ColumnRule, clean
from reprodx.datasets.keys import require_columns
from reprodx.datasets.missing_values import MissingValues
from reprodx.datasets.table_layout import TableLayout
from reprodx.datasets.typed_file import MICROSECONDS_PER_HOUR, as_ids, as_text, as_times, read_typed_table
from reprodx.errors import SchemaError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

STAY, HOURS, STEP, ORIGIN = "stay", "hours", "step", "origin"
"""Names of our columns: what is followed over time, hours since its start, the step they lie in, its first date."""
ROUNDING = 6
"""Decimals of a step that count, so that 0.3 hours are step 3 of 0.1 hours although 0.3 / 0.1 is below 3."""
NEW_STAY = "new"
"""The name of a new case's stay where its file names none."""


@dataclass(frozen=True, kw_only=True)
class SeriesFormat:
    """How a table of measurements is read; as JSON it is all that serving needs to read a new one."""

    id: str
    """The column that names the stay."""
    hour: str
    """The column of times: hours or a duration since the start of the stay, or dates, counted from its first row."""
    variable: str | None
    """The column that names the variable where a row is one measurement; None where each variable is a column."""
    value: str | None
    """The column of what was measured, beside `variable`."""
    variables: Sequence[str] | None
    """What is read; None for all there is."""
    missing: Mapping[str, Sequence[str]]
    """Values that mean that nothing was measured, see `MissingValues`."""
    ranges: Mapping[str, Sequence[float]]
    """Lowest and highest plausible value by variable, inclusive; what is outside counts as not measured."""
    bin_hours: float
    """Length of a step: step k holds what was measured in the hours ((k - 1) * bin_hours, k * bin_hours]."""
    max_hours: float | None
    """The last hour that is read; None for all."""
    aggregate: str
    """How several measurements in a step become one: `mean` or `last`."""
    layout: Mapping[str, Any] = field(default_factory=dict)
    """How the file is written, see `TableLayout`; empty in models that are older than the keys."""

    def as_dict(self) -> dict[str, Any]:
        """Return the format as JSON."""
        return asdict(self)

    def steps_of(self, hours: NDArray[np.float64]) -> NDArray[np.int64]:
        """Return the step in which what is measured at these hours lies, any shape."""
        return np.ceil(np.round(hours / self.bin_hours, ROUNDING)).astype(np.int64)

    def steps_until(self, hours: NDArray[np.float64]) -> NDArray[np.int64]:
        """Return the last step that holds nothing from after these hours, any shape."""
        return np.floor(np.round(hours / self.bin_hours, ROUNDING)).astype(np.int64)


@dataclass(frozen=True)
class Measurements:
    """All measurements of a table, one after the other."""

    stays: pl.DataFrame
    """One row per stay, sorted: `stay`, `step` (that of its last row, measured or not), `origin` (its first date)."""
    variables: tuple[str, ...]
    rows: NDArray[np.int64]
    """Shape (measurements,): the row of `stays`."""
    hours: NDArray[np.float64]
    """Shape (measurements,): hours since the start of the stay."""
    columns: NDArray[np.int64]
    """Shape (measurements,): the place of the variable."""
    values: NDArray[np.float64]
    """Shape (measurements,): what was measured."""
    num_outside_window: int
    """Rows before the stay began or after `max_hours`, which are left out."""
    num_implausible: Mapping[str, int]
    """Measurements outside their range by variable, which are left out."""

    def first_steps(self, form: SeriesFormat) -> NDArray[np.int64]:
        """Return the step of the first measurement of each stay, shape (stays,); beyond any where there is none."""
        first = np.full(self.stays.height, np.iinfo(np.int64).max)
        np.minimum.at(first, self.rows, form.steps_of(self.hours))
        return first

    def steps(self, form: SeriesFormat, num_steps: NDArray[np.int64]) -> NDArray[np.float32]:
        """Return the steps of all stays, one after the other.

        Args:
            form: How long a step is, and how several measurements become one.
            num_steps: Shape (stays,): how many steps each stay has.

        Returns:
            Shape (steps of all, variables); NaN where nothing was measured.
        """
        grid = np.full((int(num_steps.sum()), len(self.variables)), np.nan, dtype=np.float32)
        starts = np.cumsum(num_steps) - num_steps
        cells = (starts[self.rows] + form.steps_of(self.hours)) * len(self.variables) + self.columns
        # Values too decide the order, so that sums are the same in every order of the file's rows.
        order = np.lexsort((self.values, self.hours, cells))
        cells, values = cells[order], self.values[order]
        first = np.flatnonzero(np.diff(cells, prepend=-1))
        if first.size:
            end = np.append(first[1:], len(cells))
            is_mean = form.aggregate == "mean"
            grid.flat[cells[first]] = np.add.reduceat(values, first) / (end - first) if is_mean else values[end - 1]
        return grid


def read_measurements(source: Path | bytes, form: SeriesFormat, *, is_new: bool = False) -> Measurements:
    """Return all measurements of a file.

    Args:
        source: A Parquet or CSV file, or what such a file holds.
        form: How it is read.
        is_new: Whether it is a new case's: then it may lack the column of ids.

    Returns:
        The measurements.

    Raises:
        DatasetNotFoundError: If there is no such file.
        SchemaError: If it is not what `form` says; the message names the column and the first bad row.
    """
    name = source.name if isinstance(source, Path) else "the file"
    table = read_typed_table(source, "data.path", TableLayout(**form.layout))
    if is_new and form.id not in table.columns:
        table = table.with_columns(pl.lit(NEW_STAY).alias(form.id))
    roles = {"data.id": form.id, "data.hour": form.hour, "data.variable": form.variable, "data.value": form.value}
    require_columns(table.columns, {key: [column] for key, column in roles.items() if column is not None}, name)
    missing = MissingValues.from_config(form.missing)
    stay = as_ids(table[form.id], missing.of(form.id), "data.id", name)
    frame = _clock(stay, as_times(table[form.hour], missing.of(form.hour), "data.hour", name))
    hours = frame[HOURS].to_numpy()
    is_inside = (hours >= 0) & (hours <= (np.inf if form.max_hours is None else form.max_hours))
    frame = frame.with_columns(pl.Series(STEP, form.steps_of(np.where(is_inside, hours, 0))))
    stays = frame.filter(is_inside).group_by(STAY).agg(pl.col(STEP).max(), pl.col(ORIGIN).first()).sort(STAY)
    places = dict(zip(stays[STAY], range(stays.height), strict=True))
    place = frame[STAY].replace_strict(places, default=-1, return_dtype=pl.Int64).to_numpy()
    find = _wide if form.variable is None else _long
    variables, rows, columns, values = find(table, form, missing, name)
    is_plausible = _plausible(values, columns, variables, form.ranges)
    implausible = np.bincount(columns[~is_plausible], minlength=len(variables))
    kept = is_plausible & is_inside[rows]
    rows = rows[kept]
    return Measurements(
        stays=stays,
        variables=variables,
        rows=place[rows],
        hours=hours[rows],
        columns=columns[kept],
        values=values[kept],
        num_outside_window=int((~is_inside).sum()),
        num_implausible={name: int(count) for name, count in zip(variables, implausible, strict=True) if count},
    )


def since(times: pl.Series, origin: pl.Series, source: str) -> pl.Series:
    """Return hours since the start of the stay, Float64.

    Args:
        times: Hours, or dates.
        origin: The first date of each row's stay; null where times are hours, or the stay has no row.
        source: What the table is called in messages.

    Returns:
        Hours; null for a date of a stay without a row.

    Raises:
        SchemaError: If one table has hours where the other has dates.
    """
    if times.dtype.is_temporal() != origin.dtype.is_temporal():
        raise SchemaError(f"{source}: column {times.name!r} and data.hour must both be hours or both be dates")
    if not times.dtype.is_temporal():
        return times
    return (times - origin).dt.total_microseconds() / MICROSECONDS_PER_HOUR


def _clock(stay: pl.Series, times: pl.Series) -> pl.DataFrame:
    frame = pl.DataFrame({STAY: stay, HOURS: times})
    if not times.dtype.is_temporal():
        return frame.with_columns(pl.lit(None).alias(ORIGIN))
    frame = frame.with_columns(pl.col(HOURS).min().over(STAY).alias(ORIGIN))
    return frame.with_columns(since(frame[HOURS], frame[ORIGIN], "the file").alias(HOURS))


_Found = tuple[tuple[str, ...], "NDArray[np.int64]", "NDArray[np.int64]", "NDArray[np.float64]"]


def _wide(table: pl.DataFrame, form: SeriesFormat, missing: MissingValues, source: str) -> _Found:
    others = [name for name in table.columns if name not in (form.id, form.hour)]
    variables = tuple(others if form.variables is None else form.variables)
    require_columns(table.columns, {"data.variables": variables}, source)
    if not variables:
        raise SchemaError(f"{source} has no column of measurements beside data.id and data.hour: add one")
    values = _numbers(table.select(variables), {name: missing.of(name) for name in variables}, source)
    grid = np.column_stack([column.to_numpy() for column in values])
    rows, columns = np.nonzero(~np.isnan(grid))
    return variables, rows, columns, grid[rows, columns]


def _long(table: pl.DataFrame, form: SeriesFormat, missing: MissingValues, source: str) -> _Found:
    variable, value = str(form.variable), str(form.value)
    names = as_ids(table[variable], missing.of(variable), "data.variable", source)
    found = sorted(names.unique())
    variables = tuple(found if form.variables is None else form.variables)
    if not set(variables) & set(found):
        raise SchemaError(f"{source}: column {variable!r} names none of data.variables: look at its spelling")
    numbers = _numbers(table.select(value), {value: missing.of(value)}, source)[value].to_numpy()
    places = {name: place for place, name in enumerate(variables)}
    columns = names.replace_strict(places, default=-1, return_dtype=pl.Int64).to_numpy()
    rows = np.flatnonzero((columns >= 0) & ~np.isnan(numbers))
    return variables, rows, columns[rows], numbers[rows]


def _numbers(table: pl.DataFrame, missing: Mapping[str, tuple[str, ...]], source: str) -> pl.DataFrame:
    is_typed = all(column.dtype.is_numeric() or column.dtype == pl.Boolean for column in table)
    rules = {name: ColumnRule(NUMERIC, words, is_declared=True) for name, words in missing.items()}
    return clean(table if is_typed else as_text(table), rules, source).select(pl.all().fill_null(np.nan))


def _plausible(
    values: NDArray[np.float64],
    columns: NDArray[np.int64],
    variables: tuple[str, ...],
    ranges: Mapping[str, Sequence[float]],
) -> NDArray[np.bool_]:
    low, high = (np.array([ranges.get(name, (-np.inf, np.inf))[end] for name in variables]) for end in (0, 1))
    plausible: NDArray[np.bool_] = (values >= low[columns]) & (values <= high[columns])
    return plausible
