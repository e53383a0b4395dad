"""The runs that this project has open, each noted on disk: those of dead processes are found without a search.

A note, `.cache/tracking/open/<run id>`, is written when a run is opened and goes when it has ended.
"""

from __future__ import annotations

import logging
from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple

from reprodx.artifacts.files import read_json, write_json
from reprodx.errors import ArtifactError
from reprodx.interruption import allowed, postponed
from reprodx.tracking import processes
from reprodx.tracking.connection import store_errors
from reprodx.tracking.names import ABSENT, COMPLETE, SHORT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from reprodx.tracking.run import Run
    from reprodx.tracking.store import Store

logger = logging.getLogger(__name__)

RUNNING, KILLED, FINISHED = "RUNNING", "KILLED", "FINISHED"
"""What MLflow calls a run that is open, one whose process was ended, and one that ended as it should."""


class OpenRun(NamedTuple):
    """What is noted of a run that is open."""

    run_id: str
    name: str
    experiment: str
    process: str
    """See `processes.own`."""
    store: str
    """See `Store.fingerprint`."""


@contextmanager
def kept_open(open_run: Callable[[], Run]) -> Iterator[Run]:
    """Open a run, and end it however the block ends: no signal falls between the two.

    Args:
        open_run: Returns it.

    Yields:
        The run.
    """
    with postponed():
        opened = open_run()
        try:
            with opened as run, allowed():
                yield run
        finally:
            if opened.store is not None and opened.run_id is not None:
                _note(opened.store.home, opened.run_id).unlink(missing_ok=True)


def note_open(store: Store, run_id: str, name: str, experiment: str) -> None:
    """Note that this process has a run open."""
    content = OpenRun(run_id, name, experiment, processes.own(), store.fingerprint)
    write_json(_note(store.home, run_id), content._asdict())


def noted(home: Path) -> Iterator[OpenRun]:
    """Yield the runs that a project has noted as open.

    Args:
        home: The root of the original repository.

    Yields:
        Each; what is no such note is passed over.
    """
    for path in sorted(_folder(home).glob("[0-9a-f]*")):
        try:
            yield OpenRun(**read_json(path, made_by="run"))
        except (ArtifactError, TypeError):
            continue


def end_dead_runs(store: Store) -> None:
    """Mark the runs KILLED that dead processes of this project left RUNNING; a store that refuses is asked next time.

    Args:
        store: Where they are kept.
    """
    for run in noted(store.home):
        if run.store == store.fingerprint and processes.is_dead(run.process):
            try:
                _end(store, run)
            except store_errors() as error:
                if getattr(error, "error_code", None) != ABSENT:
                    continue
            _note(store.home, run.run_id).unlink(missing_ok=True)


def _end(store: Store, run: OpenRun) -> None:
    stored = store.client.get_run(run.run_id)
    status = FINISHED if COMPLETE in stored.data.tags else KILLED
    # One that has ended was stopped while the last of it was on its way.
    if stored.info.status in {RUNNING, FINISHED} and stored.info.status != status:
        store.client.set_terminated(run.run_id, status)
        logger.info(
            "tracking: run %s (%s) was left by a process that is gone: %s", run.name, run.run_id[:SHORT], status
        )


def _note(home: Path, run_id: str) -> Path:
    return _folder(home) / run_id


def _folder(home: Path) -> Path:
    return home / ".cache" / "tracking" / "open"
