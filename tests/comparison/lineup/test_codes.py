"""Runs of one recipe that different code made."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from reprodx.comparison.lineup.codes import code_check, code_notes
from reprodx.comparison.lineup.recipe_groups import RecipeGroup, recipe_groups
from reprodx.comparison.source import Source, TrackedRun
from reprodx.errors import IncomparableError

Make = Callable[..., Source]
OLD, NEW = "a" * 64, "b" * 64


@pytest.fixture
def make_run(make_source: Make) -> Make:
    """Return what makes a tracked run of a recipe, by the code that made it."""

    def make(label: str, code: str | None, *, seed: int = 0, recipe: str = "r", shift: float = 0.0) -> Source:
        columns = {"prob_well": [0.75 - shift, 0.25] * 2, "prob_sick": [0.25 + shift, 0.75] * 2}
        source = make_source(label, columns=columns, recipe_hash=recipe, seed=seed)
        return replace(source, run=TrackedRun(label, label, "ward", {}, {}, code_hash=code))

    return make


def labels(groups: list[RecipeGroup]) -> list[list[str]]:
    return [[source.label for source in group.sources] for group in groups]


def named(groups: list[RecipeGroup]) -> list[tuple[str, tuple[Source, ...]]]:
    return [(name, group.sources) for name, group in zip(["mlp", "gru"], groups, strict=False)]


def notes(groups: list[RecipeGroup]) -> list[str]:
    return list(code_notes(named(groups)))


def check(groups: list[RecipeGroup]) -> str:
    return code_check(named(groups))


@pytest.mark.parametrize("seed", [0, 1])
def test_runs_of_one_recipe_and_several_codes_are_refused(make_run: Make, seed: int) -> None:
    runs = [make_run("s0", OLD), make_run("new", NEW, seed=seed)]
    with pytest.raises(IncomparableError, match=r"s0 \(a{12}\) and new \(b{12}\) are of one recipe and of different"):
        recipe_groups(runs, "test")


def test_seeds_of_several_codes_are_put_together_where_asked_and_that_is_said(make_run: Make) -> None:
    runs = [make_run("s0", OLD), make_run("s1", NEW, seed=1), make_run("s2", None, seed=2)]
    groups = recipe_groups(runs, "test", across_code=True)
    assert labels(groups) == [["s0", "s1", "s2"]]
    first, second = notes(groups)
    assert (
        first == f"2 different codes made the runs of mlp ({OLD[:12]}, {NEW[:12]}), which --across-code puts together."
    )
    assert second == "Which code made s2 was not recorded."
    assert check(groups) == f"differs: mlp {OLD[:12]}, {NEW[:12]}; not said by s2"


def test_one_seed_of_several_codes_is_a_model_for_each(make_run: Make) -> None:
    runs = [make_run("old", OLD), make_run("new", NEW, shift=0.1), make_run("new s1", NEW, seed=1)]
    groups = recipe_groups(runs, "test", across_code=True)
    assert labels(groups) == [["old"], ["new", "new s1"]]
    assert notes(groups) == ["Different code made mlp, gru: what differs between them may be the code's."]


def test_recipes_may_be_of_different_code_which_is_said(make_run: Make) -> None:
    groups = recipe_groups([make_run("a", OLD), make_run("b", NEW, recipe="q")], "test")
    assert notes(groups) == ["Different code made mlp, gru: what differs between them may be the code's."]
    assert check(groups) == f"differs: mlp {OLD[:12]}; gru {NEW[:12]}"


def test_one_code_needs_no_note(make_run: Make) -> None:
    groups = recipe_groups([make_run("a", OLD), make_run("b", OLD, seed=1), make_run("c", OLD, recipe="q")], "test")
    assert notes(groups) == []
    assert check(groups) == f"equal hashes {OLD[:12]}"


def test_files_and_older_runs_say_nothing_of_their_code(make_run: Make, make_source: Make) -> None:
    file = make_source("predictions.csv", recipe_hash="r", seed=0)
    groups = recipe_groups([make_run("s0", OLD), file, make_run("older", None, recipe="q")], "test")
    assert labels(groups) == [["s0"], ["older"]], "a file of the same answers is the run itself"
    assert notes(groups) == ["Which code made older was not recorded."]
    assert check(groups) == f"equal hashes {OLD[:12]}; not said by older"
    only_files = recipe_groups([make_source("f"), make_source("g")], "test")
    assert (notes(only_files), check(only_files)) == ([], "not said by any run or file")
