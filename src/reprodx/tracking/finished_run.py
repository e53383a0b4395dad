"""Whether a configuration has been run to its end, by this code on these data: then it need not be run again."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from reprodx.artifacts.files import read_json, write_json
from reprodx.hashing import sha256_of_path
from reprodx.schemas import TEST, Extent
from reprodx.tracking.names import CONFIG_HASH, PARENT, REPORTED
from reprodx.tracking.runs import find_finished

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from reprodx.artifacts.locations import Locations
    from reprodx.tracking.store import Store


class FinishedRun:
    """The note of what left the results of a configuration, `.cache/finished/<config hash>`.

    The store alone would not do: results of other code may have taken their place.
    """

    def __init__(self, home: Path, identity: Mapping[str, str], locations: Locations) -> None:
        """Name the note; nothing is read or written.

        Args:
            home: The root of the original repository.
            identity: See `description.identity_tags`.
            locations: Where the results are.
        """
        self._path = home / ".cache" / "finished" / identity[CONFIG_HASH]
        self._identity, self._locations = dict(identity), locations

    def note(self) -> None:
        """Write that all scores are there."""
        write_json(self._path, self._state())

    def is_here(self) -> bool:
        """Return whether the results that lie here are those of this configuration, code and data."""
        try:
            return bool(json.loads(self._path.read_text(encoding="utf-8")) == self._state())
        except (OSError, ValueError):
            return False

    def tracked_in(self, store: Store, experiment: str, parent_run_id: str | None = None) -> str | None:
        """Return the run of the store that has the results.

        Args:
            store: Where runs are kept.
            experiment: MLflow's experiment.
            parent_run_id: Of the sweep that it must be of; None takes any.

        Returns:
            Its id; None where there is none.

        Raises:
            TrackingError: If the store refuses.
        """
        parent = {PARENT: parent_run_id} if parent_run_id else {}
        return find_finished(store, experiment, {**self._identity, **parent})

    def extent(self, store: Store | None, experiment: str) -> Extent:
        """Return how far it was judged, here and in the store.

        Args:
            store: Where runs are kept; None where nothing is tracked.
            experiment: MLflow's experiment.

        Returns:
            What need not be made again.

        Raises:
            ArtifactError: If the scores are absent or damaged.
            TrackingError: If the store refuses.
        """
        if TEST not in read_json(self._locations.metrics, made_by="evaluate"):
            return Extent.VALIDATION
        tags = {**self._identity, REPORTED: "true"}
        is_in_store = store is None or find_finished(store, experiment, tags) is not None
        return Extent.REPORTED if self._locations.is_reported and is_in_store else Extent.SCORED

    def _state(self) -> dict[str, object]:
        locations = self._locations
        made = (locations.metrics, locations.predictions, locations.samples)
        return {
            **self._identity,
            "model": sha256_of_path(locations.models),
            "results": {path.name: sha256_of_path(path) for path in made if path.exists()},
        }
