"""Opening runs: a new one, the one that training left open, or one restored from files.

The id of the run of a configuration lies in `.cache/tracking/<config_hash>` of the original repository, in no out of
DVC, so that `train` and `evaluate` of one `dvc repro` write the same run, and a command that is repeated goes on with
its own. That of a sweep lies in `.cache/tracking/sweep-<hash of its trials>-<hash of the code>`.
"""

from __future__ import annotations

import logging
import uuid
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from reprodx.artifacts.files import read_json, write_json
from reprodx.errors import ArtifactError
from reprodx.hashing import sha256_of_json
from reprodx.tracking.connection import store_errors
from reprodx.tracking.courier import Courier
from reprodx.tracking.description import RunDescription
from reprodx.tracking.names import COMPLETE, PARENT, PROCESS, PRUNED, RESTORED, SWEEP
from reprodx.tracking.open_runs import FINISHED, RUNNING, note_open
from reprodx.tracking.processes import is_alive, own
from reprodx.tracking.provenance import provenance_of_process
from reprodx.tracking.run import Run

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mlflow.entities import Run as StoredRun

    from reprodx.tracking.store import Store

logger = logging.getLogger(__name__)

DIGITS = 32
"""Of the hashes that name a sweep: two of them whole are too long for the names of some file systems."""


def start_run(store: Store | None, description: RunDescription) -> Run:
    """Return a new run with its parameters and tags, and remember its id.

    Args:
        store: Where the run is kept; None tracks nothing.
        description: What the run is.

    Returns:
        The run, open; use it in `open_runs.kept_open` so that it ends.

    Raises:
        TrackingError: If the store refuses.
    """
    return _create(store, description, description.config_hash)


def go_on_or_start(store: Store | None, description: RunDescription) -> Run:
    """Return the run of this configuration that was begun and never ended, else a new one.

    Args:
        store: Where the run is kept; None tracks nothing.
        description: What the run is.

    Returns:
        The run, open. One that another process has open is left to it.

    Raises:
        TrackingError: If the store refuses.
    """
    stored = None if store is None else _find(store, description.config_hash)
    if store is None or stored is None or not description.matches(stored) or not _is_unfinished(stored):
        return start_run(store, description)
    return _reopen(store, stored, description)


def resume_run(store: Store | None, description: RunDescription) -> Run | None:
    """Return the run of this configuration that was started earlier, whether it ended or not.

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
    return None if stored is None or not description.matches(stored) else _reopen(store, stored, description)


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


def reopen_run(
    store: Store | None, run_id: str | None, description: RunDescription, *, is_rejudged: bool = False
) -> Run:
    """Return a run that has ended, open again for what else is made of it.

    Args:
        store: Where the run is kept; None tracks nothing.
        run_id: Of the run.
        description: What the run is.
        is_rejudged: Whether its scores are made anew: until they are there it has not ended.

    Returns:
        The run, open.

    Raises:
        TrackingError: If the store refuses.
    """
    if store is None or run_id is None:
        return Run()
    store.deliver_left(only=run_id)
    with store.refusing("reading a run"):
        stored = store.client.get_run(run_id)
        if is_rejudged:
            store.client.delete_tag(run_id, COMPLETE)
    return _reopen(store, stored, description)


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


def sweep_parent(
    store: Store | None, experiment: str, name: str, trials: Sequence[str] = (), *, again: bool = False
) -> Run:
    """Return the run under which the trials of a sweep are listed; its `run_id` is their `parent_run_id`.

    Args:
        store: Where the run is kept; None tracks nothing.
        experiment: MLflow's experiment, the trials' own.
        name: How the UI lists it.
        trials: What the sweep is known by when it is started again: its trials, in any order.
        again: Whether one that ended is left as it is, and a new one made.

    Returns:
        The run, open; use it in `open_runs.kept_open` around the trials.

    Raises:
        TrackingError: If the store refuses.
    """
    parent = RunDescription(experiment, name, config_hash="", params={}, tags={SWEEP: "true"})
    same_trials = f"sweep-{sha256_of_json([experiment, name, sorted(trials)])[:DIGITS]}"
    pointer = f"{same_trials}-{provenance_of_process(Path.cwd()).code_hash[:DIGITS]}"
    stored = _find(store, pointer) if store is not None and trials else None
    if store is not None and trials and _is_of_other_code(store, same_trials, pointer):
        logger.info("tracking: an earlier sweep of these trials is of other code; this one begins anew")
    if store is None or stored is None or not parent.matches(stored) or (again and not _is_unfinished(stored)):
        return _create(store, parent, pointer)
    return _reopen(store, stored, parent)


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


def _create(store: Store | None, description: RunDescription, pointer: str) -> Run:
    if store is None:
        return Run()
    tags = {**description.tags, PROCESS: own(), **_parent_tag(description)}
    noted = {"store": store.fingerprint, "experiment": description.experiment, "key": uuid.uuid4().hex}
    # Before the store is asked: a process that is killed while it waits for the answer finds the run by its key.
    write_json(_pointer(store, pointer), noted)
    run_id = store.create_run(description.experiment, description.name, tags, noted["key"])
    write_json(_pointer(store, pointer), {**noted, "run_id": run_id})
    run = _opened(store, run_id, description, is_new=True)
    _describe(run, description)
    logger.info("tracking: run %s (%s) of %s in %s", description.name, run_id, description.experiment, store)
    return run


def _reopen(store: Store, stored: StoredRun, description: RunDescription) -> Run:
    run_id = stored.info.run_id
    with store.refusing("resuming a run"):
        store.client.update_run(run_id, status=RUNNING)
        for name, value in {PROCESS: own(), **_parent_tag(description)}.items():
            store.client.set_tag(run_id, name, value)
        if PRUNED in stored.data.tags:
            store.client.delete_tag(run_id, PRUNED)
    run = _opened(store, run_id, description, is_new=False)
    if stored.data.params != dict(description.params):
        _describe(run, description)
    logger.info("tracking: going on with run %s (%s) of %s", description.name, run_id, description.experiment)
    return run


def _opened(store: Store, run_id: str, description: RunDescription, *, is_new: bool) -> Run:
    note_open(store, run_id, description.name, description.experiment)
    return Run(store, run_id, experiment=description.experiment, is_new=is_new)


def _describe(run: Run, description: RunDescription) -> None:
    for name, text in description.texts.items():
        run.log_text(text, name)
    # Last: a run that has them all has everything that is here.
    run.log_params(description.params)


def _is_of_other_code(store: Store, same_trials: str, pointer: str) -> bool:
    """Tell whether only other code has begun a sweep of the same trials."""
    begun = {path.name for path in _pointer(store, pointer).parent.glob(f"{same_trials}-*")}
    return bool(begun) and pointer not in begun


def _parent_tag(description: RunDescription) -> dict[str, str]:
    return {PARENT: description.parent_run_id} if description.parent_run_id else {}


def _is_unfinished(stored: StoredRun) -> bool:
    """Tell whether a run was begun and came to no end, and no other process is at it."""
    process = stored.data.tags.get(PROCESS, "")
    is_left = process == own() or not is_alive(process)
    return COMPLETE not in stored.data.tags and stored.info.status != FINISHED and is_left


def _find(store: Store, pointer: str) -> StoredRun | None:
    """Return the run that was noted last, with all that was logged of it."""
    try:
        noted = read_json(_pointer(store, pointer), made_by="train")
        if noted["store"] != store.fingerprint:
            return None
        run_id = noted.get("run_id") or store.find_by_key(store.experiment_id(noted["experiment"]), noted["key"])
        if run_id is None:
            return None
        if (here := Courier.of_runs.get(run_id)) is not None:
            here.settle()
        store.deliver_left(only=run_id)
        return store.client.get_run(run_id)
    except ArtifactError:
        return None
    except store_errors():
        return None


def _pointer(store: Store, name: str) -> Path:
    return store.home / ".cache" / "tracking" / name
