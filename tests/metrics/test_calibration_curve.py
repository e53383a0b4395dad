"""The calibration curve against statsmodels' lowess, its band against smoothing resamples one by one."""

import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.nonparametric.smoothers_lowess import lowess

from reprodx.metrics.bootstrap import Bootstrap
from reprodx.metrics.calibration_curve import MAX_CELLS, ProbabilityCells, Smoother, calibration_curve
from reprodx.metrics.calibration_error import LOWESS_SPAN, calibration_bins, is_too_equal


def drawn_cases(num_cases, *, shape=(0.3, 2), seed=0):
    rng = np.random.default_rng(seed)
    probs = rng.beta(*shape, size=num_cases)
    return rng.random(num_cases) < probs**1.3, probs


def curve_of(is_positive, probs, bootstrap, patients=None):
    cohort = np.zeros(probs.size, dtype=np.int64)
    return calibration_curve(is_positive, probs, bootstrap=bootstrap, strata=cohort, patients=patients)


def reference(is_positive, probs, places):
    order = np.argsort(probs)
    outcomes = is_positive[order].astype(float)
    return lowess(outcomes, probs[order], frac=LOWESS_SPAN, it=0, xvals=places)


@pytest.mark.parametrize(
    ("num_cases", "shape", "tolerance"),
    [(12, (1, 1), 1e-9), (184, (1, 1), 1e-9), (MAX_CELLS, (0.3, 2), 1e-9), (10_000, (0.3, 2), 2e-4)],
)
def test_the_curve_is_statsmodels_lowess(bootstrap, num_cases, shape, tolerance):
    is_positive, probs = drawn_cases(num_cases, shape=shape)
    curve = curve_of(is_positive, probs, bootstrap)
    np.testing.assert_allclose(curve.rates, reference(is_positive, probs, curve.probs), atol=tolerance)
    assert curve.probs.min() == pytest.approx(probs.min(), abs=0.01)
    assert curve.probs.max() == pytest.approx(probs.max(), abs=0.01)


def test_equal_probabilities_share_a_cell_and_the_curve_is_still_lowess(bootstrap):
    rng = np.random.default_rng(0)
    probs = rng.integers(0, 11, size=300) / 10
    is_positive = rng.random(300) < probs
    curve = curve_of(is_positive, probs, bootstrap)
    assert curve.probs.tolist() == (np.arange(11) / 10).tolist()
    np.testing.assert_allclose(curve.rates, reference(is_positive, probs, curve.probs), atol=1e-9)


def test_a_window_of_one_probability_has_the_mean_of_its_cases(bootstrap):
    probs = np.repeat([0.1, 0.5, 0.9], [65, 20, 15])
    is_positive = np.arange(100) % 5 == 0
    curve = curve_of(is_positive, probs, bootstrap)
    assert curve.rates[0] == pytest.approx(is_positive[:65].mean())


def test_the_band_holds_the_resamples_smoothed_one_by_one():
    is_positive, probs = drawn_cases(150, shape=(1, 1))
    patients = np.arange(150) // 2
    bootstrap = Bootstrap(300, 5, 0.9)
    curve = curve_of(is_positive, probs, bootstrap, patients)
    cells = ProbabilityCells.of(probs, 1)
    places = Smoother.of(probs, cells).grid
    radii = np.sort(np.abs(probs[:, None] - places), axis=0)[99]
    kernel = np.clip(1 - (np.abs(probs[:, None] - places) / radii) ** 3, 0, None) ** 3
    for place in (0, len(places) // 2, len(places) - 1):
        design = np.column_stack([np.ones(150), probs - places[place]])
        lines = []
        for weights in bootstrap.weights(np.zeros(150, dtype=np.int64), patients):
            for row in weights:
                weighted = design * (row * kernel[:, place])[:, None]
                lines.append(np.linalg.solve(weighted.T @ design, weighted.T @ is_positive)[0])
        limits = np.quantile(lines, [0.05, 0.95])
        assert (curve.ci_low[place], curve.ci_high[place]) == pytest.approx(tuple(limits), abs=1e-8)


def test_patients_with_equal_cases_widen_the_band(bootstrap):
    is_positive, probs = (np.repeat(values, 2) for values in drawn_cases(200, shape=(1, 1)))
    naive = curve_of(is_positive, probs, bootstrap)
    clustered = curve_of(is_positive, probs, bootstrap, np.arange(400) // 2)
    np.testing.assert_allclose(clustered.rates, naive.rates)
    widths = [np.mean(curve.ci_high - curve.ci_low) for curve in (clustered, naive)]
    assert widths[0] > 1.25 * widths[1]


def test_the_band_covers_the_truth():
    misses = []
    for seed in range(40):
        rng = np.random.default_rng(seed)
        probs = rng.random(300)
        curve = curve_of(rng.random(300) < probs, probs, Bootstrap(200, 0, 0.95))
        inner = (curve.probs > 0.2) & (curve.probs < 0.8)
        misses.append(np.mean((curve.ci_low > curve.probs)[inner] | (curve.ci_high < curve.probs)[inner]))
    assert 0.01 < np.mean(misses) < 0.12


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 10)), min_size=1, max_size=30))
def test_few_cases_have_a_curve_or_none(cases):
    is_positive, probs = np.array([case[0] for case in cases]), np.array([case[1] for case in cases]) / 10
    curve = curve_of(is_positive, probs, Bootstrap(20, 0, 0.95))
    assert (curve is None) == is_too_equal(probs)
    if curve is not None:
        assert np.isfinite(curve.rates).all()
        known = np.isfinite(curve.ci_low)
        assert (curve.ci_low[known] <= curve.ci_high[known]).all()


@given(st.lists(st.integers(0, 400), min_size=1, max_size=60), st.integers(1, 20))
def test_cells_nest_in_the_calibration_bins(values, num_bins):
    probs = np.array(values) / 400
    check_nesting(probs, num_bins)


@pytest.mark.parametrize("num_bins", [7, 10, 15])
def test_cells_of_many_cases_nest_too(num_bins):
    check_nesting(np.round(np.random.default_rng(0).beta(0.3, 2, size=5000), 3), num_bins)
    check_nesting(np.random.default_rng(0).beta(0.3, 2, size=5000), num_bins)


def check_nesting(probs, num_bins):
    cells = ProbabilityCells.of(probs, num_bins)
    assert (np.diff(cells.mean_probs) > 0).all()
    assert cells.num_cases.sum() == probs.size
    bins = calibration_bins(np.zeros(probs.size, dtype=bool), probs, num_bins)
    _, places = np.unique(cells.bins, return_inverse=True)
    np.testing.assert_array_equal(np.bincount(places, weights=cells.num_cases), bins.num_cases)
    assert len(cells.num_cases) <= 2 * MAX_CELLS


def test_a_hundred_thousand_cases_take_seconds():
    is_positive, probs = drawn_cases(100_000)
    start = time.perf_counter()
    curve = curve_of(is_positive, probs, Bootstrap(2000, 0, 0.95))
    assert time.perf_counter() - start < 10
    np.testing.assert_allclose(curve.rates, reference(is_positive, probs, curve.probs), atol=1e-4)
