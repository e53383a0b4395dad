"""Cross-validation."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reprodx.errors import ConfigError, SchemaError
from reprodx.splits.kfold import KFold

if TYPE_CHECKING:
    from collections.abc import Callable

    import polars as pl


def test_every_case_is_tested_once_and_validates_once(make_cases: Callable[..., pl.DataFrame]) -> None:
    cases, units = make_cases(), np.arange(120) // 3
    folds = [KFold(num_folds=5, fold=fold, repeat=0, seed=0).assign(cases, units) for fold in range(5)]
    for name in ("test", "val"):
        np.testing.assert_array_equal(sum((fold.split == name).astype(int) for fold in folds), 1)
    for fold in folds:
        assert fold.folds is not None
        np.testing.assert_array_equal(fold.folds, folds[0].folds)
        np.testing.assert_array_equal(fold.split == "test", fold.folds == fold.fold)
        np.testing.assert_array_equal(fold.split == "val", fold.folds == (fold.fold + 1) % 5)


def test_a_repeat_deals_anew_and_only_then(make_cases: Callable[..., pl.DataFrame]) -> None:
    cases, units = make_cases(), np.arange(120)
    first, second = (KFold(num_folds=3, fold=0, repeat=repeat, seed=0).assign(cases, units) for repeat in (0, 1))
    assert first.folds is not None
    assert (first.folds != second.folds).any()
    assert second.repeat == 1


@settings(deadline=None)
@given(st.integers(3, 10), st.integers(0, 100))
def test_folds_are_of_equal_size_within_each_class(num_folds: int, seed: int) -> None:
    import polars as pl

    cases = pl.DataFrame({"y_true": ["ill"] * 43 + ["well"] * 61})
    folds = KFold(num_folds=num_folds, fold=0, repeat=0, seed=seed).assign(cases, np.arange(104)).folds
    for members in (folds[:43], folds[43:]):
        counts = np.bincount(members, minlength=num_folds)
        assert counts.max() - counts.min() <= 1


@pytest.mark.parametrize(
    ("settings", "key"),
    [
        ({"num_folds": 2}, r"split\.num_folds"),
        ({"fold": 5}, r"split\.fold: must be from 0 to 4"),
        ({"fold": -1}, r"split\.fold"),
        ({"repeat": -1}, r"split\.repeat"),
    ],
)
def test_numbers_out_of_range_are_refused(settings: dict[str, int], key: str) -> None:
    with pytest.raises(ConfigError, match=key):
        KFold(**{"num_folds": 5, "fold": 0, "repeat": 0, "seed": 0, **settings})


def test_more_folds_than_patients_of_a_class_are_refused(make_cases: Callable[..., pl.DataFrame]) -> None:
    with pytest.raises(SchemaError, match="class 'ill' has 5 patients"):
        KFold(num_folds=6, fold=0, repeat=0, seed=0).assign(make_cases(20), np.arange(20))
    KFold(num_folds=5, fold=0, repeat=0, seed=0).assign(make_cases(20), np.arange(20))
