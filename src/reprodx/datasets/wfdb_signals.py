"""The samples of WFDB records: each lead in its own unit and at its own rate, compared with what the header says.

Nothing here reaches for the network: a record whose files are absent is missing.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from reprodx.datasets.lead_units import millivolts_in, other_unit
from reprodx.datasets.unusable_signal import (
    FILES_MISSING,
    NO_WFDB,
    OTHER_CHECKSUM,
    OTHER_LENGTH,
    OTHER_SEGMENTS,
    UNCALIBRATED,
    UNREADABLE,
    FaultyRecordError,
)
from reprodx.datasets.wfdb_header import HEADER_SUFFIX, NO_SEGMENT, Header, SignalLine, read_header

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

MILLIVOLT = "mV"
RECORD_SUFFIXES = (HEADER_SUFFIX, ".dat", ".mat")
"""By which a record may be named, too."""
BYTES_PER_SAMPLE = {
    **dict.fromkeys(("8", "80"), 1.0),
    **dict.fromkeys(("16", "61", "160"), 2.0),
    **{"24": 3.0, "32": 4.0, "212": 1.5, "310": 4 / 3, "311": 4 / 3},
}
"""By format; others are compressed. Source: signal(5) of the WFDB Applications Guide."""
MISSING_SAMPLE = {
    **dict.fromkeys(("80", "508"), -(2**7)),
    **dict.fromkeys(("310", "311"), -(2**9)),
    **dict.fromkeys(("16", "61", "160", "516"), -(2**15)),
    **dict.fromkeys(("24", "524"), -(2**23)),
    **{"212": -(2**11), "32": -(2**31)},
}
"""The value that stands for a missing sample, by format: the lowest. Source: the same."""
MAX_FRAMES = 10**9
"""Of a record in segments, which may have gaps of any length."""
MAX_SURPLUS = 0.1
"""Share of a file's bytes that may stand behind the last sample, where no checksum says that all is well."""


@dataclass(frozen=True)
class Lead:
    """What was recorded at one lead."""

    name: str | None
    """None where the header does not say."""
    values: NDArray[np.float32]
    """Shape (time,), in `unit`; NaN is a missing sample."""
    rate: float
    """Samples a second, Hz."""
    unit: str = MILLIVOLT
    """`MILLIVOLT`, whatever size of volts the file has, or one of another quantity."""
    fault: str | None = None
    """Why the values must not be used; None if they may."""


@dataclass(frozen=True)
class WfdbRecord:
    """The content of a WFDB record."""

    leads: tuple[Lead, ...]
    """In the order of the header."""
    rate: float
    """Frames a second, Hz, which annotations count in; a lead may have several samples in one."""
    num_frames: int
    """Length of the record."""


def read_wfdb(path: str | Path) -> WfdbRecord:
    """Read a WFDB record from the disk.

    Args:
        path: The record, with or without `.hea` or `.dat`.

    Returns:
        All samples of all leads.

    Raises:
        FaultyRecordError: If a file is missing or damaged, or is not what the header says.
    """
    stem = record_stem(path)
    # Without this look wfdb would take a name for an address.
    if not Path(stem + HEADER_SUFFIX).is_file():
        raise FaultyRecordError(NO_WFDB if Path(stem).is_file() else FILES_MISSING)
    header = read_header(stem)
    leads = _joined(stem, header) if header.segments else _segment_leads(stem, header)
    if not len(leads[0].values):
        raise FaultyRecordError(UNREADABLE)
    return WfdbRecord(tuple(leads), header.rate, round(len(leads[0].values) * header.rate / leads[0].rate))


def record_stem(path: str | Path) -> str:
    """Return the path of a record as wfdb wants it.

    >>> record_stem("records100/00001_lr.hea"), record_stem("records100/00001.2")
    ('records100/00001_lr', 'records100/00001.2')
    """
    path = str(path)
    return path[:-4] if path.endswith(RECORD_SUFFIXES) else path


def _segment_leads(stem: str, header: Header) -> list[Lead]:
    """Return the leads of a record without segments."""
    _check_sizes(stem, header)
    digital = _samples(stem)
    if len(digital) != len(header.signals) or any(
        len(samples) != (header.num_frames or len(samples)) * line.per_frame
        for samples, line in zip(digital, header.signals, strict=False)
    ):
        raise FaultyRecordError(UNREADABLE)
    # All of them 0 is what programs write that compute none.
    if any(line.checksum for line in header.signals):
        for samples, line in zip(digital, header.signals, strict=True):
            # A lead that lags loses samples at one end.
            if (
                line.checksum is not None
                and not line.skew
                and int(samples.sum(dtype=np.int64)) % 2**16 != line.checksum
            ):
                raise FaultyRecordError(OTHER_CHECKSUM)
    return [_lead(samples, line, header.rate) for samples, line in zip(digital, header.signals, strict=True)]


def _samples(stem: str) -> list[NDArray[np.signedinteger[Any]]]:
    """Return the numbers in the files of a record, for each lead those of all frames."""
    import wfdb

    try:
        record = wfdb.rdrecord(stem, physical=False, smooth_frames=False, return_res=32)
    except FileNotFoundError:
        raise FaultyRecordError(FILES_MISSING) from None
    except (OSError, ValueError, TypeError, LookupError, AttributeError, ArithmeticError, RuntimeError, MemoryError):
        # What wfdb raises on a damaged file depends on where the damage is.
        raise FaultyRecordError(UNREADABLE) from None
    return list(record.e_d_signal)


def _check_sizes(stem: str, header: Header) -> None:
    """Compare the files with what the header says of them, before any memory is taken for its word."""
    for file in {line.file for line in header.signals}:
        lines = [line for line in header.signals if line.file == file]
        path = Path(stem).parent / file
        if not path.is_file():
            raise FaultyRecordError(FILES_MISSING)
        if (size_of_one := BYTES_PER_SAMPLE.get(lines[0].format)) is None or not header.num_frames:
            continue
        num_bytes = path.stat().st_size - lines[0].offset
        needed = math.floor(header.num_frames * sum(line.per_frame for line in lines) * size_of_one)
        is_unchecked = not any(line.checksum for line in header.signals)
        if num_bytes < needed or (is_unchecked and num_bytes > needed * (1 + MAX_SURPLUS) + 1):
            raise FaultyRecordError(OTHER_LENGTH)


def _lead(samples: NDArray[np.signedinteger[Any]], line: SignalLine, frame_rate: float) -> Lead:
    """Return the physical values of one lead."""
    factor, unit, fault = millivolts_in(line.unit), MILLIVOLT, None
    if factor is None:
        other = other_unit(line.unit, line.name)
        factor, unit = 1.0, other or line.unit
        if other is None:
            called = "a lead without a name" if line.name is None else f"the lead {line.name!r}"
            fault = f"{called} is in {line.unit!r}, which is no unit of an ECG"
    if not line.gain:
        fault = UNCALIBRATED
    values = ((samples.astype(np.float64) - line.baseline) * (factor / (line.gain or 1.0))).astype(np.float32)
    values[samples == MISSING_SAMPLE.get(line.format)] = np.nan
    return Lead(line.name, values, frame_rate * line.per_frame, unit, fault)


def _joined(stem: str, header: Header) -> list[Lead]:
    """Return the leads of a record whose samples lie in segments, each of which has its own header and units."""
    layout, parts = _parts(stem, header)
    templates = parts[0][1] if layout is None else layout
    names = [_key(lead) for lead in templates]
    rows: list[list[tuple[int, Lead]]] = [[] for _ in templates]
    for start, leads in parts:
        own_names = [_key(lead) for lead in leads]
        # Without a layout each segment has all leads; with one they go by name.
        is_fitting = own_names == names if layout is None else set(own_names) <= set(names) and None not in own_names
        if not is_fitting or (layout is not None and len({*names, None}) <= len(names)):
            raise FaultyRecordError(OTHER_SEGMENTS)
        for position, lead in enumerate(leads):
            rows[position if layout is None else names.index(own_names[position])].append((start, lead))
    num_frames = sum(length for _, length in header.segments)
    return [_row(pieces, lead, num_frames, header.rate) for pieces, lead in zip(rows, templates, strict=True)]


def _parts(stem: str, header: Header) -> tuple[list[Lead] | None, list[tuple[int, list[Lead]]]]:
    """Return the leads that a layout names, if there is one, and those of each segment with its first frame.

    The first segment is a layout where it has no frames: it names all leads, of which each other segment has some.
    """
    layout: list[Lead] | None = None
    parts: list[tuple[int, list[Lead]]] = []
    start = 0
    for position, (name, num_frames) in enumerate(header.segments):
        if name != NO_SEGMENT:
            path = str(Path(stem).parent / name)
            own = read_header(path)
            is_layout = position == 0 and num_frames == 0
            if own.segments or own.rate != header.rate or not (is_layout or own.num_frames == num_frames):
                raise FaultyRecordError(OTHER_SEGMENTS)
            if is_layout:
                layout = [_lead(np.empty(0, dtype=np.int64), line, header.rate) for line in own.signals]
            else:
                parts.append((start, _segment_leads(path, own)))
        start += num_frames
    if start != (header.num_frames or start) or start > MAX_FRAMES or not parts:
        raise FaultyRecordError(OTHER_SEGMENTS)
    return layout, parts


def _row(pieces: Sequence[tuple[int, Lead]], template: Lead, num_frames: int, frame_rate: float) -> Lead:
    """Return one lead of all segments; it is missing where no segment has it."""
    per_frame = round(template.rate / frame_rate)
    values = np.full(num_frames * per_frame, np.nan, dtype=np.float32)
    for start, lead in pieces:
        if lead.rate != template.rate:
            raise FaultyRecordError(OTHER_SEGMENTS)
        values[start * per_frame :][: len(lead.values)] = lead.values
    units = {lead.unit for _, lead in pieces} or {MILLIVOLT}
    fault = next((lead.fault for _, lead in pieces if lead.fault), None if len(units) == 1 else OTHER_SEGMENTS)
    return Lead(template.name, values, template.rate, units.pop(), fault)


def _key(lead: Lead) -> str | None:
    return lead.name and lead.name.casefold()
