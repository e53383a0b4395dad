"""A comparison as a run of its own, linked with the runs that it compared, in both directions."""

from __future__ import annotations

import logging
import re
from typing import TYPE_CHECKING

from reprodx.errors import TrackingError
from reprodx.tracking.names import COMPARISON, KIND, SHORT, SOURCE, SOURCE_TYPE, SPLIT_HASH, TAG_PREFIX
from reprodx.tracking.run import Run

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from mlflow.entities import Run as StoredRun

    from reprodx.tracking.store import Store

logger = logging.getLogger(__name__)

COMPARED, COMPARED_IN = f"{TAG_PREFIX}compared", f"{TAG_PREFIX}compared_in"
"""The tags that name the runs of a comparison, and the comparisons of a run: ids, separated by commas."""
VERDICT = f"{TAG_PREFIX}verdict"
"""The tag of what was found, in words."""
NOTE = "mlflow.note.content"
"""The tag that MLflow shows as a run's description, in Markdown."""
MAX_IDS = 200
"""Ids in a tag, which MLflow cuts at 8000 characters."""
MAX_LINKS, MAX_LINK_NAME, MAX_VERDICT = 30, 80, 1000
"""Runs that the note links, characters of their names, and characters of the verdict in it, for the same reason."""
MAX_NAME = 200
"""Characters of the run's name; databases take 250."""


def log_comparison(
    store: Store,
    *,
    experiment: str,
    name: str,
    run_ids: Sequence[str],
    params: Mapping[str, str],
    metrics: Mapping[str, float],
    tags: Mapping[str, str],
    files: Sequence[Path],
) -> str | None:
    """Log a comparison as a run, and note in each run that it compared where it was compared.

    Args:
        store: Where the compared runs are.
        experiment: That of the compared runs.
        name: How the run is listed, after the word `compare`.
        run_ids: Of the compared runs; files of predictions have none.
        params: How the comparison was made.
        metrics: What it found, finite numbers.
        tags: Such as `VERDICT`; they win over those that are set here.
        files: What was written, such as the report.

    Returns:
        The id of the run. None where the store failed: that is logged as a warning, and the files are where they were.
    """
    listed_as = f"compare {name}"[:MAX_NAME]
    try:
        with store.refusing("logging the comparison"):
            compared = [store.client.get_run(run_id) for run_id in dict.fromkeys(run_ids)]
            set_here = {**_own_tags(compared), NOTE: _note(compared, tags.get(VERDICT, ""))}
        run_id = store.create_run(experiment, listed_as, {**set_here, **tags})
    except TrackingError as error:
        logger.warning("tracking: %s; the comparison's files are kept", error)
        return None
    with Run(store, run_id, experiment=experiment, is_new=True) as run:
        run.log_params(params)
        run.log_metrics(metrics)
        for path in files:
            run.log_file(path)
        _link(run, compared)
    logger.info("tracking: run %s (%s) of %s in %s", listed_as, run_id, experiment, store)
    return run_id


def _link(run: Run, compared: Sequence[StoredRun]) -> None:
    """Note the comparison in each compared run; the oldest notes give way where a tag is full."""
    for stored in compared:
        before = [one for one in stored.data.tags.get(COMPARED_IN, "").split(",") if one]
        run.set_tags({COMPARED_IN: ",".join([*before, str(run.run_id)][-MAX_IDS:])}, of=stored.info.run_id)


def _own_tags(compared: Sequence[StoredRun]) -> dict[str, str]:
    ids = [stored.info.run_id for stored in compared]
    splits = {stored.data.tags.get(SPLIT_HASH) for stored in compared}
    split = next(iter(splits)) if len(splits) == 1 else None
    return {
        KIND: COMPARISON,
        COMPARED: ",".join(ids[:MAX_IDS]),
        SOURCE: "reprodx",
        SOURCE_TYPE: "LOCAL",
        **({SPLIT_HASH: split} if split else {}),
    }


def _note(compared: Sequence[StoredRun], verdict: str) -> str:
    """Return what MLflow shows of the run, with links that its pages follow."""
    links = [
        f"- [{_plain(stored.info.run_name)} ({stored.info.run_id[:SHORT]})]"
        f"(#/experiments/{stored.info.experiment_id}/runs/{stored.info.run_id})"
        for stored in compared[:MAX_LINKS]
    ]
    more = [f"- and {len(compared) - MAX_LINKS} more: see the tag `{COMPARED}`"] if len(compared) > MAX_LINKS else []
    found = [f"**{verdict[:MAX_VERDICT]}**", ""] if verdict else []
    return "\n".join([*found, "Compared on the same cases:", "", *links, *more, "", "The report is an artifact."])


def _plain(name: str | None) -> str:
    """Return a run's name without what Markdown and HTML take for more than text."""
    return re.sub(r"[^\w .,:=+-]", "", name or "")[:MAX_LINK_NAME]
