"""The named trials of a recipe: run one after another under one tracked run, then compared on the same cases."""

from __future__ import annotations

import logging
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from reprodx.artifacts.locations import own_locations
from reprodx.comparison.request import Request
from reprodx.config.composition import compose, validate
from reprodx.config.identity import config_hash, recipe_hash
from reprodx.errors import ConfigError, ReprodxError
from reprodx.pipeline import run_command
from reprodx.schemas import Extent
from reprodx.sweep.winner import extent_of_trials, report_winner

if TYPE_CHECKING:
    from collections.abc import Sequence

    from reprodx.config import Config
    from reprodx.tracking.store import Store

FOLDER = Path("outputs/sweeps")
"""Where comparisons of trials lie, by the name of the sweep."""

logger = logging.getLogger(__name__)


class Trial(NamedTuple):
    """One run of a recipe that has several."""

    name: str
    config: Config
    config_hash: str


def run_trials(choices: Sequence[Sequence[str]], *, again: bool = False) -> None:
    """Run every trial of a recipe and compare them; one that fails does not stop the others.

    Args:
        choices: Overrides, among them the recipe that names trials; several for a sweep, such as one for each seed.
        again: Whether trials that have ended before are run once more.

    Raises:
        ConfigError: If a trial's overrides fit nothing, or two trials are the same; nothing has run then.
        IncomparableError: If the trials predict different cases.
        ReprodxError: If a trial failed, the first of them; the others have run and been compared then.
    """
    from reprodx.tracking.open_runs import kept_open
    from reprodx.tracking.runs import sweep_parent
    from reprodx.tracking.store_here import open_own_store

    trials = list({trial.config_hash: trial for chosen in choices for trial in trials_of(chosen)}.values())
    first = trials[0].config
    if Path(first.sweep.name).name != first.sweep.name:
        raise ConfigError(f"sweep.name: {first.sweep.name!r} cannot name a folder; leave out slashes")
    if (extent := extent_of_trials(first.sweep, is_search=False)) < Extent.SCORED:
        raise ConfigError("sweep.score_test=winner: the trials of a recipe are compared on test: leave it out")
    store = open_own_store(first.tracking)
    hashes = [trial.config_hash for trial in trials]
    with kept_open(lambda: sweep_parent(store, first.data["name"], first.sweep.name, hashes, again=again)) as parent:
        failures: dict[str, ReprodxError] = {}
        for number, trial in enumerate(trials, start=1):
            logger.info("trial %d of %d: %s", number, len(trials), trial.name)
            try:
                run_command("run", trial.config, parent_run_id=parent.run_id, again=again, extent=extent)
            except ReprodxError as error:
                logger.error("trial %s failed: %s", trial.name, error)  # noqa: TRY400 - a person's mistake has no traceback
                failures[trial.config_hash] = error
        finished = [trial for trial in trials if trial.config_hash not in failures]
        report_winner([trial.config for trial in finished], parent.run_id)
        if _can_be_compared(finished):
            _compare(finished, store)
        for failure in failures.values():
            raise failure


def trials_of(overrides: Sequence[str]) -> list[Trial]:
    """Return the trials of a recipe.

    Args:
        overrides: Hydra's; each trial's own come behind them.

    Returns:
        In the order of the recipe.

    Raises:
        ConfigError: If a trial's overrides fit nothing, or two trials have the same settings.
    """
    trials: dict[str, Trial] = {}
    recipe = validate(compose(overrides))
    for name, own in (recipe.sweep.trials or {}).items():
        try:
            config = validate(compose([*overrides, *own]))
        except ConfigError as error:
            raise ConfigError(f"sweep.trials.{name}: {error}") from error
        if config.trainer.portable != recipe.trainer.portable:
            raise ConfigError(f"sweep.trials.{name}: trainer.portable is of the process: set it for the whole recipe")
        trial = Trial(name, config, config_hash(config))
        same = trials.setdefault(trial.config_hash, trial)
        if same is not trial:
            raise ConfigError(f"sweep.trials: {same.name} and {name} have the same settings; change one of them")
    found = list(trials.values())
    if len(found) > 1 and not _can_be_compared(found):
        raise ConfigError(
            "sweep.trials: all differ in seed or fold at most, which is one model to a comparison: name one, and list "
            "seeds with -m"
        )
    return found


def _can_be_compared(trials: Sequence[Trial]) -> bool:
    """Tell whether there are several names, and not all of them for seeds or folds of one recipe."""
    return len({trial.name for trial in trials}) > 1 and len({recipe_hash(trial.config) for trial in trials}) > 1


def _compare(trials: Sequence[Trial], store: Store | None) -> None:
    """Compare what the trials predicted, those that differ in their seed alone as one."""
    from reprodx.stages.compare import NUMBERS, REPORT, compare_sources
    from reprodx.tracking.compared_runs import open_sources

    folder = FOLDER / trials[0].config.sweep.name
    request = Request(
        runs=[_address(trial, store) for trial in trials],
        experiment=None,
        filter_string=None,
        split="test",
        reference=None,
        positive=None,
        order=None,
        threshold=None,
        sampling=None,
        intersect=False,
        across_code=False,
        margin=None,
        chosen={},
        require=None,
        json_path=folder / NUMBERS,
        html_path=folder / REPORT,
    )
    found = open_sources(request.runs, experiment=None, filter_string=None, store=store)
    named = [replace(source, name=trial.name) for source, trial in zip(found, trials, strict=True)]
    compare_sources(request, named, lambda: store)


def _address(trial: Trial, store: Store | None) -> str:
    """Return the run that the store has of a trial, else the file of its predictions."""
    from reprodx.tracking.runs import last_run_id

    run_id = None if store is None else last_run_id(store, trial.config_hash)
    return run_id or str(own_locations(trial.config_hash, Path()).predictions)
