"""Random changes of place, colour and noise to training pictures."""

from collections.abc import Callable, Iterator
from typing import ClassVar

import torch
from jaxtyping import Float
from torch import Generator, Tensor

from reprodx.augmentation.settings import require_settings_below
from reprodx.inputs import Modality

RGB_CHANNELS = 3
"""Only pictures with so many channels have a saturation."""


class ImageTransforms:
    """Flips, turns, zooms, shifts, recolours, and cuts out of each picture of a batch by itself.

    A setting of 0 (or false) turns its change off.

    Source: DeVries, Taylor, Improved regularization of convolutional neural networks with cutout, arXiv:1708.04552,
    2017; here the square that is blackened always lies within the picture. All else is Kornia's, Riba et al., WACV
    2020.
    """

    modalities: ClassVar[tuple[Modality, ...]] = (Modality.IMAGE,)

    def __init__(
        self,
        *,
        flip_horizontal: bool,
        flip_vertical: bool,
        rotation_degrees: float,
        scale: float,
        translation: float,
        brightness: float,
        contrast: float,
        saturation: float,
        noise_std: float,
        cutout_share: float,
    ) -> None:
        """Keep what is to be changed.

        Args:
            flip_horizontal: Whether half of the pictures are mirrored, left to right.
            flip_vertical: Whether half of the pictures are turned upside down.
            rotation_degrees: Largest angle, to either side.
            scale: Zooms by a factor from 1 - scale to 1 + scale, below 1.
            translation: Shifts by up to this share of the width and of the height, below 1.
            brightness: Multiplies by a factor from 1 - brightness to 1 + brightness, below 1.
            contrast: The same for the distance from the mean, below 1.
            saturation: The same for the distance from grey, below 1; without effect on pictures that are not RGB.
            noise_std: Standard deviation of normal noise, of values in [0, 1].
            cutout_share: Share of the area that a black square covers, below 1.

        Raises:
            ConfigError: If a setting is out of range.
        """
        shares = {"scale": scale, "translation": translation, "brightness": brightness, "contrast": contrast}
        require_settings_below(1.0, shares | {"saturation": saturation, "cutout_share": cutout_share})
        require_settings_below(float("inf"), {"rotation_degrees": rotation_degrees, "noise_std": noise_std})
        self.flip_horizontal, self.flip_vertical = flip_horizontal, flip_vertical
        self.rotation_degrees, self.scale, self.translation = rotation_degrees, scale, translation
        self.brightness, self.contrast, self.saturation = brightness, contrast, saturation
        self.noise_std, self.cutout_share = noise_std, cutout_share
        self._transforms: dict[int, tuple[Callable[[Tensor], Tensor], ...]] = {}

    def __call__(
        self, images: Float[Tensor, "batch channels height width"], targets: Tensor, generator: Generator
    ) -> tuple[Float[Tensor, "batch channels height width"], Tensor]:
        """Change the pictures.

        Args:
            images: A training batch, values in [0, 1].
            targets: Its targets.
            generator: Where all randomness comes from.

        Returns:
            The changed pictures, values in [0, 1], and the same targets.
        """
        num_channels = images.shape[1]
        if num_channels not in self._transforms:
            self._transforms[num_channels] = tuple(self._make(num_channels))
        seed = int(torch.randint(2**62, (), generator=generator, device=generator.device))
        # Kornia draws from PyTorch's global generator of the CPU alone, which is put back afterwards.
        with torch.random.fork_rng(devices=[]), torch.no_grad():
            torch.default_generator.manual_seed(seed)
            for transform in self._transforms[num_channels]:
                images = transform(images)
        if self.noise_std:
            noise = torch.randn(images.shape, generator=generator, dtype=images.dtype, device=images.device)
            images = (images + self.noise_std * noise).clamp(0, 1)
        return images, targets

    def _make(self, num_channels: int) -> Iterator[Callable[[Tensor], Tensor]]:
        # Kornia takes a quarter of a second to import, and on one core 12 ms for 64 pictures of 64 x 64 pixels.
        from kornia import augmentation as kornia

        if self.flip_horizontal:
            yield kornia.RandomHorizontalFlip(p=0.5)
        if self.flip_vertical:
            yield kornia.RandomVerticalFlip(p=0.5)
        if self.rotation_degrees or self.scale or self.translation:
            shift, zoom = (self.translation, self.translation), (1 - self.scale, 1 + self.scale)
            yield kornia.RandomAffine(self.rotation_degrees, translate=shift, scale=zoom, p=1.0)
        saturation = self.saturation if num_channels == RGB_CHANNELS else 0.0
        if self.brightness or self.contrast or saturation:
            yield kornia.ColorJitter(self.brightness, self.contrast, saturation, p=1.0)
        if self.cutout_share:
            share = (self.cutout_share, self.cutout_share)
            yield kornia.RandomErasing(scale=share, ratio=(1.0, 1.0), p=1.0)
