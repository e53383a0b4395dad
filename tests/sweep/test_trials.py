"""The named trials of a recipe: composed before any runs, run whatever fails, compared by their names."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, cast

import numpy as np
import pytest

from reprodx.artifacts.files import read_json
from reprodx.artifacts.locations import own_locations
from reprodx.config.identity import config_hash
from reprodx.errors import ConfigError, DataError
from reprodx.schemas import Extent
from reprodx.sweep import trials as sweep
from reprodx.sweep.launch import launch
from reprodx.sweep.trials import run_trials, trials_of
from tests.prediction_tables import write_run
from tests.project import ROOT

if TYPE_CHECKING:
    from reprodx.config import Config
    from reprodx.tracking.store import Store

GIVEN = ["data=breast_cancer", "tracking=none", "sweep.name=three"]
NAMED = [*GIVEN, "sweep.trials={plain:[],narrow:['model.hidden_sizes=[4]'],slow:['optimizer.lr=0.0001']}"]
BROKEN = "broken:['model.dropout=0.5']"


@pytest.fixture
def ran(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[Config]:
    """Return the configurations that are run instead of which predictions are written; `model.dropout=0.5` fails."""
    (tmp_path / "conf").symlink_to(ROOT / "conf")
    monkeypatch.chdir(tmp_path)
    configs: list[Config] = []

    def run(command: str, config: Config, *, parent_run_id: str | None, again: bool, extent: Extent) -> None:
        assert (command, parent_run_id, again, extent) == ("run", None, False, Extent.SCORED)
        configs.append(config)
        if config.model["dropout"] == 0.5:
            raise DataError("no cases")
        rng, truth = np.random.default_rng([config.seed, len(str([config.model, config.optimizer]))]), np.arange(60) % 2
        identity = config_hash(config)
        path = own_locations(identity, Path()).predictions
        path.parent.mkdir(parents=True)
        recipe = f"{config.model['hidden_sizes']} {config.optimizer['lr']}"
        probs = 1 / (1 + np.exp(-truth + rng.normal(size=60)))
        write_run(path, truth, probs, name="mlp", config_hash=identity, recipe_hash=recipe, seed=config.seed)

    monkeypatch.setattr(sweep, "run_command", run)
    monkeypatch.setattr(sweep, "report_winner", lambda *_: None)
    return configs


def compared(name: str = "three") -> list[dict[str, object]]:
    return list(read_json(Path("outputs/sweeps") / name / "comparison.json", made_by="compare")["contenders"])


def test_each_trial_adds_its_overrides_to_the_person_s(ran: list[Config]) -> None:
    found = {trial.name: trial.config for trial in trials_of([*NAMED, "seed=3", "optimizer.lr=0.5"])}
    assert list(found) == ["plain", "narrow", "slow"]
    assert [config.optimizer["lr"] for config in found.values()] == [0.5, 0.5, 0.0001]
    assert [config.model["hidden_sizes"] for config in found.values()] == [[64, 32], [4], [64, 32]]
    assert {config.seed for config in found.values()} == {3}
    assert not ran


def test_all_trials_run_and_are_compared_by_their_names(ran: list[Config], capsys: pytest.CaptureFixture[str]) -> None:
    launch("run", NAMED, multirun=False)
    assert len(ran) == 3
    assert [one["name"] for one in compared()] == ["plain", "narrow", "slow"]
    assert "Reference: plain" in capsys.readouterr().out
    assert "narrow" in Path("outputs/sweeps/three/comparison.html").read_text(encoding="utf-8")


def test_seeds_of_a_trial_are_one_contender(ran: list[Config]) -> None:
    launch("run", [*NAMED, "seed=0,1"], multirun=True)
    assert len(ran) == 6
    assert [(one["name"], one["num_members"]) for one in compared()] == [("plain", 2), ("narrow", 2), ("slow", 2)]


def test_a_failing_trial_stops_no_other_and_is_told_in_the_end(ran: list[Config]) -> None:
    trials = f"sweep.trials={{plain:[],{BROKEN},narrow:['model.hidden_sizes=[4]']}}"
    with pytest.raises(DataError, match="no cases"):
        run_trials([[*GIVEN, trials]])
    assert len(ran) == 3
    assert [one["name"] for one in compared()] == ["plain", "narrow"]


def test_one_trial_that_is_left_is_compared_with_nothing(ran: list[Config]) -> None:
    with pytest.raises(DataError):
        run_trials([[*GIVEN, f"sweep.trials={{plain:[],{BROKEN}}}"]])
    assert len(ran) == 2
    assert not Path("outputs/sweeps").exists()


def test_seeds_that_are_left_of_a_failing_trial_do_not_hide_why_it_failed(ran: list[Config]) -> None:
    with pytest.raises(DataError, match="no cases"):
        run_trials([[*GIVEN, f"sweep.trials={{plain:[],{BROKEN},other:['seed=1']}}"]])
    assert len(ran) == 3
    assert not Path("outputs/sweeps").exists()


@pytest.mark.parametrize(
    ("overrides", "words"),
    [
        (["sweep.trials={a:[],b:['model.hidden_size=[4]']}"], r"sweep\.trials\.b: model\.hidden_size: no such key"),
        (["sweep.trials={a:[],b:['seed=0']}"], "a and b have the same settings"),
        (
            ["sweep.trials={a:[],b:['trainer.portable=false']}"],
            r"sweep\.trials\.b: trainer\.portable is of the process",
        ),
        (["sweep.trials={a:[],b:['seed=1']}"], r"sweep\.trials: all differ in seed or fold at most"),
        (["sweep.trials={a:[],b:['model.dropout=0.3']}", "sweep.name=x/y"], r"sweep\.name: 'x/y'"),
    ],
)
def test_what_cannot_be_is_refused_before_anything_runs(ran: list[Config], overrides: list[str], words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        run_trials([[*GIVEN, *overrides]])
    assert not ran


def test_settings_of_hydra_are_refused(ran: list[Config]) -> None:
    with pytest.raises(ConfigError, match=r"hydra/launcher=joblib.*sweep\.trials=null"):
        launch("run", [*NAMED, "hydra/launcher=joblib", "seed=0,1"], multirun=True)
    assert not ran


def test_other_commands_take_the_base_settings_alone(ran: list[Config], monkeypatch: pytest.MonkeyPatch) -> None:
    told = []
    monkeypatch.setattr(
        "reprodx.sweep.launch.run_command", lambda command, config, again: told.append((command, config.seed))
    )
    launch("train", NAMED, multirun=False)
    launch("run", GIVEN, multirun=False)
    assert told == [("train", 0), ("run", 0)]
    assert not ran


def test_a_tracked_trial_is_compared_by_its_run(ran: list[Config], monkeypatch: pytest.MonkeyPatch) -> None:
    plain, narrow, _ = trials_of(NAMED)
    runs = {plain.config_hash: "1f"}
    monkeypatch.setattr("reprodx.tracking.runs.last_run_id", lambda _, config_hash: runs.get(config_hash))
    store = cast("Store", object())
    of_narrow = f"outputs/{narrow.config_hash}/results/predictions.parquet"
    assert [sweep._address(trial, store) for trial in (plain, narrow)] == ["1f", of_narrow]
    assert sweep._address(narrow, None) == of_narrow
    assert not ran
