"""Dates and clock times, which are no features, in the forms in which tables hold them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import polars as pl

_MONTH = (
    r"(?:jan|janv|feb|fev|fév|févr|mar|mär|märz|mrz|mars|marzo|apr|avr|abr|may|mai|mayo|jun|juin|jul|juil|aug|ago|août|"
    r"aou|sep|sept|set|oct|okt|ott|nov|dec|dez|dic|déc|ene)\p{L}*"
)
_TIME = r"(?:[T ,]+\d{1,2}[:.h]\d{2}.*)?"
_FORMS = (
    rf"\d{{4}}[-/.]\d{{1,2}}(?:[-/.]\d{{1,2}})?{_TIME}",
    rf"\d{{1,2}}[-/.] ?\d{{1,2}}[-/.] ?\d{{2}}(?:\d{{2}})?{_TIME}",
    rf"(?:\p{{L}}+,? )?\d{{1,2}}(?:st|nd|rd|th)?[-/. ]*(?:de )?{_MONTH}\.?[-/., ]*(?:de )?(?:\d{{2}}|\d{{4}}){_TIME}",
    rf"(?:\p{{L}}+,? )?{_MONTH}\.?[-/ ]*(?:\d{{1,2}}(?:st|nd|rd|th)?[-/, ]+)?(?:\d{{4}}|'\d{{2}}){_TIME}",
    r"\d{4}年\d{1,2}月(?:\d{1,2}日)?",
)
DATE = rf"^(?i)(?:{'|'.join(_FORMS)})$"
"""What a date looks like."""
CLOCK = r"^\d{1,3}:\d{2}(?::\d{2}(?:[.,]\d+)?)?(?:\s*[AaPp]\.?[Mm]\.?)?$"
"""What a time of day or a duration looks like."""
CALLED_DATE = re.compile(
    r"(?:^|[^A-Za-z])(?i:date|datum|fecha|dob|timestamp)(?![a-z])|[a-z](?:Date|DOB|Timestamp)(?![a-z])|"
    r"(?i:birth|admit|visit|start|end)(?i:date)(?![a-z])|(?i:datum|fecha)(?![a-z])"
)
"""How columns of dates are called."""
FIRST_YEAR, LAST_YEAR = 1900, 2100
FIRST_SERIAL = 10_000
"""Numbers from here on are dates where the column is called so: days of a spreadsheet, seconds since 1970."""
MIN_DATES = 3
"""With fewer values, numbers of so many digits may be dates by chance."""


def are_dates(numbers: pl.Series) -> bool:
    """Return whether numbers are dates: as 20210930, 202109 or 30092021, or of any kind in a column called a date.

    Args:
        numbers: Float64, named; null is missing.

    Returns:
        False where one of them is none.

    >>> import polars as pl
    >>> are_dates(pl.Series("seen", [20210930.0, 20210101.0, 19991231.0]))
    True
    """
    low = numbers.min()
    if not isinstance(low, float) or low < FIRST_SERIAL:
        return False
    values = numbers.drop_nulls()
    if values.len() >= MIN_DATES and CALLED_DATE.search(numbers.name):
        return True
    if values.len() < MIN_DATES or not (values == values.floor()).all():
        return False
    first, second, third = values // 10_000, values // 100 % 100, values % 100
    last = values % 10_000
    return (
        _are_days(first, second, third)
        or _are_days(values // 100, third)
        or _are_days(last, values // 10_000 % 100, values // 1_000_000)
        or _are_days(last, values // 1_000_000, values // 10_000 % 100)
    )


def _are_days(year: pl.Series, month: pl.Series, day: pl.Series | None = None) -> bool:
    is_day = year.is_between(FIRST_YEAR, LAST_YEAR) & month.is_between(1, 12)
    return bool((is_day if day is None else is_day & day.is_between(1, 31)).all())
