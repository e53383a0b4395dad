"""What a training leaves until it has been judged: a run that was killed in between goes on at its evaluation."""

from __future__ import annotations

import contextlib
import json
import shutil
from typing import TYPE_CHECKING

from reprodx.artifacts.files import write_json
from reprodx.config.identity import ALIKE_CODE
from reprodx.hashing import sha256_of_code, sha256_of_path

if TYPE_CHECKING:
    from pathlib import Path

    from reprodx.artifacts.locations import Locations

CODE = (
    *("artifacts", "augmentation", "inputs", *ALIKE_CODE, "metrics/catalogue/kappa", "metrics/generation"),
    *("models", "portability", "schemas", "training"),
)
"""The sources that decide how a training goes."""
FILE = "finished.json"


class FinishedTraining:
    """A note, beside where the checkpoint was, that a training has ended, and with which bytes."""

    def __init__(self, folder: Path, locations: Locations) -> None:
        """Name the note; nothing is read or written.

        Args:
            folder: That of the checkpoint: of one configuration alone.
            locations: Where the prepared cases and the model are.
        """
        self._folder, self._locations = folder, locations

    def is_here(self) -> bool:
        """Return whether the model that lies there is what this training made, from the same cases by the same code."""
        try:
            noted = json.loads((self._folder / FILE).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return False
        return bool(self._locations.models.is_dir() and noted == self._state())

    def note(self) -> None:
        """Write that the training has ended."""
        write_json(self._folder / FILE, self._state())

    def remove(self, *, with_checkpoint: bool) -> None:
        """Remove the note, because the model has been judged.

        Args:
            with_checkpoint: Whether the training has ended, so that nothing goes on from its checkpoint.
        """
        if with_checkpoint:
            shutil.rmtree(self._folder, ignore_errors=True)
            return
        (self._folder / FILE).unlink(missing_ok=True)
        # What else lies there is the checkpoint of a training that has not ended.
        with contextlib.suppress(OSError):
            self._folder.rmdir()

    def _state(self) -> dict[str, str]:
        return {
            "cases": sha256_of_path(self._locations.prepared / "manifest.json"),
            "code": sha256_of_code(*CODE),
            "model": sha256_of_path(self._locations.models),
        }
