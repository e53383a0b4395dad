"""What members of contenders are asked, and at which probabilities net benefit is compared."""

import dataclasses

import numpy as np
import polars as pl
import pytest

from reprodx.artifacts.predictions import Predictions
from reprodx.comparison.asked_members import asked_members, decision_thresholds, threshold_in_words
from reprodx.comparison.source import Source
from reprodx.errors import ConfigError
from reprodx.metrics.asked import Asked, View
from reprodx.schemas import Sampling, Task

GRADES = ("none", "mild", "severe")
PROBS = [0.2, 0.4, 0.6, 0.7]
BINARY = Asked(View.BINARY)


def with_thresholds(cases, *thresholds):
    (member,) = cases.contenders[0].members
    members = tuple(dataclasses.replace(member, thresholds=(one,)) for one in thresholds)
    first = dataclasses.replace(cases.contenders[0], members=members)
    return dataclasses.replace(cases, contenders=(first, *cases.contenders[1:]))


def with_entries(cases, entries):
    """Return the cases with a run as the reference that chose thresholds for its labels."""
    (member,) = cases.contenders[0].members
    chosen = {name: {"value": value, "rule": "made", "chosen_on": "val"} for name, value in entries.items()}
    source = Source("run", Predictions(pl.DataFrame(), {"classes": cases.classes, "thresholds": chosen}))
    first = dataclasses.replace(cases.contenders[0], members=(dataclasses.replace(member, sources=(source,)),))
    return dataclasses.replace(cases, contenders=(first, *cases.contenders[1:]))


@pytest.fixture
def binary(make_compared):
    return make_compared([0, 0, 1, 1], [[PROBS], [PROBS]])


@pytest.fixture
def labelled(make_compared):
    targets, called = np.array([[0, 1], [1, 0], [1, 1], [0, 0]]), np.array([[0, 1], [1, 1], [1, 0], [0, 0]])
    probs = [[np.column_stack([PROBS, PROBS])]] * 2
    return make_compared(targets, probs, task=Task.MULTILABEL, classes=("fluid", "scar"), called=[called, None])


def test_net_benefit_is_compared_at_the_threshold_of_the_reference(binary, make_settings):
    def words(cases, **changes):
        return threshold_in_words(cases, make_settings(**changes), BINARY)

    assert words(binary) == "at probability 0.50"
    assert words(with_thresholds(binary, 0.3)) == "at probability 0.30, the threshold of the reference"
    several = with_thresholds(binary, 0.3, 0.5)
    assert words(several) == "at probability 0.40, the mean of the 2 thresholds of the reference"
    assert words(with_thresholds(binary, 0.3), decision_threshold=0.1) == "at probability 0.10"
    asked = asked_members(several, make_settings())
    assert [[one[BINARY].decision_threshold for one in members] for members in asked] == [[0.4, 0.4], [0.4]]


def test_a_threshold_that_calls_all_or_none_is_no_decision_threshold(binary, make_settings):
    assert decision_thresholds(with_thresholds(binary, 1.5), make_settings()) == {"": 0.5}
    assert decision_thresholds(with_thresholds(binary, 0.9), make_settings()) == {"": 0.9}
    with pytest.raises(ConfigError, match=r"evaluation.decision_threshold: 1 is no threshold"):
        decision_thresholds(binary, make_settings(decision_threshold=1.0))


def test_each_label_is_compared_at_its_own_threshold(labelled, make_settings):
    own = with_entries(labelled, {"fluid": 0.3, "scar": None})
    assert decision_thresholds(own, make_settings()) == {"fluid": 0.3, "scar": 0.5}
    words = [threshold_in_words(own, make_settings(), Asked(View.LABEL, name)) for name in own.classes]
    assert words == ["at probability 0.30, the threshold of the reference", "at probability 0.50"]
    stated = make_settings(decision_threshold=0.2)
    assert decision_thresholds(own, stated) == {"fluid": 0.2, "scar": 0.2}
    for members in asked_members(own, make_settings()):
        assert members[0][Asked(View.LABEL, "fluid")].decision_threshold == 0.3


def test_labels_are_called_as_the_member_calls_them(labelled, make_settings):
    first, second = (members[0] for members in asked_members(labelled, make_settings()))
    assert list(first) == [Asked(View.LABELS), Asked(View.LABEL, "fluid"), Asked(View.LABEL, "scar")]
    assert first[Asked(View.LABEL, "scar")].calls.tolist() == [1, 1, 0, 0]
    assert first[Asked(View.LABEL, "scar")].targets.tolist() == [1, 0, 1, 0]
    assert second[Asked(View.LABEL, "scar")].calls is None


def test_grades_are_asked_whether_they_are_referable(make_compared, make_settings):
    probs, called = np.eye(3)[[0, 1, 2, 2]] * 0.7 + 0.1, np.array([0, 1, 2, 2])
    cases = make_compared(
        [0, 1, 2, 1], [[probs]], task=Task.ORDINAL, classes=GRADES, called=[called], referable=[np.array([0, 0, 1, 1])]
    )
    ((asked,),) = asked_members(with_thresholds(cases, 0.6), make_settings(ordinal_cut=2))
    referable = asked[Asked(View.REFERABLE)]
    assert (referable.targets.tolist(), referable.calls.tolist()) == ([0, 0, 1, 0], [0, 0, 1, 1])
    assert referable.decision_threshold == 0.6
    assert asked[Asked(View.GRADES)].calls.tolist() == called.tolist()
    assert asked[Asked(View.CLASS, "severe")].calls.tolist() == [0, 0, 1, 1]
    with pytest.raises(ConfigError, match="ordinal_cut"):
        asked_members(cases, make_settings(ordinal_cut=3))


def test_classes_are_fixed_where_the_design_fixed_them(binary, make_settings):
    fixed = dataclasses.replace(binary, sampling=Sampling.CASE_CONTROL)
    assert asked_members(binary, make_settings())[0][0][BINARY].design_strata is None
    assert asked_members(fixed, make_settings())[0][0][BINARY].design_strata.tolist() == [0, 0, 1, 1]
