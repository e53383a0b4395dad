"""What a member said, called at its own thresholds."""

from collections.abc import Callable

import numpy as np
import pytest

from reprodx.artifacts.predictions import ClassOrder
from reprodx.comparison.lineup.agreed_classes import AgreedClasses
from reprodx.comparison.lineup.answers import Answers, Calling, answers
from reprodx.comparison.lineup.recipe_groups import MemberKey
from reprodx.comparison.source import Source
from reprodx.errors import IncomparableError
from reprodx.schemas import Task

Make = Callable[..., Source]
BINARY = AgreedClasses(Task.BINARY, ("well", "sick"))
GRADES = ("none", "mild", "grave")
PROBS = {"prob_well": [0.9, 0.6, 0.4, 0.1], "prob_sick": [0.1, 0.4, 0.6, 0.9]}


def at(value: float | None, **more: object) -> dict[str, object]:
    return {"value": value, "rule": "largest Youden index", "chosen_on": "val", **more}


def of(
    *sources: Source, classes: AgreedClasses = BINARY, threshold: float | None = None, ordinal_cut: int = 1
) -> Answers:
    calling = Calling(threshold, ordinal_cut)
    return answers(sources, MemberKey(5, 2, None), split="test", classes=classes, calling=calling)


def test_rows_are_sorted_by_case(make_source: Make) -> None:
    found = of(make_source(columns={"case_id": ["10", "b", "2", "a"], "site": ["w", "x", "y", "z"], **PROBS}))
    assert found.ids.to_list() == ["10", "2", "a", "b"]
    assert found.table["site"].to_list() == ["w", "y", "z", "x"]
    assert found.table["y_true"].to_list() == ["well", "well", "sick", "sick"]
    assert found.targets.tolist() == [0, 0, 1, 1]
    assert found.member.probs[:, 1].tolist() == [0.1, 0.6, 0.9, 0.4]
    assert (found.member.seed, found.member.repeat) == (5, 2)


@pytest.mark.parametrize(
    ("metadata", "threshold", "called", "used", "is_fixed"),
    [
        ({"threshold": at(0.4)}, None, [0, 1, 1, 1], 0.4, False),
        ({"threshold": at(0.4)}, 0.9, [0, 1, 1, 1], 0.4, False),
        ({}, None, [0, 0, 1, 1], 0.5, True),
        ({}, 0.9, [0, 0, 0, 1], 0.9, True),
        ({"threshold": at(None, reason="one class only")}, None, [0, 0, 1, 1], 0.5, True),
    ],
)
def test_cases_are_called_at_the_run_s_own_threshold(
    make_source: Make,
    metadata: dict[str, object],
    threshold: float | None,
    called: list[int],
    used: float,
    is_fixed: bool,
) -> None:
    found = of(make_source(columns=PROBS, **metadata), threshold=threshold)
    assert found.member.called is not None
    assert found.member.called.tolist() == called
    assert found.member.thresholds == (used,)
    assert found.without_threshold == (("a",) if is_fixed else ())


def test_a_threshold_is_one_for_the_class_that_the_run_takes_for_positive(make_source: Make) -> None:
    """Declared the other way round, 0.4 is a probability of being well: 0.4 reaches it."""
    turned = of(make_source(columns=PROBS, classes=("sick", "well"), threshold=at(0.4)))
    assert turned.member.called is not None
    assert turned.member.called.tolist() == [0, 0, 0, 1]
    assert turned.member.probs.tolist() == of(make_source(columns=PROBS)).member.probs.tolist()
    foreign = of(make_source(columns=PROBS, classes=("sick", "well"), class_order=ClassOrder.COLUMNS), threshold=0.4)
    assert foreign.member.called is not None
    assert foreign.member.called.tolist() == [0, 1, 1, 1]


def test_each_fold_is_called_at_its_own_threshold(make_source: Make) -> None:
    one = make_source("a", columns={"case_id": ["1", "3", "5", "7"], "fold": [0] * 4, **PROBS}, threshold=at(0.3))
    two = make_source("b", columns={"case_id": ["2", "4", "6", "8"], "fold": [1] * 4, **PROBS}, threshold=at(0.7))
    found = of(one, two)
    assert found.member.called is not None
    assert found.ids.to_list() == list("12345678")
    assert found.member.called.tolist() == [0, 0, 1, 0, 1, 0, 1, 1]
    assert found.member.thresholds == (0.3, 0.7)
    assert found.table["fold"].to_list() == [0, 1] * 4
    assert [source.label for source in found.member.sources] == ["a", "b"]


def test_a_case_is_in_one_fold(make_source: Make) -> None:
    two = make_source("b", columns={"case_id": ["4", "5", "6", "7"]})
    with pytest.raises(IncomparableError, match="1 cases are in several folds of a, b"):
        of(make_source("a"), two)


@pytest.mark.parametrize(
    ("metadata", "cut", "referable", "is_fixed"),
    [
        ({"threshold": at(0.3, positive="mild or above")}, 1, [0, 1, 1, 1], False),
        ({"threshold": at(0.3, positive="mild or above")}, 2, [0, 0, 0, 1], True),
        ({}, 1, [0, 0, 1, 1], True),
    ],
)
def test_grades_are_called_by_the_most_probable_and_referred_by_threshold(
    make_source: Make, metadata: dict[str, object], cut: int, referable: list[int], is_fixed: bool
) -> None:
    columns = {
        "y_true": ["none", "mild", "grave", "grave"],
        "prob_grave": [0.1, 0.1, 0.3, 0.6],
        "prob_none": [0.8, 0.7, 0.3, 0.2],
        "prob_mild": [0.1, 0.2, 0.4, 0.2],
    }
    source = make_source(columns=columns, classes=GRADES, task="ordinal", **metadata)
    found = of(source, classes=AgreedClasses(Task.ORDINAL, GRADES), ordinal_cut=cut).member
    assert found.called is not None
    assert found.called_referable is not None
    assert found.called.tolist() == [0, 0, 1, 2]
    assert found.called_referable.tolist() == referable
    assert found.thresholds == (0.5 if is_fixed else 0.3,)


def test_classes_are_called_by_the_most_probable(make_source: Make) -> None:
    columns = {
        "y_true": ["a", "b", "c", "a"],
        "prob_a": [1.0, 0, 0, 0.4],
        "prob_b": [0.0, 1, 0, 0.4],
        "prob_c": [0.0, 0, 1, 0.2],
    }
    found = of(
        make_source(columns=columns, classes=("c", "b", "a")), classes=AgreedClasses(Task.MULTICLASS, ("a", "b", "c"))
    )
    assert found.member.called is not None
    assert found.member.called.tolist() == [0, 1, 2, 0]
    assert found.targets.tolist() == [0, 1, 2, 0]
    assert found.member.thresholds == (None,)
    assert found.without_threshold == ()


def test_labels_are_called_each_at_its_own_threshold(make_source: Make) -> None:
    columns = {
        "y_true_x": [1, 0, 0, 1],
        "y_true_y": [0, 0, 1, 1],
        "prob_x": [0.2, 0.4, 0.6, 0.8],
        "prob_y": [0.2, 0.4, 0.6, 0.8],
    }
    source = make_source(
        columns=columns, classes=("y", "x"), task="multilabel", thresholds={"x": at(0.7), "y": at(0.3)}
    )
    found = of(source, classes=AgreedClasses(Task.MULTILABEL, ("x", "y")))
    assert found.member.called is not None
    assert found.member.called.tolist() == [[0, 0], [0, 1], [0, 1], [1, 1]]
    assert found.targets.tolist() == [[1, 0], [0, 0], [0, 1], [1, 1]]
    assert found.table["y_true"].to_list() == ["x", "none", "y", "x+y"]
    assert found.without_threshold == ()
    half = make_source("b", columns=columns, classes=("x", "y"), task="multilabel", thresholds={"x": at(0.7)})
    found = of(half, classes=AgreedClasses(Task.MULTILABEL, ("x", "y")))
    assert found.member.called is not None
    assert found.member.called[:, 1].tolist() == [0, 0, 1, 1]
    assert found.without_threshold == ("b",)


def test_some_of_the_cases_keep_all_that_was_said_of_them(make_source: Make) -> None:
    whole = of(make_source(columns=PROBS))
    found = whole.among(whole.ids.gather([1, 3]))
    assert found.ids.to_list() == ["2", "4"]
    np.testing.assert_array_equal(found.member.probs, whole.member.probs[[1, 3]])
    assert found.member.called is not None
    assert found.member.called.tolist() == [0, 1]
    assert found.targets.tolist() == [1, 1]
    assert found.member.called_referable is None
