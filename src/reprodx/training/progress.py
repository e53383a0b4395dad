"""How far a training is: a bar on a terminal, a line every tenth of the epochs elsewhere."""

from __future__ import annotations

import logging
import math
import sys
from typing import TYPE_CHECKING

from tqdm import tqdm

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Self

NUM_LINES = 10
"""Lines of a whole training in a log."""

logger = logging.getLogger(__name__)


class Progress:
    """Shows mini-batches done and the last epoch's losses."""

    def __init__(self, num_epochs: int, num_batches: int, *, num_done: int) -> None:
        """Open the bar, if there is a terminal.

        Args:
            num_epochs: Epochs of the whole training.
            num_batches: Mini-batches of an epoch.
            num_done: Epochs that are done already.
        """
        self._num_epochs = num_epochs
        self._bar = tqdm(
            total=num_epochs * num_batches,
            initial=num_done * num_batches,
            desc=f"epoch {num_done + 1}/{num_epochs}",
            unit="batch",
            leave=False,
            disable=not sys.stderr.isatty(),
        )

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the bar."""
        self._bar.close()

    def advance(self, num_batches: int) -> None:
        """Count mini-batches that are done."""
        self._bar.update(num_batches)

    def finish_epoch(self, epoch: int, metrics: Mapping[str, float]) -> None:
        """Show an epoch's metrics.

        Args:
            epoch: From 1.
            metrics: By name.
        """
        shown = ", ".join(f"{name} {value:.4g}" for name, value in metrics.items())
        if not self._bar.disable:
            self._bar.set_description(f"epoch {min(epoch + 1, self._num_epochs)}/{self._num_epochs}", refresh=False)
            self._bar.set_postfix_str(shown, refresh=False)
        elif epoch % math.ceil(self._num_epochs / NUM_LINES) == 0 or epoch in {1, self._num_epochs}:
            logger.info("epoch %d of %d: %s", epoch, self._num_epochs, shown)
