"""Numbers that stand for a missing value, and measurements that only look like it."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from reprodx.datasets.sentinels import find_measured_sentinels, find_sentinels

PRESSURE = np.random.default_rng(0).normal(120, 15, 200).round()


@pytest.mark.parametrize(
    ("code", "others"),
    [
        (999, PRESSURE),
        (-1, PRESSURE),
        (-999, PRESSURE),
        (0, PRESSURE),
        (99, np.arange(200) % 9),
        (99, 18 + np.arange(200) % 52),
        (-9, np.arange(200) % 50),
    ],
)
def test_a_code_far_from_all_else_is_named_with_its_share(code: float, others: np.ndarray) -> None:
    values = np.append(others.astype(float), [code] * 50)
    (warning,) = find_sentinels(pl.DataFrame({"bp": values}))
    assert f"{code:g} stands in 20.0% of the rows" in warning
    assert f"data.missing={{bp: [{code:g}]}}" in warning


@pytest.mark.parametrize(
    "values",
    [
        np.append(np.random.default_rng(1).exponential(20, 200).round(), [0] * 50),
        np.arange(100.0),
        np.append(np.random.default_rng(2).normal(0, 1, 200), -1.0),
        np.tile([-1.0, 0.0, 1.0], 50),
        np.append(PRESSURE, 170.0),
        np.tile([0.0, 1.0], 50),
    ],
)
def test_measurements_are_no_codes(values: np.ndarray) -> None:
    assert find_sentinels(pl.DataFrame({"x": values})) == []


@pytest.mark.parametrize("code", [9999999, -2147483648, 65535])
def test_the_key_names_every_digit_of_a_long_code(code: int) -> None:
    (warning,) = find_sentinels(pl.DataFrame({"x": np.append(PRESSURE, [code, code])}))
    assert f"data.missing={{x: [{code}]}}" in warning


def test_several_codes_of_one_column_are_found() -> None:
    (warning,) = find_sentinels(pl.DataFrame({"x": np.append(PRESSURE, [999, 998, -9, -9])}))
    assert "data.missing={x: [999, 998, -9]}" in warning


def test_codes_among_measurements_over_time_are_named_by_variable() -> None:
    values = np.append(PRESSURE, [-999.0] * 50)
    found = find_measured_sentinels(("hr", "map"), np.repeat([0, 1], 250), np.append(values, np.abs(values) % 200))
    assert len(found) == 1
    assert found[0].startswith("variable 'hr': -999 is 50 of 250 values")
