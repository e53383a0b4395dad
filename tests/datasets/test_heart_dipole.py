"""The heart's dipole in 12 leads: Einthoven's and Goldberger's laws, and waves where they were put."""

from __future__ import annotations

import numpy as np
import pytest

from reprodx.datasets.heart_dipole import LEADS, Waves, electrocardiogram, lead_matrix

ONE_WAVE = Waves(np.array([0.2]), np.array([0.03]), np.array([[1.0, 0.0, 0.0]]), np.array([0.5]))


def test_limb_leads_obey_einthoven_and_goldberger() -> None:
    of = dict(zip(LEADS, lead_matrix(), strict=True))
    np.testing.assert_allclose(of["I"] + of["III"], of["II"], atol=1e-12)
    np.testing.assert_allclose(of["aVR"] + of["aVL"] + of["aVF"], 0, atol=1e-12)
    np.testing.assert_allclose(of["aVF"], (of["II"] + of["III"]) / 2, atol=1e-12)


@pytest.mark.parametrize(
    ("direction", "up", "down"),
    [((1, 0, 0), ["I", "V5", "V6", "aVL"], ["aVR", "V1"]), ((0, 1, 0), ["II", "III", "aVF"], ["aVR", "aVL"]),
     ((0, 0, -1), ["V1", "V2", "V3"], ["V6"])],
)  # fmt: skip
def test_each_lead_looks_from_its_side(direction: tuple[int, int, int], up: list[str], down: list[str]) -> None:
    shown = dict(zip(LEADS, lead_matrix() @ np.array(direction), strict=True))
    assert all(shown[lead] > 0.1 for lead in up)
    assert all(shown[lead] < -0.1 for lead in down)


def test_a_wave_follows_its_beat_and_stretches_with_the_interval() -> None:
    time = np.arange(4000) / 1000
    beats, intervals = np.array([1.0, 2.5]), np.array([1.0, 1.44])
    leads = electrocardiogram(time, beats, intervals, ONE_WAVE, np.array([[1.0], [2.0]]))
    lead = leads[:, LEADS.index("V5")]
    assert time[lead[:2000].argmax()] == pytest.approx(1.2, abs=1e-3)
    assert time[2000 + lead[2000:].argmax()] == pytest.approx(2.5 + 0.2 * 1.2, abs=1e-3)
    assert lead[:2000].max() == pytest.approx(1.125, rel=1e-3)
    assert lead[2000:].max() == pytest.approx(2.25, rel=1e-3)
    half = time[lead > 1.125 / 2]
    assert np.ptp(half[half < 2]) == pytest.approx(2 * 0.03 * np.sqrt(2 * np.log(2)), abs=2e-3)
