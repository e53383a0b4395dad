"""Pictures decoded from files of every format, and the files that are none."""

from __future__ import annotations

import os
import re
from io import BytesIO
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from PIL import Image

from reprodx.datasets.image_files import ImageSettings, decode, decode_all
from reprodx.datasets.image_remarks import UNIFORM
from reprodx.datasets.unreadable_image import UnreadableImageError
from reprodx.errors import ConfigError
from tests.datasets.test_dicom_files import dicom

if TYPE_CHECKING:
    from pathlib import Path

SQUARE = ImageSettings((8, 8), "pad", "rgb")
GREY = ImageSettings((8, 8), "pad", "grey")
LOSSLESS = ["PNG", "TIFF", "BMP", "PPM", "WEBP"]


def file_of(image: Image.Image, form: str = "PNG", **options: Any) -> bytes:
    file = BytesIO()
    image.save(file, form, **options)
    return file.getvalue()


def read_pixels(source: Path | bytes, settings: ImageSettings) -> np.ndarray[Any, np.dtype[np.uint8]]:
    return decode(source, settings)[0]


def noise(*shape: int) -> np.ndarray[Any, np.dtype[np.uint8]]:
    return np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)


@pytest.mark.parametrize("form", LOSSLESS)
def test_a_picture_of_the_right_size_is_what_is_in_the_file(form: str) -> None:
    pixels = noise(8, 8, 3)
    options = {"lossless": True} if form == "WEBP" else {}
    assert np.array_equal(read_pixels(file_of(Image.fromarray(pixels), form, **options), SQUARE), pixels)


def test_a_path_and_its_bytes_give_the_same(tmp_path: Path) -> None:
    content = file_of(Image.fromarray(noise(20, 30, 3)), "JPEG")
    (tmp_path / "a.jpg").write_bytes(content)
    assert np.array_equal(read_pixels(tmp_path / "a.jpg", SQUARE), read_pixels(content, SQUARE))


def test_padding_keeps_all_and_cropping_fills() -> None:
    white = Image.new("RGB", (32, 16), "white")
    padded, cropped = (read_pixels(file_of(white), ImageSettings((8, 8), fit, "grey")) for fit in ("pad", "crop"))
    assert padded.shape == (8, 8, 1)
    assert (padded[2:6] == 255).all()
    assert (padded[:2] == 0).all()
    assert (padded[6:] == 0).all()
    assert (cropped == 255).all()
    tall = read_pixels(file_of(white), ImageSettings((4, 12), "pad", "rgb"))
    assert tall.shape == (4, 12, 3)
    assert tall[:, :2].max() == 0


def test_colour_and_grey_turn_into_each_other() -> None:
    red = file_of(Image.new("RGB", (8, 8), (255, 0, 0)))
    assert (read_pixels(red, GREY) == 76).all()
    grey = file_of(Image.new("L", (8, 8), 90))
    assert (read_pixels(grey, SQUARE) == 90).all()


@pytest.mark.parametrize("form", ["PNG", "TIFF"])
@pytest.mark.parametrize("highest", [4095, 65535])
def test_sixteen_bits_are_scaled_by_what_is_used_of_them(form: str, highest: int) -> None:
    ramp = np.linspace(0, highest, 64).reshape(8, 8).astype(np.uint16)
    shown = read_pixels(file_of(Image.fromarray(ramp), form), GREY)[..., 0]
    np.testing.assert_allclose(shown, np.linspace(0, 255, 64).reshape(8, 8), atol=0.6)


def test_palettes_truth_values_and_transparency() -> None:
    palette = Image.new("RGB", (8, 8), (200, 40, 10)).quantize(4)
    assert read_pixels(file_of(palette), SQUARE)[0, 0].tolist() == [200, 40, 10]
    assert read_pixels(file_of(Image.new("1", (8, 8), 1)), GREY).min() == 255
    half = Image.new("RGBA", (8, 8), (200, 100, 0, 0))
    half.paste((200, 100, 0, 255), (0, 0, 4, 8))
    shown = read_pixels(file_of(half), SQUARE)
    assert shown[0, 0].tolist() == [200, 100, 0]
    assert shown[0, 7].tolist() == [0, 0, 0]


@pytest.mark.parametrize("form", ["JPEG", "TIFF"])
def test_the_camera_is_turned_upright(form: str) -> None:
    image = Image.new("L", (8, 8))
    image.paste(255, (0, 0, 8, 4))
    exif = Image.Exif()
    exif[0x0112] = 6
    shown = read_pixels(file_of(image, form, exif=exif), GREY)[..., 0]
    assert shown[:, 5:].min() > 240
    assert shown[:, :3].max() < 15


def test_large_photographs_are_decoded_small_and_look_the_same() -> None:
    smooth = Image.fromarray(noise(12, 12, 3)).resize((480, 480), Image.Resampling.BICUBIC)
    shown = read_pixels(file_of(smooth, "JPEG", quality=95), ImageSettings((24, 24), "pad", "rgb"))
    expected = np.asarray(smooth.resize((24, 24), Image.Resampling.BILINEAR), float)
    assert np.abs(shown - expected).mean() < 4


def test_dicom_is_decoded_by_its_content() -> None:
    pixels = np.arange(64, dtype=np.uint16).reshape(8, 8)
    assert np.array_equal(read_pixels(dicom(pixels), GREY)[..., 0], np.rint(pixels / 63 * 255))
    assert read_pixels(dicom(pixels), SQUARE).shape == (8, 8, 3)


PNG, JPEG, TIFF = (file_of(Image.fromarray(noise(40, 40, 3)), form) for form in ("PNG", "JPEG", "TIFF"))
FOREIGN = "of no format that is read (PNG, JPEG, TIFF, BMP, PPM, GIF, WebP, DICOM)"
PAGES = file_of(Image.new("L", (8, 8)), "TIFF", save_all=True, append_images=[Image.new("L", (8, 8))])


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "empty"),
        (b"not a picture at all", FOREIGN),
        (b"<svg/>", FOREIGN),
        (b"RIFF\0\0\0\0AVI ", FOREIGN),
        (PNG[:500], "truncated"),
        (PNG[:8], "truncated"),
        (JPEG[: len(JPEG) // 2], "truncated"),
        (JPEG[:12], "truncated"),
        (TIFF[: len(TIFF) // 2], "truncated"),
        (PNG[:60] + b"\0\0\0" + PNG[63:], "damaged"),
        (PAGES, "a TIFF of several pages"),
        (dicom(None), "a DICOM without pixels"),
    ],
)
def test_every_unreadable_file_has_a_reason(content: bytes, reason: str, tmp_path: Path) -> None:
    with pytest.raises(UnreadableImageError) as caught:
        read_pixels(content, SQUARE)
    assert caught.value.reason == reason
    (tmp_path / "file").write_bytes(content)
    with pytest.raises(UnreadableImageError, match=f"^the image is {re.escape(reason)}$"):
        read_pixels(tmp_path / "file", SQUARE)


def test_a_file_that_is_not_there_is_missing(tmp_path: Path) -> None:
    for path in (tmp_path / "none.png", tmp_path):
        with pytest.raises(UnreadableImageError, match="missing"):
            read_pixels(path, SQUARE)


def test_a_bomb_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 10)
    with pytest.raises(UnreadableImageError, match="of too many pixels"):
        read_pixels(PNG, SQUARE)


def test_the_number_of_workers_changes_nothing(tmp_path: Path) -> None:
    files = [file_of(Image.fromarray(noise(9 + n, 20, 3)), form) for n, form in enumerate(["PNG", "JPEG"] * 10)]
    files[3] = files[3][:40]
    one = decode_all(files, SQUARE, path=tmp_path / "one.npy", num_workers=1)
    many = decode_all(files, SQUARE, path=tmp_path / "many.npy", num_workers=7)
    assert isinstance(one.values, np.memmap)
    assert (tmp_path / "one.npy").read_bytes() == (tmp_path / "many.npy").read_bytes()
    assert one.reasons == many.reasons == [None] * 3 + ["truncated"] + [None] * 16
    assert one.values[3].max() == 0
    in_memory = decode_all(files, SQUARE).values
    assert not isinstance(in_memory, np.memmap)
    assert np.array_equal(one.values, in_memory)
    assert np.array_equal(one.values[0], read_pixels(files[0], SQUARE))


def test_no_files_give_no_pictures(tmp_path: Path) -> None:
    found = decode_all([], SQUARE, path=tmp_path / "none.npy")
    assert found.values.shape == (0, 8, 8, 3)
    assert found.reasons == found.remarks == []


def test_a_picture_that_shows_nothing_is_said() -> None:
    grey, varied = file_of(Image.new("L", (8, 8), 90)), file_of(Image.fromarray(noise(8, 8)))
    assert decode_all([grey, varied, b""], SQUARE).remarks == [(UNIFORM,), (), ()]


def test_decoders_say_nothing_themselves(caplog: pytest.LogCaptureFixture) -> None:
    # A value of another length than its kind has, which pydicom quotes in what it warns of.
    named = dicom(np.arange(64, dtype=np.uint8).reshape(8, 8), PatientSex="M", PatientName="Doe^Jane").replace(
        b"CS\2\0M ", b"DA\2\0M "
    )
    assert decode_all([named], GREY).reasons == [None]
    assert not caplog.records


@pytest.mark.parametrize(("size", "is_read"), [((1, 15), True), ((1, 17), False), ((400, 3), False)])
def test_a_picture_of_which_nothing_would_be_left_is_refused(size: tuple[int, int], is_read: bool) -> None:
    line = file_of(Image.new("L", size, 200))
    assert decode_all([line], GREY).reasons == [
        None if is_read else "so narrow that nothing of it is left at this data.size"
    ]
    assert read_pixels(line, ImageSettings((8, 8), "crop", "grey")).min() == 200


def test_what_is_no_plain_file_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.png")
    (tmp_path / "loop.png").symlink_to("loop.png")
    assert decode_all([tmp_path / "pipe.png", tmp_path / "loop.png", tmp_path / "a\0.png"], GREY).reasons == [
        "not a file that may be read",
        "not a file that may be read",
        "missing",
    ]


def test_settings_survive_json_and_are_checked() -> None:
    assert ImageSettings.from_json(GREY.as_json()) == GREY
    assert GREY.channels == ("grey",)
    assert SQUARE.channels == ("red", "green", "blue")
    for wrong in ({"size": [8]}, {"size": [0, 8]}, {"size": [8, 5000]}, {"fit": "stretch"}, {"colour": "cmyk"}):
        with pytest.raises(ConfigError, match=f"data.{next(iter(wrong))}"):
            ImageSettings.from_json({**GREY.as_json(), **wrong})
