"""Measurements over time as they lie in a Parquet or CSV file.

A row holds all variables at one time, or, where `variable` and `value` are named, one measurement.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from reprodx.datasets.cleaning import NUMERIC, ColumnRule, clean
from reprodx.datasets.column_rules import MEASURED
from reprodx.datasets.keys import require_columns
from reprodx.datasets.measurements import STEP, Measurements
from reprodx.datasets.missing_values import MissingValues
from reprodx.datasets.number_format import plain_unit
from reprodx.datasets.plain_columns import as_text, require_plain
from reprodx.datasets.row_numbers import FIRST_ROW, row_number
from reprodx.datasets.spelling import spelling
from reprodx.datasets.stay_hours import HOURS, ORIGIN, STAY, clock, doubt_unit, refuse_late
from reprodx.datasets.table_layout import TableLayout
from reprodx.datasets.typed_file import as_ids, as_times, read_typed_table
from reprodx.errors import SchemaError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from reprodx.datasets.series_format import SeriesFormat

UNIT_COLUMN = r"(?i)(?:^|[^a-z]|val|value|result)(?:units?|uom|einheit(?:en)?|unit[eé]s?|unidad(?:es)?)(?:$|[^a-z])"
"""What a column is called that may hold the units of values, such as `valueuom`; or wards."""
DEGREES = r"^(?i)[°º]?[cfk]$|^deg"
"""Units of temperature, which no ward is called."""
NEW_STAY = "new"
"""The name of a new case's stay where its file names none."""


def read_measurements(
    source: Path | bytes, form: SeriesFormat, *, leave_out: Sequence[str] = (), is_new: bool = False
) -> Measurements:
    """Return all measurements of a file.

    Args:
        source: A Parquet or CSV file, or what such a file holds.
        form: How it is read.
        leave_out: Columns that are no variables where the format names none, such as the target.
        is_new: Whether it is a new case's: then it may lack the column of ids.

    Returns:
        The measurements.

    Raises:
        DatasetNotFoundError: If there is no such file.
        SchemaError: If it is not what `form` says; the message names the column and the first bad row.
    """
    name = source.name if isinstance(source, Path) else "the file"
    layout = TableLayout(**form.layout)
    table = read_typed_table(source, "data.path", layout)
    if is_new and form.id not in table.columns:
        table = table.with_columns(pl.lit(NEW_STAY).alias(form.id))
    roles = {"data.id": form.id, "data.hour": form.hour, "data.variable": form.variable, "data.value": form.value}
    require_columns(table.columns, {key: [column] for key, column in roles.items() if column is not None}, name)
    missing = MissingValues.from_config(form.missing)
    times = as_times(table[form.hour], missing.of(form.hour), "data.hour", name, layout)
    frame = clock(as_ids(table[form.id], missing.of(form.id), "data.id", name), times, name)
    refuse_late(frame[HOURS], form.max_hours, "data.hour", form.hour, name)
    hours = frame[HOURS].to_numpy()
    is_inside = (hours >= 0) & (hours <= (form.max_hours if form.window_hours is None else form.window_hours))
    frame = frame.with_columns(pl.Series(STEP, form.steps_of(np.where(is_inside, hours, 0))))
    if not is_inside.any():
        raise SchemaError(f"{name}: data.hour {form.hour!r} is negative or infinite in every row, or after the window")
    stays = frame.filter(is_inside).group_by(STAY).agg(pl.col(STEP).max(), pl.col(ORIGIN).first()).sort(STAY)
    places = dict(zip(stays[STAY], range(stays.height), strict=True))
    place = frame[STAY].replace_strict(places, default=-1, return_dtype=pl.Int64).to_numpy()
    find = _wide if form.variable is None else _long
    variables, rows, columns, values = find(table.drop(leave_out, strict=False), form, missing, name)
    is_plausible = _plausible(values, columns, variables, form.ranges)
    kept = is_plausible & is_inside[rows]
    measured = pl.DataFrame({"row": place[rows], "hour": hours[rows], "column": columns, "value": values}).filter(kept)
    doubt = None if times.dtype.is_temporal() or not stays.height else doubt_unit(place[is_inside], hours[is_inside])
    doubts = [] if doubt is None else [f"{name}: data.hour {form.hour!r} may not be in hours: {doubt}"]
    return Measurements(
        stays=stays,
        variables=variables,
        left_out=tuple(column for column in leave_out if column in table.columns),
        rows=measured["row"].to_numpy(),
        hours=measured["hour"].to_numpy(),
        columns=measured["column"].to_numpy(),
        values=measured["value"].to_numpy(),
        warnings=(
            *doubts,
            *_outside(hours, form, name),
            *_implausible(variables, columns[~is_plausible], name),
            *_repeated(measured, form, name),
        ),
    )


_Found = tuple[tuple[str, ...], "NDArray[np.int64]", "NDArray[np.int64]", "NDArray[np.float64]"]


def _wide(table: pl.DataFrame, form: SeriesFormat, missing: MissingValues, source: str) -> _Found:
    others = [name for name in table.columns if name not in (form.id, form.hour)]
    variables = tuple(others if form.variables is None else form.variables)
    require_columns(table.columns, {"data.variables": variables}, source)
    if not variables:
        raise SchemaError(f"{source} has no column of measurements beside data.id and data.hour: add one")
    values = _numbers(table, {name: missing.of(name) for name in variables}, form, source)
    grid = np.column_stack([column.to_numpy() for column in values])
    rows, columns = np.nonzero(~np.isnan(grid))
    return variables, rows, columns, grid[rows, columns]


def _long(table: pl.DataFrame, form: SeriesFormat, missing: MissingValues, source: str) -> _Found:
    variable, value = str(form.variable), str(form.value)
    names = as_ids(table[variable], missing.of(variable), "data.variable", source)
    found = sorted(names.unique())
    variables = tuple(found if form.variables is None else form.variables)
    _refuse_respelled(names, variables, is_named=form.variables is not None, source=source)
    if not set(variables) & set(found):
        raise SchemaError(f"{source}: column {variable!r} names none of data.variables: look at its spelling")
    places = {name: place for place, name in enumerate(variables)}
    columns = names.replace_strict(places, default=-1, return_dtype=pl.Int64)
    # What is not read may be text.
    wanted = table.with_columns(pl.when(columns >= 0).then(pl.col(value)).alias(value))
    numbers = _numbers(wanted, {value: missing.of(value)}, form, source)[value].to_numpy()
    rows = np.flatnonzero((columns >= 0).to_numpy() & ~np.isnan(numbers))
    _refuse_units(table, form, names, rows, source)
    return variables, rows, columns.to_numpy()[rows], numbers[rows]


def _refuse_units(
    table: pl.DataFrame, form: SeriesFormat, names: pl.Series, rows: NDArray[np.int64], source: str
) -> None:
    """Refuse a variable that was measured in several units, as a column beside the value says."""
    others = (form.id, form.hour, form.variable, form.value)
    for column in table.columns:
        if column in others or not re.search(UNIT_COLUMN, column) or table[column].dtype != pl.String:
            continue
        units = plain_unit(table[column].replace("", None))
        measured = pl.DataFrame({"row": rows, "variable": names.gather(rows), "unit": units.gather(rows)}).drop_nulls()
        counts = (
            measured.group_by("variable", "unit").len().sort("variable", "len", "unit", descending=[False, True, False])
        )
        is_unit = pl.col("unit").str.contains(MEASURED) | pl.col("unit").str.contains(DEGREES)
        several = counts.filter(is_unit.any().over("variable") & ~pl.col("variable").is_first_distinct())
        if several.height:
            rarer = measured.join(several.head(1), on=["variable", "unit"])
            raise SchemaError(
                f"{source}, row {rarer['row'].to_numpy().min() + FIRST_ROW}: column {column!r} gives the variable "
                f"{several['variable'][0]!r} another unit than most rows ({rarer.height} such rows): bring its values "
                f"to one unit; if they are in one, leave the column out (data.drop)"
            )


def _refuse_respelled(names: pl.Series, variables: Sequence[str], *, is_named: bool, source: str) -> None:
    """Refuse a name that is a variable's in another spelling: nothing would be read, or a variable be made of it."""
    known = pl.Series(variables, dtype=pl.String)
    first = dict(zip(reversed(spelling(known).to_list()), reversed(variables), strict=True))
    found = names.unique()
    found = found.filter(~found.is_in(variables)) if is_named else found
    meant = {name: first.get(key, name) for name, key in zip(found, spelling(found), strict=True)}
    is_respelled = names.is_in([name for name, variable in meant.items() if variable != name])
    if is_respelled.any():
        raise SchemaError(
            f"{source}, row {row_number(is_respelled)}: data.variable {names.name!r} spells the variable "
            f"{meant[names.filter(is_respelled)[0]]!r} otherwise than other rows or data.variables "
            f"({is_respelled.sum()} such rows): spell it alike, or name both in data.variables"
        )


def _numbers(
    table: pl.DataFrame, missing: Mapping[str, tuple[str, ...]], form: SeriesFormat, source: str
) -> pl.DataFrame:
    table = table.select(list(missing)).with_columns(pl.selectors.boolean().cast(pl.Float64))
    require_plain(table, {"data.variables": table.columns}, source)
    is_typed = all(column.dtype.is_numeric() for column in table)
    numbers = TableLayout(**form.layout).numbers
    rules = {name: ColumnRule(NUMERIC, words, is_declared=True, numbers=numbers) for name, words in missing.items()}
    return clean(table if is_typed else as_text(table, numbers.decimal), rules, source).select(
        pl.all().fill_null(np.nan)
    )


def _plausible(
    values: NDArray[np.float64],
    columns: NDArray[np.int64],
    variables: tuple[str, ...],
    ranges: Mapping[str, Sequence[float]],
) -> NDArray[np.bool_]:
    low, high = (np.array([ranges.get(name, (-np.inf, np.inf))[end] for name in variables]) for end in (0, 1))
    plausible: NDArray[np.bool_] = (values >= low[columns]) & (values <= high[columns])
    return plausible


def _outside(hours: NDArray[np.float64], form: SeriesFormat, source: str) -> list[str]:
    window = np.inf if form.window_hours is None else form.window_hours
    counts = {
        "whose data.hour is infinite": np.isinf(hours),
        "before the start of the stay": (hours < 0) & np.isfinite(hours),
        "after data.window_hours": (hours > window) & np.isfinite(hours),
    }
    return [
        f"{source}: {mask.sum()} of {len(hours)} rows {which} left out" for which, mask in counts.items() if mask.any()
    ]


def _implausible(variables: tuple[str, ...], columns: NDArray[np.int64], source: str) -> list[str]:
    counts = np.bincount(columns, minlength=len(variables))
    found = [f"{name} {count}" for name, count in zip(variables, counts, strict=True) if count]
    return [f"{source}: outside data.ranges and counted as not measured: {', '.join(found)}"] if found else []


def _repeated(measured: pl.DataFrame, form: SeriesFormat, source: str) -> list[str]:
    times = measured.select("row", "hour", "column")
    num_times = times.n_unique()
    if num_times == measured.height:
        return []
    num_values = measured.n_unique() - num_times
    return [
        f"{source}: {measured.height - num_times} measurements are at the stay, hour and variable of another, "
        f"{num_values} of them with another value: data.aggregate={form.aggregate} makes one of them"
    ]
