"""Leads of any sampling rate brought to one, their gaps filled."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from reprodx.datasets.unusable_signal import ABSURD_RATE, TOO_MANY_GAPS, UnusableSignalError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from reprodx.datasets.wfdb_signals import Lead

MAX_DENOMINATOR = 10_000
"""Of the ratio of two sampling rates, in Hz."""
MAX_RATIO = 1_000
"""By which a signal is stretched or thinned out at most."""


def at_one_rate(leads: Sequence[Lead], rate: float, max_missing_share: float) -> NDArray[np.float32]:
    """Return leads side by side, gaps filled, each resampled from its own rate.

    Args:
        leads: Which may have different rates.
        rate: Samples a second wanted, Hz.
        max_missing_share: Of a lead's samples, see `without_gaps`.

    Returns:
        Shape (time, leads), as long as the shortest.

    Raises:
        UnusableSignalError: If a lead has more missing samples than that, or a rate far from the one wanted.
    """
    columns: dict[int, NDArray[np.float32]] = {}
    for own_rate in dict.fromkeys(lead.rate for lead in leads):
        places = [place for place, lead in enumerate(leads) if lead.rate == own_rate]
        values = without_gaps(np.stack([leads[place].values for place in places], axis=1), max_missing_share)
        if own_rate != rate:
            values = resampled(values, own_rate, rate)
        columns |= dict(zip(places, values.T, strict=True))
    length = min(map(len, columns.values()))
    return np.stack([columns[place][:length] for place in range(len(leads))], axis=1)


def without_gaps(values: NDArray[np.float32], max_missing_share: float) -> NDArray[np.float32]:
    """Return a signal whose missing samples are interpolated linearly, and at its ends repeat the nearest one.

    Args:
        values: Shape (time, leads); what is not finite is missing.
        max_missing_share: Of a lead's samples, in [0, 1).

    Returns:
        The same shape without NaN; `values` itself where nothing is missing.

    Raises:
        UnusableSignalError: If a lead has more missing samples.
    """
    is_known = np.isfinite(values)
    if is_known.all():
        return values
    if (~is_known).mean(axis=0).max() > max_missing_share or not is_known.any(axis=0).all():
        raise UnusableSignalError(TOO_MANY_GAPS)
    time = np.arange(len(values))
    leads = [np.interp(time, time[known], lead[known]) for lead, known in zip(values.T, is_known.T, strict=True)]
    return np.stack(leads, axis=1).astype(np.float32)


def resampled(values: NDArray[np.float32], rate: float, new_rate: float) -> NDArray[np.float32]:
    """Return a signal at another sampling rate, filtered against aliases by a polyphase filter without delay.

    Args:
        values: Shape (time, leads).
        rate: Samples a second, Hz.
        new_rate: Samples a second wanted, Hz.

    Returns:
        Shape (time * new_rate / rate rounded up, leads).

    Raises:
        UnusableSignalError: If the rates are more than `MAX_RATIO` apart.

    Source: Crochiere and Rabiner, Multirate Digital Signal Processing, 1983, as `scipy.signal.resample_poly`.
    """
    from scipy.signal import resample_poly

    if not 1 / MAX_RATIO <= new_rate / rate <= MAX_RATIO:
        raise UnusableSignalError(ABSURD_RATE)
    ratio = Fraction(new_rate / rate).limit_denominator(MAX_DENOMINATOR)
    resampled: NDArray[np.float32] = resample_poly(values, ratio.numerator, ratio.denominator, axis=0, padtype="line")
    return resampled
