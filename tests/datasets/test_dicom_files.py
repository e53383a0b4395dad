"""DICOM files: what is one, what it holds, and what cannot be read of it."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import numpy as np
import pydicom
import pytest
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.encaps import encapsulate
from pydicom.uid import (
    MPEG2MPML,
    UID,
    DeflatedExplicitVRLittleEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    JPEGExtended12Bit,
    JPEGLSLossless,
    MRImageStorage,
    RLELossless,
    SecondaryCaptureImageStorage,
    generate_uid,
)

from reprodx.datasets import dicom_files
from reprodx.datasets.dicom_files import is_dicom, read_dicom
from reprodx.datasets.image_remarks import BURNED_IN, PERHAPS_BURNED_IN
from reprodx.datasets.unreadable_image import UnreadableImageError


def read(content: bytes) -> np.ndarray[Any, np.dtype[Any]]:
    return np.asarray(read_dicom(content)[0])


def dicom(pixels: np.ndarray[Any, Any] | None, *, photometric: str = "MONOCHROME2", **elements: Any) -> bytes:
    """Return the bytes of a file with these pixels, of one grey or three colour samples, and these elements."""
    dataset = Dataset()
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    dataset.file_meta.MediaStorageSOPClassUID = dataset.SOPClassUID = MRImageStorage
    dataset.file_meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID = generate_uid()
    if pixels is not None:
        bits = 8 * pixels.dtype.itemsize
        is_coloured = photometric in ("RGB", "YBR_FULL")
        dataset.Rows, dataset.Columns = pixels.shape[-3:-1] if is_coloured else pixels.shape[-2:]
        dataset.SamplesPerPixel = 3 if is_coloured else 1
        dataset.PhotometricInterpretation = photometric
        dataset.BitsAllocated = dataset.BitsStored = bits
        dataset.HighBit = bits - 1
        dataset.PixelRepresentation = int(pixels.dtype.kind == "i")
        dataset.PixelData = pixels.tobytes()
        if is_coloured:
            dataset.PlanarConfiguration = 0
    for name, value in elements.items():
        setattr(dataset, name, value)
        if value is None:
            delattr(dataset, name)
    file = BytesIO()
    dataset.save_as(file, enforce_file_format=True)
    return file.getvalue()


RAMP = np.arange(16, dtype=np.uint16).reshape(4, 4) * 100


def test_several_frames_are_refused() -> None:
    with pytest.raises(UnreadableImageError, match="a multi-frame DICOM"):
        read_dicom(dicom(np.stack([RAMP, RAMP]), NumberOfFrames=2))


@pytest.mark.parametrize(
    ("photometric", "samples"), [("MONOCHROME2", 4), ("RGB", 1), ("HSV", 3), ("MONOCHROME2", 3), ("ARGB", 4)]
)
def test_colours_that_would_be_taken_for_others_are_refused(photometric: str, samples: int) -> None:
    with pytest.raises(UnreadableImageError, match="a DICOM in colours that are not read"):
        read_dicom(dicom(RAMP.astype(np.uint8), PhotometricInterpretation=photometric, SamplesPerPixel=samples))


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


COMPRESSIONS = {
    JPEGLSLossless: "JPEG-LS Lossless Image Compression, which pyjpegls reads: pip install 'reprodx[dicom]'",
    JPEGExtended12Bit: "JPEG Extended (Process 2 and 4) of 12 bits, which pylibjpeg-libjpeg reads",
    MPEG2MPML: "MPEG2 Main Profile / Main Level, which is not read",
    UID("1.2.3.4.5"): "something outside the standard, which is not read",
}


@pytest.mark.parametrize("syntax", COMPRESSIONS)
def test_a_compression_that_nothing_here_reads_is_said(syntax: UID) -> None:
    dataset = pydicom.dcmread(BytesIO(dicom(RAMP)))
    dataset.PixelData = encapsulate([b"\xff\xd8\xff\xf7"])
    dataset["PixelData"].VR = "OB"
    dataset["PixelData"].is_undefined_length = True
    dataset.file_meta.TransferSyntaxUID = syntax
    file = BytesIO()
    dataset.save_as(file, implicit_vr=False, little_endian=True)
    with pytest.raises(UnreadableImageError) as caught:
        read_dicom(file.getvalue())
    # A machine that has the packages finds that there is no such picture within.
    assert caught.value.reason in (f"a DICOM compressed as {COMPRESSIONS[syntax]}", "damaged")


@pytest.mark.filterwarnings("ignore:End of file reached:UserWarning")
def test_a_run_length_encoded_picture_is_read_and_one_that_is_cut_is_truncated() -> None:
    dataset = pydicom.dcmread(BytesIO(dicom(RAMP)))
    dataset.compress(RLELossless)
    file = BytesIO()
    dataset.save_as(file)
    assert np.array_equal(read(file.getvalue()), read(dicom(RAMP)))
    with pytest.raises(UnreadableImageError, match="truncated"):
        read_dicom(file.getvalue()[:-20])


@pytest.mark.parametrize("is_implicit", [True, False])
def test_a_file_without_its_preamble_is_read_by_what_it_begins_with(*, is_implicit: bool) -> None:
    file, dataset = BytesIO(), pydicom.dcmread(BytesIO(dicom(RAMP)))
    dataset.file_meta.TransferSyntaxUID = ImplicitVRLittleEndian if is_implicit else ExplicitVRLittleEndian
    dataset.save_as(file, implicit_vr=is_implicit, little_endian=True)
    without_preamble = file.getvalue()[132:]
    meta_bytes = 12 + int.from_bytes(without_preamble[8:12], "little")
    for content in (without_preamble, without_preamble[meta_bytes:]):
        assert is_dicom(content)
        assert np.array_equal(read(content), read(dicom(RAMP)))


def test_more_pixels_than_memory_are_not_asked_for() -> None:
    with pytest.raises(UnreadableImageError, match="of too many pixels"):
        read_dicom(dicom(RAMP, Rows=65535, Columns=65535))


def test_a_deflated_file_is_read_and_one_made_to_fill_the_memory_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    file, dataset = BytesIO(), pydicom.dcmread(BytesIO(dicom(RAMP)))
    dataset.file_meta.TransferSyntaxUID = DeflatedExplicitVRLittleEndian
    dataset.save_as(file)
    assert np.array_equal(read(file.getvalue()), read(dicom(RAMP)))
    monkeypatch.setattr(dicom_files, "MAX_BYTES", 100)
    with pytest.raises(UnreadableImageError, match="of too many bytes"):
        read_dicom(file.getvalue())


def test_what_is_no_dicom() -> None:
    assert not is_dicom(b"DICM")
    assert not is_dicom(b"\x08\0\x05\0")
    assert not is_dicom(b"no picture" * 20)


def test_nothing_is_read_of_a_file_but_what_its_pixels_need(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[Dataset] = []
    show = dicom_files.show_grey
    monkeypatch.setattr(dicom_files, "show_grey", lambda pixels, found: seen.append(found) or show(pixels, found))
    own = {"PatientName": "DOE^JANE", "PatientID": "4711", "PatientBirthDate": "19640312", "StudyDate": "20210403"}
    content = dicom(RAMP, WindowCenter=700, WindowWidth=1400, **own)
    assert read(content).max() > read(content).min()
    assert b"DOE^JANE" in content
    assert not [element.keyword for one in seen for element in one if element.keyword not in dicom_files.KEPT]
    assert "DOE" not in str(seen)


@pytest.mark.parametrize(
    ("elements", "remarks"),
    [
        ({}, ()),
        ({"BurnedInAnnotation": "YES"}, (BURNED_IN,)),
        ({"BurnedInAnnotation": "NO", "Modality": "US"}, ()),
        ({"Modality": "US"}, (PERHAPS_BURNED_IN,)),
        ({"SOPClassUID": SecondaryCaptureImageStorage}, (PERHAPS_BURNED_IN,)),
        ({"SOPClassUID": SecondaryCaptureImageStorage, "BurnedInAnnotation": "NO"}, ()),
    ],
)
def test_a_name_that_may_be_drawn_into_the_pixels_is_said(elements: dict[str, Any], remarks: tuple[str, ...]) -> None:
    assert read_dicom(dicom(RAMP.astype(np.uint8), **elements))[1] == remarks
