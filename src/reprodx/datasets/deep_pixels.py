"""Pixels of more than 8 bits as the numbers that a PNG, TIFF or PPM holds, which Pillow cuts or turns around.

Source: TIFF 6.0, sections 3 (PhotometricInterpretation), 19 (SampleFormat); GDAL's tag 42113,
https://gdal.org/drivers/raster/gtiff.html.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING, Any

import numpy as np

from reprodx.datasets.grey_levels import scaled_to_8_bits
from reprodx.datasets.unreadable_image import UnreadableImageError

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from PIL import Image
    from PIL.ImageFile import ImageFile

BITS_PER_SAMPLE, PHOTOMETRIC, PLANAR, SAMPLE_FORMAT, NO_DATA = 258, 262, 284, 339, 42113
"""Tags of a TIFF."""
SEPARATE = 2
"""The planar configuration in which each channel lies for itself."""
BYTE = 8
"""Bits of a channel that Pillow keeps."""
WHITE_IS_ZERO = 0
"""The photometric interpretation of a negative."""
UNSIGNED, SIGNED = 1, 2
"""Formats of a sample."""
FULL = float(np.finfo(np.float32).max)
"""The largest number of 32 bits, of either sign, which programs write where a float has no value."""
SWAPPED = {"B": "L", "L": "B", "N": "B" if sys.byteorder == "little" else "L"}
"""The order of bytes in which Pillow takes the lower eight bits of sixteen for the upper ones, which it keeps alone."""


@dataclass(frozen=True)
class DeepPixels:
    """Numbers of one picture."""

    values: NDArray[Any]
    """Shape (height, width) or (height, width, 3)."""
    is_missing: NDArray[np.bool_]
    """Shape (height, width): pixels that are no number or no data."""
    opacity: NDArray[np.float64] | None = None
    """Shape (height, width), from 0 to 1; None where all is opaque."""
    is_negative: bool = False
    """Whether the lowest value is white."""

    def as_8_bits(self) -> NDArray[np.uint8]:
        """Return the picture from its darkest pixel, 0, to its brightest, 255; what is missing or transparent is black.

        Returns:
            Shape of the values, uint8.

        Raises:
            UnreadableImageError: If no pixel has a value that can be seen.
        """
        is_hidden = self.is_missing if self.opacity is None else self.is_missing | (self.opacity == 0)
        shown = scaled_to_8_bits(self.values, is_hidden)
        if self.is_negative:
            shown = np.where(self.is_missing, np.uint8(0), 255 - shown)
        if self.opacity is not None:
            shown = np.rint(shown * self.opacity.reshape(*self.opacity.shape, *[1] * (shown.ndim - 2))).astype(np.uint8)
        return shown


def read_deep_pixels(image: ImageFile, content: bytes) -> DeepPixels | None:
    """Return the numbers of a picture that has more than 8 bits or signed ones.

    Args:
        image: The picture as Pillow opened it, not yet decoded; it is decoded here where it is deep.
        content: The file.

    Returns:
        Its pixels; None where 8 bits a channel are all that there is.

    Raises:
        UnreadableImageError: If its kind of more than 8 bits is not read.
    """
    mode, arguments = image.mode, image.tile[0].args if image.tile else None
    raw_mode, *rest = arguments if isinstance(arguments, tuple) else (arguments,)
    if image.format == "PPM" and mode == "RGB" and rest and rest[0] > 255:
        return _read_portable(image, content)
    tags = getattr(image, "tag_v2", {})
    is_deep = max(tags.get(BITS_PER_SAMPLE, (1,))) > BYTE or ";16" in str(raw_mode)
    if is_deep and not mode.startswith(("I", "F")):
        # Of planes that lie one behind the other Pillow takes bytes for pixels.
        return _read_colours(image, content, "" if tags.get(PLANAR) == SEPARATE else str(raw_mode))
    is_signed = tags.get(SAMPLE_FORMAT, (UNSIGNED,))[0] == SIGNED
    if not mode.startswith(("I", "F")) and not (mode == "L" and is_signed):
        return None
    values = np.asarray(image)
    if mode == "L":
        values = values.view(np.int8)
    elif mode == "I" and not is_signed and tags.get(BITS_PER_SAMPLE) == (32,):
        values = values.view(np.uint32)
    # Pillow itself turns negatives of 8 bits alone.
    is_negative = tags.get(PHOTOMETRIC) == WHITE_IS_ZERO
    return DeepPixels(values, find_missing(values, image), is_negative=is_negative)


def find_missing(values: NDArray[Any], image: Image.Image) -> NDArray[np.bool_]:
    """Return which pixels are no number, what a TIFF's tag calls no data, or of the colour that a PNG lets through.

    Args:
        values: Shape (height, width) or (height, width, channels).
        image: The picture that they are of.

    Returns:
        Shape (height, width); a coloured pixel is missing where all of its channels are.
    """
    is_missing: NDArray[np.bool_] = np.zeros(values.shape, bool)
    if values.dtype.kind == "f":
        is_missing |= ~np.isfinite(values) | (np.abs(values) == FULL)
    no_data = no_data_value(image)
    if no_data is not None:
        is_missing |= np.isclose(values, no_data, rtol=1e-6, atol=0)
    if image.format == "PNG" and "transparency" in image.info:
        is_missing |= values == np.asarray(image.info["transparency"])
    return is_missing if values.ndim == 2 else np.all(is_missing, axis=-1)


def no_data_value(image: Image.Image) -> float | None:
    """Return what a TIFF's own tag calls no data; None where it says nothing."""
    text = getattr(image, "tag_v2", {}).get(NO_DATA)
    try:
        return None if text is None else float(str(text).strip(" \0"))
    except ValueError:
        return None


def _read_colours(image: ImageFile, content: bytes, raw_mode: str) -> DeepPixels:
    if raw_mode == "LA;16B":
        # Four bytes a pixel, which Pillow can also take for four channels.
        grey, opacity = np.moveaxis(_decoded(image, "RGBA").view(">u2"), -1, 0)
        return _with_opacity(grey, opacity)
    channels, _, order = raw_mode.partition(";16")
    if channels not in ("RGB", "RGBX", "RGBA") or order not in SWAPPED:
        raise UnreadableImageError("of 16 bits a channel in an order or colours that are not read")
    from PIL import Image

    again = Image.open(BytesIO(content), formats=[str(image.format)])
    again.seek(image.tell())
    upper, lower = _decoded(image, raw_mode), _decoded(again, f"{channels};16{SWAPPED[order]}")
    values = (upper.astype(np.uint16) << 8) + lower
    if channels == "RGBA":
        return _with_opacity(values[..., :3], values[..., 3])
    return DeepPixels(values, find_missing(values, image))


def _decoded(image: ImageFile, raw_mode: str) -> NDArray[np.uint8]:
    """Return what Pillow decodes where the file's samples are said to lie in this order."""
    image.tile = [
        tile._replace(args=(raw_mode, *tile.args[1:]) if isinstance(tile.args, tuple) else raw_mode)
        for tile in image.tile
    ]
    return np.ascontiguousarray(image)


def _with_opacity(values: NDArray[Any], opacity: NDArray[Any]) -> DeepPixels:
    # A writer of 12 bits in 16 leaves the opacity at 4095, too.
    shares = opacity / max(int(opacity.max()), 1)
    return DeepPixels(values, np.zeros(opacity.shape, bool), shares)


def _read_portable(image: ImageFile, content: bytes) -> DeepPixels:
    decoder, _, offset, _ = image.tile[0]
    if decoder != "ppm" and decoder != "raw":
        raise UnreadableImageError("of more than 8 bits in plain text, which is not read")
    width, height = image.size
    values = np.frombuffer(content, ">u2", height * width * 3, offset).reshape(height, width, 3)
    return DeepPixels(values, np.zeros((height, width), bool))
