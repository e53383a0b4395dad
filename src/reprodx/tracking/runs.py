"""Opening runs: a new one, the one that training left open, or one restored from files.

The id of the run of a configuration lies in `.cache/tracking/<config_hash>` of the original repository, in no out of
DVC, so that `train` and `evaluate` of one `dvc repro` write the same run.
"""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import TYPE_CHECKING

from reprodx.artifacts.files import read_json, write_json
from reprodx.errors import ArtifactError
from reprodx.hashing import sha256_of_json
from reprodx.tracking.connection import store_errors
from reprodx.tracking.description import RunDescription
from reprodx.tracking.names import COMPLETE, PARENT, RESTORED, SWEEP
from reprodx.tracking.run import Run

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from mlflow.entities import Run as StoredRun

    from reprodx.tracking.store import Store

logger = logging.getLogger(__name__)


def start_run(store: Store | None, description: RunDescription) -> Run:
    """Return a new run with its parameters and tags, and remember its id.

    Args:
        store: Where the run is kept; None tracks nothing.
        description: What the run is.

    Returns:
        The run, open; use it as a context so that it ends.

    Raises:
        TrackingError: If the store refuses.
    """
    run = _create(store, description)
    if store is not None:
        write_json(_pointer(store, description.config_hash), {"run_id": run.run_id, "store": _fingerprint(store)})
    return run


def resume_run(store: Store | None, description: RunDescription) -> Run | None:
    """Return the run of this configuration that was started earlier.

    Args:
        store: Where the run is kept; None tracks nothing.
        description: What the run is.

    Returns:
        The run, open again; None where none was started in this store, it was deleted, or it is of other data or code.

    Raises:
        TrackingError: If the store refuses.
    """
    if store is None:
        return Run()
    stored = _find(store, description.config_hash)
    if stored is None or not description.matches(stored):
        return None
    with store.refusing("resuming a run"):
        store.client.update_run(stored.info.run_id, status="RUNNING")
        if description.parent_run_id:
            store.client.set_tag(stored.info.run_id, PARENT, description.parent_run_id)
    return Run(store, stored.info.run_id, experiment=description.experiment)


def open_run_for_evaluation(store: Store | None, description: RunDescription) -> Run:
    """Return the run that training left, or a new one tagged `reprodx.restored`.

    Args:
        store: Where the run is kept; None tracks nothing.
        description: What the run is.

    Returns:
        The run, open.

    Raises:
        TrackingError: If the store refuses.
    """
    resumed = resume_run(store, description)
    if resumed is not None:
        return resumed
    return start_run(store, replace(description, tags={**description.tags, RESTORED: "true"}))


def last_run_id(store: Store, config_hash: str) -> str | None:
    """Return the run that was started last of a configuration.

    Args:
        store: Where the run is kept.
        config_hash: Of the configuration.

    Returns:
        Its id; None where none was started in this store.
    """
    stored = _find(store, config_hash)
    return None if stored is None else stored.info.run_id


def sweep_parent(store: Store | None, experiment: str, name: str) -> Run:
    """Return a new run under which the trials of a sweep are listed; its `run_id` is their `parent_run_id`.

    Args:
        store: Where the run is kept; None tracks nothing.
        experiment: MLflow's experiment, the trials' own.
        name: How the UI lists it.

    Returns:
        The run, open; use it as a context around the trials.

    Raises:
        TrackingError: If the store refuses.
    """
    parent = RunDescription(experiment, name, config_hash="", params={}, tags={SWEEP: "true"})
    return _create(store, parent)


def find_finished(store: Store | None, experiment: str, tags: Mapping[str, str]) -> str | None:
    """Look for a run that has these tags and all its results.

    Args:
        store: Where runs are kept; None tracks nothing.
        experiment: MLflow's experiment.
        tags: Such as `description.identity_tags`.

    Returns:
        The id of the newest one, None where there is none.

    Raises:
        TrackingError: If the store refuses.
    """
    if store is None:
        return None
    conditions = " and ".join(f"tags.`{name}` = '{value}'" for name, value in {**tags, COMPLETE: "true"}.items())
    with store.refusing("searching runs"):
        found = store.client.search_runs([store.experiment_id(experiment)], conditions, max_results=1)
    return found[0].info.run_id if found else None


def _create(store: Store | None, description: RunDescription) -> Run:
    if store is None:
        return Run()
    experiment_id = store.experiment_id(description.experiment)
    tags = {**description.tags, **({PARENT: description.parent_run_id} if description.parent_run_id else {})}
    with store.refusing("starting a run"):
        created = store.client.create_run(experiment_id, tags=tags, run_name=description.name)
    run = Run(store, created.info.run_id, experiment=description.experiment)
    run.log_params(description.params)
    for name, text in description.texts.items():
        run.log_text(text, name)
    logger.info("tracking: run %s (%s) of %s in %s", description.name, run.run_id, description.experiment, store)
    return run


def _find(store: Store, config_hash: str) -> StoredRun | None:
    try:
        pointer = read_json(_pointer(store, config_hash), made_by="train")
        if pointer["store"] != _fingerprint(store):
            return None
        return store.client.get_run(pointer["run_id"])
    except ArtifactError:
        return None
    except store_errors():
        return None


def _pointer(store: Store, config_hash: str) -> Path:
    return store.home / ".cache" / "tracking" / config_hash


def _fingerprint(store: Store) -> str:
    """Name a store without giving its address away."""
    return sha256_of_json(store.uri)[:16]
