"""Files of pictures, decoded to one size: PNG, JPEG, TIFF, BMP and PPM by Pillow.

The cases to learn from and new cases go through the same `decode`.
"""

from __future__ import annotations

import os
import struct
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from reprodx.datasets.dicom_files import is_dicom, read_dicom, scaled_to_8_bits
from reprodx.datasets.unreadable_image import UnreadableImageError
from reprodx.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray
    from PIL import Image

FORMATS = ("PNG", "JPEG", "TIFF", "BMP", "PPM")
"""What Pillow may open; its rarer decoders are not offered to strangers' files."""
BEGINNINGS = (b"\x89PNG", b"\xff\xd8\xff", b"II*\0", b"MM\0*", b"BM", b"P5", b"P6")
"""How files of these formats begin, however early they are cut."""
ENDS = {b"\x89PNG": b"IEND", b"\xff\xd8\xff": b"\xff\xd9"}
"""How a PNG and a JPEG end that are not cut, by how they begin."""
LAST_BYTES = 1024
"""Where the end is looked for, as some cameras write a little behind it."""
SUFFIXES = (".png", ".jpg", ".jpeg", ".tif", ".tiff", ".bmp", ".ppm", ".dcm", ".dicom")
"""What files of pictures end in."""
CHANNELS = {"rgb": ("red", "green", "blue"), "grey": ("grey",)}
"""Names of the channels of each `colour`."""
ORIENTATION = 0x0112
"""The EXIF tag that says how the camera was held."""


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
            ConfigError: If the size is not two whole numbers from 1, or another key has an unknown value.
        """
        size = tuple(content["size"])
        if len(size) != 2 or not all(isinstance(side, int) and side >= 1 for side in size):
            raise ConfigError("data.size: must be [height, width] in pixels, such as [224, 224]")
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


def decode(source: Path | bytes, settings: ImageSettings) -> NDArray[np.uint8]:
    """Return one picture: turned upright, of 8 bits, resized with its proportions kept.

    What has more than 8 bits is scaled so that its darkest pixel is 0 and its brightest 255, for files of 16 bits
    often use 12 of them or fewer; a DICOM's own window goes before that.

    Args:
        source: A file, or the bytes of one.
        settings: What the picture is brought to.

    Returns:
        Shape (height, width, channels), uint8.

    Raises:
        UnreadableImageError: If the file is missing, empty, cut short, damaged or no picture.
    """
    content = source if isinstance(source, bytes) else _content(source)
    if not content:
        raise UnreadableImageError("empty")
    image = _as_image(read_dicom(content)) if is_dicom(content) else _read_with_pillow(content, settings)
    return _fitted(image, settings)


def decode_all(
    sources: Sequence[Path | bytes],
    settings: ImageSettings,
    *,
    path: Path | None = None,
    num_workers: int | None = None,
) -> tuple[NDArray[np.uint8], list[str | None]]:
    """Decode many pictures on all cores, holding one per core in memory beside the result.

    Args:
        sources: Files, or the bytes of files.
        settings: What the pictures are brought to.
        path: The NumPy file that the pictures are written to; None to keep them in memory.
        num_workers: Pictures decoded at a time; None for one per core. The result does not depend on it.

    Returns:
        The pictures, shape (sources, height, width, channels), zeros where one cannot be read; and for each why it
        cannot be read, or None.
    """
    shape = (len(sources), *settings.shape)
    images: NDArray[np.uint8] = np.zeros(shape, np.uint8) if path is None or not sources else _mapped(path, shape)

    def store(position: int) -> str | None:
        try:
            images[position] = decode(sources[position], settings)
        except UnreadableImageError as error:
            return error.reason
        return None

    # Pillow lets go of the interpreter's lock while it decodes and resizes, so threads are as fast as processes here.
    with ThreadPoolExecutor(num_workers or len(os.sched_getaffinity(0))) as pool:
        reasons = list(pool.map(store, range(len(sources))))
    if isinstance(images, np.memmap):
        images.flush()
    return images, reasons


def _mapped(path: Path, shape: tuple[int, ...]) -> NDArray[np.uint8]:
    return np.lib.format.open_memmap(path, "w+", np.dtype(np.uint8), shape)


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except (FileNotFoundError, IsADirectoryError, NotADirectoryError):
        raise UnreadableImageError("missing") from None
    except OSError:
        raise UnreadableImageError("not a file that may be read") from None


def _read_with_pillow(content: bytes, settings: ImageSettings) -> Image.Image:
    from PIL import Image, UnidentifiedImageError

    try:
        image = Image.open(BytesIO(content), formats=FORMATS)
        if image.format == "TIFF" and getattr(image, "n_frames", 1) > 1:
            raise UnreadableImageError("a TIFF of several pages")
        # libjpeg can decode at a half, quarter or eighth of the size, which is most of the time for large photographs.
        image.draft(None, (2 * max(settings.size),) * 2)
        image.load()
    except UnidentifiedImageError:
        raise UnreadableImageError("truncated" if content.startswith(BEGINNINGS) else "not an image") from None
    except Image.DecompressionBombError:
        raise UnreadableImageError("of too many pixels") from None
    except (OSError, SyntaxError, ValueError, EOFError, IndexError, struct.error) as error:
        raise UnreadableImageError("truncated" if _is_cut(content, error) else "damaged") from None
    return _upright(image)


def _is_cut(content: bytes, error: Exception) -> bool:
    for start, end in ENDS.items():
        if content.startswith(start):
            return end not in content[-LAST_BYTES:]
    return isinstance(error, EOFError) or any(word in str(error) for word in ("truncat", "decoder error"))


def _upright(image: Image.Image) -> Image.Image:
    from PIL import Image

    turns = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_270,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_90,
    }
    # ImageOps.exif_transpose also rewrites the tags, and fails where a camera wrote one that it does not understand.
    turn = turns.get(image.getexif().get(ORIENTATION, 1))
    return image if turn is None else image.transpose(turn)


def _fitted(image: Image.Image, settings: ImageSettings) -> NDArray[np.uint8]:
    from PIL import Image, ImageOps

    if image.mode.startswith(("I", "F")):
        image = _as_image(np.asarray(image))
    if image.has_transparency_data:
        image = image.convert("RGBA")
        image = Image.alpha_composite(Image.new("RGBA", image.size, "black"), image)
    image = image.convert("RGB" if settings.colour == "rgb" else "L")
    resize = ImageOps.pad if settings.fit == "pad" else ImageOps.fit
    resized = resize(image, settings.size[::-1], method=Image.Resampling.BILINEAR)
    return np.asarray(resized).reshape(settings.shape)


def _as_image(pixels: NDArray[Any]) -> Image.Image:
    from PIL import Image

    if pixels.dtype != np.uint8:
        pixels = scaled_to_8_bits(pixels)
    return Image.fromarray(pixels)
