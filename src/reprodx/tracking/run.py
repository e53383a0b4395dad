"""One run in the store: what is logged is on disk at once, and in the store when the store takes it."""

from __future__ import annotations

import io
import logging
import time
from pathlib import Path
from typing import TYPE_CHECKING, Self

from reprodx.artifacts.files import sync, sync_all
from reprodx.errors import Pruned
from reprodx.tracking.connection import one_line, store_errors
from reprodx.tracking.courier import Courier
from reprodx.tracking.dataset import OF_MANIFEST
from reprodx.tracking.delivery import Delivery
from reprodx.tracking.names import PRUNED, SHORT, curve, key

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from types import TracebackType

    import numpy as np
    from numpy.typing import NDArray

    from reprodx.artifacts.locations import Locations
    from reprodx.tracking.store import Store

logger = logging.getLogger(__name__)


class Run:
    """A run that is being logged; used as a context it ends as finished, failed or killed.

    Without a store (`tracking=none`) every method does nothing. No method waits for the store, or raises when it
    fails, save that `finish` waits for a while.
    """

    def __init__(
        self, store: Store | None = None, run_id: str | None = None, *, experiment: str = "", is_new: bool = False
    ) -> None:
        """Stand for a run that exists in the store, or for none.

        Args:
            store: Where it is kept; None tracks nothing.
            run_id: MLflow's id; None where nothing is tracked.
            experiment: MLflow's experiment.
            is_new: Whether this process has just made it.

        Raises:
            TrackingError: If another process writes the run.
        """
        self.store = store
        self.run_id = run_id
        self.experiment = experiment
        self._courier = None
        if store is not None and run_id is not None:
            self._courier = Courier.of_run(run_id) or Courier(
                Delivery(store.client, store.spool(run_id), is_new=is_new, is_served=store.is_served)
            )

    def __enter__(self) -> Self:
        """Return the run itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Finish the run with the status that fits how the block ended."""
        if kind is not None and issubclass(kind, Pruned):
            self.set_tags({PRUNED: "true"})
        interrupted = kind is not None and not issubclass(kind, Exception)
        self.finish("KILLED" if interrupted else "FINISHED" if kind is None else "FAILED")

    def log_params(self, params: Mapping[str, str]) -> None:
        """Log parameters; MLflow refuses to change one that is there.

        Args:
            params: Names and values, see `names.flat_params`.
        """
        self._add("params", dict(params))

    def set_tags(self, tags: Mapping[str, str], *, of: str | None = None) -> None:
        """Set tags, such as `reprodx.config_hash`.

        Args:
            tags: Names and values.
            of: Another run that this one is linked with; None for this one.
        """
        self._add("tags", {"run_id": of or self.run_id, "tags": dict(tags)})

    def log_epoch(self, epoch: int, metrics: Mapping[str, float]) -> None:
        """Log one point of each curve; one that a resumed training repeats is one point.

        Args:
            epoch: The step of the curve, from 1.
            metrics: Values by name; `val/loss` is logged as `curve/val_loss`, apart from the final scores.
        """
        self._add("points", _entries({curve(name): value for name, value in metrics.items()}, epoch))

    def log_metrics(self, metrics: Mapping[str, float]) -> None:
        """Log final values by name, such as `test/auroc`."""
        self._add("scores", _entries(metrics, 0))

    def log_file(self, path: Path, folder: str | None = None) -> None:
        """Log a file, or a folder with all that is in it, as an artifact; an absent one is passed over.

        Args:
            path: The file; behind a link, what it leads to.
            folder: Of the run's artifacts that it goes to; None for the outermost.
        """
        if self._courier is not None and (files := _files_of(path, folder)):
            self._add("files", [(to, self._courier.spool.keep_file(file)) for to, file in files])

    def log_text(self, text: str, name: str) -> None:
        """Log text as an artifact called `name`."""
        self._log_bytes(text.encode(), name)

    def log_picture(self, picture: NDArray[np.uint8], name: str) -> None:
        """Log a picture, shape (height, width, 3), as an artifact called `name`, a PNG."""
        if self._courier is not None:
            from PIL import Image

            content = io.BytesIO()
            Image.fromarray(picture).save(content, "PNG")
            self._log_bytes(content.getvalue(), name)

    def log_dataset(self, manifest: Mapping[str, object]) -> None:
        """Log which data were used, for training, validation and test: names, counts and hashes, no rows.

        Args:
            manifest: The manifest of the prepared cases.
        """
        known = {name: manifest[name] for name in OF_MANIFEST}
        self._add("dataset", {"name": self.experiment, "manifest": known})

    def log_model(self, locations: Locations) -> None:
        """Log the model so that `mlflow.pyfunc.load_model` takes a raw table and gives probabilities.

        Args:
            locations: Where the transforms and the model are.
        """
        if self._courier is None:
            return
        from reprodx.tracking.served_model import save_served_model

        folder = self._courier.spool.keep_folder()
        try:
            save_served_model(folder, locations, str(self.run_id))
            # It must not be noted as there and be lost with the power.
            sync_all(folder)
            sync(folder.parent)
        except store_errors() as error:
            logger.warning("tracking: the model is not logged and stays in %s (%s)", locations.models, one_line(error))
        else:
            self._add("model", folder.name)

    def finish(self, status: str = "FINISHED") -> None:
        """Close the run, and wait a while for the store to take what it has not taken yet.

        Args:
            status: `FINISHED`, `FAILED` or `KILLED`.
        """
        if self._courier is None:
            return
        self._add("status", {"status": status, "time_ms": time.time_ns() // 1_000_000})
        courier, self._courier = self._courier, None
        if left := courier.finish(is_interrupted=status == "KILLED"):
            reason = courier.reason or "the store is slow"
            logger.warning("tracking: %d events of run %s wait on disk (%s)", left, str(self.run_id)[:SHORT], reason)

    def _add(self, kind: str, content: object) -> None:
        if self._courier is not None:
            self._courier.add(kind, content)

    def _log_bytes(self, content: bytes, name: str) -> None:
        if self._courier is not None:
            folder, _, own_name = name.rpartition("/")
            self._add("files", [(folder or None, self._courier.spool.keep_bytes(content, own_name))])


def _entries(metrics: Mapping[str, float], step: int) -> Sequence[tuple[str, float, int, int]]:
    now_ms = time.time_ns() // 1_000_000
    return [(key(name), float(value), now_ms, step) for name, value in metrics.items()]


def _files_of(path: Path, folder: str | None) -> list[tuple[str | None, Path]]:
    """Return a file, or all below a folder, each with the folder of artifacts that it goes to."""
    if path.is_file():
        return [(folder, path)]
    root = f"{folder}/{path.name}" if folder else path.name
    inside = sorted(file for file in path.rglob("*") if file.is_file())
    return [(Path(root, file.relative_to(path).parent).as_posix(), file) for file in inside]
