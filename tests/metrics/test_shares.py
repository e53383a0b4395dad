"""Shares of cases, of one case a patient and of several."""

import numpy as np
from statsmodels.stats.proportion import proportion_confint

from reprodx.metrics.shares import share
from tests.scored import width


def test_independent_cases_have_the_interval_of_a_proportion(settings):
    found = share(np.arange(40) < 30, None, settings)
    low, high = proportion_confint(30, 40, method="wilson")
    np.testing.assert_allclose((found.value, found.ci_low, found.ci_high), (0.75, low, high))
    assert (found.n, found.n_events, found.method) == (40, None, "Wilson")


def test_cases_of_one_patient_count_once_for_the_interval(settings):
    is_hit, patients = np.tile(np.arange(60) < 45, 4), np.tile(np.arange(60), 4)
    clustered, alone, naive = (
        share(*cases, settings) for cases in ((is_hit, patients), (is_hit[:60], None), (is_hit, None))
    )
    assert clustered.value == alone.value == 0.75
    assert "clustered by patient" in clustered.method
    np.testing.assert_allclose(width(clustered), width(alone), rtol=0.15)
    assert width(naive) < 0.6 * width(clustered)


def test_some_patients_of_many_are_numbered_anew(settings):
    is_hit = np.array([True, True, False, False])
    many, few = (share(is_hit, np.array(patients), settings) for patients in ([90, 90, 20, 20], [1, 1, 0, 0]))
    assert many == few
    assert many.value == 0.5
    assert share(is_hit, np.array([7, 8, 9, 10]), settings) == share(is_hit, None, settings)


def test_no_case_has_no_share(settings):
    assert share(np.zeros(0, dtype=bool), None, settings).reason == "no case"
    assert share(np.array([True]), None, settings).value == 1
