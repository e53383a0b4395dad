"""What a run left, as a bundle holds it: whole beside the data, without the names of cases where they are not there."""

from __future__ import annotations

import logging
import shutil
import tarfile
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from reprodx.artifacts.files import write_json, write_text
from reprodx.artifacts.locations import DVC_OUTS
from reprodx.errors import ConfigError
from reprodx.inputs import Modality
from reprodx.reproduction.bundle_file import ABOUT, SOURCE
from reprodx.reproduction.crate import Part
from reprodx.reproduction.unnamed_cases import ids_of, names_cases, write_numbered
from reprodx.schemas import CARD
from reprodx.tracking.case_names import without_cases
from reprodx.tracking.description import CONFIG_FILE, DIFF_FILE, ENVIRONMENT_FILE
from reprodx.tracking.names import PATIENT_IDS
from reprodx.tracking.patient_ids import NONE
from reprodx.tracking.patient_key import KEY_FILE
from reprodx.tracking.record import ENVIRONMENT_RECORD, HASHES_FILE, MANIFEST, RAW
from reprodx.tracking.results import EXPLANATIONS, PREPARED, TABLE_ONE
from reprodx.tracking.sealed_settings import EVERY

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence, Set
    from pathlib import Path

    from reprodx.reproduction.bundle_data import BundledData
    from reprodx.reproduction.recorded_run import RecordedRun

logger = logging.getLogger(__name__)

PREDICTIONS, REPORT = DVC_OUTS.predictions.name, DVC_OUTS.report.name
COPIED = (
    Part(DIFF_FILE, "the uncommitted changes of the source, which the archive has already", is_input=True),
    Part(ENVIRONMENT_FILE, "every installed package with its version", is_input=True),
    Part(ENVIRONMENT_RECORD, "Python, packages, processor and threads", is_input=True),
    Part(DVC_OUTS.metrics.name, "scores by split", is_input=False),
    Part(DVC_OUTS.model_card.name, "what the model is and how it does", is_input=False),
    Part(f"{PREPARED}/{MANIFEST}", "counts and hashes of the prepared cases", is_input=False),
    Part(f"{PREPARED}/{TABLE_ONE}", "the participants of each split", is_input=False),
    Part(f"{PREPARED}/{CARD}", "where the data come from", is_input=False),
)
"""Files that are packed as they are."""
OF_CASES = Part(EXPLANATIONS, "cases that the model gets wrong, and what its answers rest on", is_input=False)
"""Left out where nothing may name a case."""
SETTINGS_FOLDER, SETTINGS = "conf", (".yaml", ".yml")
"""Where a person writes settings down, or a list that they name, and how such files end elsewhere."""
NEEDED = (CONFIG_FILE, HASHES_FILE, DIFF_FILE)
"""Without which a bundle is none: where one names patients, there is no bundle without the data."""


def put_left_files(run: RecordedRun, content: Path, data: BundledData) -> list[Part]:
    """Put what a run left into a bundle.

    Args:
        run: As it was recorded.
        content: The folder of the bundle, with its source and what it says of the run.
        data: What the bundle has of the data.

    Returns:
        What was put there.

    Raises:
        ConfigError: If its settings name patients, or nobody can tell, and the data are not in the bundle.
    """
    write_text(content / CONFIG_FILE, _settings(run, data))
    write_json(content / HASHES_FILE, {**run.hashes, RAW: dict(data.hashes)})
    parts = [
        Part(CONFIG_FILE, "every setting that decides the result", is_input=True),
        Part(HASHES_FILE, "the sha256 of every file by stage", is_input=False),
    ]
    parts += _copied(run, content, (*COPIED, OF_CASES) if data.is_here else COPIED)
    parts += _report(run, content, is_whole=data.is_here)
    if data.is_here:
        return [*parts, *_copied(run, content, [Part(PREDICTIONS, "what the model says of each case", is_input=False)])]
    _leave_words_out(run, content)
    ids = [_acknowledged(run) | run.named, _predicted(run)]
    _check_settings(content, ids)
    left = _without_names(parts, content, ids)
    if run.predictions is None:
        return left
    write_numbered(run.predictions, content / PREDICTIONS)
    return [*left, Part(PREDICTIONS, "what the model says of each case; cases are numbered", is_input=False)]


def _settings(run: RecordedRun, data: BundledData) -> str:
    from omegaconf import OmegaConf

    settings = OmegaConf.create(dict(run.config))
    for key, path in data.paths.items():
        OmegaConf.update(settings, key, path)
    return OmegaConf.to_yaml(settings)


def _copied(run: RecordedRun, content: Path, parts: list[Part] | tuple[Part, ...]) -> Iterator[Part]:
    for part in parts:
        if (run.folder / part.name).is_file():
            (content / part.name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(run.folder / part.name, content / part.name)
            yield part


def _report(run: RecordedRun, content: Path, *, is_whole: bool) -> Iterator[Part]:
    path = run.folder / REPORT
    if not path.is_file():
        return
    text = path.read_text(encoding="utf-8")
    write_text(content / REPORT, text if is_whole else without_cases(text))
    what = "the scores, as a person reads them"
    yield Part(REPORT, what if is_whole else f"{what}; without its section on single cases", is_input=False)


def _leave_words_out(run: RecordedRun, content: Path) -> None:
    """Take the names of summary features of texts out of the counts: they are words, which may be names of patients."""
    if run.manifest is not None and run.manifest.get("modality", Modality.TEXT) == Modality.TEXT:
        write_json(content / PREPARED / MANIFEST, {key: run.manifest[key] for key in run.manifest if key != "summary"})


def _acknowledged(run: RecordedRun) -> frozenset[str]:
    """Return the cases that the run let through by their ids: of training too, whom no prediction names."""
    asked, found = run.config["data"].get("acknowledge"), (run.manifest or {}).get("acknowledged")
    return frozenset(str(name) for one in (asked, found) for name in (one or {}).get("duplicates") or ()) - {EVERY}


def _predicted(run: RecordedRun) -> Set[str]:
    """Return the cases and patients of the predictions."""
    ids = ids_of(run.predictions) if run.predictions is not None else None if run.has_predictions else frozenset[str]()
    if ids is None or run.tags.get(PATIENT_IDS) == NONE:
        raise ConfigError(
            f"whether the settings of {run.in_words} name cases or patients cannot be told here, where its ids are not "
            f"known ({KEY_FILE} of its project is needed, and its predictions): bundle it --with-data, or not at all"
        )
    return ids


def _check_settings(content: Path, ids: Sequence[Set[str]]) -> None:
    """Refuse settings, of the sources too, and names of runs that name cases, such as those who are held out."""
    if _are_named((content / ABOUT).read_text(encoding="utf-8"), ids):
        raise ConfigError("the run's name or a tag of it names cases or patients: bundle it --with-data, or not at all")
    with tarfile.open(content / SOURCE) as archive:
        for member in archive:
            path = PurePosixPath(member.name)
            is_of_settings = path.parts[0] == SETTINGS_FOLDER or path.suffix in SETTINGS
            file = archive.extractfile(member) if is_of_settings else None
            if file is not None and _are_named(file.read().decode("utf-8", "replace"), ids):
                raise ConfigError(
                    f"{member.name} of the run names cases or patients: bundle it --with-data, or not at all"
                )


def _are_named(text: str, ids: Sequence[Set[str]]) -> bool:
    return any(names_cases(text, some) for some in ids)


def _without_names(parts: list[Part], content: Path, ids: Sequence[Set[str]]) -> list[Part]:
    """Return the parts that name no case, as far as words can tell; the others leave the bundle."""
    naming = [part for part in parts if _are_named((content / part.name).read_text(encoding="utf-8"), ids)]
    for part in naming:
        if part.name in NEEDED:
            raise ConfigError(f"{part.name} of the run names cases or patients: bundle it --with-data, or not at all")
        logger.warning("bundle: %s names cases or patients, and is left out", part.name)
        (content / part.name).unlink()
    return [part for part in parts if part not in naming]
