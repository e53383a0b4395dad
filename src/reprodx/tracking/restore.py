"""What `reprodx track` does after DVC restored stages from its cache: files that exist are logged as a run."""

from __future__ import annotations

import logging

from reprodx.artifacts.locations import DVC_OUTS, home
from reprodx.artifacts.prepared import read_manifest
from reprodx.config.composition import read_params, validate
from reprodx.errors import TrackingError
from reprodx.tracking.description import describe, identity_tags
from reprodx.tracking.results import log_results
from reprodx.tracking.runs import find_finished, open_run_for_evaluation
from reprodx.tracking.store import open_store

logger = logging.getLogger(__name__)


def track() -> None:
    """Log `params.yaml`, `models/` and `results/` as a run, unless the store has a finished one of them.

    Raises:
        ConfigError: If `params.yaml` is absent or not valid.
        ArtifactError: If a stage has not run.
        TrackingError: If the store refuses, or `tracking=none`.
    """
    config = validate(read_params(), components=())
    store = open_store(config.tracking, home())
    if store is None:
        raise TrackingError("tracking.name is 'none': set tracking to mlflow in conf/config.yaml and `reprodx compose`")
    manifest = read_manifest(DVC_OUTS.prepared)
    finished = find_finished(store, config.data["name"], identity_tags(config, manifest))
    if finished is not None:
        logger.info("track: run %s has these results already", finished)
        return
    description = describe(config, manifest)
    with open_run_for_evaluation(store, description) as run:
        log_results(run, config, DVC_OUTS)
    description.say_obstacles()
