"""Units of leads: whatever is volts becomes millivolts, whatever is not may be none of an ECG's leads."""

from __future__ import annotations

import re
import unicodedata

MILLIVOLTS = {
    **dict.fromkeys(("v", "volt", "volts"), 1e3),
    **dict.fromkeys(("mv", "millivolt", "millivolts"), 1.0),
    **dict.fromkeys(("μv", "uv", "mcv", "microvolt", "microvolts", "μvolt", "μvolts", "uvolt", "uvolts"), 1e-3),
    # The micro sign as other encodings than UTF-8 and Latin-1 leave it: Greek, MS-DOS, UTF-8 taken for Latin-1.
    **dict.fromkeys(("ìv", "æv", "âμv"), 1e-3),
    **dict.fromkeys(("nv", "nanovolt", "nanovolts"), 1e-6),
}
"""Millivolts in one unit of a lead, without spaces, in lower case, after NFKC, by which a micro sign is a Greek mu."""
OTHER_UNITS = {
    **dict.fromkeys(("mmhg",), "mmHg"),
    **dict.fromkeys(("nu", "normalized", "none"), "NU"),
    **dict.fromkeys(("%", "percent"), "%"),
    **dict.fromkeys(("bpm",), "bpm"),
    **dict.fromkeys(("ohm", "ohms", "ω"), "Ohm"),
    **dict.fromkeys(("degc", "°c", "c"), "degC"),
    **dict.fromkeys(("l/min",), "L/min"),
    **dict.fromkeys(("g",), "g"),
}
"""Units of what is recorded beside an ECG; one of each quantity, so that one scale is never taken for another."""
ECG_LEAD = re.compile(
    r"(ecg|ekg|lead)?[ _-]*(i{1,3}|av[rlf]|-?avr|v\d+r?|ml(i{1,3})|mcl\d*|mv\d|cm\d|cc\d|[dv]\d|ecg.*|ekg.*)"
)
"""Names of leads that must be volts."""


def millivolts_in(unit: str) -> float | None:
    """Return how many millivolts a unit is; None if it is not volts.

    >>> [millivolts_in(unit) for unit in ("µV", "μV", "u V", "MicroVolts", "MV", "mmHg")]
    [0.001, 0.001, 0.001, 0.001, 1.0, None]
    """
    return MILLIVOLTS.get(_plain(unit))


def other_unit(unit: str, lead: str | None) -> str | None:
    """Return the spelling of a unit that is not volts; None if it is unknown, or the lead is one of an ECG.

    >>> other_unit("mmhg", "ABP"), other_unit("mmHg", "ECG II"), other_unit("adu", "ABP"), other_unit("NU", None)
    ('mmHg', None, None, None)
    """
    is_ecg = lead is None or ECG_LEAD.fullmatch(lead.casefold().strip()) is not None
    return None if is_ecg else OTHER_UNITS.get(_plain(unit))


def _plain(unit: str) -> str:
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", unit).casefold())
