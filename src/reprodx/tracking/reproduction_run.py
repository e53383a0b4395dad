"""A reproduction as a run of its own, linked with the run that was made again, in both directions."""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from reprodx.errors import TrackingError
from reprodx.tracking.connection import store_errors
from reprodx.tracking.names import ABSENT, KIND, REPRODUCTION, SOURCE, SOURCE_TYPE, TAG_PREFIX
from reprodx.tracking.run import Run

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from reprodx.tracking.store import Store

logger = logging.getLogger(__name__)

REPRODUCES, VERDICT = f"{TAG_PREFIX}reproduces", f"{TAG_PREFIX}verdict"
"""Tags of a reproduction: the run that it made again, and what came out."""
REPRODUCED, REPRODUCED_AT, REPRODUCED_BY = (
    f"{TAG_PREFIX}{name}" for name in ("reproduced", "reproduced_at", "reproduced_by")
)
"""Tags of the run that was made again: the newest verdict, when, and the run that holds it."""
NOTE = "mlflow.note.content"
"""The tag that MLflow shows as a run's description."""
MAX_TAG = 1000
"""Characters of a reason in a tag."""


def log_reproduction(
    store: Store,
    *,
    run_id: str,
    name: str,
    experiment: str,
    verdict: str,
    reason: str,
    metrics: Mapping[str, float],
    files: Sequence[Path],
) -> str | None:
    """Log a reproduction as a run, and note in the run that was made again what came out.

    It has neither the tags nor the scores by which searches find experiments.

    Args:
        store: Where the run is.
        run_id: Of the run that was made again.
        name: Of the same.
        experiment: Of the same.
        verdict: In a word.
        reason: In a sentence.
        metrics: What was found, finite numbers.
        files: What was written, such as the statement.

    Returns:
        The id of the run. None where the store failed: that is logged as a warning.
    """
    listed_as = f"reproduce {name}"
    tags = {
        KIND: REPRODUCTION,
        REPRODUCES: run_id,
        VERDICT: verdict,
        NOTE: f"**{verdict}** {reason[:MAX_TAG]}",
        SOURCE: "reprodx",
        SOURCE_TYPE: "LOCAL",
    }
    try:
        own_id = store.create_run(experiment, listed_as, tags)
    except TrackingError as error:
        logger.warning("tracking: %s; the statement is kept", error)
        return None
    with Run(store, own_id, experiment=experiment, is_new=True) as run:
        run.log_metrics(metrics)
        for path in files:
            run.log_file(path)
        # A bundle brings a run that another store holds.
        if not _is_absent(store, run_id):
            now = datetime.now(UTC).isoformat(timespec="seconds")
            run.set_tags({REPRODUCED: verdict, REPRODUCED_AT: now, REPRODUCED_BY: own_id}, of=run_id)
    logger.info("tracking: run %s (%s) of %s in %s", listed_as, own_id, experiment, store)
    return own_id


def _is_absent(store: Store, run_id: str) -> bool:
    try:
        store.client.get_run(run_id)
    except store_errors() as error:
        return getattr(error, "error_code", None) == ABSENT
    return False
