"""A `_target_` reaches our classes and nothing else."""

from __future__ import annotations

import importlib
import inspect
from pathlib import Path
from typing import Any

import pytest
import yaml

from reprodx.config.composition import compose
from reprodx.config.targets import (
    accepted,
    check_component,
    instantiate,
    iterate_targets,
    nearest,
    options_of,
    resolve_class,
)
from reprodx.errors import ConfigError

KFOLD = {"name": "kfold", "_target_": "reprodx.splits.kfold.KFold", "num_folds": 5, "fold": 0, "repeat": 0, "seed": 0}


def test_a_valid_node_becomes_its_object_without_the_name() -> None:
    split = instantiate(KFOLD, "split")
    assert type(split).__name__ == "KFold"


def test_what_the_caller_gives_is_not_asked_of_the_config() -> None:
    linear = instantiate(
        {"name": "linear", "_target_": "torch.nn.Linear", "bias": False}, in_features=3, out_features=1
    )
    assert linear.weight.shape == (1, 3)


def test_a_null_target_is_nothing() -> None:
    assert instantiate({"name": "none", "_target_": None}) is None


@pytest.mark.parametrize(
    "target",
    [
        "os.system",
        "builtins.open",
        "pathlib.Path.write_text",
        "torch.load",
        "torch.nn.modules.module.torch.load",
        "torch.nn.utils.clip_grad_norm_",
        "reprodx.artifacts.files.write_text",
        "reprodx.datasets.csv_table.Path",
        "reprodx.modelsx.mlp.MLP",
        "reprodx.models.mlp.MPL",
        "reprodx.models.nosuch.MLP",
        "reprodx.models",
    ],
)
def test_a_foreign_or_absent_target_is_refused_with_its_key(target: str) -> None:
    with pytest.raises(ConfigError, match=r"^model\._target_: "):
        instantiate({"name": "evil", "_target_": target}, "model")


def test_a_foreign_target_is_refused_at_any_depth() -> None:
    node = {"name": "mlp", "_target_": "torch.nn.Sequential", "layers": [{"inner": {"_target_": "os.system"}}]}
    with pytest.raises(ConfigError, match=r"^model\.layers\[0\]\.inner\._target_"):
        check_component(node, "model")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"nun_folds": 5}, r"split\.nun_folds: unknown key; did you mean 'num_folds'"),
        ({"num_folds": "five"}, r"split\.num_folds: .*integer"),
        ({"num_folds": True}, r"split\.num_folds: .*integer"),
        ({"num_folds": 5.5}, r"split\.num_folds: .*integer"),
    ],
)
def test_the_constructor_is_the_schema(change: dict[str, Any], words: str) -> None:
    check_component(KFOLD, "split")
    with pytest.raises(ConfigError, match=words):
        check_component({**KFOLD, **change}, "split")


def test_a_missing_key_is_named() -> None:
    with pytest.raises(ConfigError, match=r"split\.seed: missing"):
        check_component({key: value for key, value in KFOLD.items() if key != "seed"}, "split")


def test_what_a_constructor_refuses_is_a_config_error() -> None:
    with pytest.raises(ConfigError, match="num_folds"):
        instantiate({**KFOLD, "num_folds": 1}, "split")


def test_targets_are_found_at_any_depth() -> None:
    node = {"_target_": "a", "list": [{"_target_": "b"}], "text": "_target_"}
    assert list(iterate_targets(node, "model")) == [("model", "a"), ("model.list[0]", "b")]


def test_an_unlike_name_gets_the_list_alone() -> None:
    assert nearest("zzz", ["mlp", "logistic"]) == "Valid: logistic, mlp"


def test_classes_of_allowed_packages_resolve() -> None:
    assert resolve_class("torch.optim.Adam", "optimizer").__name__ == "Adam"


def test_a_library_that_is_not_installed_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def is_absent(module: str) -> None:
        raise ModuleNotFoundError(name=module.partition(".")[0])

    monkeypatch.setattr(importlib, "import_module", is_absent)
    with pytest.raises(ConfigError, match=r"model\._target_: 'monai\.networks\.nets\.DenseNet121' needs monai: pip"):
        resolve_class("monai.networks.nets.DenseNet121", "model")


def test_what_a_class_does_not_name_is_not_given_to_it() -> None:
    given = {"num_features": 3, "num_outputs": 1, "seed": 0}
    assert accepted({"_target_": "reprodx.models.logistic.Logistic"}, given, "model") == {
        "num_features": 3,
        "num_outputs": 1,
    }
    assert accepted({"_target_": None}, given, "augmentation") == {}


def test_options_are_those_that_make_something() -> None:
    assert options_of("model")["cnn"] == "reprodx.models.cnn.CNN"
    assert set(options_of("augmentation")) >= {"image", "mixup"}
    assert "none" not in options_of("augmentation")


def test_a_class_of_another_library_may_be_told_what_ours_are_given() -> None:
    check_component({"_target_": "torch.nn.Linear", "in_features": 3}, "model", given=("in_features", "out_features"))
    node = {"_target_": "reprodx.models.logistic.Logistic", "text_penalty": 1.0, "num_features": 3}
    with pytest.raises(ConfigError, match=r"model\.num_features: unknown key"):
        check_component(node, "model", given=("num_features", "num_outputs"))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"step_size": "a"}, r"^scheduler\.step_size: .*integer"),
        ({"step_size": 1.5}, r"^scheduler\.step_size: .*integer"),
        ({"gamma": True}, r"^scheduler\.gamma: .*number"),
    ],
)
def test_plain_values_are_checked_by_what_another_library_says(change: dict[str, Any], words: str) -> None:
    node = {"_target_": "torch.optim.lr_scheduler.StepLR", "step_size": 1, "gamma": 1}
    check_component(node, "scheduler", given=("optimizer",))
    with pytest.raises(ConfigError, match=words):
        check_component({**node, **change}, "scheduler", given=("optimizer",))


def test_what_another_library_says_of_lists_is_left_to_it() -> None:
    node = {"_target_": "torch.optim.Adam", "lr": 1, "betas": [0.9, 0.9]}
    check_component(node, "optimizer", given=("params",))
    with pytest.raises(ConfigError, match=r"^optimizer\.lr: .*number"):
        check_component({**node, "lr": "a"}, "optimizer", given=("params",))
    with pytest.raises(ConfigError, match=r"^optimizer: "):
        instantiate({**node, "betas": {}}, "optimizer", params=[])


@pytest.mark.parametrize("group", ["data", "model"])
def test_a_configuration_older_than_a_key_means_what_the_option_says(group: str) -> None:
    for option, target in options_of(group).items():
        if not target.startswith("reprodx."):
            continue
        section = yaml.safe_load(Path(f"conf/{group}/{option}.yaml").read_text())
        parameters = inspect.signature(resolve_class(target, group)).parameters
        said = {key: value.default for key, value in parameters.items() if value.default is not value.empty}
        for key in said.keys() & section.keys():
            default = list(said[key]) if isinstance(said[key], tuple) else said[key]
            assert section[key] == default, f"{option}: {key}"


def test_tables_are_read_by_a_configuration_that_is_older_than_how_they_lie_in_files() -> None:
    section = compose(["data=heart_disease"])["data"]
    young = ("separator", "decimal", "thousands", "encoding", "header", "comment", "classes", "patient_spelling")
    young += ("site_spelling", "group_spelling", "case_sensitive", "outside", "unknown_levels")
    old = {key: value for key, value in section.items() if key not in young}
    # A sequence that is not said is a tuple, one of a file a list.
    assert {**vars(instantiate(old, "data")), "case_sensitive": []} == vars(instantiate(section, "data"))


def test_the_list_of_valid_targets_has_what_ships_and_nothing_that_a_file_merely_names(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shipped = {
        target
        for file in Path("conf").rglob("*.yaml")
        for _, target in iterate_targets(yaml.safe_load(file.read_text()) or {}, "")
        if target != "???"
    }
    foreign = ["os.system", "torch.nn.modules.module.torch.load", "reprodx.models.nosuch.MLP", "reprodx.models.mlp.os"]
    (tmp_path / "conf/model").mkdir(parents=True)
    for position, target in enumerate([*sorted(shipped), *foreign]):
        (tmp_path / f"conf/model/{position}.yaml").write_text(f"name: a\n_target_: {target}\n")
    monkeypatch.chdir(tmp_path)
    for refused in ("os.system", "os.systen", "torch.nn.modules.module.torch.loaf"):
        with pytest.raises(ConfigError) as caught:
            check_component({"name": "x", "_target_": refused}, "model")
        _, _, told = str(caught.value).partition("Valid: ")
        assert set(told.partition(". Targets may lie")[0].split(", ")) == shipped
        assert not any(f"did you mean {name!r}" in str(caught.value) for name in foreign)
