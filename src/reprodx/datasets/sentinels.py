"""Numbers that stand for a missing value, such as 999 among blood pressures: known by lying far from all others."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

CODES = (
    *(-1.0, -2.0, -7.0, -8.0, -9.0, -66.0, -77.0, -88.0, -99.0, -888.0, -998.0, -999.0, -9999.0, -99999.0, -999999.0),
    *(0.0, 77.0, 88.0, 99.0, 777.0, 888.0, 998.0, 999.0, 7777.0, 8888.0, 9998.0, 9999.0, 99999.0, 999999.0, 9999999.0),
    *(97.0, 98.0, 997.0, 9997.0, 99.9, 99.99, 999.9, 999.99, 9999.9, -99.9, -999.9),
    # The ends of whole numbers of 16 and 32 bits, which programs write for none.
    *(-32768.0, 32767.0, 65535.0, -2147483648.0, 2147483647.0, 4294967295.0),
)
"""Numbers that tables use for "unknown", "refused" and "not measured"."""
MAX_CODES = 3
"""Codes of one column that are looked for."""
MIN_PEAK, MIN_GAP = 2, 0.25
"""A code that is so many times as common as any other value need not lie so far: the part of the spread."""
MIN_CASES, MIN_DISTINCT = 10, 5
"""Fewer other values do not show where a measurement lies; fewer different ones are themselves codes."""


def find_sentinels(values: pl.DataFrame) -> list[str]:
    """Return which numbers of which columns may stand for a missing value, in words.

    A code is the lowest or highest value of its column, and its gap to what is no code is wider than all these but a
    hundredth at either end spread (zero: than their middle half spreads); or it is the only value below zero; or it is
    twice as common as any other value and the gap is a quarter of that.

    Args:
        values: Clean features, null where missing.

    Returns:
        One sentence for each column, with the value, its share, and the key to set.
    """
    found = []
    for column in values.select(pl.selectors.float()):
        if column.min() not in CODES and column.max() not in CODES:
            continue
        present = column.drop_nulls()
        codes = _codes(present)
        if codes:
            shares = [
                f"{code:.15g} stands in {(present == code).sum() / len(column):.1%} of the rows" for code in codes
            ]
            key = f"data.missing={{{column.name}: [{', '.join(f'{code:.15g}' for code in codes)}]}}"
            found.append(
                f"column {column.name!r}: {' and '.join(shares)}, far from all other values: if it means missing, set "
                f"'{key}'"
            )
    return found


def find_measured_sentinels(
    variables: Sequence[str], columns: NDArray[np.int64], values: NDArray[np.float64]
) -> list[str]:
    """Return which numbers among measurements over time may mean that nothing was measured, in words.

    Args:
        variables: Their names.
        columns: Shape (measurements,): the place of the variable.
        values: Shape (measurements,): what was measured.

    Returns:
        One sentence for each variable, with the value, its share, and the key to set.
    """
    found = []
    for place, name in enumerate(variables):
        measured = pl.Series(values[columns == place])
        if measured.len() and (measured.min() in CODES or measured.max() in CODES) and (codes := _codes(measured)):
            shares = [f"{code:g} is {(measured == code).sum()} of {measured.len()} values" for code in codes]
            found.append(
                f"variable {name!r}: {' and '.join(shares)}, far from all others: if it means not measured, leave it "
                f"out by data.ranges"
            )
    return found


def _codes(present: pl.Series) -> list[float]:
    codes: list[float] = []
    while len(codes) < MAX_CODES:
        ends = [end for end in (present.max(), present.min()) if isinstance(end, float) and end in CODES]
        others = present.filter(~present.is_in(CODES))
        code = next((end for end in ends if _is_far(end, int((present == end).sum()), others)), None)
        if code is None:
            return codes
        codes.append(code)
        present = present.filter(present != code)
    return codes


def _is_far(code: float, num_rows: int, others: pl.Series) -> bool:
    if others.len() < MIN_CASES or others.n_unique() < MIN_DISTINCT:
        return False
    ends = [others.quantile(share, "nearest") for share in ((0.25, 0.75) if code == 0 else (0.01, 0.99))]
    low, high = (end for end in ends if end is not None)
    nearest = others.min() if code < low else others.max()
    assert isinstance(nearest, float), "numbers that are there have ends"
    if code < 0 <= nearest:
        return True
    gap = abs(code - nearest)
    is_peak = code != 0 and num_rows >= MIN_PEAK * others.value_counts(sort=True)["count"][0]
    return gap > high - low or (is_peak and gap > (high - low) * MIN_GAP)
