"""Statistics that are computed together."""

import numpy as np

from reprodx.comparison.statistics import weighted_statistic
from reprodx.comparison.statistics.weighted_statistic import Statistic, StatisticTable, blockwise, mean_of

WEIGHTS = np.array([[1.0, 1, 1], [0.0, 2, 1]])


def test_a_table_holds_means_functions_and_what_is_undefined():
    column, ones = np.array([1.0, 2.0, 6.0]), np.ones(3)
    total = Statistic.of_function(lambda weights: weights.sum(axis=1), n=3)
    table = StatisticTable([Statistic.mean(column, ones), Statistic.undefined("why", n=3), total])
    values = table(WEIGHTS)
    assert values[0].tolist() == [3.0, 10 / 3]
    assert np.isnan(values[1]).all()
    assert values[2].tolist() == [3.0, 3.0]


def test_what_several_statistics_need_is_computed_once():
    calls = []

    def counted(weights):
        calls.append(len(weights))
        return weights[:, 0]

    StatisticTable([Statistic.of_function(counted, n=3), mean_of([counted, counted], n=3)])(WEIGHTS)
    assert calls == [2]


def test_the_mean_of_functions_is_undefined_where_one_is():
    mean = mean_of([lambda weights: weights[:, 1], lambda weights: np.log(weights[:, 2] - 1)], n=3)
    with np.errstate(divide="ignore"):
        assert np.isneginf(StatisticTable([mean])(WEIGHTS)).all()
    assert StatisticTable([mean_of([lambda weights: weights[:, 0] * np.nan], n=3)])(WEIGHTS).shape == (1, 2)


def test_blocks_hold_all_resamples(monkeypatch):
    monkeypatch.setattr(weighted_statistic, "BLOCK_ELEMENTS", 6)
    sizes = []

    def function(weights):
        sizes.append(len(weights))
        return weights.sum(axis=1)

    weights = np.arange(15.0).reshape(5, 3)
    assert blockwise(function)(weights).tolist() == weights.sum(axis=1).tolist()
    assert sizes == [2, 2, 1]
