"""`reprodx reproduce`: a recorded run made again in a clean place, and what that proves."""

from __future__ import annotations

import functools
import logging
import os
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from reprodx.artifacts.openings import COPY, LEDGER
from reprodx.artifacts.predictions import read_predictions
from reprodx.errors import ConfigError, VerdictError
from reprodx.reproduction.causes import causes
from reprodx.reproduction.code_source import code_of
from reprodx.reproduction.comparison import compare_stages
from reprodx.reproduction.keeping import check_folder, keep
from reprodx.reproduction.locked_environment import locked_python
from reprodx.reproduction.opened_run import open_recorded
from reprodx.reproduction.outcome import Outcome
from reprodx.reproduction.raw_data import RawData
from reprodx.reproduction.rerun import Rerun
from reprodx.reproduction.results import of_rerun, of_run
from reprodx.reproduction.stored_model import check_stored_model
from reprodx.reproduction.surroundings import (
    environment_as_then,
    identity_differences,
    identity_note,
    surroundings,
)
from reprodx.reproduction.verdict import TOLERANCE, Word, judge
from reprodx.reproduction.workspace import SHORT, own_folder
from reprodx.tracking.names import CLOSED, PATIENT_IDS, TEST_SPLIT
from reprodx.tracking.patient_ids import NONE, key_of
from reprodx.tracking.patient_key import KEY_FILE, find_own
from reprodx.tracking.record import RAW
from reprodx.tracking.sealed_settings import has_sealed
from reprodx.tracking.store_here import open_store_here

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from reprodx.reproduction.comparison import Left
    from reprodx.reproduction.raw_data import FoundData
    from reprodx.reproduction.recorded_run import RecordedRun
    from reprodx.tracking.environment_differences import Difference

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Request:
    """What a person asks for."""

    run: str
    """See `open_recorded`."""
    into: Path | None
    """A new folder for what the rerun makes; None keeps the statement alone."""
    is_locked: bool
    """Whether it runs in an environment from the run's own lock."""
    tolerance: float

    def check(self) -> None:
        """Refuse what cannot be done before anything is begun.

        Raises:
            ConfigError: If the folder is taken, or the tolerance is no share.
        """
        if self.into is not None:
            check_folder(self.into)
        if not 0 <= self.tolerance < 1:
            raise ConfigError(
                f"--tolerance {self.tolerance:g}: give a difference from 0 to below 1, such as {TOLERANCE:g}"
            )


def reproduce(request: Request) -> None:
    """Make a recorded run again, compare it stage by stage, say what that proves, and keep the proof.

    Args:
        request: What a person asks for.

    Raises:
        ConfigError: If there is no such run, or its code or settings cannot be had.
        ReproductionError: If a stage fails now.
        ArtifactError: If what the store keeps of the run is not what it wrote.
        DataError: If its data are nowhere.
        VerdictError: If the rerun came out otherwise; everything has been written then.
    """
    request.check()
    root = Path.cwd()
    store = functools.cache(open_store_here)
    with own_folder(root) as folder:
        run = open_recorded(request.run, store, _new(folder / "run"))
        # What is damaged is said before hours of training.
        recorded = of_run(run)
        _check_opened(run)
        if run.source_archive is None and run.run_id and (opened := store()) is not None:
            check_stored_model(run, opened, _new(folder / "model"))
        with code_of(run, root) as project:
            python = sys.executable
            if request.is_locked:
                python = locked_python(folder / "venv", run.lock, (run.environment or {}).get("elsewhere", {}))
            differences = surroundings(run, root, python)
            _show(_told_before(run, differences))
            is_closed = run.tags.get(TEST_SPLIT) == CLOSED
            rerun = Rerun(project, python, environment_as_then(run), is_closed=is_closed)
            data = _prepare(run, root, rerun)
            notes = [identity_note(run, identity := rerun.identity()), *_notes(run, data)]
            differences += identity_differences(run, identity)
            rerun.run()
            outcome = _outcome(run, recorded, of_rerun(run, rerun.locations, data.hashes), differences, notes, request)
            _show(outcome.lines())
            path = keep(outcome, rerun, request.into, store, _new(folder / "kept"))
    logger.info("reproduce: the statement is in %s", path)
    if outcome.verdict.word == Word.DRIFTED:
        raise VerdictError(f"{run.in_words} is not reproduced: {outcome.verdict.reason}")


def _prepare(run: RecordedRun, root: Path, rerun: Rerun) -> FoundData:
    """Give a workspace the data, the settings, and what was known of earlier openings of the test split."""
    commit = run.commit or ""
    data = RawData(root, rerun.project, commit, run.data_folder).place(run.config, run.hashes.get(RAW, {}))
    rerun.configure(run.config, data.paths)
    for ledger in (LEDGER, COPY):
        if (root / ledger).is_file():
            (rerun.project / ledger).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(root / ledger, rerun.project / ledger)
    return data


def _check_opened(run: RecordedRun) -> None:
    """Refuse settings in which ids are still sealed: nobody can say which cases they are about."""
    if has_sealed([run.config, run.diff]):
        raise ConfigError(
            f"the settings of {run.in_words} name cases or patients, sealed with the key of another project: "
            f"reproduce it where it was made, or bring its {KEY_FILE} here"
        )


def _outcome(
    run: RecordedRun,
    recorded: Left,
    found: Left,
    differences: Sequence[Difference],
    notes: Sequence[str],
    request: Request,
) -> Outcome:
    comparison = compare_stages(recorded, found, request.tolerance)
    why = causes(comparison, differences)
    return Outcome(run, differences, comparison, why, judge(comparison, why), found.hashes, notes)


def _notes(run: RecordedRun, data: FoundData) -> Iterator[str]:
    yield from (f"Data: {name} from {origin}." for name, origin in data.origins.items())
    if run.is_restored:
        yield "The run was logged from files of an earlier computation: with which packages is not known."
    if run.tags.get(PATIENT_IDS) == NONE:
        yield "Its predictions stayed on the machine that made it: they are compared by their sha256 alone."
    elif run.predictions is not None and (key := key_of(read_predictions(run.predictions))) and not find_own(key):
        yield "Its ids are hashed with a key that is not here: predictions are compared by their sha256 alone."


def _told_before(run: RecordedRun, differences: Sequence[Difference]) -> list[str]:
    """Return what differs from here, one line each."""
    title = f"{run.in_words} of {run.experiment}, commit {(run.commit or 'unknown')[:SHORT]}"
    if not differences:
        return [f"{title}: nothing that was recorded differs from here", ""]
    return [f"{title}, differs from here in:", *(f"  {one.in_words}" for one in differences), ""]


def _show(lines: Sequence[str]) -> None:
    """Print lines; whoever stops reading them, such as `head`, does not stop the reproduction."""
    try:
        sys.stdout.write("".join(f"{line}\n" for line in lines))
        sys.stdout.flush()
    except BrokenPipeError:
        # Python would complain once more when it closes the output.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _new(folder: Path) -> Path:
    folder.mkdir()
    return folder
