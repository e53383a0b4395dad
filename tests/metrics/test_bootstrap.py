"""Percentile intervals from resampled patients."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reprodx.metrics import bootstrap as bootstrap_module
from reprodx.metrics.bootstrap import Bootstrap, patient_strata


def mean_of(values):
    return lambda weights: (weights * values).sum(axis=1) / weights.sum(axis=1)


def collected_weights(targets, patients, num_resamples=50):
    collected = []

    def statistic(weights):
        collected.append(weights)
        return weights @ np.arange(weights.shape[1])

    Bootstrap(num_resamples, 0, 0.95).estimate(statistic, targets, patients, n_events=None)
    return np.concatenate(collected[1:])


def test_interval_of_a_mean_is_the_one_of_theory():
    values = np.random.default_rng(0).normal(size=400)
    estimate = Bootstrap(4000, 1, 0.95).estimate(mean_of(values), np.zeros(400, dtype=int), None, n_events=None)
    assert estimate.value == pytest.approx(values.mean())
    assert estimate.ci_high - estimate.ci_low == pytest.approx(2 * 1.96 * values.std() / 20, rel=0.05)
    assert estimate.method == "percentile bootstrap of cases, B = 4000"


def test_interval_of_clustered_cases_is_that_of_their_patients():
    values = np.random.default_rng(0).normal(size=100)
    patients = np.repeat(np.arange(100), 4)
    options = {"strata": np.zeros(400, dtype=int), "n_events": None}
    clustered = Bootstrap(2000, 1, 0.95).estimate(mean_of(np.repeat(values, 4)), patients=patients, **options)
    options["strata"] = np.zeros(100, dtype=int)
    single = Bootstrap(2000, 1, 0.95).estimate(mean_of(values), patients=None, **options)
    assert (clustered.ci_low, clustered.ci_high) == pytest.approx((single.ci_low, single.ci_high))
    assert clustered.method == "percentile bootstrap of patients, B = 2000"


def test_every_resample_has_each_class_in_its_number():
    targets = np.array([0] * 7 + [1] * 3 + [2] * 5)
    weights = collected_weights(targets, None)
    for label, size in ((0, 7), (1, 3), (2, 5)):
        assert set(weights[:, targets == label].sum(axis=1)) == {size}


def test_cases_of_a_patient_are_drawn_together():
    patients = np.array([0, 0, 1, 2, 2, 2])
    weights = collected_weights(np.array([0, 1, 0, 0, 0, 0]), patients)
    assert (weights[:, 0] == weights[:, 1]).all()
    assert (weights[:, 3] == weights[:, 5]).all()
    assert (weights[:, [0, 2, 3]].sum(axis=1) == 3).all()


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 2)), min_size=1))
def test_a_patient_belongs_to_the_highest_class_of_his_cases(cases):
    _, patients = np.unique([case[0] for case in cases], return_inverse=True)
    targets = np.array([case[1] for case in cases])
    expected = [targets[patients == patient].max() for patient in range(patients.max() + 1)]
    assert patient_strata(targets, patients).tolist() == expected


def test_equal_seeds_give_equal_intervals_and_others_do_not():
    values, targets = np.random.default_rng(0).normal(size=50), np.zeros(50, dtype=int)
    one, same, other = (
        Bootstrap(100, seed, 0.95).estimate(mean_of(values), targets, None, n_events=None) for seed in (5, 5, 6)
    )
    assert one == same
    assert one != other


def test_chunks_hold_all_resamples(monkeypatch):
    monkeypatch.setattr(bootstrap_module, "CHUNK_ELEMENTS", 60)
    assert collected_weights(np.zeros(20, dtype=int), None, num_resamples=50).shape == (50, 20)


def test_in_a_cohort_the_number_of_the_diseased_varies_and_within_classes_it_does_not():
    targets, cohort = np.arange(60) % 3 == 0, np.zeros(60, dtype=int)
    drawn = [collected_weights(strata, None, 400)[:, targets].sum(axis=1) for strata in (cohort, targets)]
    assert drawn[0].std() == pytest.approx(np.sqrt(60 / 3 * 2 / 3), rel=0.15)
    assert drawn[1].std() == 0


def test_few_undefined_resamples_are_counted_beyond_both_limits():
    values = np.append(np.linspace(0, 1, 999), np.nan)
    estimate = Bootstrap(1000, 0, 0.95).percentile_estimate(0.5, values, n=9, n_events=None, is_clustered=True)
    beyond = [np.quantile(np.append(values[:-1], end), tail) for end, tail in ((-np.inf, 0.025), (np.inf, 0.975))]
    assert (estimate.ci_low, estimate.ci_high) == pytest.approx(beyond)
    assert estimate.method.endswith("1 undefined ones counted beyond both limits")


@pytest.mark.parametrize(
    ("resampled", "reason"),
    [
        ([1.0, 1.0, 1.0], "interval not estimable: resamples do not differ"),
        ([0.5, np.nan, 0.7], "interval not estimable: 1 of 3 resamples leave it undefined"),
        ([0.5, 0.6, 0.7], None),
    ],
)
def test_resamples_that_give_no_interval(resampled, reason):
    estimate = Bootstrap(3, 0, 0.95).percentile_estimate(
        0.6, np.array(resampled), n=9, n_events=None, is_clustered=False
    )
    assert (estimate.value, estimate.reason) == (0.6, reason)
    assert (estimate.ci_low is None) == (reason is not None)
