"""A run as it was recorded: what it left, in a store or in a folder."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from reprodx.artifacts.locations import DVC_OUTS
from reprodx.artifacts.prediction_metadata import GENERATION
from reprodx.errors import ArtifactMissingError, ConfigError
from reprodx.reproduction.left_shapes import Environment, Hashes, Manifest, Settings, check_shape, read_left
from reprodx.tracking.description import CONFIG_FILE, DIFF_FILE, ENVIRONMENT_FILE
from reprodx.tracking.logged_files import fetch, in_words, read_logged_config, told_of
from reprodx.tracking.logged_source import why_without_predictions
from reprodx.tracking.names import (
    COMMIT,
    COMPLETE,
    CONFIG_HASH,
    DIRTY,
    KIND,
    PATIENT_IDS,
    RESTORED,
    SHORT,
    SWEEP,
    TAG_PREFIX,
    TASK,
)
from reprodx.tracking.patient_ids import NONE
from reprodx.tracking.patient_key import find_key
from reprodx.tracking.provenance import UNKNOWN
from reprodx.tracking.record import ENVIRONMENT_RECORD, HASHES_FILE, MANIFEST
from reprodx.tracking.results import EXPLANATIONS, PREPARED
from reprodx.tracking.sealed_settings import opened

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from mlflow.entities import Run as StoredRun

    from reprodx.tracking.store import Store

WANTED = {
    CONFIG_FILE,
    DIFF_FILE,
    ENVIRONMENT_FILE,
    ENVIRONMENT_RECORD,
    HASHES_FILE,
    EXPLANATIONS,
    PREPARED,
    *(path.name for path in (DVC_OUTS.predictions, DVC_OUTS.metrics, DVC_OUTS.report, DVC_OUTS.model_card)),
}
"""The artifacts that are fetched; of the model the hashes are enough."""


@dataclass(frozen=True)
class RecordedRun:
    """What a finished run left behind."""

    run_id: str | None
    """MLflow's; None of a report that no store knows the run of."""
    name: str
    experiment: str
    tags: Mapping[str, str]
    config: Mapping[str, Any]
    """The sections that decide the result, as they were logged."""
    commit: str | None
    """Of the code; None where nobody noted it."""
    dirty: bool
    """Whether the code was not what the commit holds."""
    diff: str
    """The changes since the commit, as a patch of sources; empty where there are none."""
    lock: str | None
    """Every installed `name==version`, one a line; None where nobody noted it."""
    environment: Mapping[str, Any] | None
    """See `tracking.environment.environment_record`; None where nobody noted it."""
    hashes: Mapping[str, Mapping[str, str]]
    """See `tracking.record.hashes_record`; empty of runs that are older than it."""
    manifest: Mapping[str, Any] | None
    """Of the prepared cases; None where nobody noted it."""
    folder: Path
    """Where the files of the run were fetched to."""
    ended_at: str | None = None
    """When it ended, ISO 8601, UTC; None where nobody noted it."""
    source_archive: Path | None = None
    """A tar file of the code, which a bundle brings; None where the commit is to be looked up in git."""
    data_folder: Path | None = None
    """Where the source data lie that a bundle brings, by their paths in `config`; None where it brings none."""
    named: frozenset[str] = frozenset()
    """Ids of cases and patients that its settings name and that were sealed where it is kept."""
    is_numbered: bool = False
    """Whether `predictions` has numbers in the place of ids, as a bundle without data has: see `unnamed_cases`."""

    @property
    def predictions(self) -> Path | None:
        """The predictions file; None of a generator, of a report alone, and where it stayed on its machine."""
        return self._file(DVC_OUTS.predictions)

    @property
    def metrics(self) -> Path | None:
        """The scores; None of a report alone."""
        return self._file(DVC_OUTS.metrics)

    @property
    def has_predictions(self) -> bool:
        """Whether there are some, if not here: a generator has none, and some keep theirs to their machine."""
        return not self.is_generator and self.tags.get(PATIENT_IDS) != NONE

    @property
    def is_generator(self) -> bool:
        """Whether it made cases instead of judging them."""
        return self.tags.get(TASK) == GENERATION

    @property
    def is_restored(self) -> bool:
        """Whether files of an earlier computation were logged: `environment` and `lock` are of that logging alone."""
        return RESTORED in self.tags

    @property
    def in_words(self) -> str:
        """What it is called in a message."""
        return f"run {self.name!r}" + (f" ({self.run_id[:SHORT]})" if self.run_id else "")

    def _file(self, location: Path) -> Path | None:
        path = self.folder / location.name
        return path if path.is_file() else None


def read_recorded(store: Store, stored: StoredRun, folder: Path) -> RecordedRun:
    """Return a run of the store.

    Args:
        store: Where it is kept.
        stored: The run.
        folder: An empty one, which the files of the run are put in.

    Returns:
        The run.

    Raises:
        ConfigError: If it is no experiment.
        ArtifactError: If it is not finished, or what it left is absent or damaged.
        TrackingError: If the store refuses.
    """
    _check_kind(stored)
    fetch(store, stored, WANTED, folder)
    with store.refusing("looking up an experiment"):
        experiment = store.client.get_experiment(stored.info.experiment_id).name
    with told_of(in_words(stored), folder):
        if not (folder / CONFIG_FILE).is_file():
            raise ArtifactMissingError(f"{in_words(stored)} has lost its artifact {CONFIG_FILE}: name another run")
        run = read_folder(
            folder,
            run_id=stored.info.run_id,
            name=stored.info.run_name or stored.info.run_id,
            experiment=experiment,
            tags=dict(stored.data.tags),
            ended_at=_time(stored.info.end_time),
        )
    if run.predictions is None and run.has_predictions:
        raise ArtifactMissingError(f"{in_words(stored)} {why_without_predictions(stored)}")
    return run


def read_folder(
    folder: Path, *, run_id: str | None, name: str, experiment: str, tags: Mapping[str, str], ended_at: str | None
) -> RecordedRun:
    """Return the run whose files lie in a folder under the names that they have in a store.

    Args:
        folder: Where they lie.
        run_id: MLflow's.
        name: Of the run.
        experiment: Of the run.
        tags: Of the run.
        ended_at: See `RecordedRun`.

    Returns:
        The run.

    Raises:
        ArtifactCorruptError: If a file is damaged.
    """
    key = find_key()
    config, named = opened(read_logged_config(folder / CONFIG_FILE), key)
    diff, _ = opened(_text(folder / DIFF_FILE) or "", key)
    manifest, acknowledged = opened(read_left(folder / PREPARED / MANIFEST, Manifest), key)
    check_shape(config, Settings, folder / CONFIG_FILE)
    return RecordedRun(
        run_id=run_id,
        name=name,
        experiment=experiment,
        tags=tags,
        config=config,
        commit=_known(tags.get(f"{TAG_PREFIX}git_commit") or tags.get(COMMIT)),
        dirty=tags.get(DIRTY) == "true",
        diff=diff,
        lock=_text(folder / ENVIRONMENT_FILE),
        environment=read_left(folder / ENVIRONMENT_RECORD, Environment),
        hashes=read_left(folder / HASHES_FILE, Hashes) or {},
        manifest=manifest,
        folder=folder,
        named=named | acknowledged,
        ended_at=ended_at,
    )


def _time(milliseconds: int | None) -> str | None:
    if milliseconds is None:
        return None
    return datetime.fromtimestamp(milliseconds / 1000, UTC).isoformat(timespec="seconds")


def _check_kind(stored: StoredRun) -> None:
    tags = stored.data.tags
    if SWEEP in tags:
        raise ConfigError(f"{in_words(stored)} is the parent of a sweep and computed nothing: name one of its trials")
    if KIND in tags:
        raise ConfigError(f"{in_words(stored)} is a {tags[KIND]} and no experiment: name a run that it is about")
    if CONFIG_HASH not in tags:
        raise ConfigError(f"{in_words(stored)} was not made by reprodx: nothing says how to make it again")
    if COMPLETE not in tags:
        raise ArtifactMissingError(f"{in_words(stored)} {why_without_predictions(stored)}")


def _known(commit: str | None) -> str | None:
    return None if commit == UNKNOWN else commit


def _text(path: Path) -> str | None:
    return path.read_text(encoding="utf-8") if path.is_file() else None
