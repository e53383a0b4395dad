"""Overrides on their way to Hydra."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from reprodx.config.composition import composed
from reprodx.config.identity import config_hash
from reprodx.errors import ConfigError
from reprodx.hashing import sha256_of_path
from reprodx.sweep import launch as module
from reprodx.sweep.launch import combinations, first_choices, launch
from tests.project import ROOT

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("overrides", "first"),
    [
        (["model=mlp,logistic", "seed=range(2,5)"], ["model=mlp", "seed=2"]),
        (["+model.x=1,2", "seed=7"], ["+model.x=1", "seed=7"]),
        (["hydra/launcher=joblib", "seed=0,1", "-p"], ["seed=0"]),
        (["split.train=[a,b]"], ["split.train=[a,b]"]),
        (["model=glob(logi*)"], ["model=logistic"]),
        (["model=glob([m*,l*],exclude=mlp)"], ["model=logistic"]),
        (["optimizer.lr=tag(x,choice(0.1,0.2))"], ["optimizer.lr=0.1"]),
        (["seed=sort(3,1,2)"], ["seed=1"]),
        (["optimizer.lr=interval(0.1,0.2)", "hydra/sweeper=optuna"], ["optimizer.lr=0.1"]),
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


@pytest.mark.parametrize(
    ("override", "words"),
    [
        ("optimizer.lr=interval(0.1,0.2)", r"no values that could be listed.*choice.*hydra/sweeper=optuna"),
        ("model=glob(zzz*)", "lists no value; .*Valid: .*logistic"),
        ("seed=glob(*)", "lists no value; seed has no options"),
        ("seed=range(3,1)", "lists no value"),
        ("seed=range(1,3,0)", "never ends"),
        ("seed=shuffle(range(0,1000000000))", "more than 10,000 values"),
    ],
)
def test_a_sweep_that_lists_no_trials_or_endless_ones_is_refused(override: str, words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        first_choices([override])


def test_a_sweep_of_too_many_trials_is_refused_before_they_are_listed() -> None:
    with pytest.raises(ConfigError, match="40,000 trials"):
        first_choices(["seed=range(0,200)", "split.seed=range(0,200)"])


@pytest.mark.parametrize("multirun", [False, True])
def test_a_flag_that_hydra_does_not_know_is_refused(multirun: bool) -> None:
    with pytest.raises(ConfigError, match=r"^--foo=1: `reprodx train` has no such option"):
        launch("train", ["--foo=1"], multirun=multirun)


@pytest.mark.parametrize("overrides", [["trainer.portable=true,false"], ["trainer=cpu,gpu", "seed=0,1"]])
def test_trials_that_need_other_processes_are_refused_before_any_runs(overrides: list[str]) -> None:
    with pytest.raises(ConfigError, match=r"trainer\.portable: the trials of a sweep run in one process"):
        launch("run", overrides, multirun=True)


@pytest.mark.parametrize("multirun", [False, True])
@pytest.mark.parametrize("key", ["tracking.uri", "hydra.sweeper.storage"])
def test_an_override_with_a_password_is_refused_before_hydra_writes_it_down(key: str, multirun: bool) -> None:
    with pytest.raises(ConfigError, match=rf"^{key}: holds a password") as refused:
        launch("run", ["seed=0", f"{key}=postgresql://ann:hunter2@db/runs"], multirun=multirun)
    assert "hunter2" not in str(refused.value)


def test_a_trial_whose_settings_were_edited_while_the_sweep_ran_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(ROOT / "conf", tmp_path / "conf")
    (tmp_path / "data").symlink_to(ROOT / "data")
    monkeypatch.chdir(tmp_path)
    ran = []
    monkeypatch.setattr(module, "run_command", lambda _, config, **__: ran.append(config.seed))
    settings = tmp_path / "conf/trainer/cpu.yaml"
    text = settings.read_text()
    begun = sha256_of_path(tmp_path / "conf"), [config_hash(trial) for trial in module._listed_trials(["seed=0,1"])]
    trial = module._trial("prepare", None, again=False, begun=begun)
    trial(composed(["seed=0"]))
    settings.write_text(f"{text}# said better\n")
    trial(composed(["seed=1"]))
    settings.write_text(text.replace("max_epochs: ", "max_epochs: 1"))
    with pytest.raises(ConfigError, match="edited while the sweep ran"):
        trial(composed(["seed=1"]))
    assert ran == [0, 1]
