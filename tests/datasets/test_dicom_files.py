"""DICOM files as a screen would show them."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import numpy as np
import pytest
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.encaps import encapsulate
from pydicom.pixels.processing import apply_windowing
from pydicom.uid import ExplicitVRLittleEndian, JPEGLSLossless, SecondaryCaptureImageStorage, generate_uid

from reprodx.datasets.dicom_files import is_dicom, read_dicom, scaled_to_8_bits, window
from reprodx.datasets.unreadable_image import UnreadableImageError


def dicom(pixels: np.ndarray[Any, Any] | None, *, photometric: str = "MONOCHROME2", **elements: Any) -> bytes:
    """Return the bytes of a file with these pixels, of one grey or three colour samples, and these elements."""
    dataset = Dataset()
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    dataset.file_meta.MediaStorageSOPClassUID = dataset.SOPClassUID = SecondaryCaptureImageStorage
    dataset.file_meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID = generate_uid()
    if pixels is not None:
        bits = 8 * pixels.dtype.itemsize
        dataset.Rows, dataset.Columns = pixels.shape[-3:-1] if photometric == "RGB" else pixels.shape[-2:]
        dataset.SamplesPerPixel = 3 if photometric == "RGB" else 1
        dataset.PhotometricInterpretation = photometric
        dataset.BitsAllocated = dataset.BitsStored = bits
        dataset.HighBit = bits - 1
        dataset.PixelRepresentation = int(pixels.dtype.kind == "i")
        dataset.PixelData = pixels.tobytes()
        if photometric == "RGB":
            dataset.PlanarConfiguration = 0
    for name, value in elements.items():
        setattr(dataset, name, value)
    file = BytesIO()
    dataset.save_as(file, enforce_file_format=True)
    return file.getvalue()


RAMP = np.arange(16, dtype=np.uint16).reshape(4, 4) * 100


def test_without_a_window_the_range_is_that_of_the_pixels() -> None:
    content = dicom(RAMP + 1000)
    assert is_dicom(content)
    assert np.array_equal(read_dicom(content), np.rint(RAMP / 1500 * 255))


def test_monochrome1_is_inverted() -> None:
    bright_air = dicom(RAMP, photometric="MONOCHROME1")
    assert np.array_equal(read_dicom(bright_air), 255 - read_dicom(dicom(RAMP)))


def test_rescale_and_the_first_window_are_applied() -> None:
    elements = {"RescaleSlope": 2, "RescaleIntercept": -1024, "WindowCenter": [40, 300], "WindowWidth": [400, 1500]}
    shown = read_dicom(dicom(RAMP, **elements))
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
    assert read_dicom(dicom(pixels, VOILUTSequence=[table])).tolist() == [[0, 10], [200, 255]]


def test_signed_pixels() -> None:
    assert read_dicom(dicom(np.array([[-100, 0], [50, 100]], np.int16))).tolist() == [[0, 128], [191, 255]]


def test_colours_are_kept() -> None:
    pixels = np.arange(12, dtype=np.uint8).reshape(2, 2, 3) * 20
    assert np.array_equal(read_dicom(dicom(pixels, photometric="RGB")), pixels)


def test_a_palette_becomes_colours() -> None:
    palette = {"red": [0, 65535], "green": [0, 0], "blue": [65535, 0]}
    elements: dict[str, Any] = {}
    for name, values in palette.items():
        elements[f"{name.title()}PaletteColorLookupTableDescriptor"] = [2, 0, 16]
        elements[f"{name.title()}PaletteColorLookupTableData"] = np.array(values, np.uint16).tobytes()
    pixels = np.array([[0, 1]], np.uint8)
    assert read_dicom(dicom(pixels, photometric="PALETTE COLOR", **elements)).tolist() == [[[0, 0, 255], [255, 0, 0]]]


def test_several_frames_are_refused() -> None:
    with pytest.raises(UnreadableImageError, match="a multi-frame DICOM"):
        read_dicom(dicom(np.stack([RAMP, RAMP]), NumberOfFrames=2))


def test_a_report_has_no_pixels() -> None:
    with pytest.raises(UnreadableImageError, match="a DICOM without pixels"):
        read_dicom(dicom(None))


@pytest.mark.parametrize("kept", [-8, -1])
def test_a_file_cut_short_is_truncated(kept: int) -> None:
    with pytest.raises(UnreadableImageError, match="truncated"):
        read_dicom(dicom(RAMP)[:kept])


def test_a_file_without_its_rows_is_damaged() -> None:
    with pytest.raises(UnreadableImageError, match="damaged"):
        read_dicom(dicom(RAMP, Rows=None))


def test_a_compression_that_nothing_here_reads_is_said() -> None:
    import pydicom

    dataset = pydicom.dcmread(BytesIO(dicom(RAMP)))
    dataset.PixelData = encapsulate([b"\xff\xd8\xff\xf7"])
    dataset["PixelData"].VR = "OB"
    dataset["PixelData"].is_undefined_length = True
    dataset.file_meta.TransferSyntaxUID = JPEGLSLossless
    file = BytesIO()
    dataset.save_as(file)
    with pytest.raises(UnreadableImageError, match="a compression that is not supported"):
        read_dicom(file.getvalue())


def test_equal_values_are_black() -> None:
    assert scaled_to_8_bits(np.full((2, 2), 7)).tolist() == [[0, 0], [0, 0]]


def test_what_is_no_dicom() -> None:
    assert not is_dicom(b"DICM")
