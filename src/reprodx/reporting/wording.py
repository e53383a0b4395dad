"""Numbers as a reader expects them: rounded to what they can carry, and a reason where there is none."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from reprodx.schemas import Estimate

NOTHING = "\N{EN DASH}"
"""Stands where a cell has no content."""


def number(value: float | None, digits: int = 3) -> str:
    """Return a number rounded for reading.

    >>> number(0.90149), number(-0.0001), number(-1.5, 1), number(None)
    ('0.901', '0.000', '−1.5', '–')
    """
    if value is None:
        return NOTHING
    rounded = f"{value:.{digits}f}"
    is_zero = not rounded.strip("-0.")
    return rounded.lstrip("-") if is_zero else rounded.replace("-", "\N{MINUS SIGN}")


def count(value: int | None) -> str:
    """Return a whole number with narrow spaces between thousands.

    >>> count(920), count(None)
    ('920', '–')
    >>> count(1000000) == "1\N{NARROW NO-BREAK SPACE}000\N{NARROW NO-BREAK SPACE}000"
    True
    """
    return NOTHING if value is None else f"{value:,}".replace(",", "\N{NARROW NO-BREAK SPACE}")


def counted(value: int, noun: str, plural: str | None = None) -> str:
    """Return a count with its noun.

    >>> counted(1, "patient"), counted(0, "case"), counted(2, "class", "classes")
    ('1 patient', '0 cases', '2 classes')
    """
    return f"{count(value)} {noun if value == 1 else plural or noun + 's'}"


def percent(part: float, whole: float) -> str:
    """Return a share as a percentage.

    >>> percent(1, 8), percent(0, 0)
    ('12.5%', '–')
    """
    return f"{100 * part / whole:.1f}%" if whole else NOTHING


def interval(estimate: Estimate) -> str:
    """Return the confidence limits of an estimate.

    >>> from reprodx.schemas import Estimate
    >>> interval(Estimate(0.9, 0.85, 0.94, 100, 40, "logit DeLong"))
    '0.850 to 0.940'
    """
    if estimate.ci_low is None or estimate.ci_high is None:
        return "no interval"
    return f"{number(estimate.ci_low)} to {number(estimate.ci_high)}"


def with_interval(estimate: Estimate) -> str:
    """Return the value with its confidence limits, or the reason why it has none.

    >>> from reprodx.schemas import Estimate
    >>> with_interval(Estimate(0.9, 0.85, 0.94, 100, 40, "logit DeLong"))
    '0.900 (0.850 to 0.940)'
    >>> with_interval(Estimate.undefined("one class only", n=8))
    'not estimable: one class only'
    >>> with_interval(Estimate(1.0, None, None, 9, 4, "none", "perfect separation"))
    '1.000 (perfect separation)'
    """
    if estimate.value is None:
        return f"not estimable: {estimate.reason}"
    if estimate.ci_low is None or estimate.ci_high is None:
        return f"{number(estimate.value)} ({estimate.reason})"
    return f"{number(estimate.value)} ({interval(estimate)})"
