"""Mixtures of two training cases and of their targets."""

from typing import ClassVar

import numpy as np
import torch
from jaxtyping import Float
from torch import Generator, Tensor

from reprodx.errors import ConfigError
from reprodx.inputs import Modality


class Mixup:
    """Replaces each case by a mixture of itself and another of its batch.

    Source: Zhang, Cisse, Dauphin, Lopez-Paz, mixup: Beyond empirical risk minimization, ICLR 2018, equation 2, with
    one weight a pair, drawn from Beta(alpha, alpha).
    """

    modalities: ClassVar[tuple[Modality, ...]] = (Modality.TABLE, Modality.IMAGE, Modality.SIGNAL)

    def __init__(self, *, alpha: float, num_classes: int) -> None:
        """Keep the settings.

        Args:
            alpha: Shape of the weights' distribution, above 0: 0.2 leaves most cases nearly as they are, 1 takes every
                weight alike.
            num_classes: Of the task.

        Raises:
            ConfigError: If `alpha` is not above 0.
        """
        if not alpha > 0:
            raise ConfigError(f"augmentation.alpha: {alpha} must be above 0")
        self.alpha, self.num_classes = alpha, num_classes

    def __call__(
        self, values: Float[Tensor, "batch ..."], targets: Tensor, generator: Generator
    ) -> tuple[Float[Tensor, "batch ..."], Float[Tensor, "batch classes"]]:
        """Mix the cases.

        Args:
            values: A training batch, the cases along the first axis.
            targets: Class numbers of shape (batch,), or shares of classes or labels of shape (batch, classes).
            generator: Where all randomness comes from.

        Returns:
            The mixtures, and for each the shares of its classes or labels.
        """
        batch = len(values)
        if targets.ndim == 1:
            targets = torch.nn.functional.one_hot(targets, self.num_classes)
        targets = targets.to(values.dtype)
        partners = torch.randperm(batch, generator=generator, device=generator.device).to(values.device)
        # PyTorch's own Beta draws from the global generator only.
        seed = int(torch.randint(2**62, (), generator=generator, device=generator.device))
        shares = np.random.default_rng(seed).beta(self.alpha, self.alpha, size=batch)
        weights = torch.as_tensor(shares, dtype=values.dtype, device=values.device)
        return _mixed(values, partners, weights), _mixed(targets, partners, weights)


def _mixed(values: Tensor, partners: Tensor, weights: Tensor) -> Tensor:
    others = values.index_select(0, partners)
    return torch.lerp(others, values, weights.reshape(-1, *[1] * (values.ndim - 1)))
