"""Signs of life of a running trial, which tell other machines that its process is there.

They do not hang on epochs: cases are prepared, trees are grown and predictions made without any.
"""

from __future__ import annotations

import logging
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

from reprodx.sweep.search.study import give_sign

if TYPE_CHECKING:
    from collections.abc import Iterator

    from optuna.trial import Trial

MOST_SECONDS = 60.0
"""Between two signs."""
SIGNS_BEFORE_DEAD = 4
"""That must be missing before a trial counts as dead."""

logger = logging.getLogger(__name__)


@contextmanager
def giving_signs(trial: Trial, dead_after: float) -> Iterator[None]:
    """Give signs of life from a thread while a trial runs.

    Args:
        trial: The running one.
        dead_after: Seconds without a sign after which others take it for dead.

    Yields:
        Nothing.
    """
    is_over = threading.Event()
    seconds = min(MOST_SECONDS, dead_after / SIGNS_BEFORE_DEAD)
    thread = threading.Thread(target=_give, args=(trial, seconds, is_over), daemon=True)
    thread.start()
    try:
        yield
    finally:
        is_over.set()
        thread.join()


def _give(trial: Trial, seconds: float, is_over: threading.Event) -> None:
    from optuna.exceptions import StorageInternalError, UpdateFinishedTrialError

    while not is_over.wait(seconds):
        try:
            give_sign(trial)
        except UpdateFinishedTrialError:
            return
        except StorageInternalError as error:
            # The next sign may come through; the trial goes on meanwhile.
            logger.warning("trial %d: its storage took no sign of life (%s)", trial.number, type(error).__name__)
