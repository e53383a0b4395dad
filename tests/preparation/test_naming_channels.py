"""Variables that name a series."""

from __future__ import annotations

import numpy as np

from reprodx.inputs import Inputs, Modality
from reprodx.preparation.naming_channels import find_naming_channels

NUM_SERIES, NUM_STEPS = 30, 4


def series(*channels: np.ndarray) -> Inputs:
    values = np.stack([np.broadcast_to(channel, (NUM_SERIES, NUM_STEPS)) for channel in channels], axis=-1)
    lengths = np.full(NUM_SERIES, NUM_STEPS)
    names = tuple("abcdef"[: len(channels)])
    return Inputs.of_steps(Modality.SERIES, values.reshape(-1, len(channels)), lengths, channels=names)


def test_a_number_of_its_own_throughout_each_series_names_it() -> None:
    rng = np.random.default_rng(0)
    ids = rng.permutation(NUM_SERIES)[:, None] * 7919.0 + 200_000
    gappy = np.where(rng.random((NUM_SERIES, NUM_STEPS)) < 0.4, np.nan, ids)
    measured = rng.integers(60, 100, (NUM_SERIES, NUM_STEPS)).astype(float)
    age, weight = rng.integers(20, 60, (NUM_SERIES, 1)) * 1.0, rng.normal(70, 10, (NUM_SERIES, 1))
    nothing = np.full((NUM_SERIES, NUM_STEPS), np.nan)
    assert find_naming_channels(series(measured, ids, age, gappy, weight, nothing)) == ["b", "d"]


def test_one_measurement_a_series_names_none() -> None:
    once = np.full((NUM_SERIES, NUM_STEPS), np.nan)
    once[:, 0] = np.arange(NUM_SERIES)
    assert find_naming_channels(series(once)) == []
