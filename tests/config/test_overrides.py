"""What is said to compose a configuration composes it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import hydra
import pytest
from hydra.core.global_hydra import GlobalHydra

from reprodx.config.composition import compose, validate
from reprodx.config.identity import config_hash
from reprodx.config.overrides import overrides_of
from reprodx.config.yaml_files import CONF

if TYPE_CHECKING:
    from pathlib import Path

    from reprodx.config import Config


def composed(*overrides: str) -> Config:
    return validate(compose(overrides), components=())


def test_what_conf_composes_to_needs_no_override() -> None:
    assert overrides_of(composed()) == ()


@pytest.mark.parametrize(
    "overrides",
    [
        ("model=logistic",),
        ("seed=3",),
        ("model=mlp", "model.hidden_sizes=[8, 4]"),
        ("trainer/loss=focal", "evaluation/threshold=fixed"),
        ("trainer.early_stopping=null", "trainer=smoke"),
        ("experiment=heart_ft", "optimizer.lr=0.01"),
        ("split=kfold", "split.fold=2", "data.units={age: years old}"),
        ("data=csv_table", "data.name=ward", "data.path=params.yaml", "data.target=outcome"),
        ("data=wfdb_beats", "data.folder=conf", "split=ds1_ds2"),
        ("data=wfdb_beats", "data.folder=conf", "~data.same_patient", "+data.same_patient={7:[8,9],x y:[null]}"),
        ("split=strat_fold", "~split.map", "+split.map={1.5:train,true:val,a\\:b:test}"),
    ],
)
def test_it_composes_to_the_same_sections(overrides: tuple[str, ...]) -> None:
    config = composed(*overrides)
    found = overrides_of(config)
    assert found
    assert config_hash(composed(*found)) == config_hash(config)


def test_options_are_named_and_settings_follow() -> None:
    assert overrides_of(composed("experiment=heart_logistic", "seed=5"))[-1:] == ("seed=5",)
    assert overrides_of(composed("model=logistic"))[0] == "model=logistic"


def test_tracking_decides_no_result() -> None:
    assert overrides_of(composed("tracking=none")) == ()


def test_a_setting_that_conf_does_not_know_is_added() -> None:
    config = composed()
    longer = replace(config, data={**config.data, "note": "it's new"})
    assert overrides_of(longer) == ('+data.note="it\'s new"',)


@pytest.mark.parametrize("value", [float("inf"), 1e-7, 'say "no"', "C:\\data\\", "-", "", {"a b": {"7": [None]}}])
def test_values_of_any_kind_come_back(value: object) -> None:
    config = composed()
    odd = replace(config, data={**config.data, "note": value})
    found = overrides_of(odd)
    assert found is not None
    assert compose(found)["data"]["note"] == value


def test_a_command_that_hydra_runs_may_ask_and_goes_on() -> None:
    config = composed("seed=3")
    shared = GlobalHydra.instance()
    with hydra.initialize_config_dir(str(CONF.resolve()), version_base="1.3"):
        running = shared.hydra
        assert overrides_of(config) == ("seed=3",)
        assert shared.hydra is running
    assert running is not None


def test_without_conf_nothing_is_known(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config = composed()
    monkeypatch.chdir(tmp_path)
    assert overrides_of(config) is None
