"""What a run and its rerun left to be compared, in one form."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from reprodx.artifacts.locations import DVC_OUTS
from reprodx.artifacts.predictions import read_predictions
from reprodx.artifacts.prepared import read_manifest
from reprodx.errors import ArtifactCorruptError
from reprodx.hashing import sha256_of_path
from reprodx.reproduction.comparison import Left
from reprodx.reproduction.left_shapes import Metrics, read_left
from reprodx.reproduction.unnamed_cases import write_numbered
from reprodx.tracking.logged_files import told_of
from reprodx.tracking.names import DATA_HASH, SPLIT_HASH
from reprodx.tracking.patient_ids import key_of, write_hashed
from reprodx.tracking.patient_key import find_own
from reprodx.tracking.record import MANIFEST, METRICS, PREDICTIONS, PREPARED, RAW, REPORT, SHARED, SPLIT, made_hashes
from reprodx.tracking.results import PREPARED as LOGGED_PREPARED

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from reprodx.artifacts.locations import Locations
    from reprodx.reproduction.recorded_run import RecordedRun

WITH_CASES = (DVC_OUTS.predictions.name, DVC_OUTS.report.name)
"""Files that are others in a bundle that names no case."""
CONTENT = "content"
"""What the hash of the cases as they were read is called, where no file's was recorded: drawn cases, older runs."""


def of_run(run: RecordedRun) -> Left:
    """Return what a run left; of one that is older than the record of hashes, what can be had of it.

    Args:
        run: As it was recorded.

    Returns:
        Its hashes and files.

    Raises:
        ArtifactCorruptError: If a file is not what the run wrote.
    """
    hashes = {**(run.hashes if PREPARED in run.hashes else _older_hashes(run))}
    if not hashes.get(RAW) and DATA_HASH in run.tags:
        hashes[RAW] = {CONTENT: run.tags[DATA_HASH]}
    for path, noted in _noted(run, hashes):
        if path.is_file() and sha256_of_path(path) != noted:
            raise ArtifactCorruptError(
                f"{path.name} of {run.in_words} is not what it wrote, whose sha256 was {noted}: it proves nothing"
            )
    return Left(hashes, run.predictions, None if run.metrics is None else read_metrics(run.metrics))


def _noted(run: RecordedRun, hashes: Mapping[str, Mapping[str, str]]) -> Iterator[tuple[Path, str]]:
    """Yield each file that a run may have kept, with the hash of what it wrote."""
    shared = run.hashes.get(SHARED, {})
    for stage in (PREPARED, PREDICTIONS, METRICS, REPORT):
        folder = run.folder / LOGGED_PREPARED if stage == PREPARED else run.folder
        for name, digest in hashes.get(stage, {}).items():
            # The hash is of the file that names the cases, or has the words of texts.
            is_worded = name != MANIFEST or "summary" in (run.manifest or {})
            if not (run.is_numbered and (name in WITH_CASES or not is_worded)):
                yield folder / name, shared.get((folder / name).relative_to(run.folder).as_posix(), digest)


def of_rerun(run: RecordedRun, locations: Locations, raw: Mapping[str, str]) -> Left:
    """Return what a rerun left, as far as the run has something to hold against it.

    Args:
        run: The run that was made again.
        locations: Of the workspace.
        raw: sha256 of the data by name.

    Returns:
        Its hashes and files.
    """
    manifest = read_manifest(locations.prepared)
    hashes = {RAW: dict(raw), **made_hashes(locations, manifest, is_generator=run.is_generator)}
    if run.is_generator:
        # What DVC wants of every stage is no result of a generator's.
        hashes[REPORT].pop(DVC_OUTS.explanations.name, None)
    if PREPARED not in run.hashes:
        old = _older_hashes(run)
        hashes = {
            stage: {name: made[name] for name in made if name in old.get(stage, {})} for stage, made in hashes.items()
        }
    if not run.hashes.get(RAW):
        hashes[RAW] = {CONTENT: manifest["data_hash"]}
    return Left(hashes, _predictions(run, locations), read_metrics(locations.metrics))


def _predictions(run: RecordedRun, locations: Locations) -> Path | None:
    """Return the predictions of a rerun, cases called as the run's own are called."""
    if run.is_generator:
        return None
    if not run.is_numbered:
        return hashed_alike(run, locations.predictions, locations.results.with_name("hashed.parquet"))
    if read_manifest(locations.prepared)["split_hash"] != run.tags.get(SPLIT_HASH):
        # The same number would be of another case.
        return None
    numbered = locations.results.with_name("numbered.parquet")
    write_numbered(locations.predictions, numbered)
    return numbered


def hashed_alike(run: RecordedRun, predictions: Path, target: Path) -> Path | None:
    """Return predictions whose ids are hashed as those of a run are.

    Args:
        run: As it was recorded.
        predictions: Whose ids are as they are.
        target: A new file, if one is needed.

    Returns:
        The same file where the run's ids are not hashed; None where the key that they are hashed with is not here.
    """
    fingerprint = None if run.predictions is None else key_of(read_predictions(run.predictions))
    if fingerprint is None:
        return predictions
    key = find_own(fingerprint)
    if key is None:
        return None
    write_hashed(predictions, target, key)
    return target


def read_metrics(path: Path) -> dict[str, dict[str, dict[str, Any]]]:
    """Return the scores of a run.

    Args:
        path: Of `metrics.json`.

    Returns:
        By split, metric and field.

    Raises:
        ArtifactCorruptError: If it is damaged.
    """
    with told_of("the run", path.parent):
        found: dict[str, dict[str, dict[str, Any]]] = read_left(path, Metrics)
    return found


def _older_hashes(run: RecordedRun) -> dict[str, dict[str, str]]:
    """Return what can be known of a run that recorded no hashes by stage: of its weights nothing."""
    files = {PREDICTIONS: run.predictions, METRICS: run.metrics, REPORT: run.folder / DVC_OUTS.report.name}
    return {
        **{SPLIT: {"membership": run.tags[SPLIT_HASH]} if SPLIT_HASH in run.tags else {}},
        PREPARED: dict((run.manifest or {}).get("files", {})),
        **{stage: {path.name: sha256_of_path(path)} for stage, path in files.items() if path and path.is_file()},
    }
