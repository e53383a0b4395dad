"""Sensitivity, specificity, predictive values, accuracy."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom
from statsmodels.stats.proportion import proportion_confint

from reprodx.metrics.bootstrap import Bootstrap
from reprodx.metrics.confusion import ConfusionTable
from reprodx.metrics.proportions import PROPORTIONS, multiclass_accuracy, proportion, table_proportion
from reprodx.metrics.scored_cases import ScoredCases


@pytest.mark.parametrize(
    ("hits", "n", "interval", "limits"),
    [
        (81, 263, "wilson", (0.2553, 0.3662)),
        (81, 263, "clopper_pearson", (0.2527, 0.3676)),
        (0, 20, "wilson", (0.0, 0.1611)),
    ],
)
def test_newcombe_1998(hits, n, interval, limits):
    estimate = proportion(hits, n, n_events=None, confidence_level=0.95, interval=interval)
    assert (round(estimate.ci_low, 4), round(estimate.ci_high, 4)) == limits
    assert estimate.value == hits / n


@given(st.integers(0, 50), st.integers(1, 50), st.sampled_from([0.8, 0.95]))
def test_limits_are_statsmodels(hits, misses, level):
    for interval, method in (("wilson", "wilson"), ("clopper_pearson", "beta")):
        estimate = proportion(hits, hits + misses, n_events=hits, confidence_level=level, interval=interval)
        expected = proportion_confint(hits, hits + misses, 1 - level, method)
        assert (estimate.ci_low, estimate.ci_high) == pytest.approx(expected, abs=1e-9)


def test_each_proportion_of_a_table(make_table):
    table = make_table(50, 10, 4, 16)
    found = {name: table_proportion(table, name, interval="wilson") for name in PROPORTIONS}
    assert {name: (estimate.value, estimate.n, estimate.n_events) for name, estimate in found.items()} == {
        "sensitivity": (16 / 20, 20, 20),
        "specificity": (50 / 60, 60, 0),
        "ppv": (16 / 26, 26, 16),
        "npv": (50 / 54, 54, 4),
        "accuracy": (66 / 80, 80, 20),
    }
    assert {estimate.method for estimate in found.values()} == {"Wilson"}


@pytest.mark.parametrize("name", PROPORTIONS)
def test_patients_with_several_cases_are_resampled(make_table, name):
    single, double = make_table(50, 10, 4, 16), make_table(50, 10, 4, 16, twice=True)
    clustered = table_proportion(double, name, interval="wilson")
    assert clustered.method.startswith("percentile bootstrap of patients")
    wilson = table_proportion(single, name, interval="wilson")
    assert clustered.value == wilson.value
    assert clustered.ci_high - clustered.ci_low == pytest.approx(wilson.ci_high - wilson.ci_low, rel=0.25)


@pytest.mark.parametrize(
    ("name", "empty", "twin"),
    [
        ("sensitivity", (3, 2, 0, 0), (3, 2, 1, 0)),
        ("specificity", (0, 0, 2, 3), (0, 1, 2, 3)),
        ("ppv", (3, 0, 2, 0), (3, 1, 2, 0)),
        ("npv", (0, 3, 0, 2), (0, 3, 1, 2)),
        ("accuracy", (0, 0, 0, 0), (0, 1, 0, 0)),
    ],
)
def test_empty_denominator_is_undefined(make_table, name, empty, twin):
    estimate = table_proportion(make_table(*empty), name, interval="wilson")
    assert (estimate.value, estimate.n, estimate.reason) == (None, 0, PROPORTIONS[name].empty)
    assert table_proportion(make_table(*twin), name, interval="wilson").value == 0


def test_multiclass_accuracy(make_cases):
    targets, called = [0, 1, 2, 2, 1, 0], [0, 1, 2, 1, 1, 2]
    few = Bootstrap(50, 0, 0.95)
    table = ConfusionTable.of(make_cases(targets, called, 3), None, few)
    estimate = multiclass_accuracy(table, interval="clopper_pearson")
    assert (estimate.value, estimate.n, estimate.n_events, estimate.method) == (4 / 6, 6, None, "Clopper-Pearson")
    clustered = ConfusionTable.of(make_cases(targets, called, 3, patients=[0, 1, 2, 2, 3, 4]), None, few)
    estimate = multiclass_accuracy(clustered, interval="wilson")
    assert estimate.value == 4 / 6
    assert estimate.ci_low < 4 / 6 < estimate.ci_high
    nothing = ConfusionTable(np.zeros((3, 3), dtype=int), np.zeros((50, 3, 3), dtype=int), False, few)
    assert multiclass_accuracy(nothing, interval="wilson").reason == "no case"


def test_wilson_covers_on_average_and_clopper_pearson_always():
    """Exactly, by summing over every possible count (Agresti & Coull, Am Stat 1998;52:119)."""
    n, probs = 50, np.linspace(0.02, 0.98, 97)
    chances = binom.pmf(np.arange(n + 1)[:, None], n, probs)
    coverages = {}
    for interval in ("wilson", "clopper_pearson"):
        estimates = [
            proportion(hits, n, n_events=None, confidence_level=0.95, interval=interval) for hits in range(n + 1)
        ]
        low, high = (np.array([[getattr(e, end)] for e in estimates]) for end in ("ci_low", "ci_high"))
        coverages[interval] = (chances * ((low <= probs) & (probs <= high))).sum(axis=0)
    assert 0.945 < coverages["wilson"].mean() < 0.96
    assert coverages["clopper_pearson"].min() > 0.95


@pytest.mark.simulation
def test_resampled_patients_cover_where_wilson_does_not():
    """Sensitivity with four cases a patient, whose chances of being found are spread as Beta(1.2, 0.3)."""
    rng = np.random.default_rng(0)
    patients = np.repeat(np.arange(60), 4)
    covers = {"clustered": 0, "independent": 0}
    for repeat in range(1000):
        called = (rng.random(240) < rng.beta(1.2, 0.3, size=60)[patients]).astype(int)
        for name, numbers in (("clustered", patients), ("independent", None)):
            cases = ScoredCases(np.ones(240, dtype=int), np.eye(2)[called], numbers, ("no", "yes"))
            table = ConfusionTable.of(cases, None, Bootstrap(500, repeat, 0.95))
            estimate = table_proportion(table, "sensitivity", interval="wilson")
            covers[name] += estimate.ci_low <= 0.8 <= estimate.ci_high
    assert 920 < covers["clustered"] < 970
    assert covers["independent"] < 850
