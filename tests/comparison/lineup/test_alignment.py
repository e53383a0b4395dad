"""The same cases, labels and patients, or a refusal that counts them."""

from collections.abc import Callable, Sequence

import numpy as np
import polars as pl
import pytest

from reprodx.comparison.lineup.agreed_classes import AgreedClasses
from reprodx.comparison.lineup.alignment import Lost, aligned, are_declared, is_event, label_of, patients_of, shapes
from reprodx.comparison.lineup.answers import Answers, Calling, answers
from reprodx.comparison.lineup.recipe_groups import MemberKey
from reprodx.comparison.source import Source
from reprodx.errors import IncomparableError
from reprodx.schemas import Task

Make = Callable[..., Source]
Said = Callable[..., Answers]


@pytest.fixture
def said(make_source: Make) -> Said:
    """Answers for cases whose label is "sick" where the number is even."""

    def make(label: str, ids: Sequence[int], **columns: Sequence[object]) -> Answers:
        labels = ["well" if number % 2 else "sick" for number in ids]
        probs = {"prob_well": [0.5] * len(ids), "prob_sick": [0.5] * len(ids)}
        cases = {"case_id": [str(number) for number in ids], "y_true": labels, **probs, **columns}
        metadata = {"has_patients": "patient_id" in columns}
        source = make_source(label, columns=cases, **metadata)
        classes, calling = AgreedClasses(Task.BINARY, ("well", "sick")), Calling(None, 1)
        return answers([source], MemberKey(0, 0, None), split="test", classes=classes, calling=calling)

    return make


def test_equal_cases_are_compared_as_they_are(said: Said) -> None:
    given = [[said("a", [1, 2, 3])], [said("b", [3, 1, 2])]]
    shared, lost = aligned(given, ["a", "b"], intersect=False, event=1)
    assert shared == given
    assert lost == [Lost(0, 0), Lost(0, 0)]


def test_different_cases_are_counted_and_named(said: Said) -> None:
    given = [[said("a", [1, 2, 3, 5, 6, 7, 8])], [said("b", [2, 3, 4])]]
    with pytest.raises(IncomparableError) as refusal:
        aligned(given, ["A", "B"], intersect=False, event=1)
    assert str(refusal.value) == (
        "cases differ (A 7, B 3): 5 only in a; 1 only in b; use --intersect to compare the 2 that all have"
    )
    assert refusal.value.exit_code == 3


def test_common_cases_are_compared_on_request(said: Said) -> None:
    given = [[said("a", [1, 2, 3, 4])], [said("b", [2, 3, 4, 6]), said("c", [3, 4, 6, 8])]]
    shared, lost = aligned(given, ["A", "B"], intersect=True, event=1)
    assert [one.ids.to_list() for group in shared for one in group] == [["3", "4"]] * 3
    assert [one.targets.tolist() for group in shared for one in group] == [[0, 1]] * 3
    assert lost == [Lost(2, 1), Lost(3, 3)]


@pytest.mark.parametrize("intersect", [True, False])
def test_no_common_case_is_refused_either_way(said: Said, intersect: bool) -> None:
    given = [[said("a", [1, 2])], [said("b", [3, 4])]]
    with pytest.raises(IncomparableError, match=r"no case is common to all \(cases: A 2, B 2\).*of the form 0 in a"):
        aligned(given, ["A", "B"], intersect=intersect, event=1)


@pytest.mark.parametrize("intersect", [True, False])
def test_ids_that_are_written_otherwise_are_refused_either_way(said: Said, intersect: bool) -> None:
    """One case would be common by chance, and be all that is compared."""
    given = [[said("a", [8, 9, 10], case_id=["08", "09", "10"])], [said("b", [8, 9, 10])]]
    with pytest.raises(IncomparableError) as refusal:
        aligned(given, ["A", "B"], intersect=intersect, event=1)
    assert str(refusal.value) == (
        "ids are of the form '00' in a and '0' in b (2 cases differ in this alone): write them alike in all files"
    )


def test_other_labels_of_common_cases_are_counted_and_named(said: Said) -> None:
    given = [[said("a", [1, 2, 3])], [said("b", [1, 2, 3], y_true=["sick", "sick", "sick"])]]
    with pytest.raises(IncomparableError, match=r"^2 of 3 cases are labelled differently in a and b: "):
        aligned(given, ["A", "B"], intersect=True, event=1)


def test_patients_come_from_the_files_that_name_them(said: Said) -> None:
    without, named = said("a", [1, 2, 3]), said("b", [1, 2, 3], patient_id=["p", "p", "q"])
    found, lacking = patients_of([without, named])
    assert found is not None
    assert found.to_list() == ["p", "p", "q"]
    assert lacking == ("a",)
    assert patients_of([without]) == (None, ())
    assert patients_of([named, named])[1] == ()


def test_groups_of_undeclared_patients_are_joined(said: Said) -> None:
    one = said("a", [1, 2, 3, 4], patient_id=["1", "1", "3", "4"])
    two = said("b", [1, 2, 3, 4], patient_id=["1", "2", "2", "4"])
    assert are_declared([one, two])
    for answers_of in (one, two):
        for source in answers_of.member.sources:
            source.predictions.metadata["has_patients"] = False
    assert not are_declared([one, two])
    found, lacking = patients_of([one, two])
    assert found is not None
    assert (found.to_list(), lacking) == (["1", "1", "1", "4"], ())


def test_other_patients_are_refused(said: Said) -> None:
    named = [said(label, [1, 2, 3], patient_id=list(patients)) for label, patients in (("a", "ppq"), ("b", "pqq"))]
    with pytest.raises(IncomparableError, match=r"1 cases belong to different patients in a and b: "):
        patients_of(named)


def test_events_are_counted_where_a_task_has_them() -> None:
    assert is_event(np.array([0, 1, 2]), 2).tolist() == [False, False, True]
    assert is_event(np.array([0, 1, 2]), None).tolist() == [False] * 3
    assert is_event(np.array([[0, 0], [0, 1]]), None).tolist() == [False, True]


def test_forms_are_few_and_in_order_and_no_ids(said: Said) -> None:
    assert shapes(pl.Series(["p-17", "P1", "x", "12", "3"])) == "0, 00, A0"
    assert shapes(pl.Series([], dtype=pl.String)) == "none"
    assert label_of(said("a", [1, 2])) == "a"
