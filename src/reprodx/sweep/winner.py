"""The best trial of a sweep, of which report, model card, plots, explanations and the served model are made at once."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import TYPE_CHECKING

from reprodx.artifacts.locations import own_locations
from reprodx.config.identity import config_hash
from reprodx.ended_run import OBJECTIVE, objective, report_of
from reprodx.errors import ConfigError
from reprodx.schemas import Extent

if TYPE_CHECKING:
    from collections.abc import Sequence

    from reprodx.config import Config
    from reprodx.config.schema import Sweep

logger = logging.getLogger(__name__)


def extent_of_trials(sweep: Sweep, *, is_search: bool) -> Extent:
    """Return how far each trial is judged before the winner is known.

    Args:
        sweep: Its `report` and `score_test` say which trials are.
        is_search: Whether the trials are drawn to find the best, and not listed to be compared.

    Returns:
        How far.

    Raises:
        ConfigError: If trials are to be reported whose test split is to stay closed.
    """
    score_test = sweep.score_test or ("all" if sweep.report == "all" or not is_search else "winner")
    if score_test == "winner":
        if sweep.report == "all":
            raise ConfigError(
                "sweep.report=all reports what trials do on the test split, which sweep.score_test=winner opens for "
                "the winner alone: choose one of them"
            )
        return Extent.VALIDATION
    return Extent.REPORTED if sweep.report == "all" else Extent.SCORED


def report_winner(trials: Sequence[Config], parent_run_id: str | None) -> None:
    """Make what people read of the trial that is best on validation; of all where validation ranks none.

    Args:
        trials: Those that were to run; the first of equally good ones wins, those that did not end are passed over.
        parent_run_id: The tracked run of the sweep.

    Raises:
        ReprodxError: As `ended_run.report_of`.
    """
    places = [own_locations(config_hash(trial), Path()) for trial in trials]
    ended = [(objective(place), trial) for trial, place in zip(trials, places, strict=True) if place.metrics.exists()]
    ranked = [(score, trial) for score, trial in ended if score is not None]
    if not ranked:
        for _, trial in ended:
            report_of(trial, parent_run_id=parent_run_id)
        return
    for score, trial in sorted(ranked, key=lambda one: -one[0]):
        # Of a trial that failed, scores of other code may lie there.
        if report := report_of(trial, parent_run_id=parent_run_id):
            logger.info(
                "sweep: best on validation, %s %.3f, is %s; its report is %s; `reprodx run` with the settings of "
                "another trial makes that one's",
                *(OBJECTIVE, score, trial.model["name"], report),
            )
            return
