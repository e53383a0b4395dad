"""From conf/ or params.yaml to a checked configuration, and the words for what does not fit."""

from __future__ import annotations

import copy
import shutil
from typing import TYPE_CHECKING, Any

import pytest
from omegaconf import OmegaConf

from reprodx.config.composition import compose, compose_each, read_params, resolve, validate
from reprodx.config.targets import instantiate
from reprodx.errors import ConfigError
from reprodx.schemas import Sampling

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
def composed() -> dict[str, Any]:
    return compose()


@pytest.fixture
def plain(composed: dict[str, Any]) -> dict[str, Any]:
    return copy.deepcopy(composed)


def test_params_yaml_gives_back_what_was_composed(plain: dict[str, Any], tmp_path: Path) -> None:
    path = tmp_path / "params.yaml"
    path.write_text(OmegaConf.to_yaml(OmegaConf.create(plain)))
    assert read_params(path) == plain


def test_overrides_reach_groups_and_values() -> None:
    config = validate(compose(["model=logistic", "seed=3", "trainer/loss=focal", "evaluation/threshold=fixed"]))
    assert (config.model["name"], config.seed) == ("logistic", 3)
    assert (config.trainer.loss["name"], config.evaluation.threshold["name"]) == ("focal", "fixed")


def test_many_trials_are_composed_as_each_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    import hydra

    trials = [
        ["model=logistic", "seed=1"],
        ["model=logistic", "seed=2", "seed=3"],
        ["+model.x=1", "split=kfold", "split.fold=2"],
        ["~model.dropout"],
        ["split.seed=${seed}", "seed=9", "data.groups={age: [1]}", "model.hidden_sizes=[3,4]"],
        ["data=csv_table", "data.name=mine", "data.path=a.csv", "data.target=d", "data.patient=null"],
    ]
    assert list(compose_each(trials)) == [compose(trial) for trial in trials]
    with monkeypatch.context() as patch:
        patch.setattr(hydra, "compose", None)
        assert [plain["seed"] for plain in compose_each([["model=logistic", f"seed={n}"] for n in range(80)])][79] == 79
    with pytest.raises(ConfigError, match=r"model\.nope: no such key"):
        list(compose_each([["model.nope=1"]]))


@pytest.mark.parametrize("sampling", list(Sampling))
def test_how_cases_came_to_be_is_said_of_any_data(sampling: str) -> None:
    config = validate(compose(["data=synthetic_icu", f"data.sampling={sampling}"]))
    assert config.data["sampling"] == sampling
    assert "sampling" not in vars(instantiate(config.data, "data"))


def test_an_option_of_the_data_overrides_how_cases_usually_come_to_be(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree("conf", tmp_path / "conf")
    option = tmp_path / "conf/data/synthetic_icu.yaml"
    option.write_text(option.read_text(encoding="utf-8") + "sampling: case_control\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    found = {name: compose([f"data={name}"])["data"]["sampling"] for name in ("synthetic_icu", "synthetic_ecg")}
    assert found == {"synthetic_icu": "case_control", "synthetic_ecg": "cohort"}


def test_an_integer_is_a_number_where_a_float_is_wanted(plain: dict[str, Any]) -> None:
    plain["trainer"]["l1_penalty"] = 1
    assert validate(plain).trainer.l1_penalty == 1.0


@pytest.mark.parametrize(
    ("path", "value", "words"),
    [
        ("trainer.max_epochs", "many", r"^trainer\.max_epochs: "),
        ("trainer.max_epochs", 0, r"^trainer\.max_epochs: .*1"),
        ("trainer.batch_size", 1.5, r"^trainer\.batch_size"),
        ("trainer.precision", "8", r"^trainer\.precision: .*32-true"),
        ("trainer.max_epoch", 3, r"^trainer\.max_epoch: unknown key; did you mean 'max_epochs'"),
        ("evaluation.confidence_level", 1.5, r"^evaluation\.confidence_level: "),
        ("evaluation.threshold._target_", "os.system", r"^evaluation\.threshold\._target_"),
        ("trainer.loss._target_", "os.system", r"^trainer\.loss\._target_"),
        ("data.sampling", "random", r"^data\.sampling: .*'cohort' or 'case_control'$"),
        ("data.sampling", None, r"^data\.sampling: .*'cohort' or 'case_control'$"),
        ("data.samplin", "cohort", r"^data\.samplin: unknown key; did you mean 'sampling'"),
        ("seed", -1, r"^seed: "),
        ("optimizer.lr", float("nan"), r"^optimizer\.lr: nan is no finite number"),
        ("split.seed", -1, r"^split\.seed: -1 is no seed"),
        ("trainer.batch_size", 0, r"^trainer\.batch_size: .*1"),
        ("trainer.minibatches_per_step", 0, r"^trainer\.minibatches_per_step: .*1"),
        ("trainer.devices", 0, r"^trainer\.devices: .*1"),
        ("trainer.portable", "yes", r"^trainer\.portable: "),
        ("trainer.accelerator", "gpu", r"^trainer\.portable: a GPU has last digits of its own"),
        ("trainer.compile", True, r"^trainer\.portable: compiled code has last digits of its own"),
        ("trainer.gradient_clip_norm", 0.0, r"^trainer\.gradient_clip_norm: .*0"),
        ("sead", 1, r"^sead: unknown key; did you mean 'seed'"),
        ("model.name", None, r"^model: needs `name`"),
    ],
)
def test_what_does_not_fit_is_named_by_its_path(plain: dict[str, Any], path: str, value: object, words: str) -> None:
    *parents, last = path.split(".")
    node = plain
    for parent in parents:
        node = node[parent]
    node[last] = value
    with pytest.raises(ConfigError, match=words):
        validate(plain)


def test_a_missing_section_is_named(plain: dict[str, Any]) -> None:
    del plain["seed"]
    with pytest.raises(ConfigError, match=r"^seed: missing"):
        validate(plain)


@pytest.mark.parametrize(
    ("overrides", "words"),
    [
        (["model=logistc"], "^model=logistc: no such option; did you mean 'logistic'"),
        (["trainer/loss=focl"], "^trainer/loss=focl: no such option; did you mean 'focal'"),
        (["trainer.max_epoch=3"], r"^trainer\.max_epoch: no such key; did you mean 'max_epochs'"),
        (["triner.max_epochs=3"], r"^triner\.max_epochs: no such key; did you mean 'trainer'"),
        (["data=csv_table"], r"^data\.path: has no value \(\?\?\?\)"),
        (["data.path=${oc.env:HOME}"], "oc.env.*not allowed"),
        (["data.path=${now:%Y}"], "now.*not allowed"),
        (["data.path=${model.nosuch}"], "nosuch"),
        (["seed=[1,"], "."),
    ],
)
def test_what_cannot_be_composed_is_said_in_one_line(overrides: list[str], words: str) -> None:
    with pytest.raises(ConfigError, match=words) as caught:
        compose(overrides)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "text",
    ["- a list\n", "a: [1\n", "a: ${nosuch}\n", "a: ${x\n", "a:\tb\n", "a: ???\n", "a: 1\na: 2\n", "", "a: off\n"],
)
def test_broken_params_are_named_and_say_what_to_do(tmp_path: Path, text: str) -> None:
    path = tmp_path / "params.yaml"
    path.write_text(text)
    with pytest.raises(ConfigError, match=r"params\.yaml.*; `reprodx compose` writes params\.yaml anew$"):
        read_params(path)


def test_absent_params_and_conf_say_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ConfigError, match="reprodx compose"):
        read_params()
    with pytest.raises(ConfigError, match=r"conf/config\.yaml"):
        compose()


def test_hydras_own_node_is_left_out() -> None:
    assert resolve(OmegaConf.create({"seed": 0, "hydra": {"value": "???"}})) == {"seed": 0}


@pytest.mark.parametrize("recipe", ["heart_logistic", "breast_mlp"])
def test_a_recipe_cannot_lengthen_the_smoke_run(recipe: str) -> None:
    config = validate(compose([f"experiment={recipe}", "trainer=smoke", "trainer.max_epochs=50"]), components=())
    assert config.trainer.num_epochs == 2
    assert validate(compose([f"experiment={recipe}", "trainer.max_epochs=50"]), components=()).trainer.num_epochs == 50


def test_a_configuration_that_is_older_than_sampling_is_of_a_cohort() -> None:
    found = compose(["data=synthetic_icu"])
    del found["data"]["sampling"]
    validate(found)
