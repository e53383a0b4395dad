"""How what waits in a spool reaches the store: in order, and the same however often it is sent.

An answer may be lost after the store did what it was asked, and a process may be killed between an answer and the note
that it came. So everything is sent such that a second time changes nothing: MLflow itself drops a point that it has
with the same time, a file replaces itself, and what MLflow would double is looked for first.
"""

from __future__ import annotations

import logging
from pathlib import Path
from typing import TYPE_CHECKING, Any

from reprodx.errors import TrackingError
from reprodx.tracking.connection import is_refusal, one_line
from reprodx.tracking.dataset import dataset_input
from reprodx.tracking.logged_model import log_model

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from mlflow import MlflowClient
    from mlflow.entities import Metric

    from reprodx.tracking.spool import Event, Spool

logger = logging.getLogger(__name__)

MAX_METRICS, MAX_PARAMS = 1000, 100
"""What MLflow takes in one batch."""
MAX_EVENTS = 1000
"""Events that are read at once."""
UPLOADING = ".artifact.uploading."
"""How MLflow's own temporary files begin, which it leaves among a run's files on this machine where it is killed."""


class Delivery:
    """Sends the events of one run to its store."""

    def __init__(self, client: MlflowClient, spool: Spool, *, is_new: bool, is_served: bool) -> None:
        """Send what is in a spool, without sending it yet.

        Args:
            client: Of the store.
            spool: Of the run.
            is_new: Whether this process made the run, so that the store has nothing of it that is not known here.
            is_served: Whether a server is between, whose answers may be another's.
        """
        self.spool = spool
        self._client = client
        self._is_served = is_served
        self._may_have_halves = not is_new and not is_served
        self._latest: dict[str, float] | None = {} if is_new else None
        self._steps: dict[str, set[int]] = {}
        self._kinds: dict[str, Callable[[Sequence[Event]], None]] = {
            "params": self._send_params,
            "tags": self._send_tags,
            "points": self._send_points,
            "scores": self._send_scores,
            "files": self._send_files,
            "dataset": self._send_dataset,
            "model": self._send_model,
            "status": self._send_status,
        }

    def deliver_next(self) -> bool:
        """Send the oldest events, as many as are of one kind; what the store will never take is said and left out.

        Returns:
            Whether there was anything to send.
        """
        events = self.spool.oldest(MAX_EVENTS)
        if not events:
            return False
        try:
            self._kinds[events[0].kind](events)
        except Exception as error:
            if not is_refusal(error, is_served=self._is_served):
                raise
            logger.warning("tracking: the store refuses %s of a run (%s)", events[0].kind, one_line(error))
        self.spool.forget(events)
        return True

    def _send_params(self, events: Sequence[Event]) -> None:
        from mlflow.entities import Param

        entries = [Param(name, value) for event in events for name, value in event.content.items()]
        for part in _parts(entries, MAX_PARAMS):
            self._client.log_batch(self.spool.run_id, params=part)

    def _send_tags(self, events: Sequence[Event]) -> None:
        from mlflow.entities import RunTag

        for event in events:
            tags = [RunTag(name, value) for name, value in event.content["tags"].items()]
            self._client.log_batch(event.content["run_id"], tags=tags)

    def _send_points(self, events: Sequence[Event]) -> None:
        """Send points of curves; of an epoch that was logged twice, as by a resumed training, the first one counts."""
        new: dict[tuple[str, int], Sequence[Any]] = {}
        for name, value, time, step in (point for event in events for point in event.content):
            if step not in self._steps_of(name):
                new.setdefault((name, step), (name, value, time, step))
        self._send_metrics(list(new.values()))
        for name, step in new:
            self._steps[name].add(step)

    def _send_scores(self, events: Sequence[Event]) -> None:
        """Send final values; one that the store has as its latest is not sent again."""
        for event in events:
            latest = self._latest_values()
            new = [entry for entry in event.content if latest.get(entry[0]) != entry[1]]
            self._send_metrics([self._after_latest(entry) if entry[0] in latest else entry for entry in new])
            latest.update({name: value for name, value, _, _ in new})

    def _after_latest(self, entry: Sequence[Any]) -> Sequence[Any]:
        """Return a score as later than what the store has: MLflow goes by the clock, which may have been set back."""
        name, value, time, step = entry
        times = {point.timestamp for point in self._client.get_metric_history(self.spool.run_id, name)}
        # One that it has already, such as a NaN that is sent again, stays the same.
        return entry if time in times or not times else (name, value, max(time, max(times) + 1), step)

    def _send_metrics(self, entries: Sequence[Sequence[Any]]) -> None:
        from mlflow.entities import Metric

        metrics: list[Metric] = [Metric(*entry) for entry in entries]
        for part in _parts(metrics, MAX_METRICS):
            self._client.log_batch(self.spool.run_id, metrics=part)

    def _send_files(self, events: Sequence[Event]) -> None:
        if self._may_have_halves:
            _remove_halves(self._client.get_run(self.spool.run_id).info.artifact_uri)
            self._may_have_halves = False
        for event in events:
            here = [(folder, self.spool.files / kept) for folder, kept in event.content]
            for folder, path in here:
                self._client.log_artifact(self.spool.run_id, str(path), folder)
            if self._is_served:
                self._refuse_lost(here)

    def _send_dataset(self, events: Sequence[Event]) -> None:
        for event in events:
            inputs = [dataset_input(event.content["name"], event.content["manifest"])]
            self._client.log_inputs(self.spool.run_id, datasets=inputs)

    def _send_model(self, events: Sequence[Event]) -> None:
        for event in events:
            log_model(self._client, self.spool.run_id, self.spool.files / event.content, is_served=self._is_served)

    def _send_status(self, events: Sequence[Event]) -> None:
        for event in events:
            self._client.set_terminated(self.spool.run_id, event.content["status"], event.content["time_ms"])

    def _refuse_lost(self, sent: Sequence[tuple[str | None, Path]]) -> None:
        """Look whether files are there: the page of a network that asks for a login is an answer without an error."""
        for folder in {folder for folder, _ in sent}:
            there = {file.path: file.file_size for file in self._client.list_artifacts(self.spool.run_id, folder)}
            for name, size in ((path.name, path.stat().st_size) for of, path in sent if of == folder):
                if there.get(f"{folder}/{name}" if folder else name, -1) not in {None, size}:
                    raise TrackingError(f"{name} was sent, and the store does not have it")

    def _latest_values(self) -> dict[str, float]:
        if self._latest is None:
            self._latest = dict(self._client.get_run(self.spool.run_id).data.metrics)
        return self._latest

    def _steps_of(self, name: str) -> set[int]:
        if name not in self._steps:
            is_there = name in self._latest_values()
            history = self._client.get_metric_history(self.spool.run_id, name) if is_there else []
            self._steps[name] = {point.step for point in history}
        return self._steps[name]


def _remove_halves(artifact_uri: str) -> None:
    """Remove what an earlier process was sending when it was killed, which is sent again under a name of its own."""
    from mlflow.store.artifact.artifact_repository_registry import get_artifact_repository
    from mlflow.store.artifact.local_artifact_repo import LocalArtifactRepository

    repository = get_artifact_repository(artifact_uri)
    if isinstance(repository, LocalArtifactRepository):
        for half in Path(repository.artifact_dir).rglob(f"{UPLOADING}*"):
            half.unlink()


def _parts(entries: Sequence[Any], most: int) -> Iterator[Sequence[Any]]:
    for start in range(0, len(entries), most):
        yield entries[start : start + most]
