"""What of a run may leave the machine, where it is logged to a server: no id of a case or patient in clear.

A database beside the project keeps everything as it is. On a server ids are keyed hashes, by which two runs of one
project still join; in settings, which must be read again to repeat a run, they are sealed with the same key.
"""

from __future__ import annotations

import functools
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from reprodx.artifacts.files import read_json, write_json, write_text
from reprodx.artifacts.locations import DVC_OUTS
from reprodx.artifacts.prediction_metadata import HASHED_WITH
from reprodx.artifacts.predictions import Predictions, read_predictions, write_predictions
from reprodx.config.identity import HASHED
from reprodx.inputs import Modality
from reprodx.schemas import CARD, CASE_ID, PATIENT_ID, TIME
from reprodx.tracking.case_names import is_telling, ways_to_say, without_cases
from reprodx.tracking.description import CONFIG_FILE, DIFF_FILE, as_yaml
from reprodx.tracking.names import PATIENT_IDS, PATIENT_KEY, flat_params
from reprodx.tracking.patient_key import own_key
from reprodx.tracking.record import MANIFEST
from reprodx.tracking.sealed_settings import Seal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from reprodx.config import Config
    from reprodx.tracking.description import RunDescription
    from reprodx.tracking.patient_key import PatientKey
    from reprodx.tracking.store import Store

HASHED_IDS, AS_IS, NONE = "hashed", "as_is", "none"
"""Values of `tracking.patient_ids`."""
CASES = "cases.parquet"
ABOUT_CASES = {DVC_OUTS.predictions.name, DVC_OUTS.explanations.name}
"""Files that are of single cases from end to end."""


def are_hidden(config: Config, store: Store | None) -> bool:
    """Tell whether a run leaves the machine and must not name anybody there."""
    if store is None or config.tracking.patient_ids == AS_IS:
        return False
    return not store.stays_here(config.data["name"])


def described(description: RunDescription, config: Config, store: Store | None, prepared: Path) -> RunDescription:
    """Return what a run is called and what made it, as it may be logged.

    Args:
        description: Of the run.
        config: Of the run.
        store: Where it is logged.
        prepared: The folder of its cases, whose ids are looked for.

    Returns:
        The description; where it leaves the machine, ids in its parameters, tags and texts are sealed.
    """
    if not are_hidden(config, store):
        return description
    seal = _seal(prepared)
    sections = seal.settings({name: config.as_dict()[name] for name in HASHED})
    texts = {name: seal.text(text) if name == DIFF_FILE else text for name, text in description.texts.items()}
    tags = {name: seal.text(text) for name, text in description.tags.items()}
    own = {PATIENT_IDS: config.tracking.patient_ids, PATIENT_KEY: seal.key.fingerprint}
    return replace(
        description,
        params=flat_params(sections),
        texts={**texts, CONFIG_FILE: as_yaml(sections)},
        tags={**tags, **own},
    )


@contextmanager
def uploadable(path: Path, config: Config, store: Store | None, prepared: Path) -> Iterator[Path | None]:
    """Yield the file that may be logged in the place of one: the same, or one without ids; None where none may.

    Args:
        path: Of what a run left; one that is absent is yielded as it is.
        config: Of the run.
        store: Where it is logged.
        prepared: The folder of its cases, whose ids are looked for.

    Yields:
        A file of the same name, which is gone after the block.
    """
    if not path.exists() or not are_hidden(config, store):
        yield path
        return
    if config.tracking.patient_ids == NONE and path.name in ABOUT_CASES:
        yield None
        return
    write = WRITERS.get(path.name)
    if write is None:
        yield path
        return
    with TemporaryDirectory() as folder:
        write(path, Path(folder) / path.name, config, prepared)
        yield Path(folder) / path.name


def shared_report(page: str, sections: Mapping[str, Any], prepared: Path) -> str:
    """Return a report without its sections on single cases, and with ids sealed in what it tells of settings.

    Args:
        page: The report.
        sections: The settings that it tells.
        prepared: The folder of the cases that it is of.

    Returns:
        The page as it may leave the machine.
    """
    return _seal(prepared).report(without_cases(page), sections)


def write_hashed(source: Path, target: Path, key: PatientKey) -> None:
    """Write predictions with hashes in the place of ids, and without times; the order of the rows stays.

    Args:
        source: The predictions file.
        target: The new file; equal predictions and keys give equal bytes.
        key: Of the project.

    Raises:
        ArtifactError: If the file is absent or damaged.
    """
    write_predictions(target, with_hashes(read_predictions(source), key))


def with_hashes(predictions: Predictions, key: PatientKey) -> Predictions:
    """Return predictions with hashes in the place of ids, and without times."""
    ids = [key.hashed(predictions.table[name]) for name in (CASE_ID, PATIENT_ID) if name in predictions.table.columns]
    table = predictions.table.with_columns(ids).drop(TIME, strict=False)
    return replace(predictions, table=table, metadata={**predictions.metadata, HASHED_WITH: key.fingerprint})


def key_of(predictions: Predictions) -> str | None:
    """Return the fingerprint of the key that ids are hashed with; None where they are as they are."""
    found: str | None = predictions.metadata.get(HASHED_WITH)
    return found


def _seal(prepared: Path) -> Seal:
    path = prepared / CASES
    return Seal(own_key(), _telling_ids(path, path.stat().st_mtime_ns))


@functools.lru_cache(maxsize=1)
def _telling_ids(path: Path, _written_at: int) -> frozenset[str]:
    import polars as pl

    found = pl.read_parquet(path, columns=[CASE_ID, PATIENT_ID])
    names = {said for column in found for name in column.unique() for said in ways_to_say(name)}
    return frozenset(name for name in names if is_telling(name))


def _write_predictions(path: Path, target: Path, _config: Config, _prepared: Path) -> None:
    write_hashed(path, target, own_key())


def _write_explanations(path: Path, target: Path, _config: Config, _prepared: Path) -> None:
    """Write which cases failed, by their hashes; what answers rest on would give the values of a case away."""
    content, key = read_json(path, made_by="evaluate"), own_key()
    failures = [{**one, "case_id": key.hash_of(one["case_id"])} for one in content.get("failures", [])]
    write_json(target, {**content, "failures": failures, "attributions": []})


def _write_manifest(path: Path, target: Path, _config: Config, prepared: Path) -> None:
    """Write the counts; the names of summary features are left out of texts, where they are patients' words."""
    content, seal = read_json(path, made_by="prepare"), _seal(prepared)
    acknowledged = content.get("acknowledged", {})
    duplicates = [seal.key.sealed(name) for name in acknowledged.get("duplicates", [])]
    shown: dict[str, Any] = {**content, "acknowledged": {**acknowledged, "duplicates": duplicates}}
    if content.get("modality") == Modality.TEXT:
        shown.pop("summary", None)
    write_json(target, seal.strings(shown))


def _write_report(path: Path, target: Path, config: Config, prepared: Path) -> None:
    sections = {name: config.as_dict()[name] for name in HASHED}
    write_text(target, shared_report(path.read_text(encoding="utf-8"), sections, prepared))


def _write_text(path: Path, target: Path, _config: Config, prepared: Path) -> None:
    write_text(target, _seal(prepared).text(path.read_text(encoding="utf-8")))


WRITERS: Mapping[str, Callable[[Path, Path, Config, Path], None]] = {
    DVC_OUTS.predictions.name: _write_predictions,
    DVC_OUTS.explanations.name: _write_explanations,
    DVC_OUTS.report.name: _write_report,
    DVC_OUTS.model_card.name: _write_text,
    MANIFEST: _write_manifest,
    CARD: _write_text,
}
"""What writes a file as it may leave the machine, by the file's name; others hold counts, curves and scores alone."""
