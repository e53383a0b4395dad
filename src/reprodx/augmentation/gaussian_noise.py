"""Noise on the features of training batches."""

from typing import ClassVar

from jaxtyping import Float, Int
from torch import Generator, Tensor, randn

from reprodx.errors import ConfigError
from reprodx.inputs import Modality


class GaussianNoise:
    """Adds independent normal noise to every feature, indicators and one-hot columns included.

    Source: Bishop, Training with noise is equivalent to Tikhonov regularization, Neural Computation 7, 1995.
    """

    modalities: ClassVar[tuple[Modality, ...]] = (Modality.TABLE,)

    def __init__(self, *, std: float) -> None:
        """Keep the noise's size.

        Args:
            std: Standard deviation in units of the standardised features, at least 0.

        Raises:
            ConfigError: If `std` is negative.
        """
        if std < 0:
            raise ConfigError(f"augmentation.std: {std} is below 0")
        self.std = std

    def __call__(
        self, features: Float[Tensor, "batch features"], targets: Int[Tensor, " batch"], generator: Generator
    ) -> tuple[Float[Tensor, "batch features"], Int[Tensor, " batch"]]:
        """Add the noise.

        Args:
            features: A training batch.
            targets: Its class numbers.
            generator: Where the noise comes from, on the features' device.

        Returns:
            The noisy features and the same targets.
        """
        noise = randn(features.shape, generator=generator, dtype=features.dtype, device=features.device)
        return features + self.std * noise, targets
