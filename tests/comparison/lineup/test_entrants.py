"""A model that is given several times is one contender."""

from collections.abc import Callable, Sequence

import pytest

from reprodx.comparison.lineup.agreed_classes import AgreedClasses
from reprodx.comparison.lineup.alignment import Lost
from reprodx.comparison.lineup.answers import Calling, answers
from reprodx.comparison.lineup.entrants import Entrant, distinct, repeat_notes
from reprodx.comparison.lineup.recipe_groups import MemberKey, RecipeGroup
from reprodx.comparison.source import Source
from reprodx.errors import ConfigError
from reprodx.schemas import Task

Make = Callable[..., Entrant]


@pytest.fixture
def entrant(make_source: Callable[..., Source]) -> Make:
    """A contender with a member for each number, which is the probability that each of four cases is sick."""

    def make(name: str, *members: float, threshold: float = 0.5) -> Entrant:
        given = []
        for position, prob in enumerate(members):
            source = make_source(name, columns={"prob_well": [1 - prob] * 4, "prob_sick": [prob] * 4})
            classes, calling = AgreedClasses(Task.BINARY, ("well", "sick")), Calling(threshold, 1)
            key = MemberKey(position, 0, None)
            given.append(answers([source], key, split="test", classes=classes, calling=calling))
        return Entrant(name, RecipeGroup((), (), ()), given, Lost(0, 0))

    return make


def names(entrants: Sequence[Entrant]) -> list[tuple[str, list[str]]]:
    return [(one.name, [repeat.name for repeat in one.repeats]) for one in entrants]


def test_a_copy_is_counted_once_and_that_is_said(entrant: Make) -> None:
    kept = distinct([entrant("a", 0.2), entrant("b", 0.7), entrant("copy", 0.2), entrant("again", 0.2)])
    assert names(kept) == [("a", ["copy", "again"]), ("b", [])]
    assert list(repeat_notes(kept)) == [
        "copy predicts the same as a in every case: one model, compared once.",
        "again predicts the same as a in every case: one model, compared once.",
    ]


def test_models_that_agree_on_the_calls_alone_are_two(entrant: Make) -> None:
    assert names(distinct([entrant("a", 0.2), entrant("b", 0.2 + 1e-9)])) == [("a", []), ("b", [])]


def test_equal_probabilities_that_are_called_at_other_thresholds_are_two(entrant: Make) -> None:
    assert len(distinct([entrant("a", 0.2), entrant("b", 0.2, threshold=0.1)])) == 2


def test_the_last_digit_of_a_complement_makes_no_other_model(entrant: Make) -> None:
    prob = 1e-9
    assert 1 - (1 - prob) != prob
    assert names(distinct([entrant("a", prob), entrant("b", 1 - (1 - prob)), entrant("c", 0.5)]))[0] == ("a", ["b"])


def test_a_run_of_a_recipe_is_no_model_beside_it(entrant: Make) -> None:
    kept = distinct([entrant("file", 0.3), entrant("b", 0.7), entrant("mlp", 0.2, 0.3), entrant("gru", 0.2, 0.4)])
    assert names(kept) == [("mlp", ["file"]), ("b", []), ("gru", [])]
    assert list(repeat_notes(kept)) == [
        "file predicts the same as a run of mlp in every case: one model, compared once."
    ]


def test_recipes_with_the_same_seeds_are_one_however_many_predict_alike(entrant: Make) -> None:
    kept = distinct([entrant("plain", 0.2, 0.2), entrant("b", 0.7), entrant("same", 0.2, 0.2, 0.2)])
    assert names(kept) == [("plain", ["same"]), ("b", [])]


def test_whose_run_it_is_is_told_by_the_one_with_most(entrant: Make) -> None:
    chain = [entrant("one", 0.1), entrant("two", 0.1, 0.2), entrant("b", 0.7), entrant("three", 0.1, 0.2, 0.3)]
    assert names(distinct(chain)) == [("three", ["one", "two"]), ("b", [])]


def test_one_model_is_no_comparison(entrant: Make) -> None:
    with pytest.raises(ConfigError, match=r"^all 3 given predict the same \(b as a, c as a\): give two models that"):
        distinct([entrant(name, 0.2) for name in "abc"])
