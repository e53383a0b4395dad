"""What parameters, metrics and tags are called in the store."""

from __future__ import annotations

import json
import logging
import math
import re
from typing import TYPE_CHECKING, Any

from reprodx.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

logger = logging.getLogger(__name__)

TAG_PREFIX = "reprodx."
"""Before every tag of ours."""
KEY = f"{TAG_PREFIX}key"
"""The tag by which a run is found again whose creation was never answered."""
RESTORED = f"{TAG_PREFIX}restored"
"""The tag of a run that was logged from files after training had ended."""
COMPLETE = f"{TAG_PREFIX}complete"
"""The tag of a run that has all its results; MLflow's own status also says so of a training without evaluation."""
REPORTED = f"{TAG_PREFIX}reported"
"""The tag of a run that has what people and servers read, too: report, model card, plots, explanations, model."""
PRUNED = f"{TAG_PREFIX}pruned"
"""The tag of a run whose training a search ended early."""
TEST_SPLIT = f"{TAG_PREFIX}test_split"
OPENED, CLOSED = "opened", "closed"
"""The tag that says whether a run was scored on the test split, and its values; a search leaves it closed."""
CONFIG_HASH, DATA_HASH, SPLIT_HASH, RECIPE_HASH = (
    f"{TAG_PREFIX}{of}_hash" for of in ("config", "data", "split", "recipe")
)
"""Tags of what made a run; the last is shared by runs that differ in seed, fold and repetition alone."""
CODE_HASH, DIRTY = f"{TAG_PREFIX}code_hash", f"{TAG_PREFIX}git_dirty"
"""Tags of the code: its hash, and whether it is other than that of the commit."""
PORTABLE = f"{TAG_PREFIX}portable"
"""The tag of whether a run was computed in the environment in which processors compute alike."""
REPRODUCIBLE, OBSTACLES = f"{TAG_PREFIX}reproducible", f"{TAG_PREFIX}obstacles"
"""Tags of whether a run can be made again from what is recorded, and of why not."""
PREDICTIONS_SHA256 = f"{TAG_PREFIX}predictions_sha256"
"""The tag of the predictions file's bytes."""
PATIENT_IDS, PATIENT_KEY = f"{TAG_PREFIX}patient_ids", f"{TAG_PREFIX}patient_key"
"""Tags of how ids of patients were logged where a run left the machine, and of the key by its fingerprint."""
SWEEP, TASK, SEED = f"{TAG_PREFIX}sweep", f"{TAG_PREFIX}task", f"{TAG_PREFIX}seed"
"""The tags of a run that only holds the trials of a sweep, of what a run predicts, and of its training's seed."""
HEALTH, HEALTHY = f"{TAG_PREFIX}training_health", "nothing found"
"""The tag of what went wrong while a generator was trained, and its value where nothing did."""
PROCESS = f"{TAG_PREFIX}process"
"""The tag of the process that writes a run, see `processes.own`."""
KIND, COMPARISON, REPRODUCTION = f"{TAG_PREFIX}kind", "comparison", "reproduction"
"""The tag of a run that is no experiment, and its values where it compares others, and where it made one again."""
PARENT = "mlflow.parentRunId"
"""The tag by which MLflow's UI nests a run below another."""
SOURCE, SOURCE_TYPE, COMMIT = "mlflow.source.name", "mlflow.source.type", "mlflow.source.git.commit"
"""The tags that MLflow's UI shows as a run's source and version."""
ABSENT, INVALID = "RESOURCE_DOES_NOT_EXIST", "INVALID_PARAMETER_VALUE"
"""MLflow's words for what it does not have and does not understand."""
SHORT = 8
"""Digits of an id or hash that are shown where all would be in the way."""
MAX_PARAM_CHARACTERS = 6000
"""MLflow's limit."""
CUT = " ... (cut; config.yaml has all)"
HIDDEN_KEY = "_target_"
"""Dotted paths that the UI would cut to equal beginnings; they stand in the logged configuration."""


def key(name: str) -> str:
    """Return a name that MLflow takes: characters it refuses become underscores.

    >>> key("test/ppv_<50%")
    'test/ppv__50_'
    """
    return re.sub(r"[^\w\-. :/]", "_", name)


def curve(name: str) -> str:
    """Return what the points of a metric by epoch are called, apart from its final value.

    MLflow lists the last step of a metric, so the two must not share a name. Its UI finds metrics by a part of their
    name and charts together what has the same words before the last `/`: so the final name is no part of this one, and
    all curves stand side by side.

    >>> curve("val/auroc")
    'curve/val_auroc'
    """
    return f"curve/{name.replace('/', '_')}"


def quoted(text: str) -> str:
    r"""Return text as MLflow's filters take it, which know no escape.

    Args:
        text: Such as a run's name.

    Returns:
        The text in the quotes that it does not hold.

    Raises:
        ConfigError: If it holds both kinds.

    >>> quoted("mlp"), quoted("Ann's")
    ("'mlp'", '"Ann\'s"')
    """
    if "'" not in text:
        return f"'{text}'"
    if '"' in text:
        raise ConfigError(f"{text} holds both kinds of quotes, and MLflow cannot look it up: give the run's id")
    return f'"{text}"'


def flat_params(config: Mapping[str, Any]) -> dict[str, str]:
    """Return the leaves of a resolved configuration under dotted keys; lists are JSON, `_target_` is left out.

    >>> flat_params({"model": {"name": "mlp", "_target_": "reprodx.models.mlp.MLP", "hidden": [64, 32]}, "seed": 0})
    {'model.name': 'mlp', 'model.hidden': '[64, 32]', 'seed': '0'}
    """
    return {
        key(path): _cut(path, value if isinstance(value, str) else json.dumps(value))
        for path, value in _leaves(config, "")
    }


def flat_metrics(metrics: Mapping[str, Mapping[str, Mapping[str, Any]]]) -> dict[str, float]:
    """Return `<split>/<metric>` with `_ci_low` and `_ci_high`; what is undefined is left out.

    Args:
        metrics: The content of `metrics.json`: split, metric, then `value ci_low ci_high ...`.

    Returns:
        Finite numbers by name.

    >>> flat_metrics({"test": {"auroc": {"value": 0.9, "ci_low": 0.8, "ci_high": None, "n": 92}}})
    {'test/auroc': 0.9, 'test/auroc_ci_low': 0.8}
    """
    suffixes = {"value": "", "ci_low": "_ci_low", "ci_high": "_ci_high"}
    return {
        f"{split}/{metric}{suffix}": float(entry[field])
        for split, entries in metrics.items()
        for metric, entry in entries.items()
        for field, suffix in suffixes.items()
        if isinstance(entry.get(field), int | float) and math.isfinite(entry[field])
    }


def _leaves(node: Mapping[str, Any], prefix: str) -> Iterator[tuple[str, Any]]:
    for name, value in node.items():
        path = f"{prefix}{name}"
        if isinstance(value, dict) and value:
            yield from _leaves(value, f"{path}.")
        elif name != HIDDEN_KEY:
            yield path, value


def _cut(name: str, value: str) -> str:
    """Fit a value into MLflow's limit; a cut is marked in the value and said in the log."""
    if len(value) <= MAX_PARAM_CHARACTERS:
        return value
    logger.warning("tracking: parameter %s has %d characters and is cut to %d", name, len(value), MAX_PARAM_CHARACTERS)
    return value[: MAX_PARAM_CHARACTERS - len(CUT)] + CUT
