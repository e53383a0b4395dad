"""`reprodx bundle`: one file by which others can make a run again and check it, without the names of patients.

The data go in where their card's licence lets everybody pass them on, or where a person says so. Without them, nothing
in a bundle names a case or patient: predictions are numbered, and what is about single cases is left out.
"""

from __future__ import annotations

import functools
import logging
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from reprodx.artifacts.files import write_json
from reprodx.errors import ConfigError
from reprodx.reproduction.bundle_data import bundled_data
from reprodx.reproduction.bundle_file import ABOUT, ENDING, FORMAT, SOURCE, write_bundle_file
from reprodx.reproduction.code_source import code_of
from reprodx.reproduction.crate import Part, write_crate
from reprodx.reproduction.left_files import put_left_files
from reprodx.reproduction.opened_run import open_recorded
from reprodx.reproduction.source_archive import write_source_archive
from reprodx.reproduction.workspace import own_folder
from reprodx.tracking.names import TAG_PREFIX
from reprodx.tracking.store_here import open_store_here

if TYPE_CHECKING:
    from reprodx.reproduction.bundle_data import BundledData
    from reprodx.reproduction.recorded_run import RecordedRun

logger = logging.getLogger(__name__)

LATER = (f"{TAG_PREFIX}reproduced",)
"""How tags begin that were set after the run had ended: the same run makes the same bundle."""


@dataclass(frozen=True)
class Request:
    """What a person asks for."""

    run: str
    """See `open_recorded`."""
    path: Path
    """The new file."""
    with_data: bool
    """Whether the data go in whatever their card says."""

    def check(self) -> None:
        """Refuse a file that cannot be written before anything is begun.

        Raises:
            ConfigError: If it is no ZIP by its name, is there already, or its folder is not.
        """
        if self.path.suffix.lower() != ENDING:
            raise ConfigError(f"{self.path}: call the bundle something that ends with {ENDING}")
        if self.path.exists():
            raise ConfigError(f"{self.path} is there already: name another file, or remove it")
        if not self.path.parent.is_dir():
            raise ConfigError(f"{self.path.parent} is no folder: make it first")


def bundle(request: Request) -> None:
    """Pack a run.

    Args:
        request: What a person asks for.

    Raises:
        ConfigError: If there is no such run, or its code cannot be had, or settings of it name patients.
        ArtifactError: If what the run left is absent or damaged.
        DatasetNotFoundError: If data are asked for that are nowhere.
    """
    request.check()
    root = Path.cwd()
    with own_folder(root) as folder:
        content, fetched = folder / "content", folder / "run"
        for made in (content, fetched):
            made.mkdir()
        run = open_recorded(request.run, functools.cache(open_store_here), fetched)
        _check(run)
        with code_of(run, root) as project:
            data = bundled_data(run, root, project, content, is_asked=request.with_data)
            write_source_archive(project, content / SOURCE)
        _say(run, content, data)
        parts = [_source_part(run), *data.parts, *put_left_files(run, content, data)]
        parts.append(Part(ABOUT, "what the run is called, and its tags", is_input=False))
        write_crate(
            content, name=run.name, description=_description(run, data), ended_at=run.ended_at or "", parts=parts
        )
        write_bundle_file(content, request.path)
    size = request.path.stat().st_size / 2**20
    logger.info("bundle: %s holds %s, %.1f MiB, %s", request.path, run.in_words, size, data.in_words)


def _check(run: RecordedRun) -> None:
    if run.source_archive is not None:
        raise ConfigError(f"{run.in_words} is in a bundle already: hand that file on")
    if run.commit is None or run.metrics is None:
        raise ConfigError(f"{run.in_words} does not say of which commit its code was: it cannot be bundled")


def _source_part(run: RecordedRun) -> Part:
    changes = " with the uncommitted changes that were recorded" if run.diff else ""
    return Part(SOURCE, f"the source of commit {run.commit}{changes}", is_input=True)


def _say(run: RecordedRun, content: Path, data: BundledData) -> None:
    """Write what a bundle says of its run; who made it and where is not in it."""
    tags = {name: text for name, text in run.tags.items() if name.startswith(TAG_PREFIX) and not name.startswith(LATER)}
    about = {
        "format": FORMAT,
        "run_id": run.run_id,
        "name": run.name,
        "experiment": run.experiment,
        "ended_at": run.ended_at,
        "tags": tags,
        "has_data": data.is_here,
        "is_numbered": not data.is_here and run.predictions is not None,
    }
    write_json(content / ABOUT, about)


def _description(run: RecordedRun, data: BundledData) -> str:
    return (
        f"The run {run.name} of {run.experiment}, with all that is needed to make it again with reprodx "
        f"(`reprodx reproduce FILE`), {data.in_words}."
    )
