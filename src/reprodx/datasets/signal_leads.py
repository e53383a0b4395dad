"""Which leads of a record are used: by name or by number, never one for another, in millivolts that an ECG may have."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from reprodx.datasets.keys import checked_names
from reprodx.datasets.unusable_signal import (
    LEAD_MISSING,
    NO_LEAD_NAMES,
    ONE_LEAD_TWICE,
    TOO_HIGH,
    TOO_LOW,
    TWO_OF_ONE_NAME,
    FaultyRecordError,
    UnusableSignalError,
)
from reprodx.datasets.wfdb_signals import MILLIVOLT
from reprodx.errors import ConfigError

if TYPE_CHECKING:
    from reprodx.datasets.wfdb_signals import Lead, WfdbRecord

MIN_HEIGHT, MAX_HEIGHT = 0.01, 100.0
"""In mV, of the highest lead in the median second: below is no ECG but noise, above none that a body makes."""
LEAST_NOISE = 1e-4
"""In mV: an electrode that is off is flat, or noisier than that, whatever converter it hangs on."""


def chosen_leads(record: WfdbRecord, wanted: Sequence[str | int]) -> list[Lead]:
    """Return some leads of a record, in the order wanted.

    Args:
        record: As read.
        wanted: Names, or positions from 0.

    Returns:
        The leads.

    Raises:
        UnusableSignalError: If there is no such lead, or none of a known unit, or their amplitudes are none of an ECG.
    """
    leads = [record.leads[position] for position in lead_positions([lead.name for lead in record.leads], wanted)]
    for lead in leads:
        if lead.fault is not None:
            raise FaultyRecordError(lead.fault)
    heights = [_height(lead) for lead in leads if lead.unit == MILLIVOLT and np.isfinite(lead.values).any()]
    if heights and max(heights) > MAX_HEIGHT:
        raise FaultyRecordError(TOO_HIGH)
    if heights and (max(heights) < MIN_HEIGHT or any(0 < height < LEAST_NOISE for height in heights)):
        raise FaultyRecordError(TOO_LOW)
    return leads


def lead_positions(available: Sequence[str | None], wanted: Sequence[str | int]) -> list[int]:
    """Return where the wanted leads stand in a record.

    Args:
        available: Names of the record's leads; None where one has none.
        wanted: Names, upper and lower case being the same; or positions from 0.

    Returns:
        A position for each.

    Raises:
        UnusableSignalError: If the record has no such lead, or two, or the same for two that are wanted.

    >>> lead_positions(["MLII", "V1"], ["v1", 0])
    [1, 0]
    """
    names = [name and name.strip().casefold() for name in available]
    positions = []
    for lead in wanted:
        places = _places(names, lead)
        if not places:
            raise UnusableSignalError(LEAD_MISSING if any(names) or isinstance(lead, int) else NO_LEAD_NAMES)
        if len(places) > 1:
            raise UnusableSignalError(TWO_OF_ONE_NAME)
        positions += places
    if len(set(positions)) < len(positions):
        raise UnusableSignalError(ONE_LEAD_TWICE)
    return positions


def checked_leads(leads: object) -> tuple[str | int, ...]:
    """Return `data.leads` of the configuration.

    Args:
        leads: What stands there.

    Returns:
        Names, or positions from 0.

    Raises:
        ConfigError: If it is no list of names and positions, or holds one twice.

    >>> checked_leads(["MLII", 1])
    ('MLII', 1)
    """
    names = [name.strip().casefold() for name in checked_names("data.leads", leads)]
    if not names or len(set(names)) < len(names):
        raise ConfigError("data.leads: must hold each lead once, upper and lower case being the same")
    assert isinstance(leads, Sequence), "checked_names has looked"
    if any(isinstance(lead, bool) or not isinstance(lead, str | int) or lead in ("", -1) for lead in leads):
        raise ConfigError("data.leads: must hold names, or whole numbers from 0")
    return tuple(leads)


def _places(names: Sequence[str | None], lead: str | int) -> list[int]:
    """Return all positions that a name or a position leads to."""
    if isinstance(lead, int):
        return [lead] if 0 <= lead < len(names) else []
    return [place for place, name in enumerate(names) if name == lead.strip().casefold()]


def _height(lead: Lead) -> float:
    """Return the distance from trough to peak in the median second; in the whole of a shorter lead."""
    width = min(max(1, round(lead.rate)), len(lead.values))
    seconds = lead.values[: len(lead.values) // width * width].reshape(-1, width)
    heights = np.fmax.reduce(seconds, axis=1) - np.fmin.reduce(seconds, axis=1)
    return float(np.nanmedian(heights))
