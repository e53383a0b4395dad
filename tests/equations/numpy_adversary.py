"""Generator and discriminator in plain NumPy."""

from __future__ import annotations

import numpy as np

from tests.equations.numpy_layers import (
    Array,
    Weights,
    batch_norm,
    convolve,
    convolve_transposed,
    numbered,
    part,
    relu,
    spectrally_normalised,
    tanh,
)


def generator(weights: Weights, noise: Array, classes: Array, *, is_training: bool = False) -> Array:
    """Radford et al., ICLR 2016, figure 1: transposed convolutions, batch normalisation and ReLU; tanh at the end."""
    vectors = np.hstack([noise, weights["embedding.weight"][classes]]) if "embedding.weight" in weights else noise
    *inner, last = numbered(weights, "layers")
    maps = convolve_transposed(vectors[:, :, None, None], inner[0])
    for layer in inner[1:]:
        if layer["weight"].ndim == 1:
            maps = relu(batch_norm(maps, layer, is_training=is_training))
        else:
            maps = convolve_transposed(maps, layer, stride=2, padding=1)
    return tanh(convolve_transposed(maps, last, stride=2, padding=1))


def discriminator(weights: Weights, images: Array, classes: Array, *, is_training: bool = False) -> Array:
    """Strided convolutions and leaky ReLU; the class by projection, Miyato and Koyama, ICLR 2018, equation 3."""
    layers = [spectrally_normalised(layer) for layer in numbered(weights, "layers")]
    for number, layer in enumerate(layers):
        is_norm = layer["weight"].ndim == 1
        if is_norm:
            images = batch_norm(images, layer, is_training=is_training)
        else:
            images = convolve(images, layer, stride=2, padding=(1, 1))
        if is_norm or number + 1 == len(layers) or layers[number + 1]["weight"].ndim > 1:
            images = relu(images) - 0.2 * relu(-images)
    logits = convolve(images, spectrally_normalised(part(weights, "head")))[:, 0, 0, 0]
    if not (embedding := spectrally_normalised(part(weights, "embedding"))):
        return logits
    return logits + (embedding["weight"][classes] * images.sum((2, 3))).sum(1)
