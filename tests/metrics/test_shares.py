"""Shares of cases, of one case a patient and of several."""

import numpy as np
from statsmodels.stats.proportion import proportion_confint

from reprodx.metrics.shares import renumbered, share


def test_independent_cases_have_the_interval_of_a_proportion(settings):
    is_hit = np.arange(40) < 30
    found = share(is_hit, np.zeros(40, dtype=np.int64), None, settings)
    low, high = proportion_confint(30, 40, method="wilson")
    np.testing.assert_allclose((found.value, found.ci_low, found.ci_high), (0.75, low, high))
    assert (found.n, found.method) == (40, "Wilson")


def test_cases_of_one_patient_count_once_for_the_interval(settings):
    is_hit = np.tile(np.arange(60) < 45, 4)
    patients, strata = np.tile(np.arange(60), 4), np.zeros(240, dtype=np.int64)
    clustered = share(is_hit, strata, patients, settings)
    alone, naive = share(is_hit[:60], strata[:60], None, settings), share(is_hit, strata, None, settings)
    assert clustered.value == alone.value == 0.75
    assert "patients" in clustered.method
    widths = [one.ci_high - one.ci_low for one in (clustered, alone, naive)]
    np.testing.assert_allclose(widths[0], widths[1], rtol=0.15)
    assert widths[2] < 0.6 * widths[0]


def test_some_patients_of_many_are_no_clusters_of_their_own(settings):
    chosen = np.array([90, 90, 20, 20])
    is_hit, strata = np.array([True, True, False, False]), np.array([1, 1, 0, 0])
    found = share(is_hit, strata, chosen, settings)
    np.testing.assert_array_equal(renumbered(chosen), [1, 1, 0, 0])
    assert found.value == 0.5
    # Each class has one patient, so that no resample differs from another.
    assert found.reason == "interval not estimable: resamples do not differ"


def test_no_case_has_no_share(settings):
    nothing = np.zeros(0, dtype=np.int64)
    assert share(nothing == 1, nothing, None, settings).reason == "no case"
    assert share(np.array([True]), np.array([0]), None, settings).value == 1
