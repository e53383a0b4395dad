"""Files of random pictures, to measure with."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from numpy.typing import NDArray

ENDINGS = ("png", "jpg")
COARSE_SIDE = 16
"""Pixels per side of the noise that is enlarged to a picture, so that it compresses like a photograph."""
NUM_LEVELS = 9
"""Grey levels of the fine noise upon it."""


def random_images(num_images: int, side: int) -> Iterator[NDArray[np.uint8]]:
    """Yield pictures of random shapes.

    Args:
        num_images: How many; the first ones are always the same.
        side: Height and width in pixels.

    Yields:
        Shape (side, side, 3).
    """
    from PIL import Image

    random = np.random.default_rng(0)
    for _ in range(num_images):
        coarse = Image.fromarray(random.integers(256, size=(COARSE_SIDE, COARSE_SIDE, 3), dtype=np.uint8))
        image = np.asarray(coarse.resize((side, side), Image.Resampling.BICUBIC)) // 2
        yield image + random.integers(NUM_LEVELS, size=image.shape, dtype=np.uint8)


def write_random_images(folder: Path, num_images: int, side: int) -> list[Path]:
    """Write pictures and `images.csv`, which lists them and to which of two classes each belongs.

    Args:
        folder: Exists.
        num_images: How many; PNG and JPEG in turn.
        side: Height and width in pixels.

    Returns:
        The files of the pictures.
    """
    from PIL import Image

    files = [folder / f"image{number}.{ENDINGS[number % len(ENDINGS)]}" for number in range(num_images)]
    for file, image in zip(files, random_images(num_images, side), strict=True):
        Image.fromarray(image).save(file, compress_level=1)
    lines = [f"{file.name},{number // len(ENDINGS) % 2}" for number, file in enumerate(files)]
    (folder / "images.csv").write_text("\n".join(["image,ill", *lines]) + "\n")
    return files
