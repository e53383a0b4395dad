"""What `reprodx track` does: files that DVC restored are logged as a run, and what waits for the store is delivered."""

from __future__ import annotations

import logging

from reprodx.artifacts.locations import DVC_OUTS
from reprodx.artifacts.prepared import read_manifest
from reprodx.config.composition import read_params, validate
from reprodx.errors import TrackingError, first_of
from reprodx.tracking.description import describe, identity_tags
from reprodx.tracking.open_runs import kept_open
from reprodx.tracking.patient_ids import described
from reprodx.tracking.results import log_results
from reprodx.tracking.runs import find_finished, open_run_for_evaluation
from reprodx.tracking.store_here import open_own_store, open_store_here

logger = logging.getLogger(__name__)


def track() -> None:
    """Log `params.yaml`, `models/` and `results/` as a run, unless the store has a finished one of them.

    Raises:
        ConfigError: If `params.yaml` is absent or not valid.
        ArtifactError: If a stage has not run.
        TrackingError: If the store refuses, or `tracking=none`.
    """
    config = validate(read_params(), components=())
    store = open_own_store(config.tracking)
    if store is None:
        raise TrackingError("tracking.name is 'none': set tracking to mlflow in conf/config.yaml and `reprodx compose`")
    manifest = read_manifest(DVC_OUTS.prepared)
    finished = find_finished(store, config.data["name"], identity_tags(config, manifest))
    if finished is not None:
        logger.info("track: run %s has these results already", finished)
        return
    description = described(describe(config, manifest), config, store, DVC_OUTS.prepared)
    with kept_open(lambda: open_run_for_evaluation(store, description)) as run:
        log_results(run, config, DVC_OUTS)
    description.say_obstacles()


def track_pending() -> None:
    """Deliver all that runs of this project have logged and their store has not got.

    Raises:
        TrackingError: If there is no store here, it refuses, or something waits still.
    """
    store = open_store_here()
    if store is None:
        raise TrackingError("nothing is tracked here: set tracking to mlflow in conf/config.yaml")
    waiting = [str(run) for run in store.deliver_left() if run.num_waiting]
    if waiting:
        raise TrackingError(first_of(waiting))
    logger.info("track: nothing waits")
