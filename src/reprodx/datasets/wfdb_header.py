"""Headers of WFDB records, read strictly: what the format does not allow is refused, where other readers guess.

Source: header(5) of the WFDB Applications Guide, https://physionet.org/physiotools/wag/header-5.htm. The `wfdb` package
drops what is no ASCII, so that microvolts become volts, and takes the rest of a line for the lead's name wherever a
field is odd.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from reprodx.datasets.unusable_signal import FILES_MISSING, NO_RATE, OUTSIDE, UNREADABLE, FaultyRecordError

HEADER_SUFFIX = ".hea"
NO_SEGMENT = "~"
"""What stands for the name of a segment in which nothing was recorded."""
DEFAULT_UNIT = "mV"
DIGITS = r"\d{1,18}"
"""Of a whole number; what is longer is none that a header means."""
INTEGER = rf"[-+]?{DIGITS}"
NUMBER = rf"[-+]?(?:{DIGITS}\.?\d{{0,18}}|\.{DIGITS})(?:[eE][-+]?\d{{1,2}})?"
RECORD_LINE = re.compile(
    rf"\S+?(?:/(?P<num_segments>{DIGITS}))? (?P<num_signals>{DIGITS})"
    rf"(?: (?P<rate>{NUMBER})(?:/{NUMBER}(?:\({NUMBER}\))?)?(?: (?P<num_frames>{DIGITS})(?: .*)?)?)?",
    re.ASCII,
)
SIGNAL_LINE = re.compile(
    rf"(?P<file>\S+) (?P<format>\d{{1,3}})(?:x(?P<per_frame>{DIGITS}))?"
    rf"(?::(?P<skew>{DIGITS}))?(?:\+(?P<offset>{DIGITS}))?"
    rf"(?: (?P<gain>{NUMBER}))? ?(?:\((?P<baseline>{INTEGER})\))? ?"
    rf"(?:/ ?(?P<unit>[^\s\d(][^\s(]*(?: [^\s\d(+-][^\s(]*)*))?"
    rf"(?: {DIGITS}(?: (?P<zero>{INTEGER})(?: {INTEGER}(?: (?P<checksum>{INTEGER})"
    rf"(?: {DIGITS}(?: (?P<name>.*))?)?)?)?)?)?",
    re.ASCII,
)
SEGMENT_LINE = re.compile(rf"(?P<name>~|[-\w]+) (?P<num_frames>{DIGITS})", re.ASCII)


@dataclass(frozen=True)
class SignalLine:
    """What a header says of one lead."""

    file: str
    """Where its samples are."""
    format: str
    """How they are written there."""
    per_frame: int
    """Samples of this lead in one frame of the record."""
    skew: int
    """Frames by which it lags behind."""
    offset: int
    """Bytes before the first sample."""
    gain: float
    """Units of the file in one physical unit; 0 where the lead is not calibrated."""
    baseline: int
    """The file's value of 0 physical units."""
    unit: str
    """As it is spelt."""
    checksum: int | None
    """Of all samples, modulo 2^16."""
    name: str | None
    """Of the lead."""


@dataclass(frozen=True)
class Header:
    """What a header says of its record, which has signals or segments."""

    rate: float
    """Frames a second, Hz."""
    num_frames: int
    """0 where it is not said."""
    signals: tuple[SignalLine, ...]
    """One for each lead."""
    segments: tuple[tuple[str, int], ...]
    """Name and frames of each."""


def read_header(stem: str) -> Header:
    """Read the header of a record.

    Args:
        stem: Path of the record, without `.hea`.

    Returns:
        What it says; text that is no UTF-8 is Latin-1.

    Raises:
        FaultyRecordError: If it is absent, is no header, or names no rate or files elsewhere.
    """
    try:
        content = Path(stem + HEADER_SUFFIX).read_bytes()
    except OSError:
        raise FaultyRecordError(FILES_MISSING) from None
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("latin-1")
    lines = [re.sub(r"[ \t]+", " ", line).strip(" ") for line in re.split(r"[\r\n]+", text)]
    lines = [line for line in lines if line and not line.startswith("#")]
    # What is no text is no header, and a name in it would be none.
    if not all(line.isprintable() for line in lines):
        raise FaultyRecordError(UNREADABLE)
    record = _matched(RECORD_LINE, lines[0] if lines else "")
    if not float(record["rate"] or 0) > 0:
        raise FaultyRecordError(NO_RATE)
    is_whole = record["num_segments"] is None
    num_lines = int(record["num_signals"] if is_whole else record["num_segments"])
    if len(lines) != num_lines + 1 or not num_lines:
        raise FaultyRecordError(UNREADABLE)
    signals = tuple(map(_signal, lines[1:])) if is_whole else ()
    # Programs write a field for all leads or for none; a line with fewer was cut off.
    if len({line.checksum is None for line in signals}) > 1:
        raise FaultyRecordError(UNREADABLE)
    return Header(
        rate=float(record["rate"]),
        num_frames=int(record["num_frames"] or 0),
        signals=signals,
        segments=() if is_whole else tuple(map(_segment, lines[1:])),
    )


def _matched(pattern: re.Pattern[str], line: str) -> dict[str, str]:
    found = pattern.fullmatch(line)
    if found is None:
        raise FaultyRecordError(UNREADABLE)
    return found.groupdict()


def _signal(line: str) -> SignalLine:
    fields = _matched(SIGNAL_LINE, line)
    if re.search(r"[/\\]|\.\.", fields["file"]):
        raise FaultyRecordError(OUTSIDE)
    if int(fields["per_frame"] or 1) == 0:
        raise FaultyRecordError(UNREADABLE)
    checksum = fields["checksum"]
    return SignalLine(
        file=fields["file"],
        format=fields["format"],
        per_frame=int(fields["per_frame"] or 1),
        skew=int(fields["skew"] or 0),
        offset=int(fields["offset"] or 0),
        gain=float(fields["gain"] or 0),
        baseline=int(fields["baseline"] or fields["zero"] or 0),
        unit=fields["unit"] or DEFAULT_UNIT,
        checksum=None if checksum is None else int(checksum) % 2**16,
        name=(fields["name"] or "").strip() or None,
    )


def _segment(line: str) -> tuple[str, int]:
    fields = _matched(SEGMENT_LINE, line)
    return fields["name"], int(fields["num_frames"])
