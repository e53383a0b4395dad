"""Pixels of more than 8 bits, of every order of bytes, compression and number of channels."""

from __future__ import annotations

import struct
import zlib
from io import BytesIO
from typing import Any

import numpy as np
import pytest
from PIL import Image, TiffImagePlugin

from reprodx.datasets.deep_pixels import DeepPixels, find_missing, no_data_value, read_deep_pixels
from reprodx.datasets.unreadable_image import UnreadableImageError

Pixels = np.ndarray[Any, np.dtype[Any]]
TWELVE_BITS = np.random.default_rng(0).integers(0, 4096, (6, 5, 4)).astype(np.uint16)
COLOUR_TYPES = {1: 0, 2: 4, 3: 2, 4: 6}
"""PNG's colour type by number of channels."""


def png(pixels: Pixels) -> bytes:
    """Return a PNG of 16 bits a channel, each row after the filter that takes the difference to the pixel before."""
    height, width, channels = pixels.shape
    raw = np.frombuffer(pixels.astype(">u2").tobytes(), np.uint8).reshape(height, width, 2 * channels)
    before = np.zeros_like(raw)
    before[:, 1:] = raw[:, :-1]
    rows = b"".join(b"\1" + row.tobytes() for row in raw - before)
    header = struct.pack(">IIBBBBB", width, height, 16, COLOUR_TYPES[channels], 0, 0, 0)
    parts = [(b"IHDR", header), (b"IDAT", zlib.compress(rows)), (b"IEND", b"")]
    chunks = (
        struct.pack(">I", len(part)) + kind + part + struct.pack(">I", zlib.crc32(kind + part)) for kind, part in parts
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def tiff(pixels: Pixels, *, order: str = "<", photometric: int | None = None, **tags: Any) -> bytes:
    """Return a TIFF without compression of one strip."""
    pixels = pixels if pixels.ndim == 3 else pixels[..., None]
    height, width, channels = pixels.shape
    bits = 8 * pixels.dtype.itemsize
    entries: list[tuple[int, int, list[int]]] = [
        (256, 4, [width]),
        (257, 4, [height]),
        (258, 3, [bits] * channels),
        (259, 3, [1]),
        (262, 3, [(2 if channels > 1 else 1) if photometric is None else photometric]),
        (273, 4, [0]),
        (277, 3, [channels]),
        (278, 4, [height]),
        (279, 4, [pixels.nbytes]),
        (339, 3, [{"u": 1, "i": 2, "f": 3}[pixels.dtype.kind]] * channels),
    ]
    if channels == 4:
        entries.insert(9, (338, 3, [tags.get("extra", 2)]))
    no_data = tags.get("no_data")
    if no_data is not None:
        entries.append((42113, 2, [*no_data.encode(), 0]))
    sizes = {2: "B", 3: "H", 4: "I"}
    start = 8 + 2 + 12 * len(entries) + 4
    body = b""
    directory = b""
    for tag, kind, values in entries:
        at = struct.pack(order + sizes[kind] * len(values), *values)
        if tag == 273:
            at = b"STRP"
        elif len(at) > 4:
            body, at = body + at, struct.pack(order + "I", start + len(body))
        directory += struct.pack(order + "HHI", tag, kind, len(values)) + at.ljust(4, b"\0")
    directory = directory.replace(b"STRP", struct.pack(order + "I", start + len(body)))
    head = (b"II" if order == "<" else b"MM") + struct.pack(order + "HIH", 42, 8, len(entries))
    data = pixels.astype(pixels.dtype.newbyteorder(order)).tobytes()
    return head + directory + b"\0\0\0\0" + body + data


def deep(content: bytes) -> DeepPixels:
    found = read_deep_pixels(Image.open(BytesIO(content)), content)
    assert found is not None
    return found


@pytest.mark.parametrize("channels", [1, 2, 3, 4])
def test_all_sixteen_bits_of_a_png_are_read(channels: int) -> None:
    pixels = TWELVE_BITS[..., :channels]
    found = deep(png(pixels))
    if channels in (1, 3):
        assert np.array_equal(found.values.reshape(pixels.shape), pixels)
        assert found.opacity is None
    else:
        assert np.array_equal(found.values.reshape(6, 5, channels - 1), pixels[..., :-1])
        np.testing.assert_allclose(found.opacity, pixels[..., -1] / pixels[..., -1].max())


@pytest.mark.parametrize("order", "<>")
@pytest.mark.parametrize("channels", [1, 3, 4])
def test_all_sixteen_bits_of_a_tiff_are_read(order: str, channels: int) -> None:
    pixels = TWELVE_BITS[..., :channels]
    found = deep(tiff(pixels, order=order))
    assert np.array_equal(found.values.reshape(6, 5, -1), pixels[..., :3])
    assert (found.opacity is not None) == (channels == 4)
    ignored = deep(tiff(TWELVE_BITS, order=order, extra=0))
    assert np.array_equal(ignored.values, TWELVE_BITS[..., :3])
    assert ignored.opacity is None


@pytest.mark.parametrize("compression", ["tiff_lzw", "tiff_deflate"])
def test_a_compressed_tiff_is_read_as_the_plain_one(compression: str) -> None:
    plain = tiff(TWELVE_BITS[..., 0])
    file = BytesIO()
    Image.open(BytesIO(plain)).save(file, "TIFF", compression=compression)
    assert np.array_equal(deep(file.getvalue()).values, deep(plain).values)


def test_a_portable_picture_of_sixteen_bits() -> None:
    content = b"P6\n# made\n5 6\n65535\n" + TWELVE_BITS[..., :3].astype(">u2").tobytes()
    assert np.array_equal(deep(content).values, TWELVE_BITS[..., :3])
    text = b"P3\n1 1\n4095\n0 100 4095\n"
    with pytest.raises(UnreadableImageError, match="in plain text"):
        deep(text)


@pytest.mark.parametrize("dtype", [np.int8, np.int16, np.int32, np.uint32, np.float32])
def test_the_kind_of_number_is_that_of_the_file(dtype: type[np.generic]) -> None:
    info = np.finfo(dtype) if np.issubdtype(dtype, np.floating) else np.iinfo(dtype)
    values = np.array([[info.min, 0, 1], [2, 3, info.max]], dtype)
    assert deep(tiff(values)).values.tolist() == values.tolist()


def test_a_negative_is_turned() -> None:
    values = np.array([[0, 1000], [2000, 4000]], np.uint16)
    assert deep(tiff(values, photometric=0)).as_8_bits().tolist() == [[255, 191], [127, 0]]


@pytest.mark.parametrize(
    ("values", "no_data", "expected"),
    [
        (np.array([[np.nan, 1, 2]], np.float32), None, [[0, 0, 255]]),
        (np.array([[-np.inf, 1, np.inf, 3, 2]], np.float32), None, [[0, 0, 0, 255, 128]]),
        (np.array([[-9999, 1, 3]], np.float32), "-9999", [[0, 0, 255]]),
        (np.array([[-3.4028234663852886e38, 1, 3]], np.float32), "-3.40282346638529e+38", [[0, 0, 255]]),
        (np.array([[-3.4028234663852886e38, 1, 3]], np.float32), None, [[0, 0, 255]]),
        (np.array([[65535, 10, 30]], np.uint16), "65535 ", [[0, 0, 255]]),
        (np.array([[7, 10, 30]], np.uint16), "nonsense", [[0, 33, 255]]),
    ],
)
def test_what_is_no_number_or_no_data_does_not_count(values: Pixels, no_data: str | None, expected: list[Any]) -> None:
    assert deep(tiff(values, no_data=no_data)).as_8_bits().tolist() == expected


def test_missing_pixels_of_a_negative_and_of_what_is_transparent_are_black() -> None:
    turned = deep(tiff(np.array([[np.nan, 1, 3]], np.float32), photometric=0))
    assert turned.as_8_bits().tolist() == [[0, 255, 0]]
    half = DeepPixels(np.array([[9000, 100, 300]]), np.zeros((1, 3), bool), np.array([[0, 1, 0.5]]))
    assert half.as_8_bits().tolist() == [[0, 0, 128]]
    colours = DeepPixels(np.array([[[0, 50, 100]]]), np.zeros((1, 1), bool), np.array([[0.5]]))
    assert colours.as_8_bits().tolist() == [[[0, 64, 128]]]


def test_a_coloured_pixel_is_missing_where_every_channel_is() -> None:
    file = BytesIO()
    tags = TiffImagePlugin.ImageFileDirectory_v2()
    tags[42113] = "0"
    Image.new("RGB", (1, 1)).save(file, "TIFF", tiffinfo=tags)
    image = Image.open(file)
    assert no_data_value(image) == 0
    assert find_missing(np.array([[[0, 0, 0], [0, 9, 0]]]), image).tolist() == [[True, False]]


def test_a_colour_that_a_png_lets_through_is_missing() -> None:
    for channels in (1, 3):
        pixels = TWELVE_BITS[..., :channels].copy()
        pixels[0, 0] = 60000
        plain = png(pixels)
        chunk = b"tRNS" + struct.pack(f">{channels}H", *[60000] * channels)
        part = struct.pack(">I", 2 * channels) + chunk + struct.pack(">I", zlib.crc32(chunk))
        found = deep(plain[:33] + part + plain[33:])
        assert found.is_missing.nonzero() == ([0], [0])


def test_eight_bits_are_left_to_pillow() -> None:
    for mode in ("L", "RGB", "RGBA", "P", "1"):
        file = BytesIO()
        Image.new(mode, (2, 2)).save(file, "PNG")
        assert read_deep_pixels(Image.open(file), file.getvalue()) is None


def test_other_colours_of_sixteen_bits_are_refused() -> None:
    content = tiff(TWELVE_BITS, photometric=5).replace(struct.pack("<HHI", 338, 3, 1), struct.pack("<HHI", 337, 3, 1))
    with pytest.raises(UnreadableImageError, match="16 bits a channel in an order or colours that are not read"):
        deep(content)


def test_planes_behind_each_other_are_not_taken_for_pixels() -> None:
    pixel_order, plane_order = struct.pack("<HHI", 278, 4, 1), struct.pack("<HHIHH", 284, 3, 1, 2, 0)
    content = tiff(TWELVE_BITS[..., :3])
    # The number of rows a strip may be left out, which makes room for how the channels lie.
    start = content.index(pixel_order)
    planes = content[:start] + content[start + 12 : start + 24] + plane_order + content[start + 24 :]
    with pytest.raises(UnreadableImageError, match="in an order or colours that are not read"):
        deep(planes)
