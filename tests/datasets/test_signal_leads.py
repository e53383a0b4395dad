"""A lead is used by its own name or number, in millivolts that an ECG may have."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from reprodx.datasets.signal_leads import checked_leads, chosen_leads, lead_positions
from reprodx.datasets.unusable_signal import (
    LEAD_MISSING,
    NO_LEAD_NAMES,
    ONE_LEAD_TWICE,
    TOO_HIGH,
    TOO_LOW,
    TWO_OF_ONE_NAME,
    FaultyRecordError,
    UnusableSignalError,
)
from reprodx.datasets.wfdb_signals import Lead, WfdbRecord
from reprodx.errors import ConfigError

BEAT = np.sin(2 * np.pi * np.arange(500) / 100).astype(np.float32)


def record(*leads: Lead) -> WfdbRecord:
    return WfdbRecord(leads, 100.0, 500)


@pytest.mark.parametrize(
    ("available", "wanted", "rule"),
    [
        (["I", "II"], ["V1"], LEAD_MISSING),
        (["I", "II"], [2], LEAD_MISSING),
        (["I", "II"], [-1], LEAD_MISSING),
        ([None, None], [2], LEAD_MISSING),
        ([None, None], ["I"], NO_LEAD_NAMES),
        (["II", "ii"], ["II"], TWO_OF_ONE_NAME),
        (["II", " II "], ["ii"], TWO_OF_ONE_NAME),
        (["I", "II"], ["II", 1], ONE_LEAD_TWICE),
    ],
)
def test_a_lead_that_is_not_one_is_no_lead(available: list[str | None], wanted: list[str | int], rule: str) -> None:
    with pytest.raises(UnusableSignalError) as error:
        lead_positions(available, wanted)
    assert str(error.value) == rule


def test_leads_without_a_name_or_with_another_s_go_by_number() -> None:
    assert lead_positions([None, None], [1, 0]) == [1, 0]
    assert lead_positions(["II", "ii", "V1"], [1, "v1"]) == [1, 2]


@pytest.mark.parametrize("leads", ["II", [], ["I", "i"], [0, 0], [True], [-1], [0.5], [""]])
def test_settings_that_choose_no_leads_are_refused(leads: Any) -> None:
    with pytest.raises(ConfigError, match=r"data.leads: must"):
        checked_leads(leads)


@pytest.mark.parametrize(("factor", "rule"), [(1e3, TOO_HIGH), (1e6, TOO_HIGH), (1e-3, TOO_LOW), (0, TOO_LOW)])
def test_amplitudes_that_no_ecg_has_are_refused(factor: float, rule: str) -> None:
    with pytest.raises(FaultyRecordError, match=rule):
        chosen_leads(record(Lead("I", BEAT * factor, 100.0)), [0])


def test_offsets_spikes_gaps_and_a_loose_electrode_are_of_an_ecg() -> None:
    odd = BEAT + 300
    odd[50] = 5000
    odd[100:200] = np.nan
    flat = Lead("II", np.zeros(500, dtype=np.float32), 100.0)
    assert chosen_leads(record(Lead("I", odd, 100.0), flat), ["ii", "I"])[0] is flat
    assert chosen_leads(record(Lead("I", BEAT[:30], 100.0), flat), [0, 1])
    nothing = Lead("I", np.full(500, np.nan, dtype=np.float32), 100.0)
    assert chosen_leads(record(nothing), [0]) == [nothing]


def test_one_lead_far_below_all_noise_is_in_another_unit() -> None:
    leads = record(Lead("I", BEAT, 100.0), Lead("II", BEAT * 1e-6, 100.0))
    assert chosen_leads(leads, ["I"])
    with pytest.raises(FaultyRecordError, match=TOO_LOW):
        chosen_leads(leads, ["I", "II"])


def test_what_is_beside_the_ecg_has_any_amplitude_and_a_fault_counts_where_it_is_chosen() -> None:
    leads = (Lead("ABP", BEAT * 1000, 100.0, unit="mmHg"), Lead("X", BEAT, 100.0, unit="x", fault="no unit"))
    assert chosen_leads(record(*leads), ["ABP"]) == [leads[0]]
    with pytest.raises(FaultyRecordError, match="no unit"):
        chosen_leads(record(*leads), [0, 1])
