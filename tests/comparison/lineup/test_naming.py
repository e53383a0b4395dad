"""Names for contenders."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reprodx.comparison.lineup.naming import MAX_CHARACTERS, contender_names, position_of
from reprodx.comparison.lineup.recipe_groups import MemberKey, RecipeGroup
from reprodx.comparison.source import Source, TrackedRun
from reprodx.errors import ConfigError

Make = Callable[..., Source]


def group(*sources: Source) -> RecipeGroup:
    keys = tuple(MemberKey(number, 0, None) for number in range(len(sources)))
    return RecipeGroup(tuple((source,) for source in sources), keys, ())


@pytest.fixture
def mlp(make_source: Make) -> Callable[..., Source]:
    def make(run_id: str, **params: str) -> Source:
        spelled = {key.replace("__", "."): value for key, value in params.items()}
        return make_source(run_id, run=TrackedRun(run_id, f"run-{run_id}", "heart", {}, spelled), name="mlp")

    return make


def test_a_name_is_the_model_s_the_run_s_or_the_file_s(make_source: Make, mlp: Callable[..., Source]) -> None:
    run = TrackedRun("7", "brave-owl", "heart", {}, {})
    groups = [
        group(mlp("1")),
        group(make_source("x", run=run)),
        group(make_source("forest.csv")),
        group(make_source("v1.2")),
    ]
    assert contender_names(groups) == ["mlp", "brave-owl", "forest", "v1.2"]


def test_a_name_that_was_given_comes_first(mlp: Callable[..., Source]) -> None:
    groups = [group(replace(mlp("1"), name="none")), group(replace(mlp("2"), name="dropout")), group(mlp("3"))]
    assert contender_names(groups) == ["none", "dropout", "mlp"]


def test_models_of_one_name_are_told_apart_by_as_few_settings_as_it_takes(mlp: Callable[..., Source]) -> None:
    one = group(
        mlp("1", seed="0", optimizer__lr="0.1", model__width="8"),
        mlp("2", seed="1", optimizer__lr="0.1", model__width="8"),
    )
    two = group(mlp("3", seed="0", optimizer__lr="0.01", model__width="9"))
    assert contender_names([one, two]) == ["mlp model.width=8", "mlp model.width=9"]
    three = group(mlp("4", seed="0", optimizer__lr="0.3", model__width="9"))
    assert contender_names([one, two, three]) == [f"mlp optimizer.lr={lr}" for lr in ("0.1", "0.01", "0.3")]


def test_the_option_that_was_taken_tells_more_than_the_settings_that_it_brings(mlp: Callable[..., Source]) -> None:
    plain = group(mlp("1", seed="0", augmentation__name="none", lr="1", a="1"), mlp("2", seed="1", lr="1"))
    given = [
        group(mlp("1", augmentation__name="none", lr="1", trainer__name="cpu")),
        group(mlp("2", augmentation__name="gan", lr="2", trainer__name="cpu", augmentation__epochs="150")),
    ]
    assert contender_names(given) == ["mlp augmentation=none", "mlp augmentation=gan"]
    longer = group(mlp("3", augmentation__name="gan", lr="2", trainer__name="cpu", augmentation__epochs="90"))
    assert contender_names([given[1], longer]) == [f"mlp augmentation.epochs={epochs}" for epochs in ("150", "90")]
    assert contender_names([plain, given[1]]) == ["mlp lr=1", "mlp lr=2"]


def test_long_settings_are_cut_to_their_last_part(mlp: Callable[..., Source]) -> None:
    grid = [
        group(mlp(f"{decay}{lr}", optimizer__weight_decay=decay, optimizer__learning_rate=lr))
        for decay in ("0", "1")
        for lr in ("2", "3")
    ]
    assert contender_names(grid)[:2] == ["mlp weight_decay=0, learning_rate=2", "mlp weight_decay=0, learning_rate=3"]
    long = [group(mlp(f"{number}" * 20, model__layers=f"[{number}{'0' * 40}]")) for number in "12"]
    assert contender_names(long) == ["mlp 11111111111111111111", "mlp 22222222222222222222"]


def test_files_of_one_name_are_numbered(make_source: Make) -> None:
    assert contender_names([group(make_source("p.csv")) for _ in range(3)]) == ["p", "p 2", "p 3"]
    named = [group(make_source(f"{label}.parquet", name="mlp")) for label in "ab"]
    assert contender_names(named) == ["mlp a", "mlp b"]


@given(
    given_names=st.lists(
        st.tuples(st.sampled_from(["a", "b 2", "b"]), st.text("xy", max_size=50)), min_size=1, max_size=6
    )
)
def test_names_are_always_distinct_and_short(make_source: Make, given_names: list[tuple[str, str]]) -> None:
    groups = [group(make_source(label, name=name)) for name, label in given_names]
    names = contender_names(groups)
    assert len(set(names)) == len(names)
    assert max(map(len, names)) <= MAX_CHARACTERS + 2


def test_the_reference_is_found_by_all_that_it_is_called(mlp: Callable[..., Source]) -> None:
    groups = [group(mlp("1")), group(mlp("2"), mlp("3"))]
    names = ["mlp a", "mlp b"]
    for reference in ("mlp b", "2", "3", "run-3"):
        assert position_of(reference, groups, names) == 1
    with pytest.raises(ConfigError, match="--reference gru means none of the models: name one of mlp a, mlp b"):
        position_of("gru", groups, names)
    with pytest.raises(ConfigError, match="--reference mlp means several models"):
        position_of("mlp", groups, names)
