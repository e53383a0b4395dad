"""Write `params.yaml` from `conf/`, so that DVC can tell which settings changed.

`dvc exp run` composes by itself and `dvc repro` never does. A stamp of constant content orders the stages without
invalidating them.
"""

from __future__ import annotations

import logging
import os
from pathlib import Path
from typing import Any

from reprodx.artifacts.files import write_text
from reprodx.config.composition import PARAMS, TABULAR, compose, read_params, validate
from reprodx.errors import ConfigError

logger = logging.getLogger(__name__)

STAMP = Path("conf.stamp")


def write_params() -> None:
    """Compose `conf/`, check it, and write `params.yaml` where it differs.

    Raises:
        ConfigError: If the configuration is not valid; `params.yaml` then stays as it was.
    """
    from omegaconf import OmegaConf

    if "DVC_EXP_NAME" in os.environ:
        validate(read_params(), components=TABULAR)
        logger.info("compose: %s was composed by dvc exp run", PARAMS)
    else:
        composed = compose()
        validate(composed, components=TABULAR)
        changes = _changes(composed)
        if changes:
            write_text(PARAMS, OmegaConf.to_yaml(OmegaConf.create(composed)))
        logger.info("compose: %s", "; ".join(changes) if changes else f"{PARAMS} is up to date")
    write_text(STAMP, "ok\n")


def _changes(composed: dict[str, Any]) -> list[str]:
    """Say which settings the new parameters change, such as those of an earlier `dvc exp run -S`."""
    try:
        before = _flat(read_params())
    except ConfigError:
        return [f"wrote {PARAMS}"]
    after = _flat(composed)
    return [
        f"{key}: {before.get(key, 'absent')} -> {after.get(key, 'absent')}"
        for key in sorted(before.keys() | after.keys())
        if before.get(key) != after.get(key) or (key in before) != (key in after)
    ]


def _flat(node: object, path: str = "") -> dict[str, object]:
    """Return the leaves of nested mappings by dotted path; an empty mapping is a leaf."""
    if not isinstance(node, dict) or not node:
        return {path: node}
    leaves: dict[str, object] = {}
    for key, value in node.items():
        leaves |= _flat(value, f"{path}.{key}" if path else str(key))
    return leaves
