"""Headers are read as the format says, or not at all."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from reprodx.datasets.unusable_signal import FILES_MISSING, NO_RATE, OUTSIDE, UNREADABLE, FaultyRecordError
from reprodx.datasets.wfdb_header import Header, SignalLine, read_header

if TYPE_CHECKING:
    from pathlib import Path


def header(folder: Path, text: str | bytes) -> Header:
    (folder / "a.hea").write_bytes(text if isinstance(text, bytes) else text.encode())
    return read_header(str(folder / "a"))


def line(folder: Path, text: str | bytes) -> SignalLine:
    content = text if isinstance(text, bytes) else text.encode()
    return header(folder, b"a 1 100 10\n" + content + b"\n").signals[0]


def test_all_fields_of_a_header(tmp_path: Path) -> None:
    record = "\ufeff# first\n\na 2 62.5/500(7) 625 12:00:00 1/2/2003\r\n"
    found = header(tmp_path, record + "a.dat 212x4:3+24 1e3(-5)/mV 12 7 0 -2 0 ECG  lead II\na.dat 16 1 8 0 0 5\n")
    assert (found.rate, found.num_frames, found.segments) == (62.5, 625, ())
    assert found.signals == (
        SignalLine("a.dat", "212", 4, 3, 24, 1e3, -5, "mV", 2**16 - 2, "ECG lead II"),
        SignalLine("a.dat", "16", 1, 0, 0, 1.0, 0, "mV", 5, None),
    )


@pytest.mark.parametrize(
    ("text", "unit", "gain", "baseline", "name"),
    [
        ("a.dat 16 200(1024)/\u00b5V 11 1024 0 0 0 II", "\u00b5V", 200, 1024, "II"),
        ("a.dat 16 200(1024)/\u00b5V 11 1024 0 0 0 II".encode("latin-1"), "\u00b5V", 200, 1024, "II"),
        ("a.dat 16 200 / micro volts 11 1024 0 0 0 II", "micro volts", 200, 1024, "II"),
        ("a.dat 16 200 (3) /mV", "mV", 200, 3, None),
        ("a.dat 16 -200 11 1024", "mV", -200, 1024, None),
        ("a.dat 16 2.5e-1/V 11 0 0 0 0 ", "V", 0.25, 0, None),
        ("a.dat 16 1/mV 16 0 0 0 0 Ableitung \u00fc", "mV", 1, 0, "Ableitung \u00fc"),
    ],
)
def test_units_gains_and_baselines(
    tmp_path: Path, text: str | bytes, unit: str, gain: float, baseline: int, name: str | None
) -> None:
    found = line(tmp_path, text)
    assert (found.unit, found.gain, found.baseline, found.name) == (unit, gain, baseline, name)


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        *(
            (text, UNREADABLE)
            for text in ("", "\xff\xfe", "a 3 x\n", "# only\n", "a 0 100 200\n", "a 2 100 9\na.dat 16 1/mV\n")
        ),
        *(
            (f"a 1 100 9\n{text}\n", UNREADABLE)
            for text in ("a.dat", "a.dat 16 1,000/mV 16 0", "a.dat 16x0 1/mV", "a.dat xx 1")
        ),
        (f"a 1 100 {'9' * 5000}\na.dat 16 1/mV\n", UNREADABLE),
        ("a 1 100 9\na.dat 16 1e999/mV\n", UNREADABLE),
        ("a 1 100 9\na.dat 16 1/mV 16 0 0 0 0 I\x07\n", UNREADABLE),
        ("a 2 100 9\na.dat 16 1/mV 16 0 0 7 0 I\na.dat 16 1/mV 16 0\n", UNREADABLE),
        ("a 1 1,000 9\na.dat 16 1/mV\n", UNREADABLE),
        ("a 1\na.dat 16 1/mV\n", NO_RATE),
        ("a 1 0 9\na.dat 16 1/mV\n", NO_RATE),
        *((f"a 1 100 9\n{file} 16 1/mV\n", OUTSIDE) for file in ("../b.dat", "/etc/passwd", "c:\\b.dat")),
    ],
)
def test_what_is_no_header_is_refused(tmp_path: Path, text: str, rule: str) -> None:
    with pytest.raises(FaultyRecordError) as error:
        header(tmp_path, text)
    assert str(error.value) == rule


def test_segments_and_an_absent_header(tmp_path: Path) -> None:
    assert header(tmp_path, "a/3 2 100 50\nlayout 0\n~ 20\nb 30\n").segments == (("layout", 0), ("~", 20), ("b", 30))
    with pytest.raises(FaultyRecordError, match=UNREADABLE):
        header(tmp_path, "a/1 2 100 50\n../b 50\n")
    with pytest.raises(FaultyRecordError, match=FILES_MISSING):
        read_header(str(tmp_path / "none"))
