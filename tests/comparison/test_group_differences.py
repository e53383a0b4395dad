"""Differences within sites and subgroups."""

import dataclasses

import numpy as np
import pytest
from scipy.stats import norm
from scipy.stats import t as student

from reprodx.comparison.group_differences import group_differences, interaction
from reprodx.comparison.metric_comparisons import metric_named
from reprodx.metrics.asked import View
from reprodx.metrics.catalogue.auroc import AUROC
from reprodx.metrics.difference import Difference
from reprodx.metrics.estimation import difference
from reprodx.metrics.measured import measured
from reprodx.metrics.multiplicity import holm
from reprodx.metrics.scored_cases import ScoredCases
from reprodx.schemas import Estimate, Task
from tests.settings import comparison_settings

LEVEL = 0.95


def compare(cases, settings, pairs=((1, 0),), name="auroc"):
    return group_differences(cases, metric_named(name, cases.task, cases.classes), pairs, settings)


@pytest.fixture
def sited(make_compared):
    """Three models on 200 cases of two sites and a small third, of known and unknown age."""
    rng = np.random.default_rng(0)
    targets = (rng.random(200) < 0.4).astype(int)
    sites = np.repeat(["a", "b", "c"], [100, 90, 10])
    probs = [[rng.random(200) + worth * targets * (sites == "a")] for worth in (0.1, 0.4, 0.6)]
    ages = ["old" if draw < 0.5 else None for draw in rng.random(200)]
    columns = {"site": sites.tolist(), "group_age": ages, "group_sex": [None] * 200}
    return make_compared(targets, probs, columns=columns)


def direct(cases, rows, first, second):
    settings = comparison_settings(confidence_level=LEVEL)
    answers = [
        ScoredCases(cases.targets[rows], cases.contenders[one].members[0].probs[rows], None, cases.classes)
        for one in (first, second)
    ]
    return difference(*(measured(AUROC, View.BINARY, [one], settings) for one in answers), settings)


def test_each_group_has_its_own_difference(sited, make_settings):
    found = compare(sited, make_settings(), pairs=((1, 0), (2, 0)))
    assert [(one.first, one.column, one.group) for one in found] == [
        (first, column, group)
        for first in (1, 2)
        for column, group in (
            ("site", "a"),
            ("site", "b"),
            ("site", "c"),
            ("group_age", "old"),
            ("group_age", "(missing)"),
        )
    ]
    at_a = sited.table["site"].to_numpy() == "a"
    assert found[5].difference == direct(sited, at_a, 2, 0)
    assert (found[5].n, found[5].n_events) == (100, sited.targets[at_a].sum())
    assert found[5].estimates[0].value - found[5].estimates[1].value == pytest.approx(
        found[5].difference.estimate.value
    )


def test_claims_and_interactions_are_adjusted_over_the_groups_of_a_pair(sited, make_settings):
    found = compare(sited, make_settings())
    assert [one.p_holm for one in found] == list(holm([one.difference.p_value for one in found]))
    raw = []
    for one in found:
        names = sited.table[one.column].fill_null("(missing)").to_numpy()
        inside, outside = direct(sited, names == one.group, 1, 0), direct(sited, names != one.group, 1, 0)
        errors = [(each.estimate.ci_high - each.estimate.value) / norm.ppf(0.975) for each in (inside, outside)]
        z = (inside.estimate.value - outside.estimate.value) / np.hypot(*errors)
        raw.append(None if one.group == "c" else 2 * norm.sf(abs(z)))
    assert [one.interaction_p for one in found] == pytest.approx(list(holm(raw)))


def test_small_groups_say_too_few(sited, make_settings):
    small = next(one for one in compare(sited, make_settings()) if one.group == "c")
    fewest = min(np.bincount(sited.targets[190:], minlength=2))
    reason = f"too few: 10 cases, {fewest} of the rarest class (minimum 20 and 5)"
    assert [one.reason for one in (*small.estimates, small.difference.estimate)] == [reason] * 3
    assert (small.difference.p_value, small.p_holm, small.interaction_p) == (None, None, None)
    shown = next(one for one in compare(sited, make_settings(min_group_size=5, min_group_events=1)) if one.group == "c")
    assert shown.difference.p_value is not None


def test_patients_inside_and_outside_a_group_leave_no_interaction(sited, make_settings):
    numbers = np.arange(200)
    numbers[150] = numbers[20]
    shared = dataclasses.replace(sited, patients=np.unique(numbers, return_inverse=True)[1])
    rows = {(one.column, one.group): one for one in compare(shared, make_settings())}
    assert rows["site", "a"].interaction_p is None
    assert rows["site", "a"].difference.p_value is not None
    apart = dataclasses.replace(sited, patients=np.arange(200) // 10)
    rows = {(one.column, one.group): one for one in compare(apart, make_settings())}
    assert rows["site", "a"].interaction_p is not None
    assert "clustered" in rows["site", "a"].difference.estimate.method


def test_a_single_group_has_no_other_cases(sited, make_settings):
    one_site = dataclasses.replace(sited, table=sited.table.select("case_id").with_columns(site=sited.table["y_true"]))
    (row,) = compare(one_site, make_settings())
    assert row.interaction_p is None
    assert row.difference == direct(sited, np.ones(200, dtype=bool), 1, 0)


def test_without_groups_there_is_nothing(sited, make_settings):
    assert compare(dataclasses.replace(sited, table=sited.table.select("case_id")), make_settings()) == ()


def test_other_metrics_and_tasks_are_compared_as_asked(make_compared, make_settings):
    rng = np.random.default_rng(1)
    grades, sites = rng.integers(0, 3, 120), np.repeat(["a", "b"], 60).tolist()
    probs = rng.dirichlet(np.ones(3), size=(2, 120))
    called = [one.argmax(axis=1) for one in probs]
    options = {"classes": ("none", "mild", "severe"), "columns": {"site": sites}}
    models = [[one] for one in probs]
    graded = make_compared(grades, models, task=Task.ORDINAL, called=called, **options)
    row, _ = compare(graded, make_settings(), name="accuracy")
    assert row.estimates[0].value == (called[1] == grades)[:60].mean()
    assert row.n_events == (grades[:60] >= 2).sum()
    several = dataclasses.replace(graded, task=Task.MULTICLASS)
    row, _ = compare(several, make_settings(), name="auroc_mild")
    assert (row.n_events, row.estimates[0].n) == (None, 60)
    labels = make_compared(np.eye(3, dtype=int)[grades], models, task=Task.MULTILABEL, **options)
    row, _ = compare(labels, make_settings(), name="auroc_mild")
    assert (row.n_events, row.estimates[0].n_events) == (None, (grades[:60] == 1).sum())


def test_interaction_needs_intervals():
    def difference(value, half):
        low, high = (None, None) if half is None else (value - half, value + half)
        return Difference(Estimate(value, low, high, 10, 5, "made"), None, None)

    alike, other = difference(0.0, 0.0), difference(0.1, 0.0)
    assert interaction(alike, alike, LEVEL) == 1
    assert interaction(alike, other, LEVEL) is None
    assert interaction(alike, difference(0.1, None), LEVEL) is None
    half = norm.ppf(0.975)
    assert interaction(difference(1.0, half), alike, LEVEL) == pytest.approx(2 * norm.sf(1))
    few = dataclasses.replace(difference(1.0, 4.0), standard_error=0.5, degrees_of_freedom=4.0)
    assert interaction(few, alike, LEVEL) == pytest.approx(2 * student.sf(2, 4))
    # Two equal variances on 4 degrees of freedom each have 8 together.
    other = dataclasses.replace(few, estimate=difference(-1.0, 4.0).estimate)
    assert interaction(few, other, LEVEL) == pytest.approx(2 * student.sf(4 / np.sqrt(2), 8))
