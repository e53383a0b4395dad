"""Records are read from the disk alone and brought to one form, or say by which rule they cannot be."""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import wfdb

from reprodx.datasets.unusable_signal import (
    FILES_MISSING,
    LEAD_MISSING,
    OTHER_RATE,
    TOO_MANY_GAPS,
    TOO_SHORT,
    UnusableSignalError,
)
from reprodx.datasets.wfdb_files import SignalForm, conform, decode
from reprodx.datasets.wfdb_signals import read_wfdb

if TYPE_CHECKING:
    from pathlib import Path

FORM = SignalForm(100.0, 200, ("II", "I"), resample=True, pad=False, max_missing_share=0.1)
TIME = np.arange(200) / 100
WAVES = np.stack([np.sin(2 * np.pi * 3 * TIME), np.cos(2 * np.pi * 5 * TIME), 0.1 * TIME], axis=1)


def write(folder: Path, values: Any = WAVES, *, rate: int = 100, units: str = "mV", name: str = "a") -> Path:
    leads = ["I", "II", "V1"][: values.shape[1]]
    formats = ["16"] * len(leads)
    wfdb.wrsamp(name, rate, [units] * len(leads), leads, values, fmt=formats, write_dir=str(folder))
    return folder / name


def test_leads_are_chosen_by_name_or_position(tmp_path: Path) -> None:
    path = write(tmp_path)
    by_name = decode(path, SignalForm(100.0, 200, ("ii", "I"), True, False, 0.0).as_settings())
    by_position = decode(path, SignalForm(100.0, 200, (1, 0), True, False, 0.0).as_settings())
    np.testing.assert_array_equal(by_name, by_position)
    np.testing.assert_allclose(by_name, WAVES[:, [1, 0]], atol=1e-4)


def test_settings_survive_json_and_do_the_same() -> None:
    assert SignalForm.from_settings(json.loads(json.dumps({**FORM.as_settings(), "other": 1}))) == FORM
    assert SignalForm(1.0, 1, (0, "V5"), True, True, 0.0).channels == ("lead_0", "V5")


def test_another_rate_is_resampled(tmp_path: Path) -> None:
    fast = np.arange(720) / 360
    values = np.stack([np.sin(2 * np.pi * 3 * fast), np.cos(2 * np.pi * 5 * fast)], axis=1)
    signal = decode(write(tmp_path, values, rate=360), FORM.as_settings())
    assert signal.shape == (200, 2)
    np.testing.assert_allclose(signal[20:-20], WAVES[20:-20, [1, 0]], atol=0.01)


def test_each_lead_is_resampled_from_its_own_rate(tmp_path: Path) -> None:
    leads = np.cos(2 * np.pi * 5 * np.arange(250) / 125), np.sin(2 * np.pi * 3 * np.arange(500) / 250)
    frames = np.concatenate([leads[0].reshape(-1, 2), leads[1].reshape(-1, 4)], axis=1)
    np.rint(1e4 * frames).astype("<i2").tofile(tmp_path / "a.dat")
    lines = [f"a.dat 16x{number} 10000/mV 16 0 0 0 0 {name}" for number, name in ((2, "II"), (4, "I"))]
    (tmp_path / "a.hea").write_text("\n".join(["a 2 62.5 125", *lines]))
    signal = decode(tmp_path / "a", FORM.as_settings())
    np.testing.assert_allclose(signal[20:-20], WAVES[20:-20, [1, 0]], atol=0.01)


def test_longer_records_are_cut_and_shorter_ones_continued_only_if_allowed(tmp_path: Path) -> None:
    long = write(tmp_path, np.concatenate([WAVES, WAVES + 5]), name="long")
    np.testing.assert_allclose(decode(long, FORM.as_settings()), WAVES[:, [1, 0]], atol=1e-3)
    short = write(tmp_path, WAVES[:150], name="short")
    with pytest.raises(UnusableSignalError, match=TOO_SHORT):
        decode(short, FORM.as_settings())
    padded = decode(short, {**FORM.as_settings(), "pad": True})
    np.testing.assert_allclose(padded[:150], WAVES[:150, [1, 0]], atol=1e-4)
    assert not padded[150:].any()


def test_gaps_are_filled_up_to_a_share(tmp_path: Path) -> None:
    values = np.stack([TIME, TIME], axis=1)
    values[50:60, 0] = np.nan
    values[:5, 1] = np.nan
    signal = decode(write(tmp_path, values), FORM.as_settings())
    np.testing.assert_allclose(signal[:, 1], TIME, atol=1e-3)
    np.testing.assert_allclose(signal[:5, 0], TIME[5], atol=1e-3)
    with pytest.raises(UnusableSignalError, match=TOO_MANY_GAPS):
        decode(tmp_path / "a", {**FORM.as_settings(), "max_missing_share": 0.04})


def test_a_lead_without_any_sample_is_unusable() -> None:
    values = np.full((200, 2), np.nan, dtype=np.float32)
    with pytest.raises(UnusableSignalError, match=TOO_MANY_GAPS):
        decode(_numpy_bytes(values), {**FORM.as_settings(), "max_missing_share": 0.99})


def test_every_other_fault_names_its_rule(tmp_path: Path) -> None:
    path = write(tmp_path)
    settings = FORM.as_settings()
    for changed, rule in (
        ({"leads": ["I", "V9"]}, LEAD_MISSING),
        ({"leads": [3]}, LEAD_MISSING),
        ({"sampling_rate": 50.0, "resample": False}, OTHER_RATE),
    ):
        with pytest.raises(UnusableSignalError, match=rule):
            decode(path, {**settings, **changed})
    path.with_suffix(".dat").unlink()
    with pytest.raises(UnusableSignalError, match=FILES_MISSING):
        decode(path, settings)


def test_a_numpy_file_and_its_bytes_are_a_signal(tmp_path: Path) -> None:
    wanted = WAVES[:, :2].astype(np.float32)
    np.testing.assert_array_equal(decode(_numpy_bytes(wanted), FORM.as_settings()), wanted)
    np.testing.assert_array_equal(decode(_numpy_bytes(wanted.astype(np.float64)), FORM.as_settings()), wanted)
    (tmp_path / "a.npy").write_bytes(_numpy_bytes(wanted))
    np.testing.assert_array_equal(decode(tmp_path / "a.npy", FORM.as_settings()), wanted)
    with pytest.raises(UnusableSignalError, match=FILES_MISSING):
        decode(tmp_path / "b.npy", FORM.as_settings())


def test_a_longer_numpy_file_may_be_of_another_rate() -> None:
    with pytest.raises(UnusableSignalError, match="has 1000 samples: give the first 200, at 100 Hz"):
        decode(_numpy_bytes(np.zeros((1000, 2))), FORM.as_settings())


@pytest.mark.parametrize(
    "content",
    [b"", b"nonsense", b"\x93NUMPY", np.zeros(200), np.zeros((200, 3)), np.zeros((0, 2)), np.array([["a", "b"]])],
)
def test_other_bytes_are_refused(content: Any) -> None:
    with pytest.raises(UnusableSignalError, match=r"NumPy file|shape"):
        decode(content if isinstance(content, bytes) else _numpy_bytes(content), FORM.as_settings())


def test_objects_in_a_numpy_file_are_not_unpickled() -> None:
    file = io.BytesIO()
    np.save(file, np.array([[{}]], dtype=object), allow_pickle=True)
    with pytest.raises(UnusableSignalError, match="NumPy file"):
        decode(file.getvalue(), FORM.as_settings())


def test_conforming_copies_and_leaves_the_record_alone(tmp_path: Path) -> None:
    record = read_wfdb(write(tmp_path))
    before = [lead.values.copy() for lead in record.leads]
    conform(record, FORM)[:] = 7
    np.testing.assert_array_equal([lead.values for lead in record.leads], before)


def _numpy_bytes(values: np.ndarray) -> bytes:
    file = io.BytesIO()
    np.save(file, values)
    return file.getvalue()
