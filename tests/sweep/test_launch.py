"""Overrides on their way to Hydra."""

from __future__ import annotations

import pytest

from reprodx.errors import ConfigError
from reprodx.sweep.launch import combinations, first_choices


@pytest.mark.parametrize(
    ("overrides", "first"),
    [
        (["model=mlp,logistic", "seed=range(2,5)"], ["model=mlp", "seed=2"]),
        (["+model.x=1,2", "seed=7"], ["+model.x=1", "seed=7"]),
        (["hydra/launcher=joblib", "seed=0,1", "-p"], ["seed=0"]),
        (["split.train=[a,b]"], ["split.train=[a,b]"]),
    ],
)
def test_the_first_trial_takes_the_first_of_each_list(overrides: list[str], first: list[str]) -> None:
    assert first_choices(overrides) == first


def test_every_combination_is_a_trial() -> None:
    assert list(combinations(["model=mlp,logistic", "-m", "seed=0,1"])) == [
        ["model=mlp", "seed=0"],
        ["model=mlp", "seed=1"],
        ["model=logistic", "seed=0"],
        ["model=logistic", "seed=1"],
    ]


def test_an_override_that_is_none_is_refused() -> None:
    with pytest.raises(ConfigError):
        first_choices(["model=[1"])
