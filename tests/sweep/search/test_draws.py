"""What ends trials early is what the settings name."""

from __future__ import annotations

import pytest
from optuna.pruners import HyperbandPruner, MedianPruner, NopPruner

from reprodx.sweep.search.draws import pruner_of, sampler_of
from reprodx.sweep.search.settings import read_settings
from tests.sweep.search.test_settings import settings_node


@pytest.mark.parametrize(
    ("name", "kind"), [("none", NopPruner), ("median", MedianPruner), ("hyperband", HyperbandPruner)]
)
def test_a_pruner_is_the_one_that_is_named(name: str, kind: type) -> None:
    assert isinstance(pruner_of(read_settings(settings_node(pruner=name)), 200, 10), kind)


def test_each_trial_has_numbers_of_its_own_which_are_the_same_again() -> None:
    import optuna

    drawn = []
    for _ in range(2):
        study = optuna.create_study(sampler=sampler_of(read_settings(settings_node(sampler="random"))))
        drawn.append([study.ask().suggest_float("x", 0, 1) for _ in range(3)])
    assert drawn[0] == drawn[1]
    assert len(set(drawn[0])) == 3
