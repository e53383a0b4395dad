"""What a run left in the store, fetched to be compared: its predictions, and what explains them."""

from __future__ import annotations

import json
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from reprodx.artifacts.locations import DVC_OUTS
from reprodx.artifacts.prediction_metadata import GENERATION
from reprodx.artifacts.predictions import read_predictions
from reprodx.comparison.source import Source, TrackedRun
from reprodx.errors import ArtifactCorruptError, ArtifactError, ArtifactMissingError, IncomparableError, SchemaError
from reprodx.tracking.description import CONFIG_FILE
from reprodx.tracking.names import COMPARISON, COMPLETE, CONFIG_HASH, KIND, PARENT, SHORT, SWEEP, TASK
from reprodx.tracking.results import EXPLANATIONS, MANIFEST, PREPARED, TABLE_ONE

if TYPE_CHECKING:
    from mlflow.entities import Run as StoredRun

    from reprodx.tracking.store import Store

PREDICTIONS = DVC_OUTS.predictions.name
WANTED = {PREDICTIONS, CONFIG_FILE, EXPLANATIONS, PREPARED}
"""The artifacts that a comparison needs; the last is a folder."""


def in_words(stored: StoredRun) -> str:
    """Return what a run is called in a message: its name, and enough of its id."""
    return f"run {stored.info.run_name!r} ({stored.info.run_id[:SHORT]})"


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
        found = _fetch(store, stored, folder)
        if PREDICTIONS not in found:
            raise ArtifactMissingError(f"{in_words(stored)} {_why_without_predictions(stored)}")
        try:
            predictions = read_predictions(folder / PREDICTIONS)
            run = _tracked_run(stored, experiment, folder)
        except (ArtifactError, SchemaError) as error:
            # The person knows the run, and not the folder that it was fetched to.
            raise type(error)(str(error).replace(f"{folder}/", f"{in_words(stored)}: ")) from error
    return Source(run.name, predictions, run)


def _fetch(store: Store, stored: StoredRun, folder: Path) -> set[str]:
    """Download what a comparison needs; return which of it there is."""
    run_id = stored.info.run_id
    with store.refusing(f"reading {in_words(stored)}"):
        present = WANTED & {file.path for file in store.client.list_artifacts(run_id)}
        for path in sorted(present):
            store.client.download_artifacts(run_id, path, str(folder))
    return present


def _why_without_predictions(stored: StoredRun) -> str:
    run_id, tags, status = stored.info.run_id, stored.data.tags, stored.info.status
    if SWEEP in tags:
        return (
            "is the parent of a sweep and predicts nothing itself: name its trials, or find them with "
            f"--filter \"tags.`{PARENT}` = '{run_id}'\""
        )
    if tags.get(KIND) == COMPARISON:
        return "is a comparison and predicts nothing itself: name the runs that it compared"
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
    table_one, manifest = folder / PREPARED / TABLE_ONE, _json(folder / PREPARED / MANIFEST)
    return TrackedRun(
        run_id=stored.info.run_id,
        name=stored.info.run_name or stored.info.run_id[:SHORT],
        experiment=experiment,
        tags=dict(stored.data.tags),
        params=dict(stored.data.params),
        config=_config(folder / CONFIG_FILE),
        manifest=manifest,
        table_one=_table(table_one) if table_one.is_file() else None,
        explanations=_json(folder / EXPLANATIONS),
    )


def _json(path: Path) -> Any:
    if not path.is_file():
        return None
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ArtifactCorruptError(f"{path} is not valid JSON ({error}): evaluate it again") from error


def _config(path: Path) -> Any:
    """Return the settings as they were logged; what they refer to is not looked up here."""
    if not path.is_file():
        return {}
    from omegaconf import OmegaConf
    from omegaconf.errors import OmegaConfBaseException
    from yaml import YAMLError

    try:
        return OmegaConf.to_container(OmegaConf.load(path), resolve=False)
    except (OmegaConfBaseException, YAMLError, ValueError) as error:
        reason = str(error).splitlines()[0]
        raise ArtifactCorruptError(f"{path} is not valid YAML ({reason}): evaluate it again") from error


def _table(path: Path) -> Any:
    import polars as pl

    try:
        return pl.read_csv(path, infer_schema=False)
    except pl.exceptions.PolarsError as error:
        reason = str(error).splitlines()[0]
        raise ArtifactCorruptError(f"{path} is not a CSV file ({reason}): evaluate it again") from error
