"""Samples of records are read in millivolts and compared with their header, or the rule is named that they break."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

import numpy as np
import pytest
import wfdb

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
from reprodx.datasets.wfdb_signals import MILLIVOLT, WfdbRecord, read_wfdb

if TYPE_CHECKING:
    from pathlib import Path

TIME = np.arange(200) / 100
WAVES = np.stack([np.sin(2 * np.pi * 3 * TIME), np.cos(2 * np.pi * 5 * TIME), 0.1 * TIME], axis=1)
NOISE = np.random.default_rng(0).normal(size=(200, 3))
"""Its checksums are not 0, as those of whole waves are."""
LEADS = ("I", "II", "V1")


def write(
    folder: Path, values: np.ndarray = WAVES, *, name: str = "a", units: str = "mV", leads: tuple[str, ...] = LEADS
) -> Path:
    leads = leads[: values.shape[1]]
    wfdb.wrsamp(name, 100, [units] * len(leads), list(leads), values, fmt=["16"] * len(leads), write_dir=str(folder))
    return folder / name


def change(path: Path, old: str, new: str, *, encoding: str = "utf-8") -> None:
    header = path.with_suffix(".hea")
    text = header.read_text()
    assert old in text
    header.write_bytes(text.replace(old, new).encode(encoding))


def values_of(record: WfdbRecord) -> np.ndarray:
    return np.stack([lead.values for lead in record.leads], axis=1)


@pytest.mark.parametrize("suffix", ["", ".hea", ".dat"])
def test_a_record_is_read_in_millivolts(tmp_path: Path, suffix: str) -> None:
    record = read_wfdb(f"{write(tmp_path)}{suffix}")
    assert [(lead.name, lead.rate, lead.unit, lead.fault) for lead in record.leads] == [
        (name, 100.0, MILLIVOLT, None) for name in LEADS
    ]
    assert (record.rate, record.num_frames, record.leads[0].values.dtype) == (100.0, 200, np.float32)
    np.testing.assert_allclose(values_of(record), WAVES, atol=1e-4)


@pytest.mark.parametrize(
    ("unit", "encoding", "factor"),
    [("\u00b5V", "utf-8", 1e3), ("\u00b5V", "latin-1", 1e3), ("micro volts", "utf-8", 1e3), ("V", "utf-8", 1e-3)],
)
def test_volts_of_any_size_and_spelling_become_millivolts(
    tmp_path: Path, unit: str, encoding: str, factor: float
) -> None:
    path = write(tmp_path, WAVES * factor, units="uV")
    change(path, "/uV", f"/{unit}", encoding=encoding)
    np.testing.assert_allclose(values_of(read_wfdb(path)), WAVES, atol=1e-4)


def test_missing_samples_no_unit_and_no_baseline(tmp_path: Path) -> None:
    values = WAVES.copy()
    values[50:60, 0] = np.nan
    path = write(tmp_path, values)
    change(path, "/mV", "")
    np.testing.assert_allclose(values_of(read_wfdb(path)), values, atol=1e-4)
    np.array([1124, 1024], dtype="<i2").tofile(tmp_path / "b.dat")
    (tmp_path / "b.hea").write_text("b 1 100 2\nb.dat 16 200 12 1024\n")
    np.testing.assert_array_equal(read_wfdb(tmp_path / "b").leads[0].values, [0.5, 0])


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("/mV 16 0", "/xyz 16 0", "the lead 'I' is in 'xyz', which is no unit of an ECG"),
        ("/mV 16 0", "/mmHg 16 0", "the lead 'I' is in 'mmHg', which is no unit of an ECG"),
    ],
)
def test_a_lead_in_no_unit_of_an_ecg_says_so(tmp_path: Path, old: str, new: str, fault: str) -> None:
    path = write(tmp_path)
    change(path, old, new)
    assert read_wfdb(path).leads[0].fault == fault


def test_a_lead_without_gain_is_not_calibrated(tmp_path: Path) -> None:
    np.arange(4, dtype="<i2").tofile(tmp_path / "a.dat")
    (tmp_path / "a.hea").write_text("a 2 100 2\na.dat 16\na.dat 16 0/mV 16\n")
    assert [lead.fault for lead in read_wfdb(tmp_path / "a").leads] == [UNCALIBRATED, UNCALIBRATED]


def test_leads_of_several_samples_a_frame_keep_their_rate(tmp_path: Path) -> None:
    np.arange(60, dtype="<i2").tofile(tmp_path / "a.dat")
    (tmp_path / "a.hea").write_text("a 2 62.5 10\na.dat 16x4 1/mV 16 0 0 0 0 II\na.dat 16x2 1/NU 16 0 0 0 0 Pleth\n")
    record = read_wfdb(tmp_path / "a")
    assert [(lead.rate, lead.unit, len(lead.values)) for lead in record.leads] == [(250.0, "mV", 40), (125.0, "NU", 20)]
    assert record.leads[0].values[:6].tolist() == [0, 1, 2, 3, 6, 7]
    assert (record.rate, record.num_frames) == (62.5, 10)


def test_samples_are_those_of_the_checksums(tmp_path: Path) -> None:
    path = write(tmp_path, NOISE)
    data = path.with_suffix(".dat")
    content = bytearray(data.read_bytes())
    content[100] ^= 1
    data.write_bytes(content)
    with pytest.raises(FaultyRecordError, match=OTHER_CHECKSUM):
        read_wfdb(path)


def test_files_are_as_long_as_the_header_says(tmp_path: Path) -> None:
    path = write(tmp_path, NOISE)
    data = path.with_suffix(".dat")
    data.write_bytes(data.read_bytes() + b"0" * 900)
    assert len(read_wfdb(path).leads) == 3, "its checksums are right"
    data.write_bytes(data.read_bytes()[:1100])
    with pytest.raises(FaultyRecordError, match=OTHER_LENGTH):
        read_wfdb(path)
    for text in ("a 1 100 99999999999999\na.dat 16 1/mV\n", "a 1 100 100\na.dat 16 1/mV\n"):
        path.with_suffix(".hea").write_text(text)
        with pytest.raises(FaultyRecordError, match=OTHER_LENGTH):
            read_wfdb(path)


@pytest.mark.parametrize(
    ("header", "rule"),
    [
        ("a 1 100 0\na.dat 16 1/mV\n", UNREADABLE),
        ("a 1 100 9\na.dat 77 1/mV\n", UNREADABLE),
        ("a 1 100 9\nb.dat 16 1/mV\n", FILES_MISSING),
        ("a 1 100\nempty.dat 16 1/mV\n", UNREADABLE),
    ],
)
def test_a_header_that_fits_no_file_is_refused(tmp_path: Path, header: str, rule: str) -> None:
    path = write(tmp_path)
    (tmp_path / "empty.dat").touch()
    path.with_suffix(".hea").write_text(header)
    with pytest.raises(FaultyRecordError, match=rule):
        read_wfdb(path)


def test_segments_have_units_of_their_own_and_gaps(tmp_path: Path) -> None:
    write(tmp_path, WAVES[:80, :2] * 1e3, name="s1", units="uV")
    write(tmp_path, WAVES[100:, [1]], name="s2", leads=("II",))
    (tmp_path / "m.hea").write_text("m/4 2 100 200\nlayout 0\ns1 80\n~ 20\ns2 100\n")
    (tmp_path / "layout.hea").write_text("layout 2 100 0\n~ 0 1/mV 0 0 0 0 0 I\n~ 0 1/mV 0 0 0 0 0 II\n")
    record = read_wfdb(tmp_path / "m")
    wanted = WAVES[:, :2].copy()
    wanted[80:100] = np.nan
    wanted[100:, 0] = np.nan
    np.testing.assert_allclose(values_of(record), wanted, atol=1e-3)
    assert ([lead.name for lead in record.leads], record.num_frames) == (["I", "II"], 200)
    write(tmp_path, WAVES[80:, :2], name="s3")
    (tmp_path / "m.hea").write_text("m/2 2 100 200\ns1 80\ns3 120\n")
    np.testing.assert_allclose(values_of(read_wfdb(tmp_path / "m")), WAVES[:, :2], atol=1e-3)


def test_segments_that_differ_from_their_record_are_refused(tmp_path: Path) -> None:
    write(tmp_path, WAVES[:, :2], name="s1")
    write(tmp_path, WAVES[:, :2], name="s2", leads=("II", "I"))
    (tmp_path / "nested.hea").write_text("nested/1 2 100 200\ns1 200\n")
    for text in (
        "2 100 400\ns1 200\ns2 200",
        "2 50 400\ns1 200\ns1 200",
        "2 100 400\ns1 200\ns1 100",
        "2 100 400\ns1 200\nnested 200",
        "2 100 900\ns1 200\ns1 200",
        "2 100\ns1 200\n~ 9999999999",
    ):
        (tmp_path / "m.hea").write_text(f"m/2 {text}\n")
        with pytest.raises(FaultyRecordError, match=OTHER_SEGMENTS):
            read_wfdb(tmp_path / "m")


def test_an_absent_record_is_missing_without_a_word_to_the_network(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        pytest.fail("a socket was opened")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    for name in ("none", "https://physionet.org/files/mitdb/1.0.0/100", "s3://bucket/100"):
        with pytest.raises(FaultyRecordError, match=FILES_MISSING):
            read_wfdb(name if "/" in name else tmp_path / name)
    (tmp_path / "a.edf").write_bytes(b"0       ")
    with pytest.raises(FaultyRecordError) as error:
        read_wfdb(tmp_path / "a.edf")
    assert str(error.value) == NO_WFDB
