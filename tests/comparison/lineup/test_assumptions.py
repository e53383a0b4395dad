"""What a reader is told of how cases came together."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from reprodx.comparison.compared_cases import Contender
from reprodx.comparison.lineup.agreed_classes import AgreedClasses
from reprodx.comparison.lineup.answers import Calling, answers
from reprodx.comparison.lineup.assumptions import GROUPS, file_notes, listed, lost_notes, patient_notes, threshold_notes
from reprodx.comparison.lineup.recipe_groups import MemberKey
from reprodx.comparison.settings import AS_GIVEN
from reprodx.comparison.source import Source
from reprodx.schemas import Task

Make = Callable[..., Source]


def entry(chosen_on: str | None) -> dict[str, object]:
    return {"value": 0.4, "rule": "largest Youden index", "chosen_on": chosen_on}


def test_what_was_lost_is_counted() -> None:
    contenders = [Contender("mlp", (), None, num_lost=4, num_events_lost=1), Contender("gru", (), None)]
    assert list(lost_notes(contenders, 9)) == [
        "Only the 9 common cases are compared; left out are 4 cases of mlp (1 with the event)."
    ]
    assert list(lost_notes(contenders[1:], 9)) == []
    assert next(lost_notes([Contender("cnn", (), None, num_lost=2)], 9)).endswith("left out are 2 cases of cnn.")


def test_independence_is_said_where_it_is_assumed() -> None:
    (assumed,) = patient_notes((), has_patients=False)
    (taken,) = patient_notes(("a", "b"), has_patients=True)
    assert "cases are treated as independent" in assumed
    (grouped,) = patient_notes((), has_patients=False, has_groups=True)
    assert f"cases but for {GROUPS} are treated as independent" in grouped
    assert "by a, b" in taken
    assert list(patient_notes((), has_patients=True)) == []


@pytest.mark.parametrize(
    ("metadata", "threshold", "split", "words"),
    [
        ({}, 0.7, "test", f"called at 0.7, as given {AS_GIVEN}."),
        ({}, None, "test", "called at 0.5, the default, chosen on no data."),
        ({"threshold": entry("val")}, 0.7, "test", None),
        ({"threshold": entry(None)}, 0.7, "test", None),
        ({"threshold": entry("val")}, 0.7, "val", "chosen on the cases compared here"),
    ],
)
def test_thresholds_that_are_not_their_own_are_said(
    make_source: Make, metadata: dict[str, object], threshold: float | None, split: str, words: str | None
) -> None:
    source = make_source(columns={"split": [split] * 4}, **metadata)
    classes, calling = AgreedClasses(Task.BINARY, ("well", "sick")), Calling(threshold, 1)
    said = answers([source], MemberKey(0, 0, None), split=split, classes=classes, calling=calling)
    notes = list(threshold_notes([said], calling, task=Task.BINARY, split=split))
    assert len(notes) == (words is not None)
    assert words is None or words in notes[0]


def test_thresholds_are_counted_by_member(make_source: Make) -> None:
    """Three seeds that chose the same value chose three thresholds."""
    classes, calling = AgreedClasses(Task.BINARY, ("well", "sick")), Calling(None, 1)
    said = [
        answers(
            [make_source(label, columns={"split": ["val"] * 4}, threshold=entry("val"))],
            MemberKey(seed, 0, None), split="val", classes=classes, calling=calling,
        )
        for seed, label in enumerate("abc")
    ]  # fmt: skip
    assert list(threshold_notes(said, calling, task=Task.BINARY, split="val")) == [
        "The 3 thresholds of a, b, c were chosen on the cases compared here, which flatters the calls."
    ]


def test_what_was_read_and_what_is_not_used_is_said(make_source: Make) -> None:
    plain, weighted = make_source("a"), make_source("b", columns={"weight": [1, 2, 3, 4]})
    read = replace(plain, predictions=replace(plain.predictions, notes=("its index is taken for case_id",)))
    assert list(file_notes([plain])) == []
    assert list(file_notes([read, weighted])) == [
        "a: its index is taken for case_id.",
        "The weights of cases in b are not used: no metric weighs cases.",
    ]


def test_a_line_holds_three_labels() -> None:
    assert listed(["a", "b", "c"]) == "a, b, c"
    assert listed(["a", "b", "c", "d"]) == "a, b, c and 1 other"
