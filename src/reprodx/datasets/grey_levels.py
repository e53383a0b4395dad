"""Numbers of any range, brought to the 256 levels of a picture."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from reprodx.datasets.unreadable_image import UnreadableImageError

if TYPE_CHECKING:
    from numpy.typing import NDArray

NO_VALUE = "without a pixel that has a value"
"""The reason of a picture in which everything is missing."""
MAX_TABLE_BYTES = 2
"""Bytes of a whole number up to which the level of each value is looked up, in a tenth of the time."""

FEW_LEVELS, VALUES_PER_LEVEL, SAMPLE_SIZE = 32, 4, 10**6
"""What tells scaling that loses the picture from scaling that is as coarse as 8 bits are, by so many pixels."""


def scaled_to_8_bits(values: NDArray[Any], is_missing: NDArray[np.bool_] | None = None) -> NDArray[np.uint8]:
    """Return values scaled so that the lowest is 0 and the highest 255; all 0 where they are equal.

    Args:
        values: Any shape, any numbers; what is not finite counts as missing.
        is_missing: Pixels that hold no value, shape of the first axes of `values`; None for none.

    Returns:
        The same shape, uint8; 0 where the value is missing, which does not count in the range.

    Raises:
        UnreadableImageError: If no value is left.

    >>> scaled_to_8_bits(np.array([1000, 2000, 3000, np.nan])).tolist()
    [0, 128, 255, 0]
    """
    if is_missing is not None and not is_missing.any():
        is_missing = None
    if values.dtype.kind in "iu" and values.dtype.itemsize <= MAX_TABLE_BYTES:
        return _looked_up(values, is_missing)
    # Halves, because the range of numbers near the largest of 64 bits would itself be infinite.
    halves = values.astype(np.float64) / 2
    is_known = np.isfinite(halves)
    if is_missing is not None:
        is_known[is_missing] = False
    if not is_known.any():
        raise UnreadableImageError(NO_VALUE)
    low = halves.min(where=is_known, initial=np.inf)
    span = halves.max(where=is_known, initial=-np.inf) - low
    return shares_to_8_bits((np.where(is_known, halves, low) - low) / (span or 1.0))


def are_lost(values: NDArray[Any], shown: NDArray[np.uint8], is_missing: NDArray[np.bool_]) -> bool:
    """Return whether many different values became few levels, as where one that is far from all others sets the range.

    Args:
        values: Any shape, any numbers.
        shown: The same shape: their levels.
        is_missing: Which do not count, shape of the first axes of `values`.

    Returns:
        Whether fewer than `FEW_LEVELS` levels stand for more than `VALUES_PER_LEVEL` times as many values.

    >>> values = np.array([*range(100), 65535])
    >>> are_lost(values, scaled_to_8_bits(values), np.zeros(101, bool))
    True
    """
    if is_missing.any():
        values, shown = values[~is_missing], shown[~is_missing]
    is_level = np.zeros(256, bool)
    is_level[shown] = True
    num_levels = int(np.count_nonzero(is_level))
    if num_levels >= FEW_LEVELS:
        return False
    sample = values.ravel()[:: values.size // SAMPLE_SIZE + 1]
    return len(np.unique(sample)) > VALUES_PER_LEVEL * num_levels


def shares_to_8_bits(shares: NDArray[np.float64]) -> NDArray[np.uint8]:
    """Return shares of the range from 0 to 1 as levels; what lies outside is cut off."""
    return np.rint(np.clip(shares, 0, 1) * 255).astype(np.uint8)


def _looked_up(values: NDArray[Any], is_missing: NDArray[np.bool_] | None) -> NDArray[np.uint8]:
    known = values if is_missing is None else values[~is_missing]
    if not known.size:
        raise UnreadableImageError(NO_VALUE)
    low = int(known.min())
    levels = scaled_to_8_bits(np.arange(low, int(known.max()) + 1, dtype=np.int64))
    shown = np.take(levels, values.astype(np.int32) - low, mode="clip")
    if is_missing is not None:
        shown[is_missing] = 0
    return shown
