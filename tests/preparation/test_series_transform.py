"""What networks take of series: causal, shared, and fitted on training cases alone."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from reprodx.datasets.series_format import SeriesFormat
from reprodx.errors import SchemaError
from reprodx.inputs import Inputs, Modality
from reprodx.preparation.series_transform import SeriesTransform

if TYPE_CHECKING:
    from pathlib import Path

NAN = np.nan
CHANNELS = ("hr", "map")
FORM = SeriesFormat(
    id="stay",
    hour="time",
    variable=None,
    value=None,
    variables=CHANNELS,
    missing={},
    ranges={},
    bin_hours=1.0,
    max_hours=8760.0,
    window_hours=None,
    aggregate="mean",
)


def series(*cases: list[list[float]], bin_hours: float = 1.0) -> Inputs:
    values = np.array([step for case in cases for step in case], dtype=np.float32)
    settings = {**FORM.as_dict(), "bin_hours": bin_hours}
    lengths = np.array([len(case) for case in cases])
    return Inputs.of_steps(Modality.SERIES, values, lengths, channels=CHANNELS, settings=settings)


TRAIN = series([[80, NAN], [NAN, NAN], [100, 50], [NAN, NAN]], [[90, 70]])


def test_values_are_carried_forward_and_zero_before_the_first() -> None:
    prepared = SeriesTransform.fit(TRAIN).apply(TRAIN)
    assert prepared.channels == ("hr", "map", "hr__measured", "map__measured", "hr__hours_since", "map__hours_since")
    assert prepared.values.dtype == np.float32
    # The quantiles lie a thousandth of the gap inside the extremes.
    std = np.std([80.02, 90, 99.98])
    low, high = (80.02 - 90) / std, (99.98 - 90) / std
    expected = [
        [low, 0, 1, 0, 0, 0],
        [low, 0, 0, 0, np.log(2) / np.log(4), np.log(2) / np.log(4)],
        [high, -1, 1, 1, 0, 0],
        [high, -1, 0, 0, np.log(2) / np.log(4), np.log(2) / np.log(4)],
    ]
    np.testing.assert_allclose(prepared[0], expected, rtol=1e-5)
    np.testing.assert_allclose(prepared[1], [[0, 1, 1, 1, 0, 0]], atol=1e-6)


def test_hours_count_by_the_length_of_a_step() -> None:
    case = [[80.0, NAN], [NAN, NAN], [NAN, 50], [NAN, NAN]]
    prepared = SeriesTransform.fit(series(case, bin_hours=4.0)).apply(series(case, bin_hours=4.0))
    np.testing.assert_allclose(prepared[0][:, 4], np.log1p([0, 4, 8, 12]) / np.log1p(12), rtol=1e-6)
    np.testing.assert_allclose(prepared[0][:, 5], np.log1p([0, 4, 0, 4]) / np.log1p(12), rtol=1e-6)


def test_the_transform_is_that_of_the_training_cases_alone() -> None:
    everything = series([[80, NAN], [100, 50]], [[1e6, 1e6]])
    fitted = SeriesTransform.fit(everything.select(np.array([0])))
    assert fitted == SeriesTransform.fit(series([[80, NAN], [100, 50]]))
    far = fitted.apply(everything)[1]
    assert np.abs(far).max() < 1.01


def test_extremes_are_moved_to_the_quantiles_of_training() -> None:
    rng = np.random.default_rng(0)
    values = rng.normal(90, 10, size=(5000, 2))
    values[0] = 1e9
    fitted = SeriesTransform.fit(series(values.tolist()))
    assert fitted.variables[0].mean == pytest.approx(90, abs=0.5)
    assert fitted.variables[0].std == pytest.approx(10, abs=0.5)
    assert fitted.variables[0].high == pytest.approx(np.quantile(values[:, 0].astype(np.float32), 0.999), rel=1e-6)


def test_variables_never_measured_in_training_are_left_out() -> None:
    fitted = SeriesTransform.fit(series([[80, NAN], [90, NAN]]))
    assert fitted.never_measured == ("map",)
    prepared = fitted.apply(series([[80, 50]]))
    assert prepared.channels == ("hr", "hr__measured", "hr__hours_since")
    assert fitted.description()["never_measured"] == ["map"]
    with pytest.raises(SchemaError, match="no variable was measured"):
        SeriesTransform.fit(series([[NAN, NAN]]))


def test_a_constant_variable_is_zero_and_not_infinite() -> None:
    prepared = SeriesTransform.fit(series([[80, 50], [80, 60]])).apply(series([[80, 50], [81, 50]]))
    assert prepared.values[:, 0].tolist() == [0, 0]


VALUES = arrays.arrays(np.float32, (6, 2), elements=st.one_of(st.just(np.nan), st.floats(-200, 200, width=32)))


@given(VALUES, st.integers(1, 5))
def test_a_step_depends_on_no_later_one(values: np.ndarray, stop: int) -> None:
    fitted = SeriesTransform.fit(TRAIN)
    whole = fitted.apply(series(values.tolist()))
    assert not np.isnan(whole.values).any()
    np.testing.assert_array_equal(fitted.apply(series(values[:stop].tolist()))[0], whole[0][:stop])


@given(VALUES, st.lists(st.tuples(st.integers(0, 5), st.integers(1, 6)), min_size=1, max_size=6))
def test_sharing_steps_changes_no_case(values: np.ndarray, spans: list[tuple[int, int]]) -> None:
    spans = [(start, min(length, 6 - start)) for start, length in spans]
    starts, lengths = (np.array(part) for part in zip(*spans, strict=True))
    shared = Inputs(Modality.SERIES, values, starts, lengths, CHANNELS, TRAIN.settings)
    fitted = SeriesTransform.fit(TRAIN)
    apart = fitted.apply(series(*(values[start : start + length].tolist() for start, length in spans)))
    prepared = fitted.apply(shared)
    for one, other in zip(prepared, apart, strict=True):
        np.testing.assert_array_equal(one, other)
    assert len(prepared.values) == sum(max(n for s, n in spans if s == start) for start in {s for s, _ in spans})


def test_shared_steps_count_once_in_training() -> None:
    values = np.array([[80, 50], [100, 70]], dtype=np.float32)
    starts, lengths = np.array([0, 0, 0]), np.array([1, 1, 2])
    fitted = SeriesTransform.fit(Inputs(Modality.SERIES, values, starts, lengths, CHANNELS, FORM.as_dict()))
    assert fitted == SeriesTransform.fit(series(values.tolist()))
    early = Inputs(Modality.SERIES, values, starts[:2], lengths[:2], CHANNELS, FORM.as_dict())
    assert SeriesTransform.fit(early).variables[0].mean == 80


def test_json_brings_the_same_transform_back() -> None:
    fitted = SeriesTransform.fit(TRAIN)
    again = SeriesTransform.from_json(json.loads(json.dumps(fitted.to_json())))
    np.testing.assert_array_equal(again.apply(TRAIN).values, fitted.apply(TRAIN).values)
    assert again.to_json() == json.loads(json.dumps(fitted.to_json()))
    assert fitted.scaling() is None


def test_new_cases_come_as_paths_or_base64(tmp_path: Path) -> None:
    fitted = SeriesTransform.fit(TRAIN)
    path = tmp_path / "case.parquet"
    pl.DataFrame({"stay": [9, 9], "time": [0, 2], "map": [50.0, None], "hr": [None, 80.0]}).write_parquet(path)
    coded = base64.b64encode(b"time,hr,map\n0,90,\n0.5,,60\n").decode()
    raw = fitted.read_raw(pl.DataFrame({"series": [str(path), coded]}))
    assert raw.channels == CHANNELS
    np.testing.assert_array_equal(raw[0], [[NAN, 50], [NAN, NAN], [80, NAN]])
    np.testing.assert_array_equal(raw[1], [[90, NAN], [NAN, 60]])
    expected = fitted.apply(series([[NAN, 50], [NAN, NAN], [80, NAN]], [[90, NAN], [NAN, 60]]))
    np.testing.assert_array_equal(fitted.apply(raw).values, expected.values)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"stay,time,hr,map\n1,0,80,50\n2,0,80,50\n", "row 2: its file has 2 stays and 4 measurements"),
        (b"time,hr,map\n0,,\n", "row 2: its file has 1 stays and 0 measurements"),
        (b"time,hr\n0,80\n", "row 2: .*no column 'map'"),
    ],
)
def test_a_new_case_that_cannot_be_judged_is_refused(content: bytes, message: str) -> None:
    fitted = SeriesTransform.fit(TRAIN)
    with pytest.raises(SchemaError, match=message):
        fitted.read_raw(pl.DataFrame({"series": [base64.b64encode(content).decode()]}))
    with pytest.raises(SchemaError, match="row 2"):
        fitted.read_raw(pl.DataFrame({"series": ["no such file.csv"]}))


@pytest.mark.parametrize("is_long", [False, True])
def test_the_example_is_the_mean_patient_who_is_nobody(is_long: bool) -> None:
    names = {"variable": "name", "value": "x"} if is_long else {}
    train = Inputs(Modality.SERIES, TRAIN.values, TRAIN.starts, TRAIN.lengths, CHANNELS, {**FORM.as_dict(), **names})
    fitted = SeriesTransform.fit(train)
    prepared = fitted.apply(fitted.read_raw(pl.DataFrame([fitted.example()])))
    np.testing.assert_allclose(prepared[0], [[0, 0, 1, 1, 0, 0]], atol=1e-4)
