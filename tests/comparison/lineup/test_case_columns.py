"""Folds, sites and subgroups of compared cases."""

from collections.abc import Callable, Sequence

import pytest

from reprodx.comparison.lineup.agreed_classes import AgreedClasses
from reprodx.comparison.lineup.answers import Answers, Calling, answers
from reprodx.comparison.lineup.case_columns import columns_of, folds_of
from reprodx.comparison.lineup.recipe_groups import MemberKey
from reprodx.comparison.source import Source
from reprodx.schemas import Task

Said = Callable[..., Answers]


@pytest.fixture
def said(make_source: Callable[..., Source]) -> Said:
    def make(repeat: int = 0, **columns: Sequence[object]) -> Answers:
        classes, calling = AgreedClasses(Task.BINARY, ("well", "sick")), Calling(None, 1)
        source = make_source(columns=columns)
        return answers([source], MemberKey(0, repeat, None), split="test", classes=classes, calling=calling)

    return make


def test_equal_folds_are_given(said: Said) -> None:
    folds, note = folds_of([[said(fold=[0, 0, 1, 1])], [said(fold=[0, 0, 1, 1], site=["a"] * 4)]])
    assert folds is not None
    assert folds.tolist() == [0, 0, 1, 1]
    assert note is None


def test_one_fold_is_no_cross_validation(said: Said) -> None:
    assert folds_of([[said(fold=[0] * 4)], [said()]]) == (None, None)
    assert folds_of([[said(fold=[2] * 4)], [said(fold=[2] * 4)]]) == (None, None)


@pytest.mark.parametrize("other", [{"fold": [0, 1, 0, 1]}, {"fold": [0] * 4}, {}])
def test_other_folds_are_said(said: Said, other: dict[str, Sequence[int]]) -> None:
    folds, note = folds_of([[said(fold=[0, 0, 1, 1])], [said(**other)]])
    assert folds is None
    assert note is not None
    assert "not trained on the same folds" in note


def test_repetitions_have_folds_of_their_own(said: Said) -> None:
    folds, note = folds_of([[said(fold=[0, 0, 1, 1]), said(repeat=1, fold=[0, 1, 0, 1])]])
    assert folds is None
    assert note is not None
    assert note.startswith("Repetitions")


def test_columns_come_from_the_first_file_that_has_them(said: Said) -> None:
    one = said(group_sex=["f", "m", "f", None])
    two = said(site=["a", "a", "b", "b"], group_sex=["f", "m", "m", None], note=["x"] * 4)
    found, notes = columns_of([one, two])
    assert {column.name: column.to_list() for column in found} == {
        "group_sex": ["f", "m", "f", None],
        "site": ["a", "a", "b", "b"],
    }
    assert notes == ("group_sex differs between files in 1 cases: that of the first file is taken.",)
    assert columns_of([one, one])[1] == ()
