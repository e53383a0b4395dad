"""What a run is called and what made it."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from omegaconf import OmegaConf

from reprodx.config.identity import recipe_hash
from reprodx.tracking.description import describe, identity_tags

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from reprodx.config import Config


@pytest.fixture(autouse=True)
def _outside_git(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_a_run_is_described_by_its_configuration_and_data(config: Config, manifest: Mapping[str, Any]) -> None:
    description = describe(config, manifest, "parent")
    assert (description.experiment, description.name, description.parent_run_id) == ("clinic", "mlp seed 7", "parent")
    assert describe(config, manifest).name == "mlp"
    assert description.params["model.hidden_sizes"] == "[8, 4]"
    assert description.params["seed"] == "7"
    assert description.tags == {
        **identity_tags(config, manifest),
        "reprodx.recipe_hash": recipe_hash(config),
        "mlflow.source.name": "reprodx",
        "mlflow.source.type": "LOCAL",
        "mlflow.source.git.commit": "unknown",
        "reprodx.git_commit": "unknown",
        "reprodx.git_dirty": "unknown",
        "reprodx.reproducible": "false",
        "reprodx.obstacles": "the code is in no git commit: `git init` and commit it",
        "reprodx.seed": "7",
        "reprodx.portable": "false",  # as this process was begun
        "reprodx.modality": "table",
        "reprodx.task": "binary",
    }
    assert description.tags["reprodx.config_hash"] == description.config_hash


def test_a_generator_says_that_it_predicts_nothing(config: Config, manifest: Mapping[str, Any]) -> None:
    generator = replace(config, model={"name": "dcgan", "_target_": "reprodx.models.dcgan.DCGAN"})
    assert describe(generator, manifest).tags["reprodx.task"] == "generation"


def test_seeds_of_one_recipe_share_a_tag(config: Config, manifest: Mapping[str, Any]) -> None:
    def tag(**changes: Any) -> str:
        return describe(replace(config, **changes), manifest).tags["reprodx.recipe_hash"]

    assert tag(seed=8) == tag()
    assert tag(model={**config.model, "hidden_sizes": [4]}) != tag()


def test_the_logged_configuration_is_what_was_resolved(config: Config, manifest: Mapping[str, Any]) -> None:
    logged = OmegaConf.to_container(OmegaConf.create(describe(config, manifest).texts["config.yaml"]))
    assert logged == {key: value for key, value in config.as_dict().items() if key not in ("tracking", "sweep")}


def test_the_password_of_the_store_is_nowhere(config: Config, manifest: Mapping[str, Any]) -> None:
    assert config.tracking.uri is not None
    assert "secret" in config.tracking.uri
    assert "secret" not in str(describe(config, manifest))


def test_a_leaky_run_is_tagged(config: Config, manifest: Mapping[str, Any]) -> None:
    assert describe(config, {**manifest, "leaky": True}).tags["reprodx.leaky"] == "true"
    assert "reprodx.leaky" not in describe(config, manifest).tags


def test_identity_follows_configuration_and_data_and_not_the_store(config: Config, manifest: Mapping[str, Any]) -> None:
    tags = identity_tags(config, manifest)
    assert identity_tags(replace(config, tracking=replace(config.tracking, uri=None)), manifest) == tags
    assert identity_tags(replace(config, seed=8), manifest) != tags
    assert identity_tags(config, {**manifest, "data_hash": "f" * 64}) != tags


@pytest.mark.parametrize(
    ("change", "matches"),
    [
        ({}, True),
        ({"tags": {"reprodx.seed": "changed"}}, True),
        ({"tags": {"reprodx.code_hash": "changed"}}, False),
        ({"params": {"seed": "8"}}, False),
        ({"lifecycle_stage": "deleted"}, False),
    ],
)
def test_a_stored_run_matches_if_parameters_data_and_code_are_the_same(
    config: Config, manifest: Mapping[str, Any], change: dict[str, Any], matches: bool
) -> None:
    description = describe(config, manifest)
    stored = SimpleNamespace(
        info=SimpleNamespace(lifecycle_stage=change.get("lifecycle_stage", "active")),
        data=SimpleNamespace(
            tags={**description.tags, **change.get("tags", {})},
            params={**description.params, **change.get("params", {})},
        ),
    )
    assert description.matches(stored) is matches
