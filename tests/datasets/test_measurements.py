"""Steps that would not fit into memory."""

from __future__ import annotations

import tracemalloc
from dataclasses import replace

import numpy as np
import pytest

from reprodx.datasets.series_file import read_measurements
from reprodx.errors import SchemaError
from tests.datasets.test_series_format import form


def test_steps_beyond_the_memory_are_refused_before_any_is_taken() -> None:
    layout = replace(form(), bin_hours=1e-6)
    measured = read_measurements(b"stay,time,hr\na,0,1\na,8760,2\n", layout)
    tracemalloc.start()
    with pytest.raises(SchemaError, match=r"8760000001 steps of 1 variables need 140 GB .* data\.bin_hours"):
        measured.steps(layout, measured.stays["step"].to_numpy() + 1)
    assert tracemalloc.get_traced_memory()[1] < 1e6
    tracemalloc.stop()


def test_steps_are_the_mean_or_the_last_of_their_measurements() -> None:
    measured = read_measurements(b"stay,time,hr\na,0.2,1\na,0.4,3\n", form())
    assert measured.steps(form(), np.array([2]))[1].tolist() == [2]
    assert measured.steps(form(aggregate="last"), np.array([2]))[1].tolist() == [3]
