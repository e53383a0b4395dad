"""Scale of training signals, and new signals from paths and base64."""

from __future__ import annotations

import base64
import io
import json
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import pytest
import wfdb

from reprodx.datasets.wfdb_files import SignalForm
from reprodx.errors import SchemaError
from reprodx.inputs import Inputs, Modality
from reprodx.preparation.signal_transform import SIGNAL, SignalTransform

if TYPE_CHECKING:
    from pathlib import Path

FORM = SignalForm(100.0, 40, ("I", "II"), resample=True, pad=False, max_missing_share=0.0)


def signals(num_cases: int = 600) -> Inputs:
    values = np.random.default_rng(0).normal([3000.0, -0.2], [0.5, 2.0], (num_cases, 40, 2)).astype(np.float32)
    return Inputs.of_rows(Modality.SIGNAL, values, channels=FORM.channels, settings=FORM.as_settings())


def encoded(values: np.ndarray) -> str:
    file = io.BytesIO()
    np.save(file, values)
    return base64.b64encode(file.getvalue()).decode()


def test_the_scale_is_that_of_the_training_cases_alone() -> None:
    inputs = signals()
    rows = np.arange(0, 600, 2)
    mean, std = SignalTransform.fit(inputs.select(rows), None).scaling() or ([], [])
    values = inputs.values[rows].astype(np.float64)
    np.testing.assert_allclose(mean, values.mean(axis=(0, 1)), rtol=1e-12)
    np.testing.assert_allclose(std, values.std(axis=(0, 1)), rtol=1e-9)


def test_a_flat_lead_is_not_blown_up() -> None:
    values = np.ones((3, 40, 2), dtype=np.float32)
    values[..., 1] += np.linspace(0, 1, 40, dtype=np.float32)
    inputs = Inputs.of_rows(Modality.SIGNAL, values, channels=FORM.channels, settings=FORM.as_settings())
    transform = SignalTransform.fit(inputs, None)
    assert transform.mean[0] == pytest.approx(1)
    assert transform.std[0] == 1.0
    assert transform.std[1] < 0.5


def test_applying_changes_nothing() -> None:
    inputs = signals(5)
    assert SignalTransform.fit(inputs, None).apply(inputs) is inputs


def test_it_survives_json() -> None:
    transform = SignalTransform.fit(signals(5), None)
    again = SignalTransform.from_json(json.loads(json.dumps(transform.to_json())))
    assert again == transform
    assert again.description() == {"num_steps": 40, "leads": ["I", "II"]}


def test_new_cases_are_paths_or_base64(tmp_path: Path) -> None:
    transform = SignalTransform.fit(signals(5), None)
    wanted = signals(5).values[3] / 1000
    wfdb.wrsamp("a", 100, ["mV", "mV"], ["II", "I"], wanted[:, ::-1].astype(float), fmt=["16", "16"],
                write_dir=str(tmp_path))  # fmt: skip
    np.save(tmp_path / "a.npy", wanted)
    content = (tmp_path / "a.npy").read_bytes()
    cells = [str(tmp_path / "a"), str(tmp_path / "a.hea"), encoded(wanted), str(tmp_path / "a.npy"), content]
    table = pl.DataFrame([pl.Series(SIGNAL, cells, dtype=pl.Object)])
    raw = transform.read_raw(table)
    assert (raw.modality, raw.channels, raw.settings) == (Modality.SIGNAL, ("I", "II"), FORM.as_settings())
    np.testing.assert_array_equal(raw[0], raw[1])
    np.testing.assert_allclose(raw[0], wanted, atol=1e-3)
    for same in range(2, 5):
        np.testing.assert_array_equal(raw[same], wanted)


def test_the_example_can_be_read() -> None:
    transform = SignalTransform.fit(signals(5), None)
    raw = transform.read_raw(pl.DataFrame([transform.example()]))
    assert transform.columns == tuple(transform.example())
    assert raw.values.shape == (1, 40, 2)
    assert not raw.values.any()


@pytest.mark.parametrize(
    ("cell", "message"),
    [
        ("nowhere/a", "a file of the record is missing"),
        ("nowhere/a.npy", "a file of the record is missing"),
        (encoded(np.zeros((40, 3))), r"the signal has the shape \(40, 3\): give \(time, 2 leads\)"),
        (encoded(1000 * signals(1).values[0]), "amplitudes more than 200 times those of training: give millivolts"),
        (encoded(np.zeros((39, 2))), "shorter than it should be"),
        (encoded(np.zeros((40, 2)))[:-7], "the base64 is damaged|not a NumPy file"),
    ],
)
def test_a_faulty_case_is_named_by_its_row(cell: str, message: str) -> None:
    transform = SignalTransform.fit(signals(5), None)
    table = pl.DataFrame({SIGNAL: [transform.example()[SIGNAL], cell]})
    with pytest.raises(SchemaError, match=rf"row 3: column 'signal': ({message})"):
        transform.read_raw(table)


def test_the_column_must_be_there() -> None:
    with pytest.raises(SchemaError, match="no column 'signal'"):
        SignalTransform.fit(signals(5), None).read_raw(pl.DataFrame({"x": ["a"]}))
