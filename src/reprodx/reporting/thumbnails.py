"""Pictures made of pixels, small enough for a page."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

import numpy as np

from reprodx.artifacts.samples import as_png, sheet
from reprodx.reporting.page import Picture

if TYPE_CHECKING:
    from numpy.typing import NDArray

MAX_SIDE = 96
"""Pixels of a picture on a page; larger ones are averaged down."""


def side_by_side(images: NDArray[np.uint8], *, max_columns: int, title: str, description: str) -> Picture:
    """Return pictures as one, side by side.

    Args:
        images: Shape (pictures, height, width, channels).
        max_columns: Pictures in a line.
        title: What stands above them.
        description: What they show, for those who cannot see them.

    Returns:
        Each at most `MAX_SIDE` pixels high and wide.
    """
    small = made_small(images)
    canvas = sheet(small, np.zeros(len(small), np.int64), 1, max_columns=max_columns)
    source = f"data:image/png;base64,{base64.b64encode(as_png(canvas)).decode('ascii')}"
    return Picture(title, source, canvas.shape[1], canvas.shape[0], description)


def made_small(images: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Average pictures down by whole numbers of pixels, until no side is longer than `MAX_SIDE`."""
    from PIL import Image

    factor = -(-max(images.shape[1:3]) // MAX_SIDE)
    if factor < 2:
        return images
    planes = [
        np.stack([np.asarray(Image.fromarray(image[..., channel]).reduce(factor)) for image in images])
        for channel in range(images.shape[-1])
    ]
    return np.stack(planes, axis=-1)
