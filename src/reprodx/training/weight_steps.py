"""Learning from mini-batches: penalties, accumulated gradients, clipping, and losses that are read in blocks."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import torch
from torch.nn.utils import clip_grad_norm_

from reprodx.training.losses import weight_penalty

if TYPE_CHECKING:
    from collections.abc import Callable

    from torch import Tensor, nn
    from torch.optim import Optimizer

    from reprodx.config import Trainer
    from reprodx.errors import TrainingError

STEPS_PER_READ = 64
"""Losses are read in blocks: reading one makes the processor wait for the accelerator."""


class WeightSteps:
    """Changes a network's weights by the gradients of losses."""

    def __init__(
        self,
        network: nn.Module,
        optimizer: Optimizer,
        trainer: Trainer,
        *,
        num_steps: int,
        divergence: Callable[[str], TrainingError],
    ) -> None:
        """Hold all parts.

        Args:
            network: Whose weights are changed.
            optimizer: Of these weights.
            trainer: Penalties, clipping and accumulation.
            num_steps: Mini-batches of an epoch.
            divergence: Makes the error of a loss that is not a number, from where that was.
        """
        self._network, self._optimizer, self._settings = network, optimizer, trainer
        self._num_steps, self._divergence = num_steps, divergence
        self._weights = list(network.parameters())
        self._num_accumulated = 0
        self._unread: list[Tensor] = []
        self.losses: list[float] = []
        """Of each mini-batch of the epoch that has been read, without penalties."""

    def start_epoch(self) -> None:
        """Forget the losses of the epoch before."""
        self.losses = []

    def learn(self, loss: Tensor) -> None:
        """Take the loss of one mini-batch, and change the weights if it is the last of a step.

        Args:
            loss: With its graph.

        Raises:
            TrainingError: If one of the last losses is not a finite number.
        """
        if not self._num_accumulated:
            # Not by optimizer.zero_grad(), whose bookkeeping takes a twentieth of a small network's step.
            for weight in self._weights:
                weight.grad = None
        penalty = weight_penalty(self._network, l1=self._settings.l1_penalty, l2=self._settings.l2_penalty)
        total = loss if penalty is None else loss + penalty
        num_batches = self._settings.accumulate_batches
        torch.autograd.backward(total if num_batches == 1 else total / num_batches)
        self._num_accumulated += 1
        if self._num_accumulated == num_batches:
            self._step()
        self._unread.append(loss.detach())
        if len(self._unread) >= STEPS_PER_READ:
            self._read()

    def finish_epoch(self) -> None:
        """Make the step of mini-batches that are left over, and read all losses.

        Raises:
            TrainingError: If a loss is not a finite number.
        """
        if self._num_accumulated:
            self._step()
        self._read()

    def _step(self) -> None:
        if self._settings.gradient_clip_norm is not None:
            clip_grad_norm_(self._weights, self._settings.gradient_clip_norm)
        self._optimizer.step()
        self._num_accumulated = 0

    def _read(self) -> None:
        losses = torch.stack(self._unread).tolist() if self._unread else []
        self._unread.clear()
        for step, loss in enumerate(losses, start=len(self.losses) + 1):
            if not math.isfinite(loss):
                raise self._divergence(f"step {step} of {self._num_steps}: the loss")
        self.losses += losses
