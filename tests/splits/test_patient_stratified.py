"""The default split."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from reprodx.errors import ConfigError
from reprodx.splits.patient_stratified import PatientStratified

if TYPE_CHECKING:
    from collections.abc import Callable

    import polars as pl


def test_shares_hold_for_every_class(make_cases: Callable[..., pl.DataFrame]) -> None:
    cases = make_cases(200)
    split = PatientStratified(val=0.1, test=0.2, seed=0).assign(cases, np.arange(200)).split
    for label, total in (("ill", 50), ("well", 150)):
        members = split[(cases["y_true"] == label).to_numpy()]
        assert [int((members == name).sum()) for name in ("train", "val", "test")] == [
            total * 7 // 10,
            total // 10,
            total * 2 // 10,
        ]


@pytest.mark.parametrize(("val", "test"), [(0, 0.2), (0.2, 0), (0.5, 0.5), (1.2, 0.1)])
def test_shares_that_leave_nothing_are_refused(val: float, test: float) -> None:
    with pytest.raises(ConfigError, match=r"split\."):
        PatientStratified(val=val, test=test, seed=0)
