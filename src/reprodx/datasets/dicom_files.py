"""One picture in a DICOM file, as a radiologist's screen would show it.

Source: DICOM PS3.3, C.7.6.3 (image pixel), C.11.1 (modality LUT), C.11.2 (VOI LUT).
"""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING, Any

import numpy as np

from reprodx.datasets.unreadable_image import UnreadableImageError

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from pydicom import Dataset

PREAMBLE_BYTES, MAGIC = 128, b"DICM"
"""What a DICOM file begins with."""


def is_dicom(content: bytes) -> bool:
    """Return whether the bytes of a file are a DICOM's."""
    return content[PREAMBLE_BYTES : PREAMBLE_BYTES + len(MAGIC)] == MAGIC


def read_dicom(content: bytes) -> NDArray[np.uint8]:
    """Return the one frame of a DICOM file.

    Rescale slope and intercept, or the modality LUT, are applied; then the first VOI LUT or window, or where there is
    none the range from the darkest pixel to the brightest; MONOCHROME1 is inverted, so that air is dark.

    Args:
        content: The bytes of the file.

    Returns:
        Shape (rows, columns), or (rows, columns, 3) for a coloured one; uint8.

    Raises:
        UnreadableImageError: If it has no pixels or several frames, or is cut short, damaged or compressed in a way
            that no installed library reads.
    """
    import pydicom
    from pydicom.pixels.utils import pixel_array

    try:
        dataset = pydicom.dcmread(BytesIO(content))
        if "PixelData" not in dataset:
            raise UnreadableImageError("a DICOM without pixels")
        if int(dataset.get("NumberOfFrames") or 1) > 1:
            raise UnreadableImageError("a multi-frame DICOM")
        pixels = pixel_array(dataset)
        return _coloured(pixels, dataset) if _is_coloured(dataset) else _grey(pixels, dataset)
    except (RuntimeError, NotImplementedError):
        raise UnreadableImageError("a DICOM in a compression that is not supported") from None
    except (EOFError, pydicom.errors.BytesLengthException):
        raise UnreadableImageError("truncated") from None
    except (OSError, ValueError, AttributeError, KeyError, TypeError) as error:
        raise UnreadableImageError("truncated" if _is_about_length(error) else "damaged") from None


def scaled_to_8_bits(values: NDArray[Any]) -> NDArray[np.uint8]:
    """Return values scaled so that the lowest is 0 and the highest 255; all 0 where they are equal.

    Args:
        values: Any shape, any numbers.

    Returns:
        The same shape, uint8.

    >>> scaled_to_8_bits(np.array([1000, 2000, 3000])).tolist()
    [0, 128, 255]
    """
    values = values.astype(np.float64)
    low, high = values.min(), values.max()
    return _shares_to_8_bits((values - low) / ((high - low) or 1.0))


def window(values: NDArray[np.float64], centre: float, width: float, function: str) -> NDArray[np.float64]:
    """Return where values lie in a window, from 0 to 1.

    Args:
        values: After the modality LUT, any shape.
        centre: Centre of the window.
        width: Width of the window, above 0; from 1 for "LINEAR".
        function: "LINEAR", "LINEAR_EXACT" or "SIGMOID".

    Returns:
        The same shape.

    Source: DICOM PS3.3, C.11.2.1.2.1 (LINEAR), C.11.2.1.3.1 (SIGMOID), C.11.2.1.3.2 (LINEAR_EXACT).

    >>> window(np.array([0.0, 50.0, 100.0]), 50, 100, "LINEAR_EXACT").tolist()
    [0.0, 0.5, 1.0]
    """
    if function == "SIGMOID":
        from scipy.special import expit

        return np.asarray(expit(4 * (values - centre) / width))
    if function == "LINEAR":
        centre, width = centre - 0.5, max(width - 1, np.finfo(np.float64).tiny)
    return np.clip((values - centre) / width + 0.5, 0, 1)


def _is_coloured(dataset: Dataset) -> bool:
    return bool(dataset.PhotometricInterpretation == "PALETTE COLOR" or dataset.get("SamplesPerPixel", 1) == 3)


def _coloured(pixels: NDArray[Any], dataset: Dataset) -> NDArray[np.uint8]:
    from pydicom.pixels.processing import apply_color_lut

    if dataset.PhotometricInterpretation == "PALETTE COLOR":
        bits = int(dataset.RedPaletteColorLookupTableDescriptor[2])
        pixels = apply_color_lut(pixels, dataset)[..., :3]
    else:
        bits = int(dataset.BitsStored)
    return _shares_to_8_bits(pixels / (2**bits - 1))


def _grey(pixels: NDArray[Any], dataset: Dataset) -> NDArray[np.uint8]:
    from pydicom.pixels.processing import apply_modality_lut, apply_voi

    values = apply_modality_lut(pixels, dataset)
    if dataset.get("VOILUTSequence"):
        bits = int(dataset.VOILUTSequence[0].LUTDescriptor[2])
        shown = _shares_to_8_bits(apply_voi(np.rint(values).astype(np.int64), dataset) / (2**bits - 1))
    elif dataset.get("WindowCenter") is not None and dataset.get("WindowWidth") is not None:
        centre, width = (float(np.atleast_1d(dataset[key].value)[0]) for key in ("WindowCenter", "WindowWidth"))
        function = str(dataset.get("VOILUTFunction") or "LINEAR")
        shown = _shares_to_8_bits(window(values.astype(np.float64), centre, width, function))
    else:
        shown = scaled_to_8_bits(values)
    return 255 - shown if dataset.PhotometricInterpretation == "MONOCHROME1" else shown


def _shares_to_8_bits(shares: NDArray[np.float64]) -> NDArray[np.uint8]:
    return np.rint(np.clip(shares, 0, 1) * 255).astype(np.uint8)


def _is_about_length(error: Exception) -> bool:
    return any(word in str(error).lower() for word in ("length", "end of", "truncat", "bytes"))
