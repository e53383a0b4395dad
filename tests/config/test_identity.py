"""The hash follows what decides a result, and nothing else."""

from __future__ import annotations

import functools
import shutil
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import hypothesis
import hypothesis.strategies as st
import pytest

from reprodx.config.composition import compose, validate
from reprodx.config.identity import by_content, cases_hash, config_hash, named_files, prepared_hash, recipe_hash
from reprodx.errors import DatasetNotFoundError

if TYPE_CHECKING:
    from reprodx.config.schema import Config


def composed(*overrides: str) -> Config:
    return validate(compose(overrides), components=())


@functools.cache
def base() -> Config:
    return composed()


@pytest.mark.parametrize("overrides", [["tracking=none"], ["sweep.name=another"], ["tracking.uri=http://127.0.0.1:1"]])
def test_where_a_run_is_logged_does_not_count(overrides: list[str]) -> None:
    assert config_hash(composed(*overrides)) == config_hash(composed())


@pytest.mark.parametrize(
    "override", ["seed=1", "split.seed=1", "model=logistic", "trainer.num_threads=2", "evaluation.confidence_level=0.9"]
)
def test_what_decides_a_result_counts(override: str) -> None:
    assert config_hash(composed(override)) != config_hash(composed())


def test_a_path_counts_by_the_bytes_it_leads_to(tmp_path: Path) -> None:
    copy = shutil.copy("data/raw/heart_disease/heart_disease_uci.csv", tmp_path / "same.csv")
    assert config_hash(composed(f"data.path={copy}")) == config_hash(composed())
    with Path(copy).open("a") as file:
        file.write("\n")
    assert config_hash(composed(f"data.path={copy}")) != config_hash(composed())


@hypothesis.given(
    section=st.sampled_from(["model", "augmentation", "optimizer", "scheduler", "split"]),
    key=st.sampled_from(["weights", "vocabulary", "start_path", "steps"]),
    nested=st.booleans(),
    name=st.text("abc é-_", min_size=1).map(lambda text: f"{text}.bin"),
    content=st.binary(min_size=8, max_size=8),
    position=st.integers(0, 7),
)
@hypothesis.settings(suppress_health_check=[hypothesis.HealthCheck.function_scoped_fixture])
def test_a_file_that_any_section_names_counts_by_its_bytes(
    tmp_path: Path, section: str, key: str, nested: bool, name: str, content: bytes, position: int
) -> None:
    def hashes(file: Path, written: bytes) -> list[str]:
        file.write_bytes(written)
        value = [{key: {"of": str(file)}}] if nested else str(file)
        config = replace(base(), **{section: {**getattr(base(), section), key: value}})
        assert named_files(config)[f"{section}.{key}{f'[0].{key}.of' if nested else ''}"] == file
        return [config_hash(config), recipe_hash(config)]

    first = hashes(tmp_path / name, content)
    assert hashes(tmp_path / f"x{name}", content) == first, "the same bytes under another name"
    changed = content[:position] + bytes([255 - content[position]]) + content[position + 1 :]
    assert not set(hashes(tmp_path / name, changed)) & set(first), "another byte under the same name"


def test_a_word_is_no_file_by_chance(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = config_hash(base())
    shutil.copytree("data/raw/heart_disease", tmp_path / "data/raw/heart_disease")
    for name in ("mlp", "heart", "adam"):
        (tmp_path / name).write_text("a file that is called as a setting is")
    (tmp_path / "heart_disease").mkdir()
    monkeypatch.chdir(tmp_path)
    assert config_hash(base()) == before


def test_what_can_be_no_file_is_text() -> None:
    settings = {"text": "a/" + "b" * 5000, "nul": "a/\0.txt", "empty_path": "", "drop_path": 0.1, "absent_path": "a/b"}
    assert by_content(settings) == settings


def test_the_seed_of_training_selects_no_cases() -> None:
    assert cases_hash(composed("seed=1")) == cases_hash(composed())
    assert prepared_hash(composed("model=logistic")) == prepared_hash(composed())
    assert prepared_hash(composed("split.seed=1")) != prepared_hash(composed())


def test_runs_of_one_recipe_differ_in_seed_fold_and_repetition_alone() -> None:
    folds = composed("split=kfold")
    for override in ("seed=1", "split.fold=2", "split.repeat=1"):
        assert recipe_hash(composed("split=kfold", override)) == recipe_hash(folds)
    for override in ("split.seed=1", "model=logistic", "evaluation.margin=0.05"):
        assert recipe_hash(composed("split=kfold", override)) != recipe_hash(folds)


def test_an_absent_file_is_named() -> None:
    with pytest.raises(DatasetNotFoundError, match=r"nosuch\.csv"):
        config_hash(composed("data.path=nosuch.csv"))


def test_a_card_counts_among_prepared_cases_and_in_no_result(tmp_path: Path) -> None:
    copy = shutil.copy("data/raw/heart_disease/heart_disease_uci.csv", tmp_path / "same.csv")
    config = composed(f"data.path={copy}")
    hashes = {prepared_hash(config)}
    before = config_hash(config), cases_hash(config)
    for text in ("# Mine", "# Ours"):
        (tmp_path / "card.md").write_text(text)
        hashes.add(prepared_hash(config))
    assert len(hashes) == 3
    assert (config_hash(config), cases_hash(config)) == before
