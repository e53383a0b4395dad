"""Beats of annotated records: classes after AAMI, intervals, windows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
import wfdb
from hypothesis import given
from hypothesis import strategies as st
from wfdb.io.annotation import ann_label_table, is_qrs

from reprodx.datasets.heart_beats import AAMI_CLASS, AAMI_CLASSES, NUM_LOCAL, Beats, intervals, read_beats, windows
from reprodx.datasets.unusable_signal import FILES_MISSING, NO_ANNOTATIONS, FaultyRecordError

if TYPE_CHECKING:
    from pathlib import Path


def test_the_mapping_holds_every_symbol_that_wfdb_calls_a_beat() -> None:
    symbols = ann_label_table.set_index("label_store")["symbol"]
    beats = {symbols[code] for code in symbols.index if code < len(is_qrs) and is_qrs[code]}
    assert set(AAMI_CLASS) | {"!"} == beats, "flutter waves are the one exception"
    assert set(AAMI_CLASS.values()) == set(AAMI_CLASSES)


def test_beats_are_read_and_other_marks_are_not(tmp_path: Path) -> None:
    symbols = ["+", "N", "~", "A", "V", "!", "/", "F", "j"]
    wfdb.wrann("a", "atr", np.arange(1, 10) * 100, symbols, fs=250, write_dir=str(tmp_path))
    beats = read_beats(tmp_path / "a.hea", "atr")
    assert beats.samples.tolist() == [200, 400, 500, 700, 800, 900]
    assert beats.symbols.tolist() == ["N", "A", "V", "/", "F", "j"]
    assert beats.classes.tolist() == ["N", "S", "V", "Q", "F", "N"]
    assert beats.paced_share == pytest.approx(1 / 6)
    assert beats.rate == 250
    assert Beats(beats.samples[:0], beats.symbols[:0], 250.0).paced_share == 0


def test_absent_annotations_and_files_that_are_none_name_their_rule(tmp_path: Path) -> None:
    with pytest.raises(FaultyRecordError, match=FILES_MISSING):
        read_beats(tmp_path / "a", "atr")
    wfdb.wrann("a", "atr", np.arange(1, 10) * 100, ["N"] * 9, fs=250, write_dir=str(tmp_path))
    whole = (tmp_path / "a.atr").read_bytes()
    wfdb.wrann("a", "rhythm", np.array([10, 20]), ["+", "~"], fs=250, write_dir=str(tmp_path))
    rhythm = (tmp_path / "a.rhythm").read_bytes()
    random = np.random.default_rng(0).bytes(400)
    for content in (
        b"",
        b"\x01",
        b"\0\0",
        b"\0" * 400,
        whole[:-4],
        whole[:-1],
        rhythm,
        b"no annotations\n",
        random,
        random + b"\0\0",
    ):
        (tmp_path / "a.atr").write_bytes(content)
        with pytest.raises(FaultyRecordError, match=NO_ANNOTATIONS):
            read_beats(tmp_path / "a", "atr")


@given(gaps=st.lists(st.integers(1, 1000), max_size=40), rate=st.sampled_from([100.0, 360.0]))
def test_intervals_are_those_of_a_loop_and_look_ahead_by_name_only(gaps: list[int], rate: float) -> None:
    samples = np.cumsum([5, *gaps])
    found = intervals(samples, rate)
    for beat in range(len(samples)):
        last = [gap / rate for gap in gaps[:beat]][-NUM_LOCAL:]
        following = gaps[beat] / rate if beat < len(gaps) else np.nan
        expected = {
            "rr_previous_s": last[-1] if last else np.nan,
            "rr_next_s": following,
            "rr_local_s": np.mean(last) if last else np.nan,
            "rr_ratio": last[-1] / np.mean(last) if last else np.nan,
        }
        for name, value in expected.items():
            np.testing.assert_allclose(found[name][beat], value, rtol=1e-9)


def test_intervals_of_no_beats_are_none() -> None:
    assert all(len(values) == 0 for values in intervals(np.array([], dtype=np.int64), 100).values())


def test_windows_are_slices() -> None:
    signal = np.random.default_rng(0).normal(size=(100, 2)).astype(np.float32)
    starts = np.array([0, 13, 90])
    np.testing.assert_array_equal(windows(signal, starts, 10), [signal[start : start + 10] for start in starts])
    assert windows(signal[:5], starts[:0], 10).shape == (0, 10, 2)
