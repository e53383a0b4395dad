"""Commands with overrides: composed and run here, or handed to Hydra's launchers as the trials of a sweep.

A failing trial does not stop the others; the first error is raised when all have ended.
"""

from __future__ import annotations

import itertools
import logging
import os
import sys
from typing import TYPE_CHECKING

from reprodx.artifacts.locations import home
from reprodx.config.composition import CONF, compose, composition_error, resolve, validate
from reprodx.errors import ConfigError, ReprodxError
from reprodx.pipeline import components_of, run_command
from reprodx.sweep.trials import run_trials

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from hydra.core.override_parser.types import Override
    from omegaconf import DictConfig

OF_HYDRA = ("-", "hydra", "+hydra")
"""How flags and settings of Hydra itself begin."""

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
        config = validate(compose(overrides), components=components_of(command))
        if command == "run" and config.sweep.trials:
            run_trials([overrides])
        else:
            run_command(command, config)
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
    if command == "run" and first.sweep.trials:
        _refuse_settings_of_hydra(overrides)
        run_trials(list(combinations(overrides)))
        return
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
    return next(combinations(overrides))


def combinations(overrides: Sequence[str]) -> Iterator[list[str]]:
    """Yield the overrides of every trial of a sweep.

    Args:
        overrides: Hydra's, with lists or ranges of values.

    Yields:
        The same overrides with one value each; flags, and settings of Hydra itself, are left out.

    Raises:
        ConfigError: If an override cannot be parsed.

    >>> list(combinations(["model=mlp", "seed=0,1"]))
    [['model=mlp', 'seed=0'], ['model=mlp', 'seed=1']]
    """
    from hydra.core.override_parser.overrides_parser import OverridesParser
    from hydra.errors import HydraException

    settings = [override for override in overrides if not override.startswith(OF_HYDRA)]
    try:
        parsed = OverridesParser.create().parse_overrides(settings)
    except HydraException as error:
        raise composition_error(error, overrides) from error
    for chosen in itertools.product(*map(_values, parsed)):
        yield list(chosen)


def _values(override: Override) -> list[str]:
    """Return an override with each of its values."""
    if not override.is_sweep_override():
        return [override.input_line or ""]
    key = (override.input_line or "").partition("=")[0]
    return [f"{key}={value}" for value in override.sweep_string_iterator()]


def _refuse_settings_of_hydra(overrides: Sequence[str]) -> None:
    for override in overrides:
        if override.startswith(OF_HYDRA):
            raise ConfigError(
                f"{override}: the trials of sweep.trials are run without Hydra's launchers; leave it out, or give "
                "sweep.trials=null"
            )


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
