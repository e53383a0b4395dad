"""What sums a signal up: beats where they are, power where it is, and nothing learnt from other than training cases."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reprodx.datasets.heart_dipole import Waves, electrocardiogram
from reprodx.datasets.synthetic_heart import BEAT, draw_noise
from reprodx.inputs import Inputs, Modality
from reprodx.preparation.summaries.signal import (
    AMPLITUDES,
    BANDS,
    NUM_POINTS,
    SignalSummary,
    amplitudes,
    band_powers,
    measured,
    median_beat,
    names_of,
    r_peaks,
    rhythm,
    thinned,
)

RATE = 100.0
WAVES = Waves(BEAT[:, 0], BEAT[:, 1], BEAT[:, 2:5], BEAT[:, 5])


def heart(beats: np.ndarray, seconds: float = 10, noise: float = 1.0, rate: float = RATE) -> np.ndarray:
    time = np.arange(round(seconds * rate)) / rate
    gaps = np.diff(beats, prepend=beats[0] - 0.8)
    clean = electrocardiogram(time, beats, gaps, WAVES, np.ones((len(beats), len(BEAT))))
    return clean + noise * draw_noise(time, "south", np.random.default_rng(0))


def of(values: np.ndarray, rate: float = RATE) -> Inputs:
    leads = tuple(f"L{lead}" for lead in range(values.shape[2]))
    return Inputs.of_rows(Modality.SIGNAL, values.astype(np.float32), channels=leads, settings={"sampling_rate": rate})


@pytest.mark.parametrize("rate", [100.0, 360.0])
@pytest.mark.parametrize("gap", [0.4, 0.8, 1.4])
def test_beats_are_found_where_they_are(gap: float, rate: float) -> None:
    beats = np.arange(0.5, 9.6, gap)
    found = r_peaks(heart(beats, rate=rate), rate) / rate
    assert len(found) == len(beats)
    np.testing.assert_allclose(found, beats, atol=0.05)


def test_a_flat_signal_has_no_beats_and_summaries_of_zero() -> None:
    flat = np.zeros((1000, 2))
    assert len(r_peaks(flat, RATE)) == 0
    rng = np.random.default_rng(0)
    train = of(np.stack([heart(np.arange(0.5, 9.6, gap))[:, :2] for gap in rng.uniform(0.5, 1.2, 8)]))
    summary = SignalSummary.fit(train, None)
    row = dict(zip(summary.names, summary.apply(of(flat[None]))[0], strict=True))
    assert np.isfinite(list(row.values())).all()
    assert row["rr_mean"] == 0
    assert row["L0_beat3"] == 0
    assert row["beats_per_s"] < 0


def test_power_stands_in_the_band_of_the_wave() -> None:
    time = np.arange(1000) / RATE
    waves = np.stack([np.sin(2 * np.pi * (low + high) / 2 * time) for low, high in BANDS], axis=1)
    powers = band_powers(waves[None], RATE)[0]
    np.testing.assert_array_equal(powers.argmax(axis=1), np.arange(len(BANDS)))
    assert np.diff(np.sort(powers, axis=1)[:, -2:], axis=1).min() > np.log(10)


def test_amplitudes_are_those_of_numpy_and_scipy() -> None:
    from scipy.stats import skew

    values = np.random.default_rng(0).gamma(2, size=(3, 500, 2))
    found = amplitudes(values)
    expected = {
        "mean": values.mean(1),
        "std": values.std(1),
        "lowest": values.min(1),
        "high95": np.quantile(values, 0.95, 1),
    }
    expected["skewness"] = skew(values, axis=1)
    for name, value in expected.items():
        np.testing.assert_allclose(found[..., AMPLITUDES.index(name)], value)


def test_rhythm_of_known_intervals() -> None:
    pace, mean, std, rmssd, shortest, longest = rhythm(np.array([0, 100, 180, 300]), 1000, RATE)
    assert (pace, mean) == pytest.approx((0.4, 1.0))
    assert (shortest, longest) == pytest.approx((0.8, 1.2))
    assert std == pytest.approx(np.std([1, 0.8, 1.2]))
    assert rmssd == pytest.approx(np.sqrt((0.2**2 + 0.4**2) / 2))
    assert np.isnan(rhythm(np.array([3, 100]), 1000, RATE)[1:]).all()


def test_the_median_beat_is_the_beat() -> None:
    signal = heart(np.arange(1.0, 9.5, 1.0), noise=0)
    beat = median_beat(signal, np.arange(100, 950, 100), RATE)
    np.testing.assert_allclose(beat, signal[375:445], atol=0.02)
    assert np.isnan(median_beat(signal, np.array([3]), RATE)).all()


@given(num_steps=st.integers(1, 300), level=st.floats(-3, 3))
def test_thinning_keeps_the_mean_of_each_stretch_around_the_median(num_steps: int, level: float) -> None:
    assert not thinned(np.full((2, num_steps, 1), level)).any()
    ramp = thinned(np.arange(num_steps, dtype=float)[None, :, None])[0, 0]
    assert len(ramp) == min(NUM_POINTS, num_steps)
    assert (np.diff(ramp) > 0).all()


@pytest.mark.parametrize("num_steps", [70, 1000])
def test_the_summary_is_standardised_by_the_training_cases(num_steps: int) -> None:
    inputs = of(np.random.default_rng(0).normal(size=(40, num_steps, 2)).cumsum(axis=1) / 10)
    train = inputs.select(np.arange(30))
    summary = SignalSummary.fit(train, None)
    features = summary.apply(train)
    assert features.dtype == np.float32
    assert features.shape == (30, len(summary.names))
    np.testing.assert_allclose(features.mean(axis=0), 0, atol=1e-4)
    assert features.std(axis=0).max() == pytest.approx(1, abs=1e-3)
    assert len(names_of(inputs)) == measured(inputs).shape[1] == len(set(names_of(inputs)))


def test_constant_numbers_are_dropped() -> None:
    values = np.random.default_rng(0).normal(size=(20, 70, 2))
    values[..., 1] = 0.5
    names = SignalSummary.fit(of(values), None).names
    assert names
    assert not [name for name in names if name.startswith("L1")]


def test_rows_are_summed_up_on_their_own_and_survive_json() -> None:
    inputs = of(np.random.default_rng(0).normal(size=(300, 70, 2)))
    summary = SignalSummary.fit(inputs, None)
    again = SignalSummary.from_json(json.loads(json.dumps(summary.to_json())))
    assert again == summary
    np.testing.assert_allclose(again.apply(inputs.select(np.array([290]))), summary.apply(inputs)[290:291], atol=1e-5)
    assert summary.apply(inputs.select(np.array([], dtype=np.int64))).shape == (0, len(summary.names))
