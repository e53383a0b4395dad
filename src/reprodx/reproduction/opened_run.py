"""Which recorded run a person means: by its name in a store, by a report, or by a bundle."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from reprodx.artifacts.locations import DVC_OUTS
from reprodx.errors import ConfigError
from reprodx.hashing import sha256_of_path
from reprodx.reproduction.bundle_file import ENDING, SOURCE, unpack_bundle
from reprodx.reproduction.left_shapes import Hashes, read_left
from reprodx.reproduction.recorded_run import RecordedRun, read_folder, read_recorded
from reprodx.reproduction.report_record import read_report_record
from reprodx.tracking.logged_files import fetch, in_words, told_of
from reprodx.tracking.names import COMPLETE, CONFIG_HASH, DATA_HASH, SPLIT_HASH
from reprodx.tracking.patient_key import find_key
from reprodx.tracking.record import HASHES_FILE, REPORT, SHARED, SPLIT
from reprodx.tracking.sealed_settings import opened as opened_settings

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from mlflow.entities import Run as StoredRun

    from reprodx.tracking.store import Store

REPORT_ENDINGS = (".html", ".htm")
"""Of reports."""


def open_recorded(name: str, store: Callable[[], Store | None] | Store | None, folder: Path) -> RecordedRun:
    """Return the run that a person means.

    Args:
        name: A run's id, its beginning, or its name; a model's address, see `model_address`; or the file
            of a report or a bundle.
        store: Where runs are kept, or what opens it when it is needed; None where nothing is tracked.
        folder: An empty one, which the files of the run are put in.

    Returns:
        The run.

    Raises:
        ConfigError: If nothing has that name, or several runs have, or what has it is no experiment.
        ArtifactError: If the run is not finished, or what it left is absent or damaged.
        TrackingError: If the store refuses.
    """
    if name.lower().endswith(REPORT_ENDINGS):
        return _of_report(Path(name), store, folder)
    if name.lower().endswith(ENDING):
        return _of_bundle(Path(name), folder)
    opened = store() if callable(store) else store
    if opened is None:
        raise ConfigError(f"{name!r}: no run is tracked here (tracking=none, or no mlflow.db): give a bundle or report")
    from reprodx.tracking.named_runs import NamedRuns

    found = NamedRuns(opened).of(name)
    if len(found) > 1:
        ids = ", ".join(run.info.run_id for run in found)
        raise ConfigError(f"{len(found)} runs are called {name!r}: give the id of one, {ids}")
    return read_recorded(opened, found[0], folder)


def _of_bundle(path: Path, folder: Path) -> RecordedRun:
    """Return the run of a bundle, which brings its code, and its data where it may."""
    about = unpack_bundle(path, folder)
    with told_of(path.name, folder):
        run = read_folder(folder, **{key: about[key] for key in ("run_id", "name", "experiment", "tags", "ended_at")})
    return replace(
        run,
        source_archive=folder / SOURCE,
        data_folder=folder if about["has_data"] else None,
        is_numbered=about["is_numbered"],
    )


def _of_report(path: Path, store: Callable[[], Store | None] | Store | None, folder: Path) -> RecordedRun:
    """Return the run that a report is of: from the store where it knows it, else from the report alone."""
    record = read_report_record(path)
    record["config"], named = opened_settings(record["config"], find_key())
    opened = store() if callable(store) else store
    if opened is not None and (stored := _run_of_report(opened, record, path)) is not None:
        return read_recorded(opened, stored, folder)
    tags = {CONFIG_HASH: record["config_hash"], DATA_HASH: record["data_hash"], SPLIT_HASH: record["split_hash"]}
    return RecordedRun(
        run_id=None,
        name=str(record["config"]["model"]["name"]),
        experiment=str(record["config"]["data"]["name"]),
        tags=tags,
        config=record["config"],
        commit=None,
        dirty=False,
        diff="",
        lock=None,
        environment=None,
        hashes={SPLIT: {"membership": record["split_hash"]}, REPORT: {DVC_OUTS.report.name: sha256_of_path(path)}},
        manifest=None,
        folder=folder,
        named=named,
    )


def _run_of_report(store: Store, record: Mapping[str, Any], path: Path) -> StoredRun | None:
    """Return the run of a report: the one that left these bytes, else the only one of the experiment."""
    from reprodx.tracking.named_runs import NamedRuns

    wanted = {DATA_HASH: record["data_hash"], SPLIT_HASH: record["split_hash"]}
    found = [
        run
        for run in NamedRuns(store).ever_tagged(CONFIG_HASH, record["config_hash"])
        if run.info.lifecycle_stage == "active"
        and COMPLETE in run.data.tags
        and all(run.data.tags.get(tag) == value for tag, value in wanted.items())
    ]
    own = sha256_of_path(path)
    hashes = [_report_hashes(store, run) for run in found]
    same = [run for run, digests in zip(found, hashes, strict=True) if own in digests]
    # Runs that are older than the record of hashes: one of them may have left this report.
    unknown = [run for run, digests in zip(found, hashes, strict=True) if not digests]
    if not same and len(unknown) > 1:
        ids = ", ".join(run.info.run_id for run in unknown)
        raise ConfigError(f"{path.name} may be of each of {len(unknown)} runs: give the id of one, {ids}")
    return next(iter(same or unknown), None)


def _report_hashes(store: Store, stored: StoredRun) -> set[str]:
    """Return the hashes of the report that a run left, and of that which it logged."""
    with TemporaryDirectory() as temporary:
        folder = Path(temporary)
        fetch(store, stored, {HASHES_FILE}, folder)
        with told_of(in_words(stored), folder):
            hashes = read_left(folder / HASHES_FILE, Hashes) or {}
    found = (hashes.get(stage, {}).get(DVC_OUTS.report.name) for stage in (REPORT, SHARED))
    return {digest for digest in found if digest is not None}
