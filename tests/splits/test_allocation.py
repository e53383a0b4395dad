"""Dealing units out: together, even, and the same every time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reprodx.errors import ConfigError, SchemaError
from reprodx.splits.allocation import allocate, check_share, with_validation

if TYPE_CHECKING:
    from collections.abc import Callable

SHARES = [0.6, 0.2, 0.2]


def labelled(labels: list[str], sites: list[str] | None = None) -> pl.DataFrame:
    return pl.DataFrame({"y_true": labels} | ({} if sites is None else {"site": sites}))


@settings(deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 60), st.sampled_from("abc")), min_size=1, max_size=200),
    st.integers(0, 2**32),
)
def test_a_unit_is_never_divided(rows: list[tuple[int, str]], seed: int) -> None:
    units, labels = np.array([unit for unit, _ in rows]), [label for _, label in rows]
    try:
        shares = allocate(labelled(labels), units, SHARES, seed=[seed])
    except SchemaError:
        assert min(len({unit for unit, label in rows if label == name}) for name in set(labels)) < len(SHARES)
        return
    for unit in set(units):
        assert len(set(shares[units == unit])) == 1


@settings(deadline=None)
@given(st.integers(3, 200), st.integers(3, 200), st.integers(0, 1000))
def test_each_class_is_dealt_out_by_its_shares(num_ill: int, num_well: int, seed: int) -> None:
    labels = np.array(["ill"] * num_ill + ["well"] * num_well)
    shares = allocate(labelled(list(labels)), np.arange(labels.size), SHARES, seed=[seed])
    for name, total in (("ill", num_ill), ("well", num_well)):
        counts = np.bincount(shares[labels == name], minlength=3)
        assert counts.min() >= 1
        assert (abs(counts - total * np.array(SHARES)) < 1.0 + (total < 10)).all()


@settings(deadline=None)
@given(st.integers(0, 1000))
def test_sites_are_spread_over_the_shares(seed: int) -> None:
    sites = ["big"] * 100 + ["small"] * 20
    shares = allocate(labelled(["ill"] * 120, sites), np.arange(120), SHARES, seed=[seed])
    for site, total in (("big", 100), ("small", 20)):
        counts = np.bincount(shares[np.array(sites) == site], minlength=3)
        assert (abs(counts - total * np.array(SHARES)) <= 1).all()


def test_the_seed_decides_and_the_names_of_units_do_not(make_cases: Callable[..., pl.DataFrame]) -> None:
    cases, units = make_cases(), np.arange(120)
    first = allocate(cases, units, SHARES, seed=[0])
    np.testing.assert_array_equal(first, allocate(cases, units * 10 + 3, SHARES, seed=[0]))
    assert (first != allocate(cases, units, SHARES, seed=[1])).any()
    assert (first != allocate(cases, units, SHARES, seed=[0, 1])).any()


def test_every_case_is_as_likely_as_its_neighbour_to_be_tested() -> None:
    cases = labelled(["ill"] * 10)
    draws = [allocate(cases, np.arange(10), [0.5, 0.3, 0.2], seed=[seed]) for seed in range(2000)]
    tested = (np.array(draws) == 2).mean(axis=0)
    assert abs(tested - 0.2).max() < 4.5 * np.sqrt(0.2 * 0.8 / 2000)


def test_a_class_with_fewer_patients_than_splits_is_refused_and_with_enough_is_not() -> None:
    units = np.array([0, 0, 1, 2, 3, 4])
    with pytest.raises(SchemaError, match=r"class 'ill' has 2 patients .* fewer than the 3 splits"):
        allocate(labelled(["ill", "ill", "ill", "well", "well", "well"]), units, SHARES, seed=[0])
    shares = allocate(labelled(["ill"] * 3 + ["well"] * 3), np.arange(6), SHARES, seed=[0])
    assert sorted(shares[:3]) == sorted(shares[3:]) == [0, 1, 2]


def test_a_unit_of_two_classes_counts_for_the_rarer() -> None:
    labels = ["ill", "well"] * 3 + ["well"] * 30
    units = np.array([0, 0, 1, 1, 2, 2, *range(3, 33)])
    shares = allocate(labelled(labels), units, SHARES, seed=[0])
    assert sorted(shares[:6:2]) == [0, 1, 2]


def test_validation_is_drawn_from_training_alone(make_cases: Callable[..., pl.DataFrame]) -> None:
    cases = make_cases()
    split = np.where(np.arange(120) < 100, "train", "test")
    units = np.arange(120) // 2
    drawn = with_validation(cases, units, split, share=0.25, seed=[0])
    assert set(drawn[100:]) == {"test"}
    assert (drawn == "val").sum() == pytest.approx(25, abs=2)
    assert all(len(set(drawn[units == unit])) == 1 for unit in set(units))
    assert set(split) == {"train", "test"}


@pytest.mark.parametrize("share", [0, 1, -0.1, 1.5, float("nan")])
def test_a_share_that_leaves_nothing_is_refused(share: float) -> None:
    with pytest.raises(ConfigError, match=r"split\.val"):
        check_share("split.val", share)
    check_share("split.val", 0.5)
