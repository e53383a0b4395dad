"""A worker of a search: draws settings, runs them, tells what came of it, until as many have run as were wanted."""

from __future__ import annotations

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
from reprodx.sweep.search.study import ask, best_of, give_sign, num_wanted, open_study
from reprodx.sweep.winner import extent_of_trials

if TYPE_CHECKING:
    from collections.abc import Mapping

    from optuna.study import Study
    from optuna.trial import Trial

    from reprodx.config import Config
    from reprodx.sweep.search.settings import SearchSettings
    from reprodx.sweep.search.space import Space

SIGN_SECONDS = 60.0
"""Between two signs of life."""
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

    drawn = search.space.draw(trial)
    logger.info(
        "trial %d, of %d that are wanted: %s", trial.number, num_wanted(study, search.settings), " ".join(drawn)
    )
    try:
        values = _scores_of(trial, search.members_of(drawn), search)
    except Pruned:
        study.tell(trial, state=TrialState.PRUNED)
        logger.info("trial %d: ended early, it promises less than the others", trial.number)
    except Exception:
        study.tell(trial, state=TrialState.FAIL)
        raise
    else:
        study.tell(trial, values)
        best = best_of(study)
        assert best is not None
        told = ", ".join(f"{name} {value:.4f}" for name, value in zip(search.settings.objectives, values, strict=True))
        logger.info("trial %d: %s on validation; best %.4f, trial %d", trial.number, told, best.values[0], best.number)


def _scores_of(trial: Trial, members: list[Config], search: Search) -> list[float]:
    """Run a configuration and return the mean of each objective over its runs."""
    settings = search.settings
    scores: list[list[float]] = []
    for number, config in enumerate(members, start=1):
        run_command(
            "run",
            config,
            parent_run_id=search.parent_run_id,
            extent=extent_of_trials(config.sweep, is_search=True),
            on_epoch=_Watch(trial, settings, is_judging=len(members) == 1 and settings.pruner != "none"),
        )
        scores.append(validation_scores(config, settings))
        if len(members) > number and settings.pruner != "none":
            # Epochs of different folds are not alike; means over as many folds are.
            trial.report(fmean(score[0] for score in scores), number)
            if trial.should_prune():
                raise Pruned
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


class _Watch:
    """Gives signs of life, and ends a training that promises less than others did at the same epoch."""

    def __init__(self, trial: Trial, settings: SearchSettings, *, is_judging: bool) -> None:
        self._trial, self._settings, self._is_judging = trial, settings, is_judging
        self._signed_at = time.monotonic()

    def __call__(self, epoch: int, metrics: Mapping[str, float]) -> None:
        if time.monotonic() - self._signed_at > SIGN_SECONDS:
            give_sign(self._trial)
            self._signed_at = time.monotonic()
        value = metrics.get(self._settings.prune_by)
        if not self._is_judging or value is None or epoch % self._settings.prune_every:
            return
        self._trial.report(self._settings.sign_of_curve * value, epoch)
        if self._trial.should_prune():
            raise Pruned
