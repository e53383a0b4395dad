"""Files of pictures, decoded to one size: by Pillow, and DICOM by pydicom.

The cases to learn from and new cases go through the same `decode`.
"""

from __future__ import annotations

import logging
import os
import stat
import warnings
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from reprodx.datasets.dicom_files import is_dicom, read_dicom
from reprodx.datasets.image_remarks import UNIFORM
from reprodx.datasets.pillow_files import read_with_pillow
from reprodx.datasets.unreadable_image import UnreadableImageError
from reprodx.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray
    from PIL import Image

SUFFIXES = (".png", ".jpg", ".jpeg", ".tif", ".tiff", ".bmp", ".ppm", ".pgm", ".gif", ".webp", ".dcm", ".dicom")
"""What files of pictures end in."""
CHANNELS = {"rgb": ("red", "green", "blue"), "grey": ("grey",)}
"""Names of the channels of each `colour`."""
MISSING = "missing"
"""The reason of a file that is not there."""
MAX_SIDE = 4096
"""Pixels a side that a picture may be brought to."""
MAX_BYTES = 2**31
"""A file that is larger is no picture of a size that is read."""


@dataclass(frozen=True)
class ImageSettings:
    """What every picture is brought to."""

    size: tuple[int, int]
    """Height and width in pixels."""
    fit: Literal["pad", "crop"]
    """Whether all of the picture is kept, with black beside it, or its middle fills the size."""
    colour: Literal["rgb", "grey"]
    """Three channels or one."""

    @classmethod
    def from_json(cls, content: Mapping[str, Any]) -> ImageSettings:
        """Return the settings.

        Args:
            content: What `as_json` returned, or a person wrote.

        Returns:
            The settings.

        Raises:
            ConfigError: If the size is not two whole numbers from 1 to `MAX_SIDE`, or another key has an unknown value.
        """
        size = tuple(content["size"])
        if len(size) != 2 or not all(isinstance(side, int) and 1 <= side <= MAX_SIDE for side in size):
            raise ConfigError(f"data.size: must be [height, width] in pixels up to {MAX_SIDE}, such as [224, 224]")
        for key, known in {"fit": ("pad", "crop"), "colour": tuple(CHANNELS)}.items():
            if content[key] not in known:
                raise ConfigError(f"data.{key}: {content[key]!r} is not one of {', '.join(known)}")
        return cls(size, content["fit"], content["colour"])

    def as_json(self) -> dict[str, Any]:
        """Return the settings as JSON."""
        return {"size": list(self.size), "fit": self.fit, "colour": self.colour}

    @property
    def channels(self) -> tuple[str, ...]:
        """Names of the channels."""
        return CHANNELS[self.colour]

    @property
    def shape(self) -> tuple[int, int, int]:
        """Height, width and channels of a decoded picture."""
        return (*self.size, len(self.channels))


@dataclass(frozen=True)
class DecodedImages:
    """What came of many files, in their order."""

    values: NDArray[np.uint8]
    """Shape (files, height, width, channels); zeros where one cannot be read."""
    reasons: list[str | None]
    """Why each file cannot be read, ending the words "the image is"; None where it can."""
    remarks: list[tuple[str, ...]]
    """What is worth saying of each that can be read, ending the words "an image with"."""


def decode(source: Path | bytes, settings: ImageSettings) -> tuple[NDArray[np.uint8], tuple[str, ...]]:
    """Return one picture: turned upright, of 8 bits, resized with its proportions kept.

    What has more than 8 bits is scaled so that its darkest pixel is 0 and its brightest 255, for files of 16 bits
    often use 12 of them or fewer; a DICOM's own window goes before that. Pixels that are no number or that the file
    calls no data or padding do not count in that and are black, as is what is transparent.

    Args:
        source: A file, or the bytes of one.
        settings: What the picture is brought to.

    Returns:
        Shape (height, width, channels), uint8; and what is worth saying of it.

    Raises:
        UnreadableImageError: If the file is missing, empty, cut short, damaged or no picture.
    """
    content = source if isinstance(source, bytes) else _content(source)
    if not content:
        raise UnreadableImageError("empty")
    image, remarks = read_dicom(content) if is_dicom(content) else read_with_pillow(content, 2 * max(settings.size))
    pixels = _fitted(image, settings)
    if pixels.min() == pixels.max():
        remarks = (*remarks, UNIFORM)
    return pixels, remarks


def decode_all(
    sources: Sequence[Path | bytes],
    settings: ImageSettings,
    *,
    path: Path | None = None,
    num_workers: int | None = None,
) -> DecodedImages:
    """Decode many pictures on all cores, holding one per core in memory beside the result.

    Args:
        sources: Files, or the bytes of files.
        settings: What the pictures are brought to.
        path: The NumPy file that the pictures are written to; None to keep them in memory.
        num_workers: Pictures decoded at a time; None for one per core. The result does not depend on it.

    Returns:
        The pictures.
    """
    shape = (len(sources), *settings.shape)
    images: NDArray[np.uint8] = np.zeros(shape, np.uint8) if path is None or not sources else _mapped(path, shape)

    def store(position: int) -> tuple[str | None, tuple[str, ...]]:
        try:
            images[position], remarks = decode(sources[position], settings)
        except UnreadableImageError as error:
            return error.reason, ()
        return None, remarks

    # Pillow lets go of the interpreter's lock while it decodes and resizes, so threads are as fast as processes here.
    with _silent_decoders(), ThreadPoolExecutor(num_workers or len(os.sched_getaffinity(0))) as pool:
        found = list(pool.map(store, range(len(sources))))
    if isinstance(images, np.memmap):
        images.flush()
    return DecodedImages(images, [reason for reason, _ in found], [remarks for _, remarks in found])


@contextmanager
def _silent_decoders() -> Iterator[None]:
    """Keep what decoders warn of out of logs, as it quotes what stands in a file, of a patient perhaps."""
    loggers = [logging.getLogger(name) for name in ("PIL", "pydicom")]
    levels = [logger.level for logger in loggers]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for logger in loggers:
            logger.setLevel(logging.CRITICAL + 1)
        try:
            yield
        finally:
            for logger, level in zip(loggers, levels, strict=True):
                logger.setLevel(level)


def _mapped(path: Path, shape: tuple[int, ...]) -> NDArray[np.uint8]:
    return np.lib.format.open_memmap(path, "w+", np.dtype(np.uint8), shape)


def _content(path: Path) -> bytes:
    try:
        found = path.stat()
        # Reading a pipe would wait for ever.
        if not stat.S_ISREG(found.st_mode):
            raise UnreadableImageError(MISSING if stat.S_ISDIR(found.st_mode) else "not a file that may be read")
        if found.st_size > MAX_BYTES:
            raise UnreadableImageError("of too many bytes")
        return path.read_bytes()
    except (FileNotFoundError, IsADirectoryError, NotADirectoryError, ValueError):
        raise UnreadableImageError(MISSING) from None
    except OSError:
        raise UnreadableImageError("not a file that may be read") from None


def _fitted(image: Image.Image, settings: ImageSettings) -> NDArray[np.uint8]:
    from PIL import Image, ImageOps

    shares = [side / wanted for side, wanted in zip(image.size, settings.size[::-1], strict=True)]
    if settings.fit == "pad" and min(side / max(shares) for side in image.size) <= 0.5:
        raise UnreadableImageError("so narrow that nothing of it is left at this data.size")
    image = image.convert("RGB" if settings.colour == "rgb" else "L")
    resize = ImageOps.pad if settings.fit == "pad" else ImageOps.fit
    resized = resize(image, settings.size[::-1], method=Image.Resampling.BILINEAR)
    return np.asarray(resized).reshape(settings.shape)
