"""One run in the store: everything is written through here, and a store that dies takes nothing with it."""

from __future__ import annotations

import functools
import logging
import time
from typing import TYPE_CHECKING, Concatenate, ParamSpec, Self

from reprodx.tracking.connection import one_line, store_errors
from reprodx.tracking.names import curve, key

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path
    from types import TracebackType

    import numpy as np
    from mlflow import MlflowClient
    from mlflow.entities import Metric
    from numpy.typing import NDArray

    from reprodx.artifacts.locations import Locations
    from reprodx.tracking.store import Store

logger = logging.getLogger(__name__)

FLUSH_SECONDS = 10.0
"""Epochs that are quicker than this share a batch: MLflow takes 4 ms for the shortest one."""
MAX_METRICS, MAX_PARAMS = 1000, 100
"""What MLflow takes in one batch."""

Arguments = ParamSpec("Arguments")


def _never_fatal(
    method: Callable[Concatenate[Run, Arguments], None],
) -> Callable[Concatenate[Run, Arguments], None]:
    """Make a method of `Run` do nothing without a store, and fall silent for good after the first failure."""

    @functools.wraps(method)
    def guarded(self: Run, /, *args: Arguments.args, **kwargs: Arguments.kwargs) -> None:
        if self.store is None or self.failed:
            return
        try:
            method(self, *args, **kwargs)
        except store_errors() as error:
            self.failed = True
            logger.warning(
                "tracking: %s failed (%s); this run is tracked no further, and its files are kept: %s",
                method.__name__,
                one_line(error),
                self.remedy,
            )

    return guarded


class Run:
    """A run that is being logged; used as a context it ends as finished, failed or killed.

    Without a store (`tracking=none`) every method does nothing. No method raises when the store fails.
    """

    def __init__(
        self,
        store: Store | None = None,
        run_id: str | None = None,
        *,
        experiment: str = "",
        remedy: str = "`reprodx track` logs them later",
    ) -> None:
        """Stand for a run that exists in the store, or for none.

        Args:
            store: Where it is kept; None tracks nothing.
            run_id: MLflow's id; None where nothing is tracked.
            experiment: MLflow's experiment.
            remedy: What to do where the store fails, for the message.
        """
        self.store = store
        self.run_id = run_id
        self.experiment = experiment
        self.remedy = remedy
        self.failed = False
        """Whether the store failed, so that the run is incomplete."""
        self._metrics: list[Metric] = []
        self._flushed_at = time.monotonic()

    def __enter__(self) -> Self:
        """Return the run itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Finish the run with the status that fits how the block ended."""
        interrupted = kind is not None and not issubclass(kind, Exception)
        self.finish("KILLED" if interrupted else "FINISHED" if kind is None else "FAILED")

    @_never_fatal
    def log_params(self, params: Mapping[str, str]) -> None:
        """Log parameters; MLflow refuses to change one that is there.

        Args:
            params: Names and values, see `names.flat_params`.
        """
        from mlflow.entities import Param

        entries = [Param(name, value) for name, value in params.items()]
        for start in range(0, len(entries), MAX_PARAMS):
            self._client.log_batch(self.run_id, params=entries[start : start + MAX_PARAMS])

    @_never_fatal
    def set_tags(self, tags: Mapping[str, str]) -> None:
        """Set tags, such as `reprodx.config_hash`."""
        from mlflow.entities import RunTag

        self._client.log_batch(self.run_id, tags=[RunTag(name, value) for name, value in tags.items()])

    @_never_fatal
    def log_epoch(self, epoch: int, metrics: Mapping[str, float]) -> None:
        """Log one point of each curve; points are written in batches.

        Args:
            epoch: The step of the curve, from 1.
            metrics: Values by name; `val/loss` is logged as `curve/val_loss`, apart from the final scores.
        """
        self._buffer({curve(name): value for name, value in metrics.items()}, step=epoch)
        if len(self._metrics) >= MAX_METRICS or time.monotonic() - self._flushed_at >= FLUSH_SECONDS:
            self._flush()

    @_never_fatal
    def log_metrics(self, metrics: Mapping[str, float]) -> None:
        """Log final values by name, such as `test/auroc`."""
        self._buffer(metrics, step=0)
        self._flush()

    @_never_fatal
    def log_file(self, path: Path, folder: str | None = None) -> None:
        """Log a file, or a folder with all that is in it, as an artifact; an absent one is passed over.

        Args:
            path: The file.
            folder: Of the run's artifacts that it goes to; None for the outermost.
        """
        if path.exists():
            self._client.log_artifact(self.run_id, str(path), folder)

    @_never_fatal
    def log_text(self, text: str, name: str) -> None:
        """Log text as an artifact called `name`."""
        self._client.log_text(self.run_id, text, name)

    @_never_fatal
    def log_picture(self, picture: NDArray[np.uint8], name: str) -> None:
        """Log a picture, shape (height, width, 3), as an artifact called `name`, a PNG."""
        self._client.log_image(self.run_id, picture, name)

    @_never_fatal
    def log_dataset(self, manifest: Mapping[str, object]) -> None:
        """Log which data were used, for training, validation and test: names, counts and hashes, no rows.

        Args:
            manifest: The manifest of the prepared cases.
        """
        from reprodx.tracking.dataset import dataset_input

        self._client.log_inputs(self.run_id, datasets=[dataset_input(self.experiment, manifest)])

    @_never_fatal
    def log_model(self, locations: Locations) -> None:
        """Log the model so that `mlflow.pyfunc.load_model` takes a raw table and gives probabilities.

        Args:
            locations: Where the transforms and the model are.
        """
        from reprodx.tracking.served_model import log_served_model

        log_served_model(self._client, self._client.get_run(self.run_id), locations)

    @_never_fatal
    def finish(self, status: str = "FINISHED") -> None:
        """Write what is buffered and close the run.

        Args:
            status: `FINISHED`, `FAILED` or `KILLED`.
        """
        self._flush()
        self._client.set_terminated(self.run_id, status)

    @property
    def _client(self) -> MlflowClient:
        assert self.store is not None, "guarded methods run with a store"
        return self.store.client

    def _buffer(self, metrics: Mapping[str, float], step: int) -> None:
        from mlflow.entities import Metric

        now_ms = time.time_ns() // 1_000_000
        self._metrics += [Metric(key(name), float(value), now_ms, step) for name, value in metrics.items()]

    def _flush(self) -> None:
        for start in range(0, len(self._metrics), MAX_METRICS):
            self._client.log_batch(self.run_id, metrics=self._metrics[start : start + MAX_METRICS])
        self._metrics.clear()
        self._flushed_at = time.monotonic()
