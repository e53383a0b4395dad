"""What a run left in the store, fetched to be compared: its predictions, and what explains them."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from reprodx.artifacts.locations import DVC_OUTS
from reprodx.artifacts.prediction_metadata import GENERATION
from reprodx.artifacts.predictions import read_predictions
from reprodx.comparison.source import Source, TrackedRun
from reprodx.errors import ArtifactCorruptError, ArtifactMissingError, IncomparableError
from reprodx.tracking.description import CONFIG_FILE
from reprodx.tracking.logged_files import fetch, in_words, read_logged_config, read_logged_json, told_of
from reprodx.tracking.names import CODE_HASH, COMPLETE, CONFIG_HASH, KIND, PARENT, PATIENT_IDS, SHORT, SWEEP, TASK
from reprodx.tracking.patient_ids import NONE
from reprodx.tracking.record import MANIFEST
from reprodx.tracking.results import EXPLANATIONS, PREPARED, TABLE_ONE

if TYPE_CHECKING:
    from mlflow.entities import Run as StoredRun

    from reprodx.tracking.store import Store

PREDICTIONS = DVC_OUTS.predictions.name
WANTED = {PREDICTIONS, CONFIG_FILE, EXPLANATIONS, PREPARED}
"""The artifacts that a comparison needs; the last is a folder."""


def read_source(store: Store, stored: StoredRun, experiment: str) -> Source:
    """Return the predictions of a run, with what the store knows of it.

    Args:
        store: Where it is kept.
        stored: The run.
        experiment: The name of its experiment.

    Returns:
        Its predictions, labelled by its name; nothing of it stays on the disk.

    Raises:
        ArtifactMissingError: If it has no predictions; the message says why.
        ArtifactCorruptError: If what it left is damaged.
        SchemaError: If its predictions are not what they should be.
        IncomparableError: If it made new cases instead of judging cases.
        TrackingError: If the store refuses.
    """
    if stored.data.tags.get(TASK) == GENERATION:
        raise IncomparableError(
            f"{in_words(stored)} is of a generator, which predicts nothing of a patient: leave it out, in a search "
            f"with --filter \"tags.`{TASK}` != '{GENERATION}'\""
        )
    with TemporaryDirectory() as temporary:
        folder = Path(temporary)
        found = fetch(store, stored, WANTED, folder)
        if PREDICTIONS not in found:
            raise ArtifactMissingError(f"{in_words(stored)} {why_without_predictions(stored)}")
        with told_of(in_words(stored), folder):
            predictions = read_predictions(folder / PREDICTIONS)
            run = _tracked_run(stored, experiment, folder)
    return Source(run.name, predictions, run)


def why_without_predictions(stored: StoredRun) -> str:
    """Return why a run has no predictions, to go on after its name."""
    run_id, tags, status = stored.info.run_id, stored.data.tags, stored.info.status
    if SWEEP in tags:
        return (
            "is the parent of a sweep and predicts nothing itself: name its trials, or find them with "
            f"--filter \"tags.`{PARENT}` = '{run_id}'\""
        )
    if KIND in tags:
        return f"is a {tags[KIND]} and predicts nothing itself: name the runs that it is about"
    if tags.get(PATIENT_IDS) == NONE:
        return (
            f"was logged with tracking.patient_ids={NONE}, so that its predictions are on the machine that made it "
            f"alone: give the file, such as outputs/{tags.get(CONFIG_HASH, '<config hash>')}/results"
        )
    if COMPLETE in tags:
        return f"has lost its artifact {PREDICTIONS}: evaluate it again, or name another run"
    if CONFIG_HASH not in tags:
        return f"has no artifact {PREDICTIONS}: log one, or give the file itself"
    if status in {"FAILED", "KILLED"}:
        return f"{'failed' if status == 'FAILED' else 'was killed'} before it was evaluated: run it again"
    if status == "RUNNING":
        return "is unfinished: wait for it, or run it again if nothing runs any more"
    return "was trained and not evaluated: run `reprodx evaluate` with its settings"


def _tracked_run(stored: StoredRun, experiment: str, folder: Path) -> TrackedRun:
    table_one, manifest = folder / PREPARED / TABLE_ONE, read_logged_json(folder / PREPARED / MANIFEST)
    return TrackedRun(
        run_id=stored.info.run_id,
        name=stored.info.run_name or stored.info.run_id[:SHORT],
        experiment=experiment,
        tags=dict(stored.data.tags),
        params=dict(stored.data.params),
        code_hash=stored.data.tags.get(CODE_HASH),
        config=read_logged_config(folder / CONFIG_FILE),
        manifest=manifest,
        table_one=_table(table_one) if table_one.is_file() else None,
        explanations=read_logged_json(folder / EXPLANATIONS),
    )


def _table(path: Path) -> Any:
    import polars as pl

    try:
        return pl.read_csv(path, infer_schema=False)
    except pl.exceptions.PolarsError as error:
        reason = str(error).splitlines()[0]
        raise ArtifactCorruptError(f"{path} is not a CSV file ({reason}): evaluate it again") from error
