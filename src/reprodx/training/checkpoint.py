"""The file from which a training that was killed goes on.

The file is a line with the sha256 of the rest, then what `torch.save` wrote. A damaged file is thereby told from a
whole one before torch reads it. A whole file of another training (other settings, cases or code) is passed over:
it cannot be gone on from, and it is replaced by the next epoch's.
"""

from __future__ import annotations

import hashlib
import io
import logging
import shutil
import time
from typing import TYPE_CHECKING, Any

import torch

from reprodx import interruption
from reprodx.artifacts.files import replacing_file
from reprodx.errors import ArtifactCorruptError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

FILE = "resume.ckpt"
SECONDS_BETWEEN = 0.5
"""Epochs that are shorter share a checkpoint: writing one takes milliseconds, as the epoch of a small network does."""

logger = logging.getLogger(__name__)


class Checkpoint:
    """The one checkpoint of one training."""

    def __init__(self, folder: Path, identity: str) -> None:
        """Name the file; nothing is read or written.

        Args:
            folder: Of this training alone; it is removed in the end.
            identity: A hash of all that decides how the training goes.
        """
        self.path = folder / FILE
        self.is_behind = False
        """Whether an epoch has ended that is not kept yet."""
        self._identity = identity
        self._written_at = -SECONDS_BETWEEN

    def save(self, state: Callable[[], Mapping[str, Any]]) -> None:
        """Write the state, unless one was written a moment ago and training goes on.

        Args:
            state: Returns tensors and plain values.

        Raises:
            Interrupted: If the process was asked to end; the state has been written then.
        """
        self.is_behind = not interruption.is_asked() and time.monotonic() - self._written_at < SECONDS_BETWEEN
        if self.is_behind:
            return
        buffer = io.BytesIO()
        torch.save({"identity": self._identity, "state": state()}, buffer)
        # Without a copy: the state of a large network is gigabytes.
        content = buffer.getbuffer()
        with replacing_file(self.path) as temporary, temporary.open("wb") as file:
            file.write(_digest(content) + b"\n")
            file.write(content)
        self._written_at = time.monotonic()
        interruption.check()

    def load(self) -> dict[str, Any] | None:
        """Read the checkpoint.

        Returns:
            The state, None where there is none of this training.

        Raises:
            ArtifactCorruptError: If the file is damaged.
        """
        if not self.path.is_file():
            return None
        with self.path.open("rb") as file:
            digest, content = file.readline().rstrip(b"\n"), file.read()
        if digest != _digest(content):
            raise ArtifactCorruptError(
                f"{self.path} is damaged, so training cannot go on from it: delete it and train again from the start"
            )
        saved = torch.load(io.BytesIO(content), map_location="cpu", weights_only=True)
        if saved["identity"] != self._identity:
            logger.warning("%s is of other cases, settings or code: training starts anew", self.path)
            return None
        state: dict[str, Any] = saved["state"]
        return state

    def remove(self) -> None:
        """Remove the folder, because the training is complete."""
        shutil.rmtree(self.path.parent, ignore_errors=True)


def log_again(history: Sequence[Mapping[str, float]], on_epoch: Callable[[int, Mapping[str, float]], None]) -> None:
    """Log the epochs before a checkpoint: the run may be another one, or have lost the last of them in a kill.

    Args:
        history: The metrics of each epoch from the first.
        on_epoch: Takes the number of an epoch, from 1, and its metrics; it drops those that it has.
    """
    for epoch, metrics in enumerate(history, start=1):
        on_epoch(epoch, metrics)


def _digest(content: bytes | memoryview) -> bytes:
    return hashlib.sha256(content).hexdigest().encode()
