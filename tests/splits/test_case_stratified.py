"""The split that ignores patients."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from reprodx.splits.case_stratified import CaseStratified

if TYPE_CHECKING:
    from collections.abc import Callable

    import polars as pl


def test_cases_of_a_patient_lie_in_several_splits(make_cases: Callable[..., pl.DataFrame]) -> None:
    cases = make_cases(200)
    units = np.repeat(np.arange(10), 20)
    split = CaseStratified(val=0.2, test=0.2, seed=0).assign(cases, units).split
    assert all(len(set(split[units == unit])) > 1 for unit in range(10))
    for label in ("ill", "well"):
        shares = [(split[(cases["y_true"] == label).to_numpy()] == name).mean() for name in ("train", "val", "test")]
        np.testing.assert_allclose(shares, [0.6, 0.2, 0.2], atol=0.01)


def test_the_seed_decides(make_cases: Callable[..., pl.DataFrame]) -> None:
    cases, units = make_cases(100), np.arange(100)
    first, again, other = (
        CaseStratified(val=0.2, test=0.2, seed=seed).assign(cases, units).split for seed in (0, 0, 1)
    )
    assert (first == again).all()
    assert (first != other).any()
