"""Shares of cases that two models call right, compared case by case: McNemar's test and Newcombe's interval.

Source: Agresti, Categorical Data Analysis, 2002, table 10.1; Newcombe, Stat Med 1998;17:2635, method 10.
"""

from __future__ import annotations

import numpy as np
import pytest

from reprodx.metrics.asked import View
from reprodx.metrics.catalogue import metric_of
from reprodx.metrics.estimation import difference, estimate
from reprodx.metrics.measured import measured
from reprodx.metrics.newcombe import paired_interval
from reprodx.metrics.scored_cases import NO_THRESHOLD, ScoredCases
from reprodx.metrics.wilson import proportion
from reprodx.schemas import Task
from tests.settings import comparison_settings

SETTINGS = comparison_settings()
RNG = np.random.default_rng(0)
TARGETS = (RNG.random(60) < 0.4).astype(int)
CALLED = [np.where(RNG.random(60) < worth, TARGETS, 1 - TARGETS) for worth in (0.6, 0.75, 0.9)]


def answers(targets, called, *, patients=None, classes=("no", "yes"), task=Task.BINARY):
    # Probabilities that differ where calls do, so that no two models are one.
    given = np.zeros(len(targets)) if called is None else np.asarray(called) / 4
    probs = np.column_stack([1 - given, given])
    return ScoredCases(np.asarray(targets), probs, patients, classes, task, called)


def measure(name, *members, view=View.BINARY):
    return measured(metric_of(name), view, members, SETTINGS)


def compare(name, first, second, view=View.BINARY):
    return difference(measure(name, first, view=view), measure(name, second, view=view), SETTINGS)


def test_agresti_approval():
    """The table as the answers of two models about positive cases alone: 794, 150, 86, 570."""
    counts, targets = [794, 150, 86, 570], np.ones(1600, dtype=int)
    first, second = (answers(targets, np.repeat(calls, counts)) for calls in ([1, 1, 0, 0], [1, 0, 1, 0]))
    found = compare("sensitivity", first, second)
    assert found.discordant == (150, 86)
    assert found.statistic**2 == pytest.approx(17.355932, abs=5e-7)
    assert found.p_value == pytest.approx(3.715936e-05, rel=5e-7)
    assert found.mid_p < found.p_value
    assert found.estimate.value == (150 - 86) / 1600
    limits = (found.estimate.ci_low, found.estimate.ci_high)
    assert limits == paired_interval((794, 150, 86, 570), confidence_level=0.95)
    alone = estimate(measure("sensitivity", second), SETTINGS)
    assert alone == proportion(880, 1600, n_events=1600, confidence_level=0.95, interval="wilson")


@pytest.mark.parametrize("name", ["sensitivity", "specificity", "accuracy"])
def test_each_proportion_counts_its_own_cases(name):
    kept = {"sensitivity": TARGETS == 1, "specificity": TARGETS == 0, "accuracy": np.ones(60, dtype=bool)}[name]
    models, right = [answers(TARGETS, one) for one in CALLED], [(one == TARGETS)[kept] for one in CALLED]
    estimates = [estimate(measure(name, one), SETTINGS) for one in models]
    assert [one.value for one in estimates] == [one.mean() for one in right]
    assert {(one.n, one.n_events) for one in estimates} == {(kept.sum(), TARGETS[kept].sum())}
    for first, second in ((1, 0), (2, 1)):
        found = compare(name, models[first], models[second])
        assert found.estimate.value == pytest.approx(right[first].mean() - right[second].mean())
        assert found.discordant == ((right[first] & ~right[second]).sum(), (~right[first] & right[second]).sum())


def test_models_that_are_right_in_other_cases_of_equal_number_have_an_interval():
    turned = [answers([1, 1, 1, 0], np.array(calls)) for calls in ([1, 1, 0, 0], [1, 0, 1, 0])]
    found = compare("sensitivity", *turned)
    assert (found.estimate.value, found.p_value, found.discordant) == (0, 1, (1, 1))
    assert found.estimate.ci_low < 0 < found.estimate.ci_high


def test_grades_are_right_where_they_are_equal():
    grades, called = RNG.integers(0, 3, 40), [RNG.integers(0, 3, 40) for _ in range(2)]
    models = [answers(grades, one, classes=("none", "mild", "severe"), task=Task.ORDINAL) for one in called]
    exact = estimate(measure("accuracy", models[1], view=View.GRADES), SETTINGS)
    assert (exact.value, exact.n_events) == ((grades == called[1]).mean(), None)
    near = [np.abs(grades - one) <= 1 for one in called]
    found = compare("within_1", *models, view=View.GRADES)
    assert found.discordant == ((near[0] & ~near[1]).sum(), (~near[0] & near[1]).sum())


def test_what_is_undefined_says_why():
    targets, called = np.zeros(6, dtype=int), np.array([0, 1, 0, 0, 1, 0])
    whole, without = answers(targets, called), answers(targets, None)
    no_positive = compare("sensitivity", whole, whole)
    assert (no_positive.estimate.reason, no_positive.p_value) == ("no positive case", None)
    half = estimate(measure("specificity", without), SETTINGS)
    assert (half.reason, half.n) == (NO_THRESHOLD, 6)
    assert compare("specificity", without, whole).estimate.reason == NO_THRESHOLD
    empty = answers(targets[:0], called[:0])
    assert compare("accuracy", empty, empty).estimate.reason == "no case"
    assert estimate(measure("specificity", whole), SETTINGS).value == 4 / 6


def test_formulas_are_for_independent_cases_and_single_members():
    alone = [answers(TARGETS, one) for one in CALLED]
    clustered = [answers(TARGETS, one, patients=np.arange(60) // 2) for one in CALLED]
    assert "McNemar" in compare("accuracy", *alone[:2]).estimate.method
    assert "clustered by patient" in compare("accuracy", *clustered[:2]).estimate.method
    assert "clustered by patient" in estimate(measure("accuracy", clustered[0]), SETTINGS).method
    several = difference(measure("accuracy", *alone[:2]), measure("accuracy", alone[2]), SETTINGS)
    assert several.discordant is None
    assert several.estimate.value == pytest.approx(
        np.mean([(one == TARGETS).mean() for one in CALLED[:2]]) - (CALLED[2] == TARGETS).mean()
    )


@pytest.mark.parametrize("name", ["ppv", "npv"])
def test_predictive_values_have_other_cases_in_each_model(name):
    found = compare(name, answers(TARGETS, CALLED[0]), answers(TARGETS, CALLED[2]))
    assert found.discordant is None
    assert "McNemar" not in found.estimate.method
    assert estimate(measure(name, answers(TARGETS, CALLED[0])), SETTINGS).method == "Wilson"
