"""What a search draws from, as Hydra's syntax says it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import optuna
import pytest
from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution

from reprodx.errors import ConfigError
from reprodx.sweep.search.space import Space, read_space
from tests.project import ROOT

if TYPE_CHECKING:
    from collections.abc import Mapping


@pytest.fixture(autouse=True)
def _in_the_project(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)


@pytest.mark.parametrize(
    ("override", "distribution"),
    [
        ("model.dropout=interval(0,0.5)", FloatDistribution(0, 0.5)),
        ("optimizer.lr=tag(log,interval(1e-4,1e-1))", FloatDistribution(1e-4, 1e-1, log=True)),
        ("trainer.batch_size=int(interval(8,64))", IntDistribution(8, 64)),
        ("trainer.batch_size=int(tag(log,interval(8,64)))", IntDistribution(8, 64, log=True)),
        ("trainer.batch_size=range(8,65,8)", IntDistribution(8, 64, step=8)),
        ("model=mlp,logistic", CategoricalDistribution(["mlp", "logistic"])),
        ("model.hidden_sizes=choice([64],[128,64])", CategoricalDistribution(["[64]", "[128,64]"])),
    ],
)
def test_hydras_syntax_is_a_distribution(override: str, distribution: object) -> None:
    space, shared = read_space(["data=breast_cancer", override], None)
    assert [one.distribution for one in space.dimensions] == [distribution]
    assert shared == ["data=breast_cancer"]
    assert space.members == ((),)


def test_seeds_folds_and_repetitions_are_one_configuration() -> None:
    space, _ = read_space(["model.dropout=interval(0,0.5)", "seed=0,1", "split.fold=range(2)"], None)
    assert [one.key for one in space.dimensions] == ["model.dropout"]
    assert space.members == (
        ("seed=0", "split.fold=0"),
        ("seed=0", "split.fold=1"),
        ("seed=1", "split.fold=0"),
        ("seed=1", "split.fold=1"),
    )


CONDITIONAL = {
    "model.dropout": {"values": "choice(0.1,0.2)", "when": {"model": "mlp"}},
    "model": "choice(mlp,logistic)",
}


def test_a_key_may_exist_beside_some_choice_alone() -> None:
    space, _ = read_space([], CONDITIONAL)
    drawn = {tuple(space.draw(trial)) for trial in _trials(space, 30)}
    assert drawn == {("model=mlp", "model.dropout=0.1"), ("model=mlp", "model.dropout=0.2"), ("model=logistic",)}
    assert len(space.points()) == 3
    assert {tuple(corner) for corner in space.corners()} == drawn


def test_the_command_line_wins_over_what_is_written() -> None:
    space, shared = read_space(["model=mlp", "model.dropout=interval(0,0.1)"], {"model.dropout": "interval(0,0.5)"})
    assert [one.distribution for one in space.dimensions] == [FloatDistribution(0, 0.1)]
    assert shared == ["model=mlp"]


@pytest.mark.parametrize(
    ("overrides", "written", "words"),
    [
        (["model=mlp"], None, "nothing to search"),
        (["seed=interval(0,3)", "model=mlp,logistic"], None, "seeds, folds and repetitions are listed"),
        ([], {"model.dropout": "0.5"}, "is one value"),
        ([], {"model.dropout": {"when": {"model": "mlp"}}}, "give values"),
        (["model=mlp,logistic"], {"model.dropout": {"values": "interval(0,1)", "when": {"model": "cnn"}}}, "no trial"),
        (["optimizer.lr=tag(log,interval(0,1))"], None, "optimizer.lr"),
    ],
)
def test_what_makes_no_space_is_told(overrides: list[str], written: Mapping[str, Any] | None, words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        read_space(overrides, written)


def test_a_grid_of_an_interval_is_refused() -> None:
    with pytest.raises(ConfigError, match="a grid needs listed values"):
        read_space(["model.dropout=interval(0,0.5)"], None)[0].points()


def _trials(space: Space, num: int) -> list[optuna.Trial]:
    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=0))
    return [study.ask() for _ in range(num)]
