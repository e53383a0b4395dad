"""A worker of a search: draws settings, runs them, tells what came of it, until as many have run as were wanted."""

from __future__ import annotations

import functools
import logging
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean
from typing import TYPE_CHECKING

from reprodx.artifacts.files import read_json
from reprodx.artifacts.locations import own_locations
from reprodx.config.composition import compose, validate
from reprodx.config.identity import config_hash
from reprodx.errors import ConfigError, Pruned, ReprodxError
from reprodx.pipeline import components_of, run_command
from reprodx.schemas import VAL
from reprodx.sweep.search.signs import giving_signs
from reprodx.sweep.search.study import ask, best_of, note_runs, num_begun, num_wanted, open_study
from reprodx.sweep.winner import extent_of_trials

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from optuna.study import Study
    from optuna.trial import Trial

    from reprodx.config import Config
    from reprodx.sweep.search.settings import SearchSettings
    from reprodx.sweep.search.space import Space

MOST_FAILURES = 3
"""After which a worker gives up, where nothing else came of it."""

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Search:
    """What every worker of a search knows."""

    study: str
    settings: SearchSettings
    space: Space
    shared: tuple[str, ...]
    """Overrides of every trial."""
    parent_run_id: str | None
    deadline: float | None
    """When no trial is begun any more, in seconds since 1970."""
    num_epochs: int
    """At most of a training."""

    def open_study(self) -> Study:
        """Return the study, which other processes may have open too."""
        if len(self.space.members) > 1:
            return open_study(self.study, self.settings, len(self.space.members), warmup=1)
        return open_study(self.study, self.settings, self.num_epochs)

    def members_of(self, drawn: list[str]) -> list[Config]:
        """Return the runs of a configuration.

        Args:
            drawn: The overrides that a trial draws.

        Returns:
            One, or one for each seed, fold and repetition.

        Raises:
            ConfigError: If the overrides fit nothing.
        """
        return [
            validate(compose([*self.shared, *drawn, *member]), components=components_of("run"))
            for member in self.space.members
        ]


def work(search: Search) -> None:
    """Run trials until as many have run as were wanted, or it is late.

    Args:
        search: What to draw from, and how many.

    Raises:
        ReprodxError: The first of a trial; the others have run then.
    """
    study, failures, num_run = search.open_study(), [], 0
    while search.deadline is None or time.time() < search.deadline:
        trial = ask(study, search.settings)
        if trial is None:
            break
        num_run += 1
        try:
            _run(study, trial, search)
        except ReprodxError as error:
            logger.error("trial %d failed: %s", trial.number, error)  # noqa: TRY400 - a person's mistake has no traceback
            failures.append(error)
        if len(failures) == num_run == MOST_FAILURES:
            logger.error("search: nothing that was drawn can be run; no more is drawn")
            break
    if failures:
        raise failures[0]


def _run(study: Study, trial: Trial, search: Search) -> None:
    from optuna.trial import TrialState

    # What others took for dead, of a machine that slept, has been asked again: the first to end counts.
    tell = functools.partial(study.tell, trial, skip_if_finished=True)
    drawn = search.space.draw(trial)
    # The number goes on counting where trials died, so that how many have begun stands beside it.
    begun, wanted = num_begun(study), num_wanted(study, search.settings)
    logger.info("trial %d (%d of %d): %s", trial.number, begun, wanted, " ".join(drawn))
    try:
        with giving_signs(trial, search.settings.dead_after):
            values = _scores_of(trial, search.members_of(drawn), search)
    except Pruned:
        tell(state=TrialState.PRUNED)
        logger.info("trial %d: ended early, it promises less than the others", trial.number)
    except Exception:
        tell(state=TrialState.FAIL)
        raise
    else:
        tell(values)
        best = best_of(study)
        if best is None:
            return
        told = ", ".join(f"{name} {value:.4f}" for name, value in zip(search.settings.objectives, values, strict=True))
        logger.info("trial %d: %s on validation; best %.4f, trial %d", trial.number, told, best.values[0], best.number)


def _scores_of(trial: Trial, members: list[Config], search: Search) -> list[float]:
    """Run a configuration and return the mean of each objective over its runs."""
    settings = search.settings
    note_runs(trial, [config_hash(config) for config in members])
    scores: list[list[float]] = []
    for number, config in enumerate(members, start=1):
        run_command(
            "run",
            config,
            parent_run_id=search.parent_run_id,
            extent=extent_of_trials(config.sweep, is_search=True),
            on_epoch=_watch(trial, settings, is_judging=len(members) == 1 and settings.pruner != "none"),
        )
        scores.append(validation_scores(config, settings))
        if len(members) > number and settings.pruner != "none":
            # Epochs of different folds are not alike; means over as many folds are.
            _judge(trial, fmean(score[0] for score in scores), number)
    return [fmean(values) for values in zip(*scores, strict=True)]


def validation_scores(config: Config, settings: SearchSettings) -> list[float]:
    """Return what a run scored on validation, as the study is told it.

    Args:
        config: The validated configuration.
        settings: Which metrics are the objectives.

    Returns:
        A value of each.

    Raises:
        ConfigError: If validation has no such number.
    """
    found = read_json(own_locations(config_hash(config), Path()).metrics, made_by="evaluate")[VAL]
    scores = []
    for name in settings.objectives:
        value = found.get(name, {}).get("value")
        if value is None:
            reason = found[name].get("reason") if name in found else f"it has {', '.join(sorted(found))}"
            raise ConfigError(f"hydra.sweeper.objectives: validation has no {name}: {reason}")
        scores.append(settings.told(name, float(value)))
    return scores


def _judge(trial: Trial, value: float, step: int) -> None:
    """End a trial that promises less than others did at the same step."""
    from optuna.exceptions import UpdateFinishedTrialError

    try:
        trial.report(value, step)
    except UpdateFinishedTrialError:
        # Others took it for dead, so that nothing more is noted of it; what it finds is kept as any run's.
        return
    if trial.should_prune():
        raise Pruned


def _watch(trial: Trial, settings: SearchSettings, *, is_judging: bool) -> Callable[[int, Mapping[str, float]], None]:
    """Return what ends a training that promises less than others did at the same epoch."""

    def watch(epoch: int, metrics: Mapping[str, float]) -> None:
        value = metrics.get(settings.prune_by)
        if is_judging and value is not None and epoch % settings.prune_every == 0:
            _judge(trial, settings.sign_of_curve * value, epoch)

    return watch
