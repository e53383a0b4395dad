"""Starting a search, or going on with one: checked first, run by workers, its best configuration reported."""

from __future__ import annotations

import functools
import importlib.util
import logging
import time
from concurrent.futures import BrokenExecutor
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from reprodx.artifacts.locations import own_locations
from reprodx.config.complaints import composition_error
from reprodx.config.composition import compose, compose_each, validate
from reprodx.config.identity import config_hash
from reprodx.config.targets import nearest
from reprodx.config.yaml_files import CONF
from reprodx.errors import ConfigError, ReprodxError, TrainingError
from reprodx.pipeline import components_of, run_command
from reprodx.sweep.search.settings import SECTION, SearchSettings, read_settings, study_name
from reprodx.sweep.search.space import OF_ONE_CONFIGURATION, read_space
from reprodx.sweep.search.study import best_of, bury_dead, note_start, num_begun, num_wanted, queue_grid
from reprodx.sweep.search.worker import Search, work
from reprodx.sweep.winner import extent_of_trials
from reprodx.tracking.provenance import provenance_of_process

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from omegaconf import DictConfig

    from reprodx.config import Config

SWEEPER = "hydra/sweeper"
OF_US = f"{SWEEPER}=optuna"
"""The override that makes a sweep a search."""

MOST_STARTS = 20
"""Of workers, while each time some are killed."""

logger = logging.getLogger(__name__)


def is_search(overrides: Sequence[str]) -> bool:
    """Tell whether a sweep is a search of ours."""
    return any(override.lstrip("+") == OF_US for override in overrides)


def search(
    overrides: Sequence[str],
    *,
    of_hydra: Sequence[str],
    run_hydra: Callable[[Sequence[str], Callable[[DictConfig], None]], None],
) -> None:
    """Search, and report the best configuration.

    Args:
        overrides: What is drawn and what is shared.
        of_hydra: Settings of Hydra itself: of the sweeper and the launcher.
        run_hydra: Runs a function by Hydra's launcher, given its arguments.

    Raises:
        ConfigError: If a setting fits nothing, or Optuna is absent; nothing has run then.
        ReprodxError: The first of a trial; the others have run, and the best is reported.
    """
    from reprodx.tracking.open_runs import kept_open
    from reprodx.tracking.runs import sweep_parent
    from reprodx.tracking.store_here import open_own_store

    if importlib.util.find_spec("optuna") is None:
        raise ConfigError(f"{OF_US} needs Optuna: pip install 'reprodx[optuna]'")
    settings = read_settings(_sweeper_node(of_hydra))
    fixed = [one for one in overrides if one.partition("=")[0].lstrip("+") not in OF_ONE_CONFIGURATION]
    written = validate(compose(_unswept(fixed)), components=()).sweep.space
    space, shared = read_space(overrides, written)
    first = _checked([[*shared, *corner, *space.members[0]] for corner in space.corners()])
    extent_of_trials(first.sweep, is_search=True)
    name = study_name(
        first.sweep.name, settings, space, config_hash(first), provenance_of_process(Path.cwd()).code_hash
    )
    store = open_own_store(first.tracking)
    deadline = None if settings.timeout is None else time.time() + settings.timeout
    begun = functools.partial(sweep_parent, store, first.data["name"], first.sweep.name, [name])
    with kept_open(begun) as parent:
        one = Search(name, settings, space, tuple(shared), parent.run_id, deadline, num_epochs=first.trainer.num_epochs)
        if settings.sampler == "grid":
            queue_grid(one.open_study(), space)
        if settings.storage is None:
            given = [*(text for text in of_hydra if not text.startswith("-")), *overrides]
            study = one.open_study()
            note_start(study, given, settings.objectives, num_wanted(study, settings))
        try:
            _launch_workers(one, of_hydra, run_hydra)
        except ReprodxError:
            _report_best(one)
            raise
        _report_best(one)


def _launch_workers(
    search: Search,
    of_hydra: Sequence[str],
    run_hydra: Callable[[Sequence[str], Callable[[DictConfig], None]], None],
) -> None:
    """Hand workers to the launcher, and more where some have died: what they were at is left to be run."""
    of_launcher = [one for one in of_hydra if not one.lstrip("+").startswith((SWEEPER, SECTION))]
    workers = f"+worker=range({search.settings.n_workers})"
    for _ in range(MOST_STARTS):
        try:
            run_hydra(["--multirun", *of_launcher, *search.shared, workers], lambda _: work(search))
        except ReprodxError:
            raise
        except Exception as error:
            # Launchers tell the death of a process by errors of their own; what is none is a bug.
            if not isinstance(error, BrokenExecutor) and not bury_dead(search.open_study(), search.settings.dead_after):
                raise
            logger.warning("search: a worker has died (%s); workers go on with what is left", type(error).__name__)
        else:
            return
    raise TrainingError(f"search: workers have died {MOST_STARTS} times; look at the memory that a trial takes")


def _report_best(search: Search) -> None:
    """Report each run of the best configuration, which opens the test split for these alone."""
    study = search.open_study()
    best = best_of(study)
    if best is None:
        logger.warning("search: no trial ran to its end")
        return
    drawn = search.space.overrides_of_trial(best.params)
    logger.info(
        "search: best of %d trials on validation, %s %.4f, is trial %d: %s",
        *(
            num_begun(study),
            search.settings.objectives[0],
            best.values[0],
            best.number,
            " ".join(drawn),
        ),
    )
    for config in search.members_of(drawn):
        # Also where a kill fell into its report, or its results were removed: then it goes on, or is run again.
        run_command("run", config, parent_run_id=search.parent_run_id)
        logger.info("search: its report is %s", own_locations(config_hash(config), Path()).report)


def _checked(trials: Sequence[Sequence[str]]) -> Config:
    """Return the first of the configurations that a search may draw; each is looked at before anything runs."""
    first: Config | None = None
    for overrides, plain in zip(trials, compose_each(trials), strict=True):
        try:
            config = validate(plain, components=components_of("run") if first is None else ())
        except ConfigError as error:
            raise ConfigError(f"the search may draw {' '.join(overrides)}, which does not fit: {error}") from error
        first = first or config
    assert first is not None, "a space has a corner"
    return first


def _unswept(overrides: Sequence[str]) -> list[str]:
    from reprodx.config.override_grammar import parse

    return [str(one.input_line) for one in parse(list(overrides), may_sweep=True) if not one.is_sweep_override()]


def _sweeper_node(of_hydra: Sequence[str]) -> dict[str, Any]:
    import hydra
    from hydra.errors import HydraException
    from omegaconf import OmegaConf
    from omegaconf.errors import OmegaConfBaseException

    settings = [one for one in of_hydra if not one.startswith("-")]
    known = [field.name for field in fields(SearchSettings)]
    for one in settings:
        key = one.lstrip("+").partition("=")[0].removeprefix(f"{SECTION}.")
        if one.lstrip("+").startswith(f"{SECTION}.") and key not in known:
            raise ConfigError(f"{SECTION}.{key}: no such key; {nearest(key, known)}")
    try:
        with hydra.initialize_config_dir(str(CONF.resolve()), version_base="1.3"):
            composed = hydra.compose("config", settings, return_hydra_config=True)
        node = OmegaConf.to_container(composed.hydra.sweeper, resolve=True)
    except (HydraException, OmegaConfBaseException) as error:
        raise composition_error(error, settings) from error
    if not isinstance(node, dict):
        raise ConfigError(f"{SECTION}: is no mapping; see {CONF}/hydra/sweeper/optuna.yaml")
    return {str(key): value for key, value in node.items() if key != "_target_"}
