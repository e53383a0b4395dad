"""In which step an hour lies, and the format as JSON."""

from __future__ import annotations

import json
import math
from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from reprodx.datasets.series_format import SeriesFormat


def form(**overrides: Any) -> SeriesFormat:
    settings: dict[str, Any] = {"id": "stay", "hour": "time", "variable": None, "value": None, "variables": None}
    settings |= {"missing": {}, "ranges": {}, "bin_hours": 1.0, "max_hours": 8760.0, "window_hours": None}
    return SeriesFormat(**{**settings, "aggregate": "mean", **overrides})


def test_a_step_ends_with_its_hour_and_a_label_sees_whole_steps_only() -> None:
    assert form().steps_of(np.array([0, 0.01, 1, 1.01])).tolist() == [0, 1, 1, 2]
    assert form().steps_until(np.array([0, 0.99, 1, 1.99])).tolist() == [0, 0, 1, 1]


@given(st.integers(0, 10_000), st.sampled_from([0.1, 0.25, 1.0, 4.0]))
def test_rounding_moves_no_multiple_of_a_step(number: int, bin_hours: float) -> None:
    layout = form(bin_hours=bin_hours)
    hours = np.array([number * bin_hours])
    assert layout.steps_of(hours).tolist() == layout.steps_until(hours).tolist() == [number]


def test_the_format_is_json() -> None:
    layout = form(ranges={"hr": [10, 300]}, variables=["hr"], window_hours=24.0)
    assert SeriesFormat.from_dict(json.loads(json.dumps(layout.as_dict()))) == layout


def test_a_format_without_a_window_kept_it_as_the_longest_hour() -> None:
    content = {**form().as_dict(), "max_hours": 24.0}
    del content["window_hours"]
    assert SeriesFormat.from_dict(content) == form(max_hours=math.inf, window_hours=24.0)
