"""Pictures from a fitted generator."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import torch

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from torch import Tensor

    from reprodx.models.dcgan import DCGAN

BLOCK = 64
"""Pictures that are made at a time."""
HALF_WHITE = 127.5
"""Stored values are 0 to 255, and a generator's -1 to 1."""


def sample_images(network: DCGAN, classes: NDArray[np.int64], *, seed: int) -> NDArray[np.uint8]:
    """Make pictures with the averaged generator.

    Each picture has its own noise, and pictures are made in blocks of one size, so that the first pictures are the same
    however many follow.

    Args:
        network: The generator.
        classes: Shape (cases,): what each picture is to show.
        seed: Equal seeds give equal pictures.

    Returns:
        Shape (cases, height, width, channels).
    """
    noise = np.random.default_rng(seed).standard_normal((len(classes), network.latent_size), dtype=np.float32)
    return images_of(network, torch.from_numpy(noise), torch.from_numpy(classes))


def images_of(network: DCGAN, noise: Tensor, classes: Tensor) -> NDArray[np.uint8]:
    """Make the averaged generator's pictures of given noise, without dropout or statistics of the batch.

    Args:
        network: The generator; it is left as it was.
        noise: Shape (cases, latent).
        classes: Shape (cases,).

    Returns:
        Shape (cases, height, width, channels).
    """
    weights, was_training = next(network.generator.parameters()), network.training
    padding = -len(classes) % BLOCK
    noise = torch.cat([noise, noise.new_zeros(padding, noise.shape[1])]).to(weights)
    classes = torch.cat([classes, classes.new_zeros(padding)]).to(weights.device)
    network.eval()
    with torch.no_grad():
        pairs = zip(torch.split(noise, BLOCK), torch.split(classes, BLOCK), strict=True)
        blocks = [_stored(network(*pair)) for pair in pairs]
    network.train(was_training)
    return np.concatenate(blocks)[: len(classes) - padding]


def _stored(images: Tensor) -> NDArray[np.uint8]:
    values = images.add(1).mul(HALF_WHITE).round().to(torch.uint8)
    stored: NDArray[np.uint8] = values.permute(0, 2, 3, 1).contiguous().cpu().numpy()
    return stored
