"""Files of pictures that Pillow reads, turned upright, of 8 bits: PNG, JPEG, TIFF, BMP, PPM, GIF and WebP."""

from __future__ import annotations

import math
from io import BytesIO
from typing import TYPE_CHECKING

import numpy as np

from reprodx.datasets.deep_pixels import find_missing, no_data_value, read_deep_pixels
from reprodx.datasets.grey_levels import are_lost
from reprodx.datasets.image_remarks import LOST_LEVELS, MISSING_PIXELS
from reprodx.datasets.unreadable_image import DECODER_ERRORS, UnreadableImageError

if TYPE_CHECKING:
    from PIL import Image
    from PIL.ImageFile import ImageFile

FORMATS = ("PNG", "JPEG", "TIFF", "BMP", "PPM", "GIF", "WEBP")
"""What Pillow may open; its rarer decoders are not offered to strangers' files."""
BEGINNINGS = (b"\x89PNG", b"\xff\xd8\xff", b"II*\0", b"MM\0*", b"II+\0", b"MM\0+", b"BM", b"P5", b"P6", b"GIF8")
"""How files of these formats begin, however early they are cut; a WebP is a RIFF file of its own kind."""
TIFF_BEGINNINGS = (b"II", b"MM")
"""How a TIFF begins."""
ENDS = {b"\x89PNG": b"IEND", b"\xff\xd8\xff": b"\xff\xd9"}
"""How a PNG and a JPEG end that are not cut, by how they begin."""
RIFF_HEADER_BYTES = 8
"""What a WebP begins with: a word, and how many bytes follow."""
LAST_BYTES = 1024
"""Where the end is looked for, as some cameras write a little behind it."""
ORIENTATION, SUBFILE = 0x0112, 254
"""The EXIF tag that says how the camera was held; the TIFF tag that says what a page is."""
IS_REDUCED = 1
"""The bit of `SUBFILE` that says that a page repeats another one smaller."""
UNREAD_MODES = ("LAB", "La", "HSV")
"""Colours that Pillow cannot turn into red, green and blue."""


def begins_as_picture(content: bytes) -> bool:
    """Return whether the bytes begin as a file of one of these formats does."""
    return content.startswith(BEGINNINGS) or (content[:4] == b"RIFF" and content[8:12] == b"WEBP")


def read_with_pillow(content: bytes, side: int) -> tuple[Image.Image, tuple[str, ...]]:
    """Return the one picture of a file.

    Args:
        content: The bytes of the file.
        side: Pixels a side that are enough: a JPEG that has many more may be decoded smaller.

    Returns:
        The picture in mode "L" or "RGB", and what is worth saying of it.

    Raises:
        UnreadableImageError: If it holds several pages or frames or none, is cut short, damaged, too large, or of
            another format.
    """
    from PIL import Image, UnidentifiedImageError

    remarks: tuple[str, ...] = ()
    try:
        image = _open(content)
        deep = read_deep_pixels(image, content)
        if deep is not None:
            levels = deep.as_8_bits()
            shown, is_missing = Image.fromarray(levels), bool(deep.is_missing.any())
            if are_lost(deep.values, levels, deep.is_missing):
                remarks += (LOST_LEVELS,)
        else:
            # libjpeg can decode at a half, quarter or eighth of the size, which is most of the time for large ones.
            image.draft(None, (side, side))
            image.load()
            shown, is_missing = _without_no_data(image)
        remarks += (MISSING_PIXELS,) if is_missing else ()
        return _upright(shown, image.getexif().get(ORIENTATION, 1)), remarks
    except UnidentifiedImageError:
        raise UnreadableImageError(_unidentified(content)) from None
    except Image.DecompressionBombError:
        raise UnreadableImageError("of too many pixels") from None
    except DECODER_ERRORS as error:
        raise UnreadableImageError("truncated" if _is_cut(content, error) else "damaged") from None


def _open(content: bytes) -> ImageFile:
    """Return the picture at its one page of full size, not yet decoded."""
    from PIL import Image

    image = Image.open(BytesIO(content), formats=FORMATS)
    if image.format == "PNG":
        # Only this looks at the checksums of all parts; what it looked through cannot be decoded any more.
        image.verify()
        image = Image.open(BytesIO(content), formats=FORMATS)
    if image.format == "TIFF":
        pages = range(getattr(image, "n_frames", 1))
        full = []
        for page in pages if len(pages) > 1 else ():
            image.seek(page)
            full += [page] if not getattr(image, "tag_v2", {}).get(SUBFILE, 0) & IS_REDUCED else []
            if len(full) > 1:
                raise UnreadableImageError("a TIFF of several pages")
        image.seek(full[0] if full else 0)
        if not _is_covered(image):
            raise UnreadableImageError("truncated")
    elif image.format in ("PNG", "GIF", "WEBP") and getattr(image, "n_frames", 1) > 1:
        raise UnreadableImageError("an animation")
    if image.mode in UNREAD_MODES:
        raise UnreadableImageError(f"in colours that are not read ({image.mode})")
    return image


def _is_covered(image: ImageFile) -> bool:
    """Return whether a TIFF names strips or tiles for all of its pixels; others would be black."""
    boxes = [tile.extents for tile in image.tile if tile.extents is not None]
    return sum((right - left) * (lower - upper) for left, upper, right, lower in boxes) >= math.prod(image.size)


def _without_no_data(image: Image.Image) -> tuple[Image.Image, bool]:
    from PIL import Image

    if no_data_value(image) is None:
        return _opaque(image), False
    is_missing = find_missing(np.asarray(image), image)
    pixels = np.array(_opaque(image))
    pixels[is_missing] = 0
    return Image.fromarray(pixels), bool(is_missing.any())


def _opaque(image: Image.Image) -> Image.Image:
    from PIL import Image

    is_grey = image.mode in ("1", "L", "LA")
    if image.has_transparency_data:
        image = image.convert("RGBA")
        image = Image.alpha_composite(Image.new("RGBA", image.size, "black"), image)
    return image.convert("L" if is_grey else "RGB")


def _upright(image: Image.Image, orientation: int) -> Image.Image:
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
    turn = turns.get(orientation)
    return image if turn is None else image.transpose(turn)


def _unidentified(content: bytes) -> str:
    from PIL import TiffImagePlugin

    if content.startswith(TIFF_BEGINNINGS):
        try:
            TiffImagePlugin.TiffImageFile(BytesIO(content))
        except DECODER_ERRORS as error:
            if "unknown" in str(error):
                return "a TIFF that is cut short or of a kind that is not read"
    if begins_as_picture(content):
        return "truncated" if _is_cut(content, EOFError()) else "damaged"
    return "of no format that is read (PNG, JPEG, TIFF, BMP, PPM, GIF, WebP, DICOM)"


def _is_cut(content: bytes, error: Exception) -> bool:
    if content.startswith(b"RIFF"):
        return len(content) < RIFF_HEADER_BYTES + int.from_bytes(content[4:RIFF_HEADER_BYTES], "little")
    for start, end in ENDS.items():
        if content.startswith(start):
            return end not in content[-LAST_BYTES:]
    return isinstance(error, EOFError) or any(word in str(error) for word in ("truncat", "decoder error"))
