"""Leads of any rate come to one, at their level and in their place."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reprodx.datasets.sampling_rates import at_one_rate, resampled, without_gaps
from reprodx.datasets.unusable_signal import UnusableSignalError
from reprodx.datasets.wfdb_signals import Lead


@given(rate=st.integers(50, 1000), wanted=st.integers(50, 1000), level=st.floats(-5, 5, width=32))
def test_resampling_keeps_the_level_and_the_length(rate: int, wanted: int, level: float) -> None:
    values = np.full((2 * rate, 1), level, dtype=np.float32)
    signal = resampled(values, rate, wanted)
    assert len(signal) == 2 * wanted
    np.testing.assert_allclose(signal, level, atol=0.005 * abs(level) + 1e-6)


@pytest.mark.parametrize("rate", [1e-9, 0.01, 1e6])
def test_rates_far_off_take_no_memory(rate: float) -> None:
    with pytest.raises(UnusableSignalError, match="a thousand times off"):
        resampled(np.zeros((10, 1), dtype=np.float32), rate, 100.0)


def test_leads_of_several_rates_stand_side_by_side_in_their_order() -> None:
    rates = (200.0, 100.0, 50.0, 100.0)
    leads = [
        Lead(None, np.sin(2 * np.pi * (place + 1) * np.arange(2 * rate) / rate).astype(np.float32), rate)
        for place, rate in enumerate(rates)
    ]
    values = at_one_rate(leads, 100.0, 0.0)
    assert values.shape == (200, 4)
    wanted = [np.sin(2 * np.pi * (place + 1) * np.arange(200) / 100) for place in range(4)]
    np.testing.assert_allclose(values[20:-20], np.stack(wanted, axis=1)[20:-20], atol=0.02)


def test_gaps_are_lines_between_what_is_known() -> None:
    values = np.array([[np.nan, 0], [1, 1], [np.nan, 2], [3, np.inf]], dtype=np.float32)
    np.testing.assert_array_equal(without_gaps(values, 0.5), [[1, 0], [1, 1], [2, 2], [3, 2]])
    with pytest.raises(UnusableSignalError, match="missing samples"):
        without_gaps(values, 0.4)
