"""The thread of a run that delivers what it logs, so that training waits for no store."""

from __future__ import annotations

import atexit
import logging
import threading
import time
from typing import TYPE_CHECKING, ClassVar

from reprodx.interruption import is_asked
from reprodx.tracking.connection import one_line

if TYPE_CHECKING:
    from reprodx.tracking.delivery import Delivery

logger = logging.getLogger(__name__)

FLUSH_SECONDS = 10.0
"""Points of quicker epochs than this are sent together: MLflow takes 4 ms for the smallest batch."""
MANY_POINTS = 1000
"""Of these the thread is told at once."""
FIRST_PAUSE, LONGEST_PAUSE = 0.5, 3.0
"""Seconds between a failure and the next try, at first and at the most."""
FAILING_SECONDS = 15.0
"""How long a store may fail without a break until the end of a run no longer waits for it."""
STUCK_SECONDS = 60.0
"""How long the end of a run waits for a store that neither takes an event nor fails."""
INTERRUPTED_SECONDS = 3.0
"""How long an interrupted run waits: who interrupted it may kill it soon."""
TOLD_AFTER = 5.0
"""Seconds after which it is said what is waited for."""


class Courier:
    """Delivers the events of a run in a thread of its own, until the run has ended and the store has all."""

    of_runs: ClassVar[dict[str, Courier]] = {}
    """Those of this process that have not delivered all, by their run's id."""

    def __init__(self, delivery: Delivery) -> None:
        """Begin to deliver; the thread starts with the first event."""
        Courier.of_runs[delivery.spool.run_id] = self
        self.spool = delivery.spool
        self._delivery = delivery
        self._ending = threading.Lock()
        self._thread = threading.Thread(target=self._work, name="tracking", daemon=True)
        self._wake = threading.Event()
        self._is_working = False
        self._has_ended = False
        self._num_points = 0
        self._moved_at = time.monotonic()
        self._failing_since: float | None = None
        self.reason = ""
        """Why the store failed last, in a line; empty while it does not."""

    @classmethod
    def of_run(cls, run_id: str) -> Courier | None:
        """Return the one that this process has of a run, to be gone on with; None where there is none."""
        courier = cls.of_runs.get(run_id)
        if courier is None:
            return None
        with courier._ending:
            courier._has_ended = False
            return cls.of_runs.get(run_id)

    @property
    def num_waiting(self) -> int:
        """How many events the store has not got yet."""
        return len(self.spool)

    def add(self, kind: str, content: object) -> None:
        """Log an event: it is on disk when this returns.

        Args:
            kind: See `Delivery`.
            content: See `Spool.add`.
        """
        self.spool.add(kind, content)
        self._num_points += 1
        if not self._is_working:
            self._is_working = True
            self._thread.start()
        if kind != "points" or self._num_points >= MANY_POINTS:
            self._num_points = 0
            self._wake.set()

    def finish(self, *, is_interrupted: bool) -> int:
        """Let the thread deliver what is left and end, and wait for it as long as there is hope.

        Args:
            is_interrupted: Whether there is no time.

        Returns:
            How many events the store has not got; the thread goes on with them while the process lasts.
        """
        self._has_ended = True
        self._wake.set()
        start, is_told = time.monotonic(), False
        while self._thread.is_alive() and not self._is_hopeless(start, is_interrupted=is_interrupted):
            self._thread.join(0.05)
            # Without one the thread has but to end.
            if not is_told and (left := len(self.spool)) and time.monotonic() - start > TOLD_AFTER:
                is_told = True
                logger.info("tracking: waiting for the store to take %d events", left)
        return len(self.spool)

    def settle(self) -> None:
        """Wait, as long as there is hope, until the store has what was logged so far; the run may go on."""
        self._wake.set()
        start = time.monotonic()
        while self.num_waiting and self._is_working and not self._is_hopeless(start, is_interrupted=False):
            time.sleep(0.01)

    def _is_hopeless(self, start: float, *, is_interrupted: bool) -> bool:
        now = time.monotonic()
        if (is_interrupted or is_asked()) and now - start >= INTERRUPTED_SECONDS:
            return True
        if self._failing_since is not None and now - self._failing_since >= FAILING_SECONDS:
            return True
        return now - max(start, self._moved_at) >= STUCK_SECONDS

    def _work(self) -> None:
        pause = 0.0
        while not self._is_done():
            if pause:
                time.sleep(pause)
            else:
                self._wake.wait(FLUSH_SECONDS)
            self._wake.clear()
            try:
                while self._delivery.deliver_next():
                    self._moved_at = time.monotonic()
                    self._note_success()
                pause = 0.0
            except Exception as error:  # noqa: BLE001 - clients of stores raise errors of their own, and a run goes on
                self._note_failure(error)
                pause = min(max(FIRST_PAUSE, 2 * pause), LONGEST_PAUSE)

    def _is_done(self) -> bool:
        """Close the spool where the run has ended and the store has all of it; tell whether that is so."""
        with self._ending:
            if not self._has_ended or self.num_waiting:
                return False
            del Courier.of_runs[self.spool.run_id]
            self.spool.close()
            return True

    def _note_failure(self, error: BaseException) -> None:
        self.reason = one_line(error)
        if self._failing_since is None:
            self._failing_since = time.monotonic()
            logger.warning("tracking: the store fails (%s); what is logged waits on disk until it is back", self.reason)

    def _note_success(self) -> None:
        if self._failing_since is not None:
            self._failing_since = None
            logger.info("tracking: the store is back")


@atexit.register
def say_undelivered() -> None:
    """Say as the last line of a process what no store has got of its runs, and how it gets there."""
    waiting = [left for courier in Courier.of_runs.values() if (left := courier.num_waiting)]
    if waiting:
        logger.warning(
            "tracking: %d events of %d run(s) are not delivered; they wait on disk, and the next command here delivers "
            "them, or `reprodx track --pending`",
            sum(waiting),
            len(waiting),
        )
