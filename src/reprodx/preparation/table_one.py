"""Table 1 of a paper: who the cases of each split are, and by how much the splits differ.

Source of the standardised difference: Austin, Commun Stat Simul Comput 2009;38:1228, equations 1 and 2.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from reprodx.schemas import GROUP_PREFIX, LABEL_PREFIX, SITE, SPLIT, SPLITS, TRAIN, Y_TRUE

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from numpy.typing import NDArray

SCHEMA = dict.fromkeys(("variable", "level", "unit", *SPLITS), pl.String) | {
    "smd_val": pl.Float64,
    "smd_test": pl.Float64,
}
"""Columns of the table."""
MAX_DECIMALS = 12
Moments = tuple[float, float]
"""Mean and variance of one variable in one split."""


def table_one(
    cases: pl.DataFrame, features: pl.DataFrame, units: Mapping[str, str], classes: Sequence[str] = ()
) -> pl.DataFrame:
    """Return one row per numeric variable and per level of a categorical one.

    Args:
        cases: Columns `split`, `y_true` or one `y_true_<label>` a label, `group_*` and, where sites are known, `site`.
        features: The same cases' clean features.
        units: Unit of measurement by feature, where known.
        classes: Of the cases, in their order, in which grades are listed; others are in that of letters, "<50" first.

    Returns:
        Columns `variable level unit`; `train val test`, text: mean (standard deviation) [minimum, maximum] of the
        values that are there, as many decimals in all of a variable, or count (percent of all); `smd_val smd_test`,
        the standardised difference to train, null where undefined.
    """
    variables = _variables(cases, features)
    rows = {split: np.flatnonzero((cases[SPLIT] == split).to_numpy()) for split in SPLITS}
    totals = {split: str(members.size) for split, members in rows.items()}
    table: list[dict[str, str | float | None]] = [{"variable": "cases", **totals}]
    taken = {"cases", *(values.name for values in variables)}
    named = [(f"{values.name} (feature)" if values.name in taken else values.name, values) for values in features]
    for name, values in (*((values.name, values) for values in variables), *named):
        for level, cells in _lines(values, rows, classes if name == Y_TRUE else ()):
            table.append({"variable": name, "level": level, "unit": units.get(values.name), **cells})
    return pl.DataFrame(table, schema=SCHEMA)


def _variables(cases: pl.DataFrame, features: pl.DataFrame) -> list[pl.Series]:
    """Return what describes the cases beside their features: true class, site, and groups that are no features."""
    labels = [(cases[name] == 1) for name in cases.columns if name.startswith(LABEL_PREFIX)]
    groups = {name: name.removeprefix(GROUP_PREFIX) for name in cases.columns if name.startswith(GROUP_PREFIX)}
    return [
        *(labels or [cases[Y_TRUE]]),
        *([cases[SITE]] if SITE in cases.columns else []),
        *(cases[name].alias(group) for name, group in groups.items() if group not in features.columns),
    ]


def standardised_difference(one: Moments, other: Moments) -> float | None:
    """Return the difference of two means in units of their pooled standard deviation, or None where that is 0.

    >>> standardised_difference((2.0, 4.0), (1.0, 4.0))
    0.5
    """
    pooled = (one[1] + other[1]) / 2
    return (one[0] - other[0]) / math.sqrt(pooled) if pooled > 0 else None


def _lines(
    values: pl.Series, rows: Mapping[str, NDArray[np.int64]], order: Sequence[str]
) -> Iterator[tuple[str | None, dict[str, str | float | None]]]:
    if values.dtype == pl.Boolean:
        yield None, _share_cells(values.to_numpy(), rows)
    elif values.dtype == pl.String:
        levels = values.drop_nulls().unique().to_list()
        for level in sorted(levels, key=order.index if order else _reading_order):
            yield level, _share_cells((values == level).fill_null(value=False).to_numpy(), rows)
    else:
        yield None, _mean_cells(values.to_numpy(), rows)
    if values.null_count():
        yield "missing", _share_cells(values.is_null().to_numpy(), rows)


def _reading_order(level: str) -> tuple[bool, bool, str]:
    """Return a key that puts "<50" before "50-<60" and ">=60"."""
    return level.startswith(">"), not level.startswith("<"), level


def _share_cells(is_so: NDArray[np.bool_], rows: Mapping[str, NDArray[np.int64]]) -> dict[str, str | float | None]:
    counts = {split: int(is_so[members].sum()) for split, members in rows.items()}
    shares = {split: count / max(rows[split].size, 1) for split, count in counts.items()}
    cells = {split: f"{count} ({shares[split]:.1%})" for split, count in counts.items()}
    return {**cells, **_differences({split: (share, share * (1 - share)) for split, share in shares.items()})}


def _mean_cells(values: NDArray[np.float64], rows: Mapping[str, NDArray[np.int64]]) -> dict[str, str | float | None]:
    moments: dict[str, Moments] = {}
    cells: dict[str, str | float | None] = {}
    decimals = _num_decimals(values[~np.isnan(values)])
    for split, members in rows.items():
        present = values[members]
        present = present[~np.isnan(present)]
        cells[split] = ""
        if present.size > 1:
            moments[split] = float(present.mean()), float(present.var(ddof=1))
            numbers = (present.mean(), present.std(ddof=1), present.min(), present.max())
            mean, deviation, low, high = (f"{number:.{decimals}f}" for number in numbers)
            cells[split] = f"{mean} ({deviation}) [{low}, {high}]"
    return {**cells, **_differences(moments)}


def _num_decimals(present: NDArray[np.float64]) -> int:
    """Return with how many decimals the standard deviation has two digits that count; without one, the mean."""
    scale = float(present.std(ddof=1)) if present.size > 1 else 0.0
    scale = scale or (abs(float(present.mean())) if present.size else 0.0)
    return min(max(1 - math.floor(math.log10(scale)), 0), MAX_DECIMALS) if scale > 0 else 0


def _differences(moments: Mapping[str, Moments]) -> dict[str, float | None]:
    differences: dict[str, float | None] = {}
    for split in SPLITS[1:]:
        known = TRAIN in moments and split in moments
        difference = standardised_difference(moments[split], moments[TRAIN]) if known else None
        differences[f"smd_{split}"] = None if difference is None else round(difference, 3)
    return differences
