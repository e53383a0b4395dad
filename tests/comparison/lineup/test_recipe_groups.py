"""Folds make members, seeds and repetitions make contenders, and nothing is counted twice."""

from collections.abc import Callable

import pytest

from reprodx.comparison.lineup.recipe_groups import recipe_groups
from reprodx.comparison.source import Source
from reprodx.errors import IncomparableError

Make = Callable[..., Source]


def labels(group: object) -> list[list[str]]:
    return [[source.label for source in member] for member in group.members]  # type: ignore[attr-defined]


def of_fold(make_source: Make, fold: int, *, num_folds: int = 3, seed: int = 0, repeat: int = 0) -> Source:
    """Fold k is tested by two cases, and fold k + 1 validates."""
    tested, validated = ([f"{place % num_folds}-{case}" for case in range(2)] for place in (fold, fold + 1))
    return make_source(
        f"s{seed}r{repeat}f{fold}",
        columns={
            "case_id": tested + validated,
            "split": ["test"] * 2 + ["val"] * 2,
            "fold": [fold] * 4,
            "repeat": [repeat] * 4,
        },
        recipe_hash="r",
        cv_hash=f"cv{repeat}",
        seed=seed,
    )


def test_seeds_of_a_recipe_are_one_contender_in_order(make_source: Make) -> None:
    runs = [make_source(f"s{seed}", recipe_hash="r", seed=seed) for seed in (2, 0, 1)]
    (group,) = recipe_groups(runs, "test")
    assert labels(group) == [["s0"], ["s1"], ["s2"]]
    assert [key.seed for key in group.keys] == [0, 1, 2]


def test_other_recipes_and_foreign_files_are_contenders_of_their_own(make_source: Make) -> None:
    runs = [
        make_source("f"),
        make_source("a", recipe_hash="r", config_hash="1", seed=0),
        make_source("g"),
        make_source("old", config_hash="2"),
        make_source("b", recipe_hash="r", config_hash="3", seed=1),
    ]
    assert [labels(group) for group in recipe_groups(runs, "test")] == [[["f"]], [["a"], ["b"]], [["g"]], [["old"]]]


def test_folds_are_put_together_within_seed_and_repetition(make_source: Make) -> None:
    runs = [
        of_fold(make_source, fold, seed=seed, repeat=repeat)
        for fold in (2, 0, 1)
        for seed in (1, 0)
        for repeat in (0, 1)
    ]
    (group,) = recipe_groups(runs, "test")
    assert labels(group) == [[f"s{seed}r{repeat}f{fold}" for fold in range(3)] for seed in (0, 1) for repeat in (0, 1)]
    assert group.notes == ()
    assert len(group.sources) == 12


@pytest.mark.parametrize(("kept", "words"), [((0, 1), "folds 0, 1 are given: 2 cases"), ((1,), "fold 1 of")])
def test_missing_folds_are_said(make_source: Make, kept: tuple[int, ...], words: str) -> None:
    (group,) = recipe_groups([of_fold(make_source, fold) for fold in kept], "test")
    (note,) = group.notes
    assert words in note
    assert "incomplete" in note


def test_the_same_answers_are_taken_once(make_source: Make) -> None:
    one, two = (make_source(label, recipe_hash="r", seed=0) for label in "ab")
    (group,) = recipe_groups([one, two], "test")
    assert labels(group) == [["a"]]
    assert group.notes == ("b repeats a to the last digit and is taken once.",)
    reversed_rows = make_source("c", columns={"case_id": ["4", "3", "2", "1"], "prob_well": [0.25, 0.75] * 2,
                                              "prob_sick": [0.75, 0.25] * 2}, recipe_hash="r", seed=0)  # fmt: skip
    assert labels(recipe_groups([one, reversed_rows], "test")[0]) == [["a"]]


def test_other_answers_of_the_same_seed_are_refused(make_source: Make) -> None:
    probs = {"prob_well": [0.5] * 4, "prob_sick": [0.5] * 4}
    one = make_source("a", recipe_hash="r", seed=0)
    assert len(recipe_groups([one, make_source("b", columns=probs, recipe_hash="r", seed=1)], "test")[0].members) == 2
    with pytest.raises(IncomparableError, match="a and b are the same recipe, seed and fold, and predict differently"):
        recipe_groups([one, make_source("b", columns=probs, recipe_hash="r", seed=0)], "test")
