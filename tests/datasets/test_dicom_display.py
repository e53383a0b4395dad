"""DICOM pictures as a screen would show them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from pydicom.dataset import Dataset
from pydicom.pixels.processing import apply_windowing

from reprodx.datasets.dicom_display import cut_to_bits, find_padding, window
from reprodx.datasets.dicom_files import read_dicom
from reprodx.datasets.image_remarks import HIGH_BITS, INVALID_WINDOW, LOST_LEVELS, MISSING_PIXELS
from reprodx.datasets.unreadable_image import UnreadableImageError
from tests.datasets.test_dicom_files import dicom, read

RAMP = np.arange(16, dtype=np.uint16).reshape(4, 4) * 100


def test_without_a_window_the_range_is_that_of_the_pixels() -> None:
    content = dicom(RAMP + 1000)
    assert np.array_equal(read(content), np.rint(RAMP / 1500 * 255))


def test_monochrome1_is_inverted() -> None:
    bright_air = dicom(RAMP, photometric="MONOCHROME1")
    assert np.array_equal(read(bright_air), 255 - read(dicom(RAMP)))


def test_rescale_and_the_first_window_are_applied() -> None:
    elements = {"RescaleSlope": 2, "RescaleIntercept": -1024, "WindowCenter": [40, 300], "WindowWidth": [400, 1500]}
    shown = read(dicom(RAMP, **elements))
    hounsfield = RAMP * 2.0 - 1024
    assert np.array_equal(shown, np.rint(np.clip((hounsfield - 39.5) / 399 + 0.5, 0, 1) * 255))
    assert 0 < shown[1, 2] < 255


@pytest.mark.parametrize("function", ["LINEAR", "LINEAR_EXACT", "SIGMOID"])
def test_windows_are_those_of_pydicom(function: str) -> None:
    dataset = Dataset()
    dataset.update({"WindowCenter": 700, "WindowWidth": 800, "VOILUTFunction": function, "BitsStored": 16})
    dataset.PhotometricInterpretation, dataset.PixelRepresentation = "MONOCHROME2", 0
    theirs = apply_windowing(RAMP, dataset) / 65535
    np.testing.assert_allclose(window(RAMP.astype(np.float64), 700, 800, function), theirs, atol=1e-9)


def test_a_voi_table_goes_before_the_range() -> None:
    table = Dataset()
    table.LUTDescriptor, table.LUTData = [4, 0, 16], np.array([0, 2570, 51400, 65535], np.uint16).tobytes()
    pixels = np.array([[0, 1], [2, 3]], np.uint16)
    assert read(dicom(pixels, VOILUTSequence=[table])).tolist() == [[0, 10], [200, 255]]


def test_signed_pixels() -> None:
    assert read(dicom(np.array([[-100, 0], [50, 100]], np.int16))).tolist() == [[0, 128], [191, 255]]


def test_colours_are_kept() -> None:
    pixels = np.arange(12, dtype=np.uint8).reshape(2, 2, 3) * 20
    assert np.array_equal(read(dicom(pixels, photometric="RGB")), pixels)


def test_a_palette_becomes_colours() -> None:
    palette = {"red": [0, 65535], "green": [0, 0], "blue": [65535, 0]}
    elements: dict[str, Any] = {}
    for name, values in palette.items():
        elements[f"{name.title()}PaletteColorLookupTableDescriptor"] = [2, 0, 16]
        elements[f"{name.title()}PaletteColorLookupTableData"] = np.array(values, np.uint16).tobytes()
    pixels = np.array([[0, 1]], np.uint8)
    assert read(dicom(pixels, photometric="PALETTE COLOR", **elements)).tolist() == [[[0, 0, 255], [255, 0, 0]]]


@pytest.mark.parametrize(
    ("elements", "padding"),
    [
        ({"PixelPaddingValue": -2000}, [-2000]),
        ({"PixelPaddingValue": -32768}, [-32768]),
        ({"PixelPaddingValue": -3000, "PixelPaddingRangeLimit": -2000}, [-3000, -2500, -2000]),
        ({"PixelPaddingValue": 3000, "PixelPaddingRangeLimit": 2000}, [2000, 2500, 3000]),
    ],
)
@pytest.mark.parametrize("photometric", ["MONOCHROME2", "MONOCHROME1"])
def test_padding_is_black_and_not_in_the_range(elements: dict[str, int], padding: list[int], photometric: str) -> None:
    tissue = np.linspace(-100, 100, 9 - len(padding)).astype(np.int16)
    alone = read(dicom(tissue[None], photometric=photometric))[0]
    pixels = np.concatenate([np.array(padding, np.int16), tissue])[None]
    padded = read(dicom(pixels, photometric=photometric, RescaleSlope=2, RescaleIntercept=-7, **elements))[0]
    assert padded[: len(padding)].max() == 0
    assert np.array_equal(padded[len(padding) :], alone)


def test_padding_written_as_an_unsigned_number_is_the_signed_one() -> None:
    dataset = Dataset()
    dataset.PixelPaddingValue = 63536
    assert find_padding(np.array([-2000, 0], np.int16), dataset).tolist() == [True, False]
    assert find_padding(np.array([63536, 0], np.uint16), dataset).tolist() == [True, False]


def test_a_picture_of_padding_alone_is_none() -> None:
    with pytest.raises(UnreadableImageError, match="without a pixel that has a value"):
        read(dicom(np.full((4, 4), 7, np.uint16), PixelPaddingValue=7))


@pytest.mark.parametrize(
    "elements",
    [
        {"WindowCenter": 700, "WindowWidth": 0},
        {"WindowCenter": 700, "WindowWidth": -400},
        {"WindowCenter": 700, "WindowWidth": 0.5},
        {"WindowCenter": 700, "WindowWidth": 0, "VOILUTFunction": "LINEAR_EXACT"},
        {"WindowCenter": 700, "WindowWidth": -3, "VOILUTFunction": "SIGMOID"},
        {"WindowCenter": 700, "WindowWidth": 400, "VOILUTFunction": "CURVE"},
        {"WindowCenter": 700},
        {"WindowCenter": 9e9, "WindowWidth": 400},
        {"WindowCenter": -9e9, "WindowWidth": 400},
        {"WindowCenter": 700, "WindowWidth": 1},
        {"WindowCenter": [700, 300], "WindowWidth": [0, -1]},
    ],
)
def test_a_window_that_is_not_valid_or_shows_nothing_is_said_and_not_followed(elements: dict[str, Any]) -> None:
    image, remarks = read_dicom(dicom(RAMP, **elements))
    assert remarks == (INVALID_WINDOW,)
    assert np.array_equal(np.asarray(image), read(dicom(RAMP)))


def test_the_first_valid_of_several_windows_is_followed() -> None:
    expected = read(dicom(RAMP, WindowCenter=700, WindowWidth=800))
    for elements in (
        {"WindowCenter": [700, 700], "WindowWidth": [0, 800]},
        {"WindowCenter": [700, 10], "WindowWidth": [800]},
        {"WindowCenter": 700, "WindowWidth": [800, 9]},
    ):
        image, remarks = read_dicom(dicom(RAMP, **elements))
        assert remarks == ()
        assert np.array_equal(np.asarray(image), expected)


def test_a_mask_of_two_values_may_have_the_narrowest_window() -> None:
    image, remarks = read_dicom(dicom(np.array([[0, 1]], np.uint16), WindowCenter=1, WindowWidth=1))
    assert (np.asarray(image).tolist(), remarks) == ([[0, 255]], ())


def test_an_inverse_presentation_is_inverted_once() -> None:
    for photometric in ("MONOCHROME1", "MONOCHROME2"):
        shown = read(dicom(RAMP, photometric=photometric, PresentationLUTShape="INVERSE"))
        assert np.array_equal(shown, 255 - read(dicom(RAMP)))
    assert np.array_equal(read(dicom(RAMP, PresentationLUTShape="IDENTITY")), read(dicom(RAMP)))


@pytest.mark.parametrize(
    ("slope", "reason"), [("1e308", "rescaled to what is no number"), ("0", "rescaled by a slope of 0")]
)
def test_rescaling_that_leaves_no_picture_is_refused(slope: str, reason: str) -> None:
    with pytest.raises(UnreadableImageError, match=reason):
        read(dicom(RAMP, RescaleSlope=slope, RescaleIntercept="0"))


def test_large_and_negative_rescaling_keep_the_order() -> None:
    assert np.array_equal(read(dicom(RAMP, RescaleSlope="1e200", RescaleIntercept="5")), read(dicom(RAMP)))
    assert np.array_equal(read(dicom(RAMP, RescaleSlope="-1", RescaleIntercept="5")), 255 - read(dicom(RAMP)))


def test_numbers_that_are_no_integers() -> None:
    values = np.array([[np.nan, 0.5], [1.5, 2.5]], np.float32)
    content = dicom(values.view(np.uint32), FloatPixelData=values.tobytes(), PixelData=None)
    image, remarks = read_dicom(content)
    assert (np.asarray(image).tolist(), remarks) == ([[0, 0], [128, 255]], (MISSING_PIXELS,))


def test_deep_colours_are_scaled_by_what_is_used_of_them() -> None:
    pixels = (np.arange(12).reshape(2, 2, 3) * 300).astype(np.uint16)
    assert np.array_equal(read(dicom(pixels, photometric="RGB")), np.rint(pixels / 3300 * 255))


def test_luminance_and_two_colours_become_three() -> None:
    grey = np.full((2, 2, 3), 128, np.uint8)
    grey[..., 0] = [[0, 50], [100, 255]]
    shown = read(dicom(grey, photometric="YBR_FULL"))
    assert np.abs(shown.astype(int) - grey[..., :1]).max() <= 1


@pytest.mark.parametrize(
    ("values", "expected", "is_beyond"),
    [
        (np.array([0, 4095, 4096], np.uint16), [0, 4095, 0], [False, False, True]),
        (np.array([-2048, 2047, -2049, 2048], np.int16), [-2048, 2047, 2047, -2048], [False, False, True, False]),
        (np.array([9.5], np.float32), [9.5], [False]),
    ],
)
def test_what_lies_above_the_bits_is_no_part(
    values: np.ndarray[Any, Any], expected: list[float], is_beyond: list[bool]
) -> None:
    assert [part.tolist() for part in cut_to_bits(values, 12)] == [expected, is_beyond]


def test_pixels_in_the_upper_bits_are_read_from_there() -> None:
    ramp = np.array([[0, 1000, 4095]], np.uint16)
    assert read_dicom(dicom(ramp << 4, BitsStored=12, HighBit=15))[1] == ()
    assert read(dicom(ramp << 4, BitsStored=12, HighBit=15)).tolist() == [[0, 62, 255]]
    # A header that only says so.
    assert read(dicom(ramp, BitsStored=12, HighBit=15)).tolist() == [[0, 62, 255]]


def test_what_has_8_bits_is_as_it_is_without_a_window() -> None:
    pixels = np.array([[100, 110, 131]], np.uint8)
    assert read(dicom(pixels)).tolist() == read(dicom(pixels, RescaleSlope=1, RescaleIntercept=0)).tolist()
    assert read(dicom(pixels)).tolist() == pixels.tolist()
    assert read(dicom(pixels, PixelPaddingValue=100)).tolist() == [[0, 110, 131]]
    assert read(dicom(pixels, photometric="MONOCHROME1")).tolist() == [[155, 145, 124]]
    assert read(dicom(pixels, RescaleSlope=2, RescaleIntercept=0)).tolist() == [[0, 82, 255]]


def test_padding_may_lie_beyond_the_bits() -> None:
    pixels = np.array([[63536, 0, 4000]], np.uint16)
    assert read_dicom(dicom(pixels, BitsStored=12, HighBit=11, PixelPaddingValue=63536))[1] == ()
    image, remarks = read_dicom(dicom(pixels, BitsStored=12, HighBit=11))
    assert (np.asarray(image).tolist(), remarks) == ([[134, 0, 255]], (HIGH_BITS,))
    unextended = np.array([[-2000 & 0xFFF, 0, 1000]], np.int16)
    assert read(dicom(unextended, BitsStored=12, HighBit=11, PixelPaddingValue=-2000)).tolist() == [[0, 0, 255]]
    assert read(dicom(unextended, BitsStored=12, HighBit=11)).tolist() == [[0, 170, 255]]


def test_padding_that_is_not_called_so_and_too_wide_a_window_are_said() -> None:
    tissue = np.arange(-100, 300, dtype=np.int16).reshape(20, 20)
    tissue[0, 0] = -32768
    assert read_dicom(dicom(tissue))[1] == (LOST_LEVELS,)
    assert read_dicom(dicom(tissue, PixelPaddingValue=-32768))[1] == ()
    assert read_dicom(dicom(tissue, WindowCenter=100, WindowWidth=400))[1] == ()
    assert read_dicom(dicom(tissue, WindowCenter=100, WindowWidth=90000))[1] == (LOST_LEVELS,)
