"""Pictures and texts as vectors whose distance says how alike two cases are."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from reprodx.inputs import Inputs

MAX_SIDE = 32
"""Pixels: beyond, a distance between pictures is one of noise and of edges a pixel apart."""
MAX_SHARES = 1024
"""Numbers of a text at most; tokens that are so many apart share one."""
WHITE = 255


def image_vectors(inputs: Inputs) -> NDArray[np.float32]:
    """Return pictures made small by the mean over areas, a block at a time.

    Args:
        inputs: Pictures of 8 bits.

    Returns:
        Shape (cases, numbers), in [0, 1]: of each channel at most `MAX_SIDE` x `MAX_SIDE` means.
    """
    _, height, width, channels = inputs.values.shape
    # What is left over where a side is no multiple of the step is cut off.
    step_y, step_x = max(1, height // MAX_SIDE), max(1, width // MAX_SIDE)
    rows, columns = height // step_y, width // step_x
    parts = [np.zeros((0, rows * columns * channels), np.float32)]
    for block in inputs.blocks():
        cut = block.gathered()[:, : rows * step_y, : columns * step_x]
        tiles = cut.reshape(len(cut), rows, step_y, columns, step_x, channels)
        parts.append((tiles.mean(axis=(2, 4), dtype=np.float32) / WHITE).reshape(len(cut), -1))
    return np.concatenate(parts)


def token_shares(inputs: Inputs, vocabulary_size: int) -> NDArray[np.float32]:
    """Return which share of a text each token is.

    Args:
        inputs: Texts as token numbers, each of one token at least.
        vocabulary_size: Tokens are in [0, vocabulary_size).

    Returns:
        Shape (cases, numbers), `MAX_SHARES` numbers at most, each row of sum 1.
    """
    width = min(vocabulary_size, MAX_SHARES)
    shares = np.zeros((len(inputs), width), np.float32)
    for case, tokens in enumerate(inputs):
        shares[case] = np.bincount(tokens % width, minlength=width) / len(tokens)
    return shares
