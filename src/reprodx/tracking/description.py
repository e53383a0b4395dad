"""What a run is called and what made it, gathered once when it is opened."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from reprodx.artifacts.prediction_metadata import GENERATION
from reprodx.config.identity import HASHED, config_hash, recipe_hash
from reprodx.config.targets import is_generator
from reprodx.portability import is_portable
from reprodx.tracking.environment import environment_lock, environment_record
from reprodx.tracking.names import (
    CODE_HASH,
    COMMIT,
    CONFIG_HASH,
    DATA_HASH,
    DIRTY,
    RECIPE_HASH,
    SEED,
    SOURCE,
    SOURCE_TYPE,
    SPLIT_HASH,
    TAG_PREFIX,
    TASK,
    flat_params,
)
from reprodx.tracking.obstacles import obstacles, reproducibility_tags
from reprodx.tracking.provenance import provenance_of_process
from reprodx.tracking.record import ENVIRONMENT_RECORD, as_text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mlflow.entities import Run

    from reprodx.config import Config

logger = logging.getLogger(__name__)

HASH = "_hash"
"""Ends the names of the tags that identify a run."""
CONFIG_FILE, ENVIRONMENT_FILE, DIFF_FILE = "config.yaml", "environment.txt", "changes.diff"
"""Artifacts of every run; the last where the code was not committed."""


@dataclass(frozen=True)
class RunDescription:
    """What a run is called and what made it."""

    experiment: str
    """MLflow's experiment: `data.name`."""
    name: str
    """How the UI lists it: `model.name`, and among the trials of a sweep also the seed."""
    config_hash: str
    params: Mapping[str, str]
    """See `names.flat_params`."""
    tags: Mapping[str, str]
    parent_run_id: str | None = None
    """The sweep that it belongs to."""
    texts: Mapping[str, str] = field(default_factory=dict)
    """Artifacts by name: configuration, environment, uncommitted changes."""
    obstacles: tuple[str, ...] = ()
    """Why it cannot be made again from what is recorded, see `tracking.obstacles`."""

    def say_obstacles(self) -> None:
        """Say each reason why the run cannot be made again in a line."""
        for reason in self.obstacles:
            logger.warning("not reproducible: %s", reason)

    def matches(self, stored: Run) -> bool:
        """Tell whether a run of the store is still there, and of the same parameters, data and code.

        One that was killed at its start may lack parameters; MLflow refuses to change those that it has.
        """
        is_same = all(stored.data.tags.get(name) == value for name, value in self.tags.items() if name.endswith(HASH))
        is_same &= all(self.params.get(name) == value for name, value in stored.data.params.items())
        return is_same and bool(stored.info.lifecycle_stage == "active")


def describe(config: Config, manifest: Mapping[str, Any], parent_run_id: str | None = None) -> RunDescription:
    """Return the description of the run of a configuration.

    The sections that decide a result make its parameters; the tracking section, which may hold a password, does not.

    Args:
        config: The validated configuration.
        manifest: The manifest of the prepared cases.
        parent_run_id: The tracked run of the sweep that this is a trial of.

    Returns:
        The description; its tags hold hashes, the state of the code, seed, modality and task.
    """
    code = provenance_of_process(Path.cwd())
    found = obstacles(config, code, Path.cwd())
    sections = {name: config.as_dict()[name] for name in HASHED}
    tags = {
        **identity_tags(config, manifest),
        RECIPE_HASH: recipe_hash(config),
        SOURCE: "reprodx",
        SOURCE_TYPE: "LOCAL",
        COMMIT: code.commit,
        f"{TAG_PREFIX}git_commit": code.commit,
        DIRTY: code.dirty,
        SEED: str(config.seed),
        f"{TAG_PREFIX}portable": str(is_portable()).lower(),
        f"{TAG_PREFIX}modality": manifest["modality"],
        **reproducibility_tags(found),
        TASK: GENERATION if is_generator(config.model) else manifest["task"],
    }
    if manifest["leaky"]:
        tags[f"{TAG_PREFIX}leaky"] = "true"
    texts = {
        CONFIG_FILE: as_yaml(sections),
        ENVIRONMENT_FILE: environment_lock(),
        ENVIRONMENT_RECORD: as_text(environment_record(config)),
    }
    return RunDescription(
        experiment=config.data["name"],
        name=config.model["name"] + (f" seed {config.seed}" if parent_run_id else ""),
        config_hash=config_hash(config),
        params=flat_params(sections),
        tags=tags,
        parent_run_id=parent_run_id,
        texts={**texts, DIFF_FILE: code.diff} if code.diff else texts,
        obstacles=found,
    )


def as_yaml(sections: Mapping[str, Any]) -> str:
    """Return settings as the artifact `config.yaml` holds them."""
    from omegaconf import OmegaConf

    return OmegaConf.to_yaml(OmegaConf.create(dict(sections)))


def identity_tags(config: Config, manifest: Mapping[str, Any]) -> dict[str, str]:
    """Return the tags that two runs share if and only if configuration, data and code are the same.

    Args:
        config: The validated configuration.
        manifest: The manifest of the prepared cases.

    Returns:
        Hashes by tag.
    """
    return {
        CONFIG_HASH: config_hash(config),
        DATA_HASH: manifest["data_hash"],
        SPLIT_HASH: manifest["split_hash"],
        CODE_HASH: provenance_of_process(Path.cwd()).code_hash,
    }
