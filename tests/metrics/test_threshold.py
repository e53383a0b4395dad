"""Rules that choose a threshold."""

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from reprodx.errors import ConfigError, UndefinedMetricError
from reprodx.metrics.threshold import FixedThreshold, MinimumCost, TargetSensitivity, TargetSpecificity, Youden
from reprodx.metrics.threshold_candidates import Candidates

CASES = st.lists(st.tuples(st.booleans(), st.integers(0, 10)), min_size=2, max_size=40)
RULES = [Youden(), TargetSensitivity(0.9), TargetSpecificity(0.8), MinimumCost(5, 1), FixedThreshold(0.3)]


def arrays(cases):
    is_positive = np.array([case[0] for case in cases])
    assume(0 < is_positive.sum() < is_positive.size)
    return is_positive, np.array([case[1] for case in cases]) / 10


def rates(is_positive, probs, threshold):
    called = probs >= threshold
    return called[is_positive].mean(), (~called)[~is_positive].mean()


@given(CASES)
def test_youden_has_the_largest_index_and_is_the_lowest_such(cases):
    is_positive, probs = arrays(cases)
    chosen = Youden().choose(is_positive, probs)
    best = sum(rates(is_positive, probs, chosen))
    for threshold in Candidates.of(is_positive, probs).thresholds:
        other = sum(rates(is_positive, probs, threshold))
        assert other <= best + 1e-12
        assert threshold >= chosen or other < best - 1e-12


@given(CASES, st.sampled_from([0.1, 0.28, 0.5, 0.9, 1.0]))
def test_targets_are_reached_at_the_least_expense(cases, target):
    is_positive, probs = arrays(cases)
    sensitive = TargetSensitivity(target).choose(is_positive, probs)
    assert rates(is_positive, probs, sensitive)[0] >= target
    specific = TargetSpecificity(target).choose(is_positive, probs)
    assert rates(is_positive, probs, specific)[1] >= target
    for threshold in Candidates.of(is_positive, probs).thresholds:
        assert threshold <= sensitive or rates(is_positive, probs, threshold)[0] < target
        assert threshold >= specific or rates(is_positive, probs, threshold)[1] < target


@given(CASES, st.integers(1, 20), st.integers(1, 20))
def test_cost_is_least_and_the_threshold_the_lowest_such(cases, false_negative_cost, false_positive_cost):
    is_positive, probs = arrays(cases)

    def cost(threshold):
        called = probs >= threshold
        misses, alarms = (is_positive & ~called).sum(), (~is_positive & called).sum()
        return misses * false_negative_cost + alarms * false_positive_cost

    chosen = MinimumCost(false_negative_cost, false_positive_cost).choose(is_positive, probs)
    for threshold in Candidates.of(is_positive, probs).thresholds:
        assert cost(threshold) > cost(chosen) or (cost(threshold) == cost(chosen) and threshold >= chosen)


@given(CASES, st.integers(0, 2**32 - 1))
def test_the_order_of_cases_does_not_matter(cases, seed):
    is_positive, probs = arrays(cases)
    order = np.random.default_rng(seed).permutation(probs.size)
    for rule in RULES:
        assert rule.choose(is_positive, probs) == rule.choose(is_positive[order], probs[order])


def test_a_missed_case_that_costs_more_lowers_the_threshold():
    is_positive, probs = np.array([False, False, False, True, False, True]), np.arange(1, 7) / 10
    assert MinimumCost(1, 1).choose(is_positive, probs) == pytest.approx(0.35)
    assert MinimumCost(1, 3).choose(is_positive, probs) == pytest.approx(0.55)


@pytest.mark.parametrize("rule", RULES[:-1])
def test_one_class_is_refused(rule):
    with pytest.raises(UndefinedMetricError, match="fix the threshold"):
        rule.choose(np.array([True, True]), np.array([0.1, 0.2]))
    assert 0 <= rule.choose(np.array([True, False]), np.array([0.1, 0.2])) <= 1


def test_a_fixed_threshold_looks_at_no_case():
    assert FixedThreshold(0.3).choose(np.array([True]), np.array([0.1])) == 0.3


@pytest.mark.parametrize(
    ("make", "key"),
    [
        (lambda: TargetSensitivity(0.0), "target"),
        (lambda: TargetSensitivity(float("nan")), "target"),
        (lambda: TargetSpecificity(90), "target"),
        (lambda: MinimumCost(0, 1), "false_negative_cost"),
        (lambda: MinimumCost(1, float("inf")), "false_positive_cost"),
        (lambda: FixedThreshold(1.5), "value"),
    ],
)
def test_meaningless_settings_are_refused_with_their_key(make, key):
    with pytest.raises(ConfigError, match=rf"evaluation\.threshold\.{key}: "):
        make()


def test_limits_of_settings_are_accepted():
    assert TargetSensitivity(1.0).target == 1
    assert FixedThreshold(0.0).value == 0


def test_rules_describe_themselves():
    assert [rule.describe() for rule in RULES] == [
        "largest Youden index",
        "sensitivity of at least 0.9",
        "specificity of at least 0.8",
        "least cost at 5 a false negative, 1 a false positive",
        "fixed at 0.3",
    ]
