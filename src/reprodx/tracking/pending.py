"""What earlier commands logged and no store has got: delivered by the next one that opens the store."""

from __future__ import annotations

import logging
import time
from typing import TYPE_CHECKING, NamedTuple

from reprodx.errors import TrackingError
from reprodx.tracking.connection import one_line
from reprodx.tracking.delivery import Delivery
from reprodx.tracking.names import ABSENT, SHORT
from reprodx.tracking.spool import BusyError, Spool

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from mlflow import MlflowClient

logger = logging.getLogger(__name__)

_SAID: set[str] = set()
"""Why events wait still, as this process has said it."""
OF_SPOOL = {".db", ".lock", ""}
"""Suffixes of what belongs to a run in the folder of spools."""

LOST = (
    "the store has no such run: bring the database back that had it, or remove what is called like the run in "
    ".cache/tracking/spool"
)
"""Said of a run that was removed for good, or whose database was replaced by another of that name."""


class Left(NamedTuple):
    """What of one run was left by an earlier command."""

    run_id: str
    num_delivered: int
    num_waiting: int
    reason: str
    """Why events wait still; empty where none do."""

    def __str__(self) -> str:
        """Say in a line what waits and why."""
        return f"{self.num_waiting} events of run {self.run_id[:SHORT]} wait still ({self.reason})"


def deliver_left(
    client: MlflowClient, folder: Path, store: str, *, is_served: bool, seconds: float | None, only: str | None = None
) -> list[Left]:
    """Deliver what processes that have ended left in their spools.

    Args:
        client: Of the store.
        folder: Of the spools.
        store: What the store is known by; events for another one are left.
        is_served: Whether a server is between.
        seconds: After which no more is begun; None for all.
        only: A run's id; None for all of them.

    Returns:
        What was delivered and what still waits, of each run that had anything; runs that are being written are not.
    """
    end = time.monotonic() + (float("inf") if seconds is None else seconds)
    found = []
    for run_id in _run_ids(folder) if only is None else [only]:
        try:
            with Spool(folder, run_id, store, "", seconds=0) as spool:
                found.append(_deliver(spool, client, store, is_served=is_served, end=end))
        except BusyError:
            continue
        except TrackingError as error:
            logger.warning("tracking: %s", error)
    return [left for left in found if left.num_delivered or left.num_waiting]


def say_left(left: Sequence[Left]) -> None:
    """Say what was delivered, and why the rest waits: each reason once in a process."""
    if delivered := sum(run.num_delivered for run in left):
        logger.info("tracking: delivered %d events that an earlier command had left", delivered)
    waiting: dict[str, list[Left]] = {}
    for run in left:
        if run.num_waiting:
            waiting.setdefault(run.reason, []).append(run)
    for reason, runs in waiting.items():
        # Each trial of a sweep opens the store.
        if reason not in _SAID:
            _SAID.add(reason)
            num_events = sum(run.num_waiting for run in runs)
            logger.warning("tracking: %d events of %d run(s) wait still (%s)", num_events, len(runs), reason)


def _run_ids(folder: Path) -> Iterator[str]:
    names = folder.iterdir() if folder.is_dir() else ()
    return iter(sorted({path.stem for path in names if path.suffix in OF_SPOOL}))


def _deliver(spool: Spool, client: MlflowClient, store: str, *, is_served: bool, end: float) -> Left:
    before = len(spool)
    if spool.store != store:
        return Left(spool.run_id, 0, before, f"they are for {spool.address}: set MLFLOW_TRACKING_URI to it")
    delivery = Delivery(client, spool, is_new=False, is_served=is_served)
    reason = "there was no time for them"
    try:
        while time.monotonic() < end and delivery.deliver_next():
            pass
    except Exception as error:  # noqa: BLE001 - as in the thread of a run
        reason = LOST if getattr(error, "error_code", None) == ABSENT else one_line(error)
    return Left(spool.run_id, before - len(spool), len(spool), reason)
