"""Files that Pillow reads: one picture each, whatever the format does beside."""

from __future__ import annotations

import struct
import zlib
from io import BytesIO
from typing import Any

import numpy as np
import pytest
from PIL import Image

from reprodx.datasets.image_remarks import LOST_LEVELS, MISSING_PIXELS
from reprodx.datasets.pillow_files import begins_as_picture, read_with_pillow
from reprodx.datasets.unreadable_image import UnreadableImageError
from tests.datasets.test_deep_pixels import png, tiff

PIXELS = np.random.default_rng(0).integers(0, 256, (8, 6, 3), dtype=np.uint8)
CUT_OR_FOREIGN = "a TIFF that is cut short or of a kind that is not read"
PICTURE = Image.fromarray(PIXELS)


def file_of(image: Image.Image, form: str, **options: Any) -> bytes:
    file = BytesIO()
    image.save(file, form, **options)
    return file.getvalue()


def read(content: bytes) -> np.ndarray[Any, np.dtype[Any]]:
    return np.asarray(read_with_pillow(content, 100)[0])


def reason(content: bytes) -> str:
    with pytest.raises(UnreadableImageError) as caught:
        read_with_pillow(content, 100)
    return caught.value.reason


def test_every_mode_becomes_grey_or_red_green_and_blue() -> None:
    for mode, form in [("L", "PNG"), ("1", "TIFF"), ("LA", "PNG"), ("I;16", "PNG"), ("F", "TIFF")]:
        assert read(file_of(Image.new(mode, (6, 8)), form)).shape == (8, 6)
    for mode, form in [("RGB", "WEBP"), ("RGBA", "WEBP"), ("P", "GIF"), ("CMYK", "JPEG"), ("YCbCr", "TIFF")]:
        assert read(file_of(Image.new(mode, (6, 8)), form)).shape == (8, 6, 3)
    assert reason(file_of(Image.new("LAB", (6, 8)), "TIFF")) == "in colours that are not read (LAB)"


def test_inks_of_a_jpeg_become_colours() -> None:
    inks = file_of(Image.new("CMYK", (8, 8), (0, 255, 255, 0)), "JPEG", quality=95)
    assert np.abs(read(inks).astype(int) - [255, 0, 0]).max() < 8


def test_a_palette_with_transparency_is_black_where_it_is_transparent() -> None:
    palette = Image.new("P", (2, 1))
    palette.putpalette([10, 20, 30, 40, 50, 60])
    palette.putdata([0, 1])
    for form in ("PNG", "GIF"):
        assert read(file_of(palette, form, transparency=1)).tolist() == [[[10, 20, 30], [0, 0, 0]]]


def test_a_deep_picture_is_turned_upright_too() -> None:
    ramp = (np.arange(6).reshape(1, 6, 1) * 4000).astype(np.uint16)
    exif = struct.pack("<2sHIHHHII", b"II", 42, 8, 1, 0x0112, 3, 1, 3) + b"\0" * 4
    plain = png(ramp)
    chunk = struct.pack(">I", len(exif)) + b"eXIf" + exif
    turned = plain[:33] + chunk + struct.pack(">I", zlib.crc32(chunk[4:])) + plain[33:]
    assert np.array_equal(read(turned), read(plain)[:, ::-1])


def test_missing_pixels_are_black_and_said() -> None:
    image, remarks = read_with_pillow(tiff(np.array([[np.nan, 1, 2]], np.float32)), 100)
    assert (np.asarray(image).tolist(), remarks) == ([[0, 0, 255]], (MISSING_PIXELS,))
    image, remarks = read_with_pillow(tiff(np.array([[255, 1, 2]], np.uint8), no_data="255"), 100)
    assert (np.asarray(image).tolist(), remarks) == ([[0, 1, 2]], (MISSING_PIXELS,))
    assert read_with_pillow(tiff(np.array([[255, 1, 2]], np.uint8), no_data="7"), 100)[1] == ()
    far = np.append(np.linspace(0, 1, 99), 9.96921e36).astype(np.float32)[None]
    assert read_with_pillow(tiff(far), 100)[1] == (LOST_LEVELS,)
    assert read_with_pillow(tiff(far, no_data="9.96921e+36"), 100)[1] == (MISSING_PIXELS,)


@pytest.mark.parametrize("form", ["PNG", "GIF", "WEBP"])
def test_an_animation_is_refused_and_its_one_frame_is_not(form: str) -> None:
    more = Image.new("RGB", PICTURE.size, "white")
    assert reason(file_of(PICTURE, form, save_all=True, append_images=[more], duration=100)) == "an animation"
    assert read(file_of(PICTURE, form)).shape == (8, 6, 3)


def test_a_tiff_may_hold_smaller_copies_of_its_page() -> None:
    small = PICTURE.resize((3, 4))
    small.encoderinfo = {"tiffinfo": {254: 1}}
    both = file_of(PICTURE, "TIFF", save_all=True, append_images=[small])
    assert np.array_equal(read(both), PIXELS)
    assert reason(file_of(PICTURE, "TIFF", save_all=True, append_images=[PICTURE])) == "a TIFF of several pages"


def test_a_png_is_believed_only_with_its_checksums() -> None:
    content = bytearray(file_of(PICTURE, "PNG", compress_level=0))
    content[100] ^= 255
    assert reason(bytes(content)) == "damaged"


@pytest.mark.filterwarnings("ignore::UserWarning")
@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (file_of(PICTURE, "WEBP")[:40], "truncated"),
        (file_of(PICTURE, "GIF")[:20], "truncated"),
        (tiff(PIXELS)[:100], CUT_OR_FOREIGN),
        (tiff(PIXELS)[:-9], "truncated"),
        (tiff(PIXELS).replace(struct.pack("<HHII", 257, 4, 1, 8), struct.pack("<HHII", 257, 4, 1, 9)), "truncated"),
        (tiff(np.zeros((2, 2), np.float64)), CUT_OR_FOREIGN),
        (tiff(np.zeros((2, 2, 3), np.float32)), CUT_OR_FOREIGN),
        (b"P6\n0 4\n255\n", "truncated"),
        (png(np.zeros((0, 4, 3), np.uint16)), "damaged"),
    ],
)
def test_what_is_wrong_is_said(content: bytes, expected: str) -> None:
    assert reason(content) == expected


def test_how_pictures_begin() -> None:
    assert begins_as_picture(b"RIFF\0\0\0\0WEBPVP8")
    assert begins_as_picture(b"GIF89a")
    assert not begins_as_picture(b"RIFF\0\0\0\0WAVE")
