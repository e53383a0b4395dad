"""Which metrics models are compared by."""

import dataclasses

import numpy as np
import pytest

from reprodx.comparison.catalogue import compared_metrics, decision_threshold, merit, metric_named
from reprodx.errors import ConfigError
from reprodx.schemas import Task

GRADES = ("none", "mild", "severe")
PROBS = [0.2, 0.4, 0.6, 0.7]


def with_thresholds(cases, *thresholds):
    (member,) = cases.contenders[0].members
    members = tuple(dataclasses.replace(member, thresholds=(one,)) for one in thresholds)
    first = dataclasses.replace(cases.contenders[0], members=members)
    return dataclasses.replace(cases, contenders=(first, *cases.contenders[1:]))


def test_the_primary_metric_is_first_and_none_is_twice(make_compared, make_settings):
    cases = make_compared([0, 0, 1, 1], [[PROBS]])
    names = [metric.name for metric in compared_metrics(cases, make_settings(metric="brier"))]
    assert names[:2] == ["brier", "auroc"]
    assert len(names) == len(set(names)) == 12


def test_labels_and_referable_grades_have_metrics_of_their_own():
    assert metric_named("auroc_mass", Task.MULTILABEL, ["mass"]).label == "AUROC, mass"
    assert metric_named("kappa_referable", Task.ORDINAL, GRADES).label == "Cohen's kappa, referable"
    assert metric_named("kappa", Task.ORDINAL, GRADES).label == "Quadratic weighted kappa"


@pytest.mark.parametrize("task", [Task.MULTICLASS, Task.ORDINAL])
def test_each_of_several_classes_has_an_auroc_against_the_rest(task):
    assert metric_named("auroc_severe", task, GRADES).label == "AUROC, severe against the rest"
    assert metric_named("auroc", task, GRADES).label == "AUROC, macro one-vs-rest"


def test_a_grade_that_is_called_as_the_question_is_does_not_take_its_place():
    assert metric_named("auroc_referable", Task.ORDINAL, ("none", "referable")).label == "AUROC, referable"


@pytest.mark.parametrize(
    ("name", "task"),
    [("auc", Task.BINARY), ("auroc_none", Task.BINARY), ("mae", Task.BINARY), ("auroc_x", Task.MULTILABEL)],
)
def test_an_unknown_metric_is_refused_with_those_of_the_task(name, task):
    expected = rf"metric '{name}' is not compared where the task is {task}: choose one of auroc, "
    with pytest.raises(ConfigError, match=expected):
        metric_named(name, task, GRADES)


def test_net_benefit_says_what_it_was_taken_at(make_compared, make_settings):
    cases = make_compared([0, 0, 1, 1], [[PROBS], [PROBS]])

    def detail(cases, **changes):
        metrics = compared_metrics(cases, make_settings(**changes))
        assert all(metric.detail == "" for metric in metrics if metric.name != "net_benefit")
        return next(metric.detail for metric in metrics if metric.name == "net_benefit")

    assert detail(cases) == "at probability 0.50"
    assert detail(with_thresholds(cases, 0.3)) == "at probability 0.30, the threshold of the reference"
    assert detail(with_thresholds(cases, 0.3, 0.5)) == "at probability 0.40, the mean threshold of the reference"
    assert detail(with_thresholds(cases, 0.3), decision_threshold=0.1) == "at probability 0.10"


def test_a_threshold_that_calls_all_or_none_is_no_decision_threshold(make_compared, make_settings):
    cases = make_compared([0, 0, 1, 1], [[PROBS]])
    assert decision_threshold(with_thresholds(cases, 1.5), make_settings()) == 0.5
    assert decision_threshold(with_thresholds(cases, 0.9), make_settings()) == 0.9
    with pytest.raises(ConfigError, match=r"evaluation.decision_threshold: 1 is no threshold"):
        decision_threshold(cases, make_settings(decision_threshold=1.0))


@pytest.mark.parametrize(
    ("name", "best"),
    [("auroc", 2), ("brier", 0), ("calibration_slope", 1), ("calibration_in_the_large", 0)],
)
def test_merit_is_the_higher_the_better(name, best):
    values = np.array([0.1, 0.9, 1.3])
    assert merit(metric_named(name, Task.BINARY, ("no", "yes")), values).argmax() == best
