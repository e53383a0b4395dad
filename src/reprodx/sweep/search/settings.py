"""How a search goes: what `hydra.sweeper` says, checked."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, fields
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field, TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass

from reprodx.config.schema import type_rules
from reprodx.config.targets import nearest
from reprodx.errors import ConfigError
from reprodx.hashing import sha256_of_json
from reprodx.metrics.catalogue import metric_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from reprodx.sweep.search.space import Space

SECTION = "hydra.sweeper"
"""Where the settings stand."""
OF_SCHEDULING = ("n_trials", "n_workers", "timeout", "storage", "dead_after")
"""Settings that another start of the same search may change: they decide how much is run, and where."""
DIGITS = 16
LOSS = "val/loss"
"""The curve that is the better the lower it is."""

Direction = Literal["maximize", "minimize"]


@dataclass(frozen=True, config=type_rules)
class SearchSettings:
    """What `conf/hydra/sweeper/optuna.yaml` holds."""

    sampler: Literal["tpe", "cmaes", "gp", "nsgaii", "random", "grid"]
    seed: Annotated[int, Field(ge=0, lt=2**31)]
    n_trials: Annotated[int, Field(ge=1, le=1_000_000)]
    n_workers: Annotated[int, Field(ge=1, le=10_000)]
    timeout: Annotated[float, Field(gt=0)] | None
    pruner: Literal["none", "median", "hyperband"]
    prune_by: Literal["val/loss", "val/auroc", "val/accuracy", "val/kappa"]
    prune_every: Annotated[int, Field(ge=1)]
    objectives: Annotated[list[str], Field(min_length=1, max_length=3)]
    storage: str | None
    dead_after: Annotated[float, Field(gt=0)]

    @property
    def directions(self) -> list[Direction]:
        """Of the objectives, in their order."""
        return ["maximize" if metric_of(name).is_higher_better else "minimize" for name in self.objectives]

    @property
    def sign_of_curve(self) -> int:
        """-1 where the curve goes the other way than the objective, by whose direction Optuna prunes."""
        return 1 if (self.prune_by == LOSS) == (self.directions[0] == "minimize") else -1

    def told(self, name: str, value: float) -> float:
        """Return what Optuna is told of an objective: of one with an ideal value the distance from it."""
        better = metric_of(name).better
        return abs(value - better) if isinstance(better, float) else value


def read_settings(node: Mapping[str, Any]) -> SearchSettings:
    """Return the settings of a search.

    Args:
        node: `hydra.sweeper` without its `_target_`.

    Returns:
        The settings.

    Raises:
        ConfigError: If one is unknown, missing or of the wrong type, or two do not go together; if Optuna is absent.
    """
    known = [field.name for field in fields(SearchSettings)]
    if unknown := sorted(set(node) - set(known)):
        raise ConfigError(f"{SECTION}.{unknown[0]}: unknown key; {nearest(unknown[0], known)}")
    try:
        # As JSON, because pydantic's strict mode takes a mapping for a dataclass from there alone.
        settings = TypeAdapter(SearchSettings).validate_json(json.dumps(dict(node)))
    except ValidationError as error:
        first = error.errors()[0]
        raise ConfigError(f"{SECTION}.{'.'.join(map(str, first['loc']))}: {first['msg']}") from error
    if len(set(settings.objectives)) < len(settings.objectives) or not all(settings.directions):
        raise ConfigError(f"{SECTION}.objectives: name each once")
    if len(settings.objectives) > 1 and settings.sampler not in {"nsgaii", "random", "grid", "tpe", "gp"}:
        raise ConfigError(f"{SECTION}.sampler={settings.sampler} takes one objective; take nsgaii for several")
    if len(settings.objectives) > 1 and settings.pruner != "none":
        raise ConfigError(f"{SECTION}.pruner={settings.pruner} judges by one objective; give {SECTION}.pruner=none")
    return settings


def study_name(sweep_name: str, settings: SearchSettings, space: Space, base_hash: str, code_hash: str) -> str:
    """Return the name of the study, which is the same when the same search is started again.

    Args:
        sweep_name: `sweep.name`.
        settings: Of the search.
        space: What is drawn from.
        base_hash: Of the configuration without what is drawn.
        code_hash: Of the code, by which alone trials can be compared.

    Returns:
        The name of the sweep, and digits.
    """
    decisive = {key: value for key, value in asdict(settings).items() if key not in OF_SCHEDULING}
    digits = sha256_of_json([decisive, space.as_text(), base_hash, code_hash])[:DIGITS]
    return f"{sweep_name}-{digits}".replace(os.sep, "_")
