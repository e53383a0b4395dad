"""A deep convolutional generative adversarial network for pictures."""

import math
from typing import ClassVar, Literal

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn
from torch.nn.utils.parametrizations import spectral_norm as spectrally_normalised
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from reprodx.errors import ConfigError
from reprodx.inputs import Modality
from reprodx.models.setting_ranges import check_counts, check_shares

START_SIDE = 4
"""Height and width in pixels of the generator's first maps and of the discriminator's last."""
MIN_SIDE = 32
"""Of a picture, in pixels."""
MAX_WIDENING = 8
"""The most maps of a layer, in units of `filters`."""
LEAK = 0.2
"""Slope of the discriminator's ReLU below 0."""
INITIAL_STD = 0.02
"""Of the initial weights."""


class DCGAN(nn.Module):
    """A generator of pictures, the discriminator that it is trained against, and the generator's moving average.

    Source: Radford et al., Unsupervised representation learning with deep convolutional generative adversarial
    networks, ICLR 2016; with spectral normalisation (Miyato et al., ICLR 2018), classes by projection (Miyato and
    Koyama, cGANs with projection discriminator, ICLR 2018) and a moving average (Yazici et al., ICLR 2019), each of
    which a setting turns on.
    """

    modalities: ClassVar[tuple[Modality, ...]] = (Modality.IMAGE,)
    """What it is fitted to."""
    generates: ClassVar[bool] = True
    """It makes cases instead of judging them."""

    def __init__(
        self,
        *,
        num_channels: int,
        image_size: tuple[int, int],
        num_classes: int,
        latent_size: int,
        filters: int,
        objective: Literal["minimax", "non_saturating", "hinge"],
        label_smoothing: float,
        spectral_norm: bool,
        conditional: bool,
        ema_decay: float,
    ) -> None:
        """Build both networks; the weights come from torch's random state.

        Args:
            num_channels: Channels of a picture.
            image_size: Its height and width in pixels: equal, and a power of two from 32.
            num_classes: Classes of the cases.
            latent_size: Numbers of noise from which a picture is made.
            filters: Maps of the layer next to the picture; they double with each halving of the size, up to 8 times.
            objective: What the networks play for, see `training.generation.gan_objectives`.
            label_smoothing: What is taken off the label 1 of real pictures, in [0, 1); 0 with `hinge`.
            spectral_norm: Whether the discriminator's weights are divided by their largest singular values; else batch
                normalisation stands between its layers.
            conditional: Whether both networks are told the class; else it is ignored.
            ema_decay: The share of the average that each step keeps, in [0, 1); 0 takes the generator as it is.

        Raises:
            ConfigError: If a setting is out of its range, or the pictures are of another size.
        """
        super().__init__()
        check_counts(latent_size=latent_size, filters=filters, num_classes=num_classes)
        check_shares(label_smoothing=label_smoothing, ema_decay=ema_decay)
        if objective == "hinge" and label_smoothing:
            raise ConfigError("model.label_smoothing: the hinge objective has no labels to smooth; set it to 0")
        widths = _widths(image_size, filters)
        self.latent_size, self.objective, self.label_smoothing = latent_size, objective, label_smoothing
        self.generator = Generator(widths, num_channels, latent_size, num_classes if conditional else 0)
        self.discriminator = Discriminator(
            widths, num_channels, num_classes if conditional else 0, spectral_norm=spectral_norm
        )
        average = get_ema_multi_avg_fn(ema_decay)  # type: ignore[no-untyped-call]
        self.averaged_generator = AveragedModel(self.generator, multi_avg_fn=average, use_buffers=True)
        self.averaged_generator.requires_grad_(False)

    def forward(
        self, noise: Float[Tensor, "batch latent"], classes: Int[Tensor, " batch"]
    ) -> Float[Tensor, "batch channels height width"]:
        """Return the averaged generator's pictures.

        Args:
            noise: Standard normal.
            classes: Class numbers.

        Returns:
            Pictures in [-1, 1].
        """
        images: Tensor = self.averaged_generator(noise, classes)
        return images


class Generator(nn.Module):
    """From noise to pictures by transposed convolutions, batch normalisation and ReLU; tanh at the end.

    Kernels of 4 pixels at a stride of 2 overlap evenly, which keeps chequered patterns down (Odena et al.,
    Deconvolution and checkerboard artifacts, Distill 2016).
    """

    def __init__(self, widths: list[int], num_channels: int, latent_size: int, num_classes: int) -> None:
        """Build the layers.

        Args:
            widths: Maps of each layer, from the picture to the smallest size.
            num_channels: Of a picture.
            latent_size: Numbers of noise.
            num_classes: 0 ignores the class.
        """
        super().__init__()
        self.embedding = nn.Embedding(num_classes, latent_size) if num_classes else None
        size_in = latent_size * (2 if num_classes else 1)
        *inner, last = reversed(widths)
        layers: list[nn.Module] = [nn.ConvTranspose2d(size_in, widths[-1], START_SIDE, bias=False)]
        for size_in, size_out in zip(inner, [*inner[1:], last], strict=True):
            layers += [nn.BatchNorm2d(size_in), nn.ReLU()]
            layers.append(nn.ConvTranspose2d(size_in, size_out, 4, stride=2, padding=1, bias=False))
        layers += [nn.BatchNorm2d(last), nn.ReLU(), nn.ConvTranspose2d(last, num_channels, 4, stride=2, padding=1)]
        self.layers = nn.Sequential(*layers, nn.Tanh())
        self.apply(_initialise)

    def forward(
        self, noise: Float[Tensor, "batch latent"], classes: Int[Tensor, " batch"]
    ) -> Float[Tensor, "batch channels height width"]:
        """Make pictures.

        Args:
            noise: Standard normal.
            classes: Class numbers.

        Returns:
            Pictures in [-1, 1].
        """
        vectors = noise if self.embedding is None else torch.cat([noise, self.embedding(classes)], dim=1)
        images: Tensor = self.layers(vectors[:, :, None, None])
        return images


class Discriminator(nn.Module):
    """From pictures to the logit of "this one is real", by strided convolutions and leaky ReLU.

    The logit is psi(phi) + e(y) . sum phi, where phi are the last maps, psi is linear, and e(y) is a vector of the
    class.

    Source: Miyato and Koyama, cGANs with projection discriminator, ICLR 2018, equation 3.
    """

    def __init__(self, widths: list[int], num_channels: int, num_classes: int, *, spectral_norm: bool) -> None:
        """Build the layers.

        Args:
            widths: Maps of each layer, from the picture to the smallest size.
            num_channels: Of a picture.
            num_classes: 0 ignores the class.
            spectral_norm: Instead of batch normalisation.
        """
        super().__init__()
        layers: list[nn.Module] = []
        size_in = num_channels
        for size_out in widths:
            has_batch_norm = not spectral_norm and bool(layers)
            layers.append(nn.Conv2d(size_in, size_out, 4, stride=2, padding=1, bias=not has_batch_norm))
            layers += [nn.BatchNorm2d(size_out)] if has_batch_norm else []
            layers.append(nn.LeakyReLU(LEAK, inplace=True))
            size_in = size_out
        self.layers = nn.Sequential(*layers)
        self.head = nn.Conv2d(size_in, 1, START_SIDE)
        self.embedding = nn.Embedding(num_classes, size_in) if num_classes else None
        self.apply(_initialise)
        if spectral_norm:
            for layer in [*self.layers, self.head, *([] if self.embedding is None else [self.embedding])]:
                if hasattr(layer, "weight"):
                    spectrally_normalised(layer)

    def forward(
        self, images: Float[Tensor, "batch channels height width"], classes: Int[Tensor, " batch"]
    ) -> Float[Tensor, " batch"]:
        """Compute the logits.

        Args:
            images: Pictures in [-1, 1].
            classes: Class numbers.

        Returns:
            Logits: high where a picture looks real and of its class.
        """
        maps = self.layers(images)
        logits: Tensor = self.head(maps).flatten()
        if self.embedding is None:
            return logits
        affinity: Tensor = (self.embedding(classes) * maps.sum((2, 3))).sum(1)
        return logits + affinity


def _widths(image_size: tuple[int, int], filters: int) -> list[int]:
    height, width = image_size
    if height != width or height < MIN_SIDE or height & (height - 1):
        raise ConfigError(
            f"data.size: pictures of {height} x {width} pixels; model=dcgan takes squares of 32, 64, 128, ... pixels"
        )
    num_layers = int(math.log2(height // START_SIDE))
    return [filters * min(2**layer, MAX_WIDENING) for layer in range(num_layers)]


def _initialise(layer: nn.Module) -> None:
    # Vectors of classes start small, else they drown the generator's noise and what the discriminator sees.
    if isinstance(layer, nn.Conv2d | nn.ConvTranspose2d | nn.Embedding):
        nn.init.normal_(layer.weight, 0, INITIAL_STD)
    elif isinstance(layer, nn.BatchNorm2d):
        nn.init.normal_(layer.weight, 1, INITIAL_STD)
