"""Sensitivity, specificity and accuracy of contenders."""

import numpy as np
import pytest

from reprodx.comparison.newcombe import paired_interval
from reprodx.comparison.paired_proportions import has_proportion_formula, proportion_comparison
from reprodx.comparison.result import ComparedMetric
from reprodx.errors import MetricError
from reprodx.metrics.chosen_threshold import NO_THRESHOLD
from reprodx.metrics.proportions import proportion
from reprodx.schemas import Task

GRADES = ("none", "mild", "severe")


def compare(cases, name, settings, pairs=((1, 0),)):
    return proportion_comparison(cases, ComparedMetric(name, name, True), pairs, settings)


@pytest.fixture
def approval(make_compared):
    """Agresti's table as the answers of two models about positive cases alone: 794, 150, 86, 570."""
    counts = [794, 150, 86, 570]
    first, second = np.repeat([1, 1, 0, 0], counts), np.repeat([1, 0, 1, 0], counts)
    return make_compared(np.ones(1600, dtype=int), [[second / 2], [first / 2]], called=[second, first])


@pytest.fixture
def answers(make_compared):
    """Three models' answers about 60 cases."""
    rng = np.random.default_rng(0)
    targets = (rng.random(60) < 0.4).astype(int)
    called = [np.where(rng.random(60) < worth, targets, 1 - targets) for worth in (0.6, 0.75, 0.9)]
    return make_compared(targets, [[one / 2] for one in called], called=called)


def test_agresti_approval(approval, make_settings):
    found = compare(approval, "sensitivity", make_settings())
    (pair,) = found.pairs
    assert pair.discordant == (150, 86)
    assert pair.difference.statistic**2 == pytest.approx(17.355932, abs=5e-7)
    assert pair.difference.p_value == pytest.approx(3.715936e-05, rel=5e-7)
    assert pair.mid_p < pair.difference.p_value
    assert pair.difference.estimate.value == (150 - 86) / 1600
    limits = (pair.difference.estimate.ci_low, pair.difference.estimate.ci_high)
    assert limits == paired_interval((794, 150, 86, 570), confidence_level=0.95)
    assert found.estimates[0] == proportion(880, 1600, n_events=1600, confidence_level=0.95, interval="wilson")
    assert found.spreads == (None, None)


@pytest.mark.parametrize("name", ["sensitivity", "specificity", "accuracy"])
def test_each_proportion_counts_its_own_cases(answers, make_settings, name):
    found = compare(answers, name, make_settings(), pairs=((1, 0), (2, 1)))
    targets = answers.targets
    kept = {"sensitivity": targets == 1, "specificity": targets == 0, "accuracy": np.ones(60, dtype=bool)}[name]
    right = [(one.members[0].called == targets)[kept] for one in answers.contenders]
    assert [one.value for one in found.estimates] == [one.mean() for one in right]
    assert {(one.n, one.n_events) for one in found.estimates} == {(kept.sum(), targets[kept].sum())}
    for pair in found.pairs:
        first, second = right[pair.first], right[pair.second]
        assert pair.difference.estimate.value == pytest.approx(first.mean() - second.mean())
        assert pair.discordant == ((first & ~second).sum(), (~first & second).sum())


def test_a_model_against_itself_is_no_difference(answers, make_settings, make_compared):
    called = [answers.contenders[1].members[0].called] * 2
    twice = make_compared(answers.targets, [[called[0] / 2]] * 2, called=called)
    (pair,) = compare(twice, "accuracy", make_settings()).pairs
    found = (pair.difference.estimate.value, pair.difference.statistic, pair.difference.p_value, pair.mid_p)
    assert (found, pair.discordant) == ((0, 0, 1, 1), (0, 0))
    assert pair.difference.estimate.ci_low < 0 < pair.difference.estimate.ci_high


def test_grades_and_labels(make_compared, make_settings):
    rng = np.random.default_rng(1)
    grades, called = rng.integers(0, 3, 40), [rng.integers(0, 3, 40) for _ in range(2)]
    probs = [[np.eye(3)[one]] for one in called]
    graded = make_compared(
        grades, probs, task=Task.ORDINAL, classes=GRADES, called=called, referable=[(one == 2) * 1 for one in called]
    )
    exact = compare(graded, "accuracy", make_settings())
    assert (exact.estimates[1].value, exact.estimates[1].n_events) == ((grades == called[1]).mean(), None)
    referable = compare(graded, "sensitivity_referable", make_settings(ordinal_cut=2))
    assert referable.estimates[1].value == (called[1] == 2)[grades == 2].mean()
    labels = rng.integers(0, 2, (40, 2))
    both = [rng.integers(0, 2, (40, 2)) for _ in range(2)]
    labelled = make_compared(
        labels, [[one / 2] for one in both], task=Task.MULTILABEL, classes=("fracture", "effusion"), called=both
    )
    found = compare(labelled, "specificity_effusion", make_settings())
    assert found.estimates[0].value == (both[0][:, 1] == 0)[labels[:, 1] == 0].mean()


def test_what_is_undefined_says_why(make_compared, make_settings):
    targets, called = np.zeros(6, dtype=int), np.array([0, 1, 0, 0, 1, 0])
    probs = [[called / 2], [called / 2]]
    no_positive = compare(make_compared(targets, probs, called=[called, called]), "sensitivity", make_settings())
    assert no_positive.estimates[0].reason == "no positive case"
    assert no_positive.pairs[0].difference.estimate.reason == "no positive case"
    assert no_positive.pairs[0].difference.p_value is None
    half = compare(make_compared(targets, probs, called=[None, called]), "specificity", make_settings())
    assert (half.estimates[0].reason, half.estimates[0].n) == (NO_THRESHOLD, 6)
    assert half.estimates[1].value == 4 / 6
    assert half.pairs[0].difference.estimate.reason == NO_THRESHOLD
    empty = compare(make_compared([], [[[]], [[]]], called=[called[:0]] * 2), "accuracy", make_settings())
    assert empty.pairs[0].difference.estimate.reason == "no case"
    valid = compare(make_compared(targets, probs, called=[called, called]), "specificity", make_settings())
    assert valid.pairs[0].difference.estimate.reason is None


def test_formulas_are_for_independent_cases_and_single_members(answers, make_compared, make_settings):
    called = [one.members[0].called for one in answers.contenders]
    clustered = make_compared(answers.targets, [[one] for one in called], called=called, patients=np.arange(60) // 2)
    several = make_compared(answers.targets, [[one, one] for one in called], called=called)
    assert has_proportion_formula(answers, "accuracy")
    assert not has_proportion_formula(clustered, "accuracy")
    assert not has_proportion_formula(several, "accuracy")
    with pytest.raises(MetricError, match="compare it by the bootstrap"):
        compare(clustered, "accuracy", make_settings())


@pytest.mark.parametrize(
    ("task", "with_formula", "without"),
    [
        (Task.BINARY, ["sensitivity", "accuracy"], ["ppv", "balanced_accuracy", "sensitivity_referable", "auroc"]),
        (Task.MULTICLASS, ["accuracy"], ["sensitivity", "accuracy_mild"]),
        (Task.ORDINAL, ["accuracy", "specificity_referable"], ["specificity", "accuracy_mild"]),
        (Task.MULTILABEL, ["sensitivity_mild"], ["accuracy", "sensitivity_other"]),
    ],
)
def test_which_metrics_have_a_formula(make_compared, task, with_formula, without):
    classes = ("benign", "malignant") if task == Task.BINARY else GRADES
    probs = np.full((2, 3), 0.2) if task != Task.BINARY else [0.2, 0.3]
    cases = make_compared([0, 1], [[probs], [probs]], task=task, classes=classes)
    assert [name for name in [*with_formula, *without] if has_proportion_formula(cases, name)] == with_formula
