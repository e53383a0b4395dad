"""A run that has ended: found again, scored on test or reported where it was not, and ranked."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, NamedTuple

from reprodx.artifacts.files import read_json
from reprodx.artifacts.locations import checkpoint_folder, home, own_locations
from reprodx.artifacts.prepared import read_manifest
from reprodx.artifacts.running import alone
from reprodx.config.identity import config_hash
from reprodx.schemas import VAL, Extent
from reprodx.training.finished_training import FinishedTraining

if TYPE_CHECKING:
    from pathlib import Path

    from reprodx.artifacts.locations import Locations
    from reprodx.config import Config
    from reprodx.tracking.finished_run import FinishedRun
    from reprodx.tracking.store import Store

OBJECTIVE = "auroc"
"""What a sweep optimises: on validation, never on test."""

logger = logging.getLogger(__name__)


class EndedRun(NamedTuple):
    """What is known of a run whose results lie here."""

    finished: FinishedRun
    run_id: str | None
    """Of the store; None where nothing is tracked."""


def find_ended(
    config: Config, locations: Locations, store: Store | None, *, parent_run_id: str | None = None
) -> EndedRun | None:
    """Look for the results of a configuration, here and in the store.

    Args:
        config: The validated configuration.
        locations: Where its results would be.
        store: Where runs are kept; None where nothing is tracked.
        parent_run_id: The tracked run of the sweep that it must be of; None takes any.

    Returns:
        What is known; None where no run of this code on these data has ended.

    Raises:
        TrackingError: If the store refuses.
    """
    from reprodx.tracking.description import identity_tags
    from reprodx.tracking.finished_run import FinishedRun

    finished = FinishedRun(home(), identity_tags(config, read_manifest(locations.prepared)), locations)
    if not finished.is_here():
        return None
    if store is None:
        return EndedRun(finished, None)
    run_id = finished.tracked_in(store, config.data["name"], parent_run_id)
    return None if run_id is None else EndedRun(finished, run_id)


def say_ended(config: Config, locations: Locations, ended: EndedRun) -> None:
    """Say where the results of a run are, and remove what its training would have gone on from."""
    FinishedTraining(checkpoint_folder(config_hash(config)), locations).remove(with_checkpoint=True)
    logger.info(
        "run: had ended before%s; results are in %s; --again runs it once more",
        *(f" as run {ended.run_id}" if ended.run_id else "", locations.results),
    )


def report_of(config: Config, *, parent_run_id: str | None = None) -> Path | None:
    """Make what people read of a configuration that has been run, unless it is there.

    Args:
        config: The validated configuration.
        parent_run_id: The tracked run of the sweep that it is a trial of.

    Returns:
        The report; None where no run of this code on these data has ended.

    Raises:
        ArtifactError: If what the run left is absent or damaged.
        TrackingError: If the tracking store does not answer.
    """
    from reprodx.stages.prepare import find_or_prepare
    from reprodx.tracking.store_here import open_own_store

    locations = own_locations(config_hash(config), find_or_prepare(config))
    store = open_own_store(config.tracking)
    with alone(config_hash(config)):
        ended = find_ended(config, locations, store)
        if ended is None:
            return None
        complete(config, locations, store, ended, Extent.REPORTED, parent_run_id)
    return locations.report


def complete(
    config: Config,
    locations: Locations,
    store: Store | None,
    ended: EndedRun,
    extent: Extent,
    parent_run_id: str | None,
) -> None:
    """Judge an ended run as far as is asked, where it was not.

    Args:
        config: The validated configuration.
        locations: Where its prepared cases, model and results are.
        store: Where runs are kept; None where nothing is tracked.
        ended: The run.
        extent: How far it is to be judged.
        parent_run_id: The tracked run of the sweep that it is a trial of.

    Raises:
        ArtifactError: If what the run left is absent or damaged.
        TrackingError: If the tracking store does not answer.
    """
    from reprodx.stages.evaluate import evaluate, report
    from reprodx.tracking.description import describe
    from reprodx.tracking.open_runs import kept_open
    from reprodx.tracking.patient_ids import described
    from reprodx.tracking.results import log_results
    from reprodx.tracking.runs import reopen_run

    reached = ended.finished.extent(store, config.data["name"])
    if reached >= extent:
        return
    manifest = read_manifest(locations.prepared)
    description = described(describe(config, manifest, parent_run_id), config, store, locations.prepared)
    is_opened = reached < Extent.SCORED
    training = FinishedTraining(checkpoint_folder(config_hash(config)), locations)
    if is_opened:
        # A kill on the way leaves a run that is gone on with here.
        training.note()
    with kept_open(lambda: reopen_run(store, ended.run_id, description, is_rejudged=is_opened)) as run:
        if is_opened:
            evaluate(config, locations, extent=extent)
            ended.finished.note()
        else:
            report(config, locations)
        log_results(run, config, locations)
    training.remove(with_checkpoint=True)


def objective(locations: Locations) -> float | None:
    """Return what a sweep optimises of a run; None where validation has no such number."""
    scores = read_json(locations.metrics, made_by="evaluate")[VAL]
    value: float | None = scores.get(OBJECTIVE, {}).get("value")
    return value
