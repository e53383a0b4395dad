"""Resamples of patients that all models share."""

import dataclasses

import numpy as np
import pytest

from reprodx.comparison import resamples
from reprodx.comparison.resamples import drawn_shares, over_resamples
from reprodx.metrics.scored_cases import ScoredCases

N = 200
TARGETS = (np.arange(N) % 5 < 2).astype(np.int64)
PROBS = np.random.default_rng(11).random(N)
CASES = ScoredCases(TARGETS, np.column_stack([1 - PROBS, PROBS]), None, ("no", "yes"))


def positives_and_places(weights, rows):
    return np.stack([np.arange(rows.start, rows.stop), weights[:, TARGETS == 1].sum(axis=1), weights @ PROBS])


def test_resamples_keep_their_place_and_in_a_case_control_study_their_classes(make_settings):
    settings = make_settings(num_resamples=1001)
    places, num_positives, _ = over_resamples(positives_and_places, CASES, settings)
    assert places.tolist() == list(range(1001))
    assert num_positives.var() == pytest.approx(N * 0.4 * 0.6, rel=0.2)
    fixed = over_resamples(positives_and_places, CASES.with_fixed_classes(), settings)[1]
    assert set(fixed) == {TARGETS.sum()}


def test_neither_chunks_nor_threads_change_a_number(make_settings, monkeypatch):
    whole = over_resamples(positives_and_places, CASES, make_settings())
    monkeypatch.setattr(resamples, "NUM_THREADS", 1)
    assert np.array_equal(over_resamples(positives_and_places, CASES, make_settings()), whole)
    monkeypatch.setattr(resamples, "CHUNK_ELEMENTS", 100_000)
    np.testing.assert_allclose(over_resamples(positives_and_places, CASES, make_settings()), whole, rtol=1e-12)
    other = over_resamples(positives_and_places, CASES, make_settings(bootstrap_seed=1))
    assert not np.array_equal(other, whole)


def test_cases_of_a_patient_are_drawn_together(make_settings):
    patients = np.arange(N) // 4
    clustered = dataclasses.replace(CASES, patients=patients)
    weights = over_resamples(lambda rows, _: rows.T, clustered, make_settings(num_resamples=50))
    assert (weights == weights[patients * 4]).all()
    assert set(weights.sum(axis=0)) == {N}


def test_without_cases_there_is_no_resample(make_settings):
    empty = CASES.select(np.zeros(0, dtype=np.int64))
    assert over_resamples(lambda weights, _: weights.sum(axis=1), empty, make_settings()).shape == (0,)


def test_drawing_members_gives_their_mean_its_unbiased_variance(make_compared, make_settings):
    cases = make_compared(TARGETS, [[PROBS] * size for size in (1, 2, 3, 5)])
    for shares in drawn_shares(cases, make_settings(num_resamples=20_000)):
        values = np.arange(len(shares)) ** 2.0
        assert shares.sum(axis=0) == pytest.approx(np.ones(20_000))
        expected = values.var(ddof=1) / values.size if values.size > 1 else 0.0
        assert (values @ shares).var() == pytest.approx(expected, rel=0.05)
