"""Mini-batches of texts of similar length, as row numbers: little of what a network reads is padding."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

from reprodx.training.determinism import Stream, generator
from reprodx.training.index_batches import batch_sizes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from torch import Tensor

BATCHES_PER_WINDOW = 16
"""Mini-batches whose cases are drawn at random together, and then sorted by length among themselves."""


class LengthBatches:
    """The mini-batches of an epoch; iterating again gives the next epoch's."""

    def __init__(
        self, lengths: Tensor, batch_size: int, *, seed: int, epoch: Callable[[], int], weights: Tensor | None
    ) -> None:
        """Fix the sizes.

        Args:
            lengths: Shape (cases,): tokens of each text.
            batch_size: Cases of a mini-batch; one of an epoch may be of another size.
            seed: The run's.
            epoch: Returns the number of the epoch that is about to start.
            weights: Shape (cases,): how likely each case is to be drawn, with replacement; None takes each case once.
        """
        self.sizes = batch_sizes(len(lengths), batch_size)
        self._lengths, self._window = lengths, BATCHES_PER_WINDOW * batch_size
        self._seed, self._epoch, self._weights = seed, epoch, weights

    def __len__(self) -> int:
        """Return the number of mini-batches."""
        return len(self.sizes)

    def __iter__(self) -> Iterator[Tensor]:
        """Yield the row numbers of each mini-batch, those of short and of long texts in random order."""
        numbers = generator(self._seed, self._epoch(), Stream.ORDER)
        if self._weights is None:
            order = torch.randperm(len(self._lengths), generator=numbers)
        else:
            order = torch.multinomial(self._weights, len(self._lengths), replacement=True, generator=numbers)
        windows = [rows[self._lengths[rows].argsort(stable=True)] for rows in torch.split(order, self._window)]
        batches = torch.split(torch.cat(windows), self.sizes)
        yield from (batches[number] for number in torch.randperm(len(batches), generator=numbers))
