"""One picture in a DICOM file, found and decompressed.

Source: DICOM PS3.5, A (transfer syntaxes); PS3.10, 7.1 (preamble and file meta information).
"""

from __future__ import annotations

import zlib
from io import BytesIO
from typing import TYPE_CHECKING

from reprodx.datasets.dicom_display import BYTE, is_coloured, show_colours, show_grey
from reprodx.datasets.image_remarks import BURNED_IN, PERHAPS_BURNED_IN
from reprodx.datasets.unreadable_image import DECODER_ERRORS, UnreadableImageError

if TYPE_CHECKING:
    from PIL import Image
    from pydicom import Dataset

PREAMBLE_BYTES, MAGIC = 128, b"DICM"
"""What a DICOM file begins with, or should."""
FIRST_TAGS = (b"\2\0", b"\10\0")
"""The groups of which one comes first where there is no preamble, little-endian."""
DEFLATED = b"1.2.840.10008.1.2.1.99"
"""The transfer syntax in which all that follows the file meta information is deflated."""
META_LENGTH, META_BEGIN = slice(140, 144), 144
"""Where the length of the file meta information stands, and where what is counted begins."""
MAX_BYTES = 2**29
"""More than this is not inflated."""
PIXELS = ("PixelData", "FloatPixelData", "DoubleFloatPixelData")
"""Elements that hold a picture."""
PALETTE = ("Red", "Green", "Blue", "Alpha")
KEPT = (
    *PIXELS,
    *("Rows", "Columns", "NumberOfFrames", "SamplesPerPixel", "PhotometricInterpretation", "PlanarConfiguration"),
    *("BitsAllocated", "BitsStored", "HighBit", "PixelRepresentation", "PixelPaddingValue", "PixelPaddingRangeLimit"),
    *("RescaleSlope", "RescaleIntercept", "ModalityLUTSequence", "VOILUTSequence", "VOILUTFunction"),
    *("WindowCenter", "WindowWidth", "PresentationLUTShape", "ExtendedOffsetTable", "ExtendedOffsetTableLengths"),
    *(f"{colour}PaletteColorLookupTable{part}" for colour in PALETTE for part in ("Descriptor", "Data")),
    *(f"Segmented{colour}PaletteColorLookupTableData" for colour in PALETTE),
    *("SOPClassUID", "Modality", "BurnedInAnnotation"),
)
"""The elements that are read: what pixels need, and what tells whether text was drawn into them. All others, such as
the patient's name, id and dates, are left in the file."""
ULTRASOUND = "US"
SCREENSHOTS = "1.2.840.10008.5.1.4.1.1.7"
"""How the classes begin of what was captured from a screen or scanned."""
COLOURS_BY_SAMPLES = {1: ("MONOCHROME1", "MONOCHROME2", "PALETTE COLOR"), 3: ("RGB", "YBR_")}
"""How photometric interpretations begin that are read, by the samples of a pixel."""
READERS = {
    "1.2.840.10008.1.2.4.57": "python-gdcm",
    "1.2.840.10008.1.2.4.70": "python-gdcm",
    "1.2.840.10008.1.2.4.80": "pyjpegls",
    "1.2.840.10008.1.2.4.81": "pyjpegls",
    "1.2.840.10008.1.2.4.201": "pylibjpeg-openjpeg",
    "1.2.840.10008.1.2.4.202": "pylibjpeg-openjpeg",
    "1.2.840.10008.1.2.4.203": "pylibjpeg-openjpeg",
}
"""The package of the extra `dicom` that reads a transfer syntax which pydicom and Pillow do not."""
DEEP_JPEG_READERS = {"pylibjpeg"}
"""What reads JPEG Extended of 12 bits: the plugin of pylibjpeg-libjpeg, whose licence keeps it out of the extra."""


def is_dicom(content: bytes) -> bool:
    """Return whether the bytes of a file are a DICOM's, with its preamble or without."""
    if content[PREAMBLE_BYTES : PREAMBLE_BYTES + len(MAGIC)] == MAGIC:
        return True
    return len(content) > PREAMBLE_BYTES and content[:2] in FIRST_TAGS and content[3] == 0 and content[2] % 2 == 0


def read_dicom(content: bytes) -> tuple[Image.Image, tuple[str, ...]]:
    """Return the one frame of a DICOM file.

    Rescale slope and intercept, or the modality LUT, are applied; then the VOI LUT or the first window that is valid,
    or where there is none the range from the darkest pixel to the brightest, padding left out; MONOCHROME1 and an
    inverse presentation LUT are inverted, so that air is dark.

    Args:
        content: The bytes of the file.

    Returns:
        The picture in mode "L" or "RGB", and what is worth saying of it.

    Raises:
        UnreadableImageError: If it has no pixels or several frames, or is cut short, damaged or compressed in a way
            that no installed library reads.
    """
    import pydicom
    from PIL import Image
    from pydicom.pixels.utils import pixel_array

    try:
        if _is_bomb(content):
            raise UnreadableImageError("of too many bytes")
        dataset = pydicom.dcmread(BytesIO(content), force=True, specific_tags=list(KEPT))
        _check(dataset)
        has_colours = is_coloured(dataset)
        # Padding of grey pixels is often written in the bits that pydicom would clear.
        pixels = pixel_array(dataset, correct_unused_bits=has_colours)
        shown, remarks = (show_colours if has_colours else show_grey)(pixels, dataset)
        return Image.fromarray(shown), (*remarks, *_said_of_annotation(dataset))
    except (EOFError, pydicom.errors.BytesLengthException):
        raise UnreadableImageError("truncated") from None
    except (*DECODER_ERRORS, pydicom.errors.InvalidDicomError) as error:
        raise UnreadableImageError("truncated" if _is_about_length(error) else "damaged") from None


def _said_of_annotation(dataset: Dataset) -> tuple[str, ...]:
    """Return whether a name may be drawn into the pixels, by what the file says or, where it does not, what it is.

    Source: DICOM PS3.3, C.7.6.1.1.1 (Burned In Annotation); PS3.15, E.3.1 (Clean Pixel Data Option).
    """
    said = str(dataset.get("BurnedInAnnotation") or "").strip().upper()
    if said in {"YES", "NO"}:
        return (BURNED_IN,) if said == "YES" else ()
    is_screenshot = str(dataset.get("SOPClassUID") or "").startswith(SCREENSHOTS)
    return (PERHAPS_BURNED_IN,) if is_screenshot or dataset.get("Modality") == ULTRASOUND else ()


def _is_bomb(content: bytes) -> bool:
    """Return whether a deflated file would fill the memory, which pydicom would let it."""
    begin = META_BEGIN + int.from_bytes(content[META_LENGTH], "little")
    if content[PREAMBLE_BYTES : PREAMBLE_BYTES + len(MAGIC)] != MAGIC or DEFLATED not in content[:begin]:
        return False
    inflater = zlib.decompressobj(-zlib.MAX_WBITS)
    inflater.decompress(content[begin:], MAX_BYTES)
    return bool(inflater.unconsumed_tail)


def _check(dataset: Dataset) -> None:
    """Refuse what holds no single picture that can be decoded, before memory is taken for it."""
    from PIL.Image import MAX_IMAGE_PIXELS

    if not any(name in dataset for name in PIXELS):
        # What says how large its picture is, or nothing at all, was longer once.
        is_cut = "Rows" in dataset or "SOPClassUID" not in dataset
        raise UnreadableImageError("truncated" if is_cut else "a DICOM without pixels")
    if int(dataset.get("NumberOfFrames") or 1) > 1:
        raise UnreadableImageError("a multi-frame DICOM")
    samples, meaning = int(dataset.get("SamplesPerPixel") or 1), str(dataset.PhotometricInterpretation)
    if not meaning.startswith(COLOURS_BY_SAMPLES.get(samples, ())):
        raise UnreadableImageError("a DICOM in colours that are not read")
    if dataset.Rows * dataset.Columns > 2 * (MAX_IMAGE_PIXELS or 0):
        raise UnreadableImageError("of too many pixels")
    _check_compression(dataset)


def _check_compression(dataset: Dataset) -> None:
    from pydicom.pixels.decoders.base import get_decoder
    from pydicom.uid import ExplicitVRBigEndian, ExplicitVRLittleEndian, ImplicitVRLittleEndian, JPEGExtended12Bit

    if "TransferSyntaxUID" not in dataset.file_meta:
        is_implicit, is_little = dataset.original_encoding
        explicit = ExplicitVRLittleEndian if is_little else ExplicitVRBigEndian
        dataset.file_meta.TransferSyntaxUID = ImplicitVRLittleEndian if is_implicit else explicit
    syntax = dataset.file_meta.TransferSyntaxUID
    try:
        decoder = get_decoder(syntax)
    except NotImplementedError:
        # The name of one that is not in the standard is what the file says, which may be anything.
        name = "something outside the standard" if syntax.name == str(syntax) else syntax.name
        raise UnreadableImageError(f"a DICOM compressed as {name}, which is not read") from None
    if syntax == JPEGExtended12Bit and int(dataset.BitsStored) > BYTE:
        if not DEEP_JPEG_READERS & set(decoder.available_plugins):
            raise UnreadableImageError(f"a DICOM compressed as {syntax.name} of 12 bits, which pylibjpeg-libjpeg reads")
    elif not decoder.is_available:
        package = READERS.get(syntax, "another package")
        raise UnreadableImageError(
            f"a DICOM compressed as {syntax.name}, which {package} reads: pip install 'reprodx[dicom]'"
        )


def _is_about_length(error: Exception) -> bool:
    return any(word in str(error).lower() for word in ("length", "end of", "truncat", "bytes"))
