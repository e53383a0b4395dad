"""Defaults of files: lists of options that lead nowhere back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from reprodx.config.defaults_lists import check_folder, line_of
from reprodx.config.yaml_files import CONF
from reprodx.errors import ConfigError

if TYPE_CHECKING:
    from pathlib import Path


def write(folder: Path, **texts: str) -> None:
    for name, text in texts.items():
        path = folder / f"{name.replace('__', '/')}.yaml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


@pytest.mark.parametrize("text", ["defaults: mlp\n", "defaults: {model: mlp}\n", "defaults: null\n"])
def test_defaults_that_are_no_list_are_refused(tmp_path: Path, text: str) -> None:
    write(tmp_path, a=text)
    with pytest.raises(ConfigError, match=r"a\.yaml, line 1: defaults: must be a list"):
        check_folder(tmp_path)


@pytest.mark.parametrize(
    ("entry", "words"),
    [("1", "'1' names no option"), ("[b]", "one option"), ("{b: c, d: e}", "one option"), ("b: {c: d}", "b must be")],
)
def test_entries_that_name_no_option_are_refused(tmp_path: Path, entry: str, words: str) -> None:
    write(tmp_path, a=f"defaults:\n  - _self_\n  - {entry}\n")
    with pytest.raises(ConfigError, match=rf"a\.yaml, line 3: defaults: .*{words}"):
        check_folder(tmp_path)


@pytest.mark.parametrize(
    "texts",
    [
        {"model__a": "defaults: [a]\n"},
        {"model__a": "defaults: [b@x]\n", "model__b": "defaults: [_self_, 'optional a']\n"},
        {"model__a": "defaults: [/data: b]\n", "data__b": "defaults: [/model: [c, a]]\n"},
        {"model__a": "defaults: [loss: b]\n", "model__loss__b": "defaults: [/model/a]\n"},
    ],
)
def test_defaults_that_come_back_are_refused_with_their_way(tmp_path: Path, texts: dict[str, str]) -> None:
    write(tmp_path, **texts)
    with pytest.raises(ConfigError, match=r"line 1: its defaults come back to it: .*model/a"):
        check_folder(tmp_path)


def test_a_recipe_that_chooses_the_model_that_may_name_recipes_is_no_circle(tmp_path: Path) -> None:
    write(tmp_path, config="defaults: [model: a]\n", model__a="defaults: [/recipe: b]\n")
    write(tmp_path, recipe__b="defaults:\n- override /model: a\n- c: null\n- d: ???\n")
    check_folder(tmp_path)


def test_the_shipped_configuration_passes() -> None:
    check_folder(CONF)
    assert line_of(CONF / "config.yaml", CONF / "split/patient_stratified.yaml", CONF) == 5
    assert line_of(CONF / "config.yaml", CONF / "nosuch.yaml", CONF) == 1
