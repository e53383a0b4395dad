"""Commands with overrides: composed and run here, or handed to Hydra's launchers as the trials of a sweep.

A failing trial does not stop the others; the first error is raised when all have ended.
"""

from __future__ import annotations

import logging
import os
import sys
from typing import TYPE_CHECKING

from reprodx.artifacts.locations import home
from reprodx.config.composition import CONF, compose, composition_error, resolve, validate
from reprodx.errors import ReprodxError
from reprodx.pipeline import components_of, run_command

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from omegaconf import DictConfig

logger = logging.getLogger(__name__)


def launch(command: str, overrides: Sequence[str], *, multirun: bool) -> None:
    """Run a command on what the overrides compose.

    Args:
        command: "prepare", "train", "evaluate" or "run".
        overrides: Hydra's, such as `model=mlp,logistic` or `seed=1`.
        multirun: Whether lists of values span a sweep.

    Raises:
        ConfigError: If an override fits nothing in `conf/`.
    """
    if not multirun and not any(override.startswith("-") for override in overrides):
        run_command(command, validate(compose(overrides), components=components_of(command)))
    elif not multirun:
        _run_hydra(overrides, _trial(command, None))
    elif command == "prepare":
        _run_hydra(["--multirun", *overrides], _trial(command, None))
    else:
        _sweep(command, overrides)


def _sweep(command: str, overrides: Sequence[str]) -> None:
    """Run all trials under one tracked run."""
    from reprodx.tracking.runs import sweep_parent
    from reprodx.tracking.store import open_store

    first = validate(compose(first_choices(overrides)), components=components_of(command))
    store = open_store(first.tracking, home())
    with sweep_parent(store, first.data["name"], first.sweep.name) as parent:
        _run_hydra(["--multirun", *overrides], _trial(command, parent.run_id))


def first_choices(overrides: Sequence[str]) -> list[str]:
    """Return the overrides of a sweep's first trial.

    Args:
        overrides: Hydra's, with lists or ranges of values.

    Returns:
        The same overrides with one value each; flags, and settings of Hydra itself, are left out.

    Raises:
        ConfigError: If an override cannot be parsed.

    >>> first_choices(["model=mlp,logistic", "seed=3"])
    ['model=mlp', 'seed=3']
    """
    from hydra.core.override_parser.overrides_parser import OverridesParser
    from hydra.errors import HydraException

    settings = [override for override in overrides if not override.startswith(("-", "hydra", "+hydra"))]
    try:
        parsed = OverridesParser.create().parse_overrides(settings)
    except HydraException as error:
        raise composition_error(error, overrides) from error
    chosen = []
    for override in parsed:
        if override.is_sweep_override():
            key = (override.input_line or "").partition("=")[0]
            chosen.append(f"{key}={next(iter(override.sweep_string_iterator()))}")
        else:
            chosen.append(override.input_line or "")
    return chosen


def _trial(command: str, parent_run_id: str | None) -> Callable[[DictConfig], float | None]:
    def trial(composed: DictConfig) -> float | None:
        try:
            config = validate(resolve(composed), components=components_of(command))
            return run_command(command, config, parent_run_id=parent_run_id)
        except ReprodxError as error:
            # The launcher raises the first error alone, after the last trial.
            logger.error("trial failed: %s", error)  # noqa: TRY400 - a person's mistake has no traceback
            raise

    return trial


def _run_hydra(arguments: Sequence[str], trial: Callable[[DictConfig], float | None]) -> None:
    import hydra
    from hydra.errors import HydraException
    from omegaconf.errors import OmegaConfBaseException

    sys.argv = ["reprodx", *arguments]
    # Without this Hydra prints errors in its own words and ends the process with 1.
    os.environ["HYDRA_FULL_ERROR"] = "1"
    try:
        hydra.main(version_base="1.3", config_path=str(CONF.resolve()), config_name="config")(trial)()
    except (HydraException, OmegaConfBaseException) as error:
        raise composition_error(error, arguments) from error
