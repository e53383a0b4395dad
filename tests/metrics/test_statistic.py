"""Metrics as functions of case weights, each one of the catalogue."""

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from reprodx.metrics.catalogue import all_metrics
from reprodx.metrics.statistic import Statistic, StatisticTable, blockwise
from tests.scored import drawn
from tests.settings import score_settings

SETTINGS = score_settings(prevalence=0.2)
EVERY = [pytest.param(one, view, id=f"{one.name}-{view}") for one in all_metrics() for view in one.views]
SMOOTH = [case for case in EVERY if case.values[0].no_interval is None]
STEP = 1e-4
SEEDS = st.integers(0, 2**32 - 1)


@pytest.mark.parametrize(("metric", "view"), SMOOTH)
@hypothesis_settings(max_examples=5)
@given(seed=SEEDS)
def test_influence_is_the_derivative_by_weights(metric, view, seed):
    cases = drawn(view, 40, seed=seed)
    statistic = metric.statistic(cases, view, SETTINGS)
    assume(statistic.reason is None)  # A likelihood ratio of no false positive is infinite.
    shifts = STEP * np.eye(40)
    up, down = (StatisticTable([statistic])(1 + shift)[0] for shift in (shifts, -shifts))
    influence = statistic.influence()
    np.testing.assert_allclose(influence, (up - down) / (2 * STEP), atol=1e-6, rtol=1e-4)
    # Twice the weights are the same cases: what each case adds sums to nothing.
    assert influence.sum() == pytest.approx(0, abs=1e-6)
    assert not influence[~statistic.rests_on()].any()


@pytest.mark.parametrize(("metric", "view"), EVERY)
@hypothesis_settings(max_examples=3)
@given(seed=SEEDS)
def test_whole_weights_are_repeated_cases(metric, view, seed):
    cases = drawn(view, 40, seed=seed)
    weights = np.random.default_rng(seed).integers(0, 4, size=(2, 40))
    statistic = metric.statistic(cases, view, SETTINGS)
    found = StatisticTable([statistic])(np.vstack([np.ones(40), weights]))[0]
    assert found[0] == pytest.approx(statistic.of_all(), rel=1e-12, nan_ok=True)
    for row, value in zip(weights, found[1:], strict=True):
        repeated = metric.statistic(cases.select(np.repeat(np.arange(40), row)), view, SETTINGS)
        if repeated.reason is None:
            assert value == pytest.approx(repeated.of_all(), rel=1e-6, abs=1e-8, nan_ok=True)


def test_what_several_statistics_need_is_computed_once(monkeypatch):
    calls = []

    class Counted:
        num_cases = 3

        def __call__(self, weights):
            calls.append(len(weights))
            return weights[:, 0]

        def influence(self):
            return np.array([1.0, 0, 0])

    first, ones = Counted(), np.ones(3)
    alone = Statistic.mean_of([first], n=3)
    both = Statistic((ones,), (first,), lambda total, one: one / total, 3)
    found = StatisticTable([alone, both, Statistic.undefined("why", n=3)])(np.array([[1.0, 1, 1], [3, 0, 0]]))
    assert calls == [2]
    np.testing.assert_array_equal(found, [[1, 3], [1 / 3, 1], [np.nan, np.nan]])
    assert both.influence() == pytest.approx([1 / 3 - 1 / 9, -1 / 9, -1 / 9])


def test_blocks_change_nothing(monkeypatch):
    weights = np.random.default_rng(0).random((7, 4))
    monkeypatch.setattr("reprodx.metrics.statistic.BLOCK_ELEMENTS", 8)
    np.testing.assert_array_equal(blockwise(lambda rows: rows.sum(axis=1), weights), weights.sum(axis=1))
    assert blockwise(lambda rows: rows.sum(axis=1), weights[:0]).size == 0


def test_a_share_rests_on_the_cases_of_its_base():
    whole = np.array([1.0, 1.0, 0.0])
    share = Statistic.share(np.array([1.0, 0.0, 0.0]), whole, n=2)
    assert (share.of_all(), share.rests_on().tolist()) == (0.5, [True, True, False])
    assert np.isnan(Statistic.share(np.zeros(3), np.zeros(3), n=0).of_all())
