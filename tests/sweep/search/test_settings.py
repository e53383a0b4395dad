"""The settings of a search are checked before anything runs."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from reprodx.errors import ConfigError
from reprodx.sweep.search.settings import read_settings, study_name
from reprodx.sweep.search.space import read_space
from tests.project import ROOT


def settings_node(**changes: Any) -> dict[str, Any]:
    node: dict[str, Any] = yaml.safe_load((ROOT / "conf/hydra/sweeper/optuna.yaml").read_text(encoding="utf-8"))
    return {**node, **changes}


def test_what_ships_is_valid() -> None:
    settings = read_settings(settings_node())
    assert settings.directions == ["maximize"]
    assert settings.sign_of_curve == 1


@pytest.mark.parametrize(
    ("objectives", "prune_by", "directions", "sign"),
    [
        (["auroc"], "val/loss", ["maximize"], -1),
        (["brier"], "val/loss", ["minimize"], 1),
        (["brier"], "val/auroc", ["minimize"], -1),
        (["calibration_slope"], "val/loss", ["minimize"], 1),
    ],
)
def test_the_catalogue_of_metrics_says_what_is_better(
    objectives: list[str], prune_by: str, directions: list[str], sign: int
) -> None:
    settings = read_settings(settings_node(objectives=objectives, prune_by=prune_by))
    assert (settings.directions, settings.sign_of_curve) == (directions, sign)


def test_an_ideal_value_is_approached() -> None:
    settings = read_settings(settings_node(objectives=["calibration_slope"]))
    assert settings.told("calibration_slope", 1.25) == settings.told("calibration_slope", 0.75) == 0.25
    assert settings.told("auroc", 0.9) == 0.9


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"sampler": "bayes"}, r"hydra\.sweeper\.sampler"),
        ({"n_trials": 0}, r"hydra\.sweeper\.n_trials"),
        ({"n_trails": 4}, "did you mean 'n_trials'"),
        ({"objectives": ["aurok"]}, "aurok"),
        ({"objectives": ["auroc", "auroc"]}, "name each once"),
        ({"objectives": ["auroc", "brier"], "sampler": "cmaes"}, "takes one objective"),
        ({"objectives": ["auroc", "brier"], "sampler": "nsgaii"}, "judges by one objective"),
        ({"prune_by": "train/loss"}, r"hydra\.sweeper\.prune_by"),
    ],
)
def test_what_does_not_go_together_is_refused(changes: dict[str, Any], words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        read_settings(settings_node(**changes))


def test_a_study_is_known_again_by_what_decides_its_draws(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    space, _ = read_space(["model.dropout=interval(0,0.5)"], None)
    wider, _ = read_space(["model.dropout=interval(0,0.6)"], None)

    def name(space: Any = space, code: str = "c", **changes: Any) -> str:
        return study_name("lr/first", read_settings(settings_node(**changes)), space, "b", code)

    assert name() == name(n_trials=80, n_workers=4, timeout=3.5)
    assert "/" not in name()
    assert len({name(), name(seed=1), name(sampler="random"), name(wider), name(code="d")}) == 5
