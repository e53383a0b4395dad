"""Volts in any spelling, and what may be recorded in other units."""

from __future__ import annotations

import pytest

from reprodx.datasets.lead_units import millivolts_in, other_unit


@pytest.mark.parametrize(
    ("unit", "millivolts"),
    [
        *(
            (unit, 1e-3)
            for unit in ("uV", "UV", "\u00b5V", "\u03bcV", "\u00b5v", "\u039cV", "micro volts", "MICROVOLT", "mcV")
        ),
        *((unit, 1e-3) for unit in ("\u00c2\u00b5V", "\u00ecV", "\u00e6V", " \u00b5 V ")),
        *((unit, 1.0) for unit in ("mV", "MV", "mv", "millivolts", "Millivolt", "\u33b7")),
        *((unit, 1e3) for unit in ("V", "v", "volts")),
        *((unit, 1e-6) for unit in ("nV", "nanovolts")),
        *((unit, None) for unit in ("", "?V", "\ufffdV", "mmHg", "adu", "kV", "mV/s", "dV")),
    ],
)
def test_volts_in_any_spelling(unit: str, millivolts: float | None) -> None:
    assert millivolts_in(unit) == millivolts


@pytest.mark.parametrize(
    "lead", ["I", "aVF", "V5", "v10", "MLII", "MCL1", "ECG", "ECG lead II", "Lead II", "ekg1", None]
)
def test_a_lead_of_an_ecg_has_no_other_unit(lead: str | None) -> None:
    assert other_unit("mmHg", lead) is None


def test_other_quantities_have_one_unit_each() -> None:
    assert other_unit("MMHG", "ABP") == "mmHg"
    assert other_unit("NU", "Pleth") == "NU"
    assert other_unit("kPa", "ABP") is None
