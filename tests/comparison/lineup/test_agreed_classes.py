"""One order of classes for all sources."""

from collections.abc import Callable

import pytest

from reprodx.artifacts.predictions import ClassOrder
from reprodx.comparison.lineup.agreed_classes import agreed_classes
from reprodx.comparison.source import Source
from reprodx.errors import ConfigError, IncomparableError
from reprodx.schemas import Task

Make = Callable[..., Source]
COLUMNS, ONLY = ClassOrder.COLUMNS, ClassOrder.ONLY_COLUMN


def test_the_first_declared_order_is_taken(make_source: Make) -> None:
    foreign = make_source("f", classes=("sick", "well"), class_order=COLUMNS)
    found = agreed_classes([foreign, make_source("a")], None)
    assert found.names == ("well", "sick")
    assert found.notes == ()
    assert found.positions(foreign.predictions).tolist() == [1, 0]


@pytest.mark.parametrize(
    ("files", "expected", "why"),
    [
        ([(("b", "a"), COLUMNS), (("a", "b"), COLUMNS)], ("b", "a"), "the last of f0"),
        ([(("b", "a"), COLUMNS), (("a", "b"), ONLY)], ("a", "b"), "only probability column of f1"),
        ([(("1", "0"), COLUMNS), (("0", "1"), COLUMNS)], ("0", "1"), "its name says so"),
        ([(("true", "false"), COLUMNS), (("true", "false"), COLUMNS)], ("false", "true"), "its name says so"),
        ([(("1", "0"), ONLY), (("0", "1"), COLUMNS)], ("1", "0"), "only probability column of f0"),
    ],
)
def test_where_nobody_declares_it_the_positive_class_is_said(
    make_source: Make, files: list[tuple[tuple[str, str], ClassOrder]], expected: tuple[str, str], why: str
) -> None:
    sources = [
        make_source(f"f{position}", classes=classes, class_order=order)
        for position, (classes, order) in enumerate(files)
    ]
    found = agreed_classes(sources, None)
    assert found.names == expected
    (note,) = found.notes
    assert f"{expected[1]!r} is taken" in note
    assert why in note
    assert "--positive" in note


def test_a_person_names_the_positive_class(make_source: Make) -> None:
    foreign = [make_source(label, class_order=COLUMNS) for label in "ab"]
    assert agreed_classes(foreign, "well").names == ("sick", "well")
    assert agreed_classes(foreign, "well").notes == ()
    with pytest.raises(ConfigError, match=r"--positive ill: the classes are \['well', 'sick'\]"):
        agreed_classes(foreign, "ill")


def test_a_declared_positive_class_is_not_turned_round(make_source: Make) -> None:
    sources = [make_source("a"), make_source("b", class_order=COLUMNS)]
    assert agreed_classes(sources, "sick").names == ("well", "sick")
    with pytest.raises(ConfigError, match="declare 'sick' as positive"):
        agreed_classes(sources, "well")


def test_tasks_without_a_positive_class_take_none(make_source: Make) -> None:
    sources = [make_source(label, classes=("a", "b", "c")) for label in "ab"]
    assert agreed_classes(sources, None).task == Task.MULTICLASS
    with pytest.raises(ConfigError, match="has no positive class"):
        agreed_classes(sources, "a")


def test_names_that_differ_in_spelling_alone_are_the_same(make_source: Make) -> None:
    sources = [make_source("a", classes=("0.0", "1.0")), make_source("b", classes=("1", "0"), class_order=COLUMNS)]
    found = agreed_classes(sources, None)
    assert found.names == ("0.0", "1.0")
    assert found.positions(sources[1].predictions).tolist() == [1, 0]
    assert agreed_classes(sources, "1").names == ("0.0", "1.0")


def test_one_and_zero_are_true_and_false(make_source: Make) -> None:
    sources = [make_source("a", classes=classes, class_order=COLUMNS) for classes in (("0", "1"), ("true", "false"))]
    found = agreed_classes(sources, None)
    assert found.names == ("0", "1")
    assert found.positions(sources[1].predictions).tolist() == [1, 0]
    assert agreed_classes(sources, "True").names == ("0", "1")
    assert agreed_classes(sources[::-1], "0").names == ("true", "false")


@pytest.mark.parametrize(
    ("two", "reason"),
    [
        ({"classes": ("well", "ill")}, r"a predicts the classes \['well', 'sick'\] and b \['well', 'ill'\]"),
        ({"classes": ("well", "sick", "ill")}, "a is binary and b is multiclass"),
        ({"classes": ("well", "sick", "ill"), "class_order": COLUMNS}, "a predicts the classes"),
        ({"task": "ordinal"}, "a is binary and b is ordinal"),
        ({"task": "multilabel", "class_order": COLUMNS}, "a is binary and b is multilabel"),
    ],
)
def test_other_classes_and_tasks_are_refused(make_source: Make, two: dict[str, object], reason: str) -> None:
    with pytest.raises(IncomparableError, match=reason):
        agreed_classes([make_source("a"), make_source("b", **two)], None)


def test_grades_must_ascend_alike_where_they_are_declared(make_source: Make) -> None:
    grades = make_source("a", classes=("none", "mild", "grave"), task="ordinal")
    foreign = make_source("f", classes=("mild", "none", "grave"), class_order=COLUMNS)
    found = agreed_classes([foreign, grades], None)
    assert found.task == Task.ORDINAL
    assert found.names == ("none", "mild", "grave")
    with pytest.raises(IncomparableError, match="only runs that order them alike"):
        agreed_classes([grades, make_source("b", classes=("grave", "mild", "none"), task="ordinal")], None)


GRADES = ("grave", "none", "mild")
ASCENDING = ("none", "mild", "grave")


def test_a_person_says_how_grades_ascend(make_source: Make) -> None:
    foreign = [make_source(label, classes=GRADES, class_order=COLUMNS) for label in "ab"]
    found = agreed_classes(foreign, None, ASCENDING)
    assert (found.task, found.names) == (Task.ORDINAL, ASCENDING)
    assert found.notes == ("No file declares the order of the grades: none, mild, grave is taken, as --order says.",)
    assert found.positions(foreign[0].predictions).tolist() == [2, 0, 1]
    assert agreed_classes(foreign, None).task == Task.MULTICLASS
    numbered = [make_source("c", classes=("2.0", "0.0", "1.0"), class_order=COLUMNS)]
    assert agreed_classes(numbered, None, ("0", "1", "2")).names == ("0.0", "1.0", "2.0")


@pytest.mark.parametrize(
    ("order", "reason"),
    [
        (("none", "mild", "severe"), "'severe' is none of the classes"),
        (("none", "mild"), "name each of the classes .* once"),
        (("none", "mild", "mild", "grave"), "name each of the classes .* once"),
        (("none", "mild", "grave", ""), "'' is none of the classes"),
    ],
)
def test_every_grade_is_named_once(make_source: Make, order: tuple[str, ...], reason: str) -> None:
    foreign = [make_source(label, classes=GRADES, class_order=COLUMNS) for label in "ab"]
    with pytest.raises(ConfigError, match=f"^--order {','.join(order)}: {reason}"):
        agreed_classes(foreign, None, order)


def test_a_declared_order_is_agreed_to_or_refused(make_source: Make) -> None:
    foreign = make_source("f", classes=GRADES, class_order=COLUMNS)
    graded = make_source("a", classes=ASCENDING, task="ordinal")
    found = agreed_classes([foreign, graded], None, ASCENDING)
    assert (found.names, found.notes) == (ASCENDING, ())
    with pytest.raises(ConfigError, match=r"a declares the grades \['none', 'mild', 'grave'\]; leave it out"):
        agreed_classes([foreign, graded], None, ASCENDING[::-1])
    with pytest.raises(ConfigError, match="b declares classes without order"):
        agreed_classes([foreign, make_source("b", classes=ASCENDING)], None, ASCENDING)


@pytest.mark.parametrize(
    ("source", "positive", "reason"),
    [
        ({"class_order": COLUMNS}, None, "the task of a is binary"),
        ({"task": "multilabel"}, None, "the task of a is multilabel"),
        ({"class_order": COLUMNS}, "sick", "leave out --positive"),
    ],
)
def test_tasks_without_grades_take_no_order(
    make_source: Make, source: dict[str, object], positive: str | None, reason: str
) -> None:
    with pytest.raises(ConfigError, match=reason):
        agreed_classes([make_source("a", **source)], positive, ("well", "sick"))
