"""Grey levels and colours of a DICOM, as a radiologist's screen would show them.

Source: DICOM PS3.3, C.7.6.3 (image pixel), C.7.5.1.1.2 (pixel padding), C.11.1 (modality LUT), C.11.2 (VOI LUT),
C.11.6 (presentation LUT).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from reprodx.datasets.grey_levels import are_lost, scaled_to_8_bits, shares_to_8_bits
from reprodx.datasets.image_remarks import HIGH_BITS, INVALID_WINDOW, LOST_LEVELS, MISSING_PIXELS
from reprodx.datasets.unreadable_image import UnreadableImageError

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from pydicom import Dataset

STEP = 1e-9
"""A width that is as good as none, by which can still be divided."""
MIN_WIDTHS = {"LINEAR": 1.0, "LINEAR_EXACT": STEP, "SIGMOID": STEP}
"""The least width of a window that each function is defined for."""
BYTE = 8
"""Bits of what is shown."""


def window(values: NDArray[np.float64], centre: float, width: float, function: str) -> NDArray[np.float64]:
    """Return where values lie in a window, from 0 to 1.

    Args:
        values: After the modality LUT, any shape.
        centre: Centre of the window.
        width: Width of the window, at least `MIN_WIDTHS` of the function.
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
        centre, width = centre - 0.5, max(width - 1, STEP)
    return np.clip((values - centre) / width + 0.5, 0, 1)


def is_coloured(dataset: Dataset) -> bool:
    """Return whether a DICOM is of colours, its own or a palette's."""
    return bool(dataset.PhotometricInterpretation == "PALETTE COLOR" or dataset.get("SamplesPerPixel", 1) == 3)


def show_colours(pixels: NDArray[Any], dataset: Dataset) -> tuple[NDArray[np.uint8], tuple[str, ...]]:
    """Return a coloured DICOM in 8 bits; what has more is scaled from its darkest value to its brightest.

    Args:
        pixels: Shape (rows, columns) of a palette's numbers, or (rows, columns, 3) of red, green and blue.
        dataset: What they are to be understood by.

    Returns:
        Shape (rows, columns, 3), and no remarks.
    """
    from pydicom.pixels.processing import apply_color_lut

    if dataset.PhotometricInterpretation != "PALETTE COLOR":
        is_byte = int(dataset.BitsStored) <= BYTE
        return shares_to_8_bits(pixels / (2 ** int(dataset.BitsStored) - 1)) if is_byte else scaled_to_8_bits(
            pixels
        ), ()
    bits = int(dataset.RedPaletteColorLookupTableDescriptor[2])
    colours = apply_color_lut(pixels, dataset)[..., :3]
    # Tables that are said to have 16 bits and hold 8 are common.
    return shares_to_8_bits(colours / (2 ** (bits if colours.max() >= 2**BYTE else BYTE) - 1)), ()


def show_grey(pixels: NDArray[Any], dataset: Dataset) -> tuple[NDArray[np.uint8], tuple[str, ...]]:
    """Return a grey DICOM in 8 bits, air dark, padding black.

    Args:
        pixels: Shape (rows, columns), as they are stored, unused bits included.
        dataset: What they are to be understood by.

    Returns:
        Shape (rows, columns), and what is worth saying of it.

    Raises:
        UnreadableImageError: If they are rescaled to what is no number, or all are padding.
    """
    from pydicom.pixels.processing import apply_modality_lut

    bits = int(dataset.get("BitsStored") or 8 * pixels.dtype.itemsize)
    stored, is_beyond = cut_to_bits(_lowered(pixels, int(dataset.get("HighBit") or 0) + 1 - bits), bits)
    is_missing = find_padding(pixels, dataset) | find_padding(stored, dataset)
    with np.errstate(all="ignore"):
        values = np.asarray(apply_modality_lut(stored, dataset), np.float64)
    if pixels.dtype.kind != "f" and not np.isfinite(values).all():
        raise UnreadableImageError("rescaled to what is no number")
    if dataset.get("RescaleSlope") is not None and float(dataset.RescaleSlope) == 0:
        raise UnreadableImageError("rescaled by a slope of 0")
    remarks: tuple[str, ...] = () if np.isfinite(values).all() else (MISSING_PIXELS,)
    if is_beyond[~is_missing].any():
        remarks += (HIGH_BITS,)
    is_missing |= ~np.isfinite(values)
    shown = _by_table(values, dataset) if dataset.get("VOILUTSequence") else _by_window(values, is_missing, dataset)
    if shown is None:
        has_window = _windows(dataset) is not None
        remarks += (INVALID_WINDOW,) if has_window else ()
        # What has 8 bits is not scaled, as in files of other formats.
        is_byte = stored.dtype == np.uint8 and bits == BYTE and not has_window and np.array_equal(values, stored)
        shown = stored.copy() if is_byte else scaled_to_8_bits(values, is_missing)
    if are_lost(values, shown, is_missing):
        remarks += (LOST_LEVELS,)
    if dataset.PhotometricInterpretation == "MONOCHROME1" or dataset.get("PresentationLUTShape") == "INVERSE":
        shown = 255 - shown
    shown[is_missing] = 0
    return shown, remarks


def find_padding(pixels: NDArray[Any], dataset: Dataset) -> NDArray[np.bool_]:
    """Return which pixels only fill the rectangle, by PixelPaddingValue and PixelPaddingRangeLimit.

    Args:
        pixels: Any shape, as they are stored.
        dataset: What they are to be understood by.

    Returns:
        The same shape.

    Source: DICOM PS3.3, C.7.5.1.1.2.
    """
    value = dataset.get("PixelPaddingValue")
    if value is None:
        return np.zeros(pixels.shape, bool)
    limit = dataset.get("PixelPaddingRangeLimit")
    ends = [float(end) for end in (value, value if limit is None else limit)]
    if pixels.dtype.kind == "i":
        # Writers that take the element for an unsigned one write what is negative as 2^bits more.
        bits = 8 * pixels.dtype.itemsize
        ends = [end - 2**bits if end >= 2 ** (bits - 1) else end for end in ends]
    return (pixels >= min(ends)) & (pixels <= max(ends))


def cut_to_bits(pixels: NDArray[Any], bits: int) -> tuple[NDArray[Any], NDArray[np.bool_]]:
    """Return whole numbers without what lies above their bits; what is negative may be written without its upper bits.

    Args:
        pixels: Any shape, as they are stored.
        bits: Of each, as the file says.

    Returns:
        The numbers, and where there was anything above.

    Source: DICOM PS3.5, 8.1.1 (bits above the high bit are no part of the pixel).

    >>> [part.tolist() for part in cut_to_bits(np.array([4095, 4097], np.uint16), 12)]
    [[4095, 1], [False, True]]
    >>> [part.tolist() for part in cut_to_bits(np.array([-1, 4095], np.int16), 12)]
    [[-1, -1], [False, False]]
    """
    num_unused = 8 * pixels.dtype.itemsize - bits
    if pixels.dtype.kind == "f" or num_unused <= 0:
        return pixels, np.zeros(pixels.shape, bool)
    values = (pixels << num_unused) >> num_unused
    return values, (values != pixels) & ((pixels >> bits) != 0)


def _lowered(pixels: NDArray[Any], num_below: int) -> NDArray[Any]:
    """Return pixels that lie in the upper bits, as files of before 2011 may have them, in the lower ones."""
    if pixels.dtype.kind == "f" or num_below <= 0 or (pixels & ((1 << num_below) - 1)).any():
        return pixels
    return pixels >> num_below


def _by_table(values: NDArray[np.float64], dataset: Dataset) -> NDArray[np.uint8]:
    from pydicom.pixels.processing import apply_voi

    bits = int(dataset.VOILUTSequence[0].LUTDescriptor[2])
    indices = np.rint(np.clip(values, -(2**31), 2**31 - 1)).astype(np.int64)
    return shares_to_8_bits(apply_voi(indices, dataset) / (2**bits - 1))


def _by_window(
    values: NDArray[np.float64], is_missing: NDArray[np.bool_], dataset: Dataset
) -> NDArray[np.uint8] | None:
    """Return what the first window that is valid shows; None where there is none."""
    function = str(dataset.get("VOILUTFunction") or "LINEAR")
    known = values[~is_missing]
    for centre, width in _windows(dataset) or ():
        if not (np.isfinite([centre, width]).all() and width >= MIN_WIDTHS.get(function, np.inf)):
            continue
        shares = window(values, centre, width, function)
        seen = shares[~is_missing]
        # A window beyond all values, or of one of them, shows black and white at most.
        if ((seen > 0) & (seen < 1)).any() or len(np.unique(known)) <= 2:
            return shares_to_8_bits(np.nan_to_num(shares))
    return None


def _windows(dataset: Dataset) -> list[tuple[float, float]] | None:
    """Return centre and width of each window that the file gives; None where it gives none."""
    ends = [dataset.get(key) for key in ("WindowCenter", "WindowWidth")]
    if all(end is None for end in ends):
        return None
    centres, widths = (np.atleast_1d([] if end is None else end).astype(float).tolist() for end in ends)
    return list(zip(centres, widths, strict=False))
