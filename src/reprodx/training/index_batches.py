"""Mini-batches of cases that lie in memory, as row numbers.

Collating cases one by one costs more than a small network's step; indexing a tensor does not.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

from reprodx.training.determinism import Stream, generator

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from torch import Tensor

    from reprodx.config import Trainer

MAX_GROUP = 64
"""Mini-batches that one call of `training_step` is given at most."""
GROUP_FLOPS = 2e9
"""Arithmetic that one such call may hold; it takes well under a second on one core."""
FLOPS_PER_WEIGHT = 6
"""Forward and backward pass, per weight and case."""


class IndexBatches:
    """The mini-batches of an epoch in groups; iterating again gives the next epoch's order."""

    def __init__(
        self,
        num_cases: int,
        batch_size: int,
        group_size: int,
        *,
        seed: int,
        epoch: Callable[[], int],
        weights: Tensor | None = None,
    ) -> None:
        """Fix the sizes.

        Args:
            num_cases: Training cases.
            batch_size: Cases of a mini-batch; the last one of an epoch may be smaller.
            group_size: Mini-batches of a group.
            seed: The run's.
            epoch: Returns the number of the epoch that is about to start.
            weights: Shape (cases,): how likely each case is to be drawn, with replacement; None takes each case once.
        """
        self.sizes = batch_sizes(num_cases, batch_size)
        self._num_cases, self._group_size = num_cases, group_size
        self._seed, self._epoch, self._weights = seed, epoch, weights

    def __len__(self) -> int:
        """Return the number of groups."""
        return -(-len(self.sizes) // self._group_size)

    def __iter__(self) -> Iterator[list[Tensor]]:
        """Yield groups: lists of row numbers, one tensor a mini-batch."""
        numbers = generator(self._seed, self._epoch(), Stream.ORDER)
        if self._weights is None:
            order = torch.randperm(self._num_cases, generator=numbers)
        else:
            order = torch.multinomial(self._weights, self._num_cases, replacement=True, generator=numbers)
        batches = torch.split(order, self.sizes)
        for start in range(0, len(batches), self._group_size):
            yield list(batches[start : start + self._group_size])


def batch_sizes(num_cases: int, batch_size: int) -> list[int]:
    """Return the sizes of an epoch's mini-batches.

    A single case that would be left over joins the mini-batch before it, because batch normalisation cannot be
    computed from one case.

    >>> batch_sizes(10, 4), batch_sizes(9, 4), batch_sizes(2, 1)
    ([4, 4, 2], [4, 5], [1, 1])
    """
    num_full, rest = divmod(num_cases, batch_size)
    sizes = [batch_size] * num_full
    if rest == 1 and num_full:
        return [*sizes[:-1], batch_size + 1]
    return [*sizes, rest] if rest else sizes


def cases_per_batch(trainer: Trainer, num_cases: int) -> int:
    """Return the cases of a mini-batch, which are all where the trainer says so."""
    return num_cases if trainer.batch_size == "full" else trainer.batch_size


def case_weights(trainer: Trainer, targets: Tensor) -> Tensor | None:
    """Return how likely each case is to be drawn, see `balanced_weights`; None takes each case once an epoch."""
    return balanced_weights(targets) if trainer.sampling == "balanced" else None


def balanced_weights(targets: Tensor) -> Tensor:
    """Return weights by which every class is drawn equally often.

    Args:
        targets: Shape (cases,), class numbers; in a multi-label task shape (cases, labels), 0 or 1, where a case counts
            as of its rarest label, and cases without one as a class of their own.

    Returns:
        Shape (cases,), which sum to the number of classes.

    >>> balanced_weights(torch.tensor([0, 0, 0, 1])).tolist()
    [0.3333333432674408, 0.3333333432674408, 0.3333333432674408, 1.0]
    """
    if targets.ndim > 1:
        counts = torch.where(targets > 0, targets.sum(dim=0), torch.inf)
        without = counts.isinf().all(dim=1)
        targets = torch.where(without, targets.shape[1], counts.argmin(dim=1))
    return 1 / torch.bincount(targets)[targets]


def group_size(num_parameters: int, batch_size: int) -> int:
    """Return how many mini-batches to hand to one call, so that the cost of the call does not show.

    A small network takes `MAX_GROUP`, one whose step costs much more than the call takes 1.

    >>> group_size(4_000, 64), group_size(25_000_000, 64)
    (64, 1)
    """
    step_flops = FLOPS_PER_WEIGHT * num_parameters * batch_size
    return max(1, min(MAX_GROUP, int(GROUP_FLOPS // step_flops)))
