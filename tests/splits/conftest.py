"""Cases to divide."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import pytest

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.fixture
def make_cases() -> Callable[..., pl.DataFrame]:
    """Return a function that makes cases of two classes at three sites, one in four of them positive."""

    def make(num_cases: int = 120) -> pl.DataFrame:
        rows = np.arange(num_cases)
        return pl.DataFrame(
            {
                "case_id": [f"c{row}" for row in rows],
                "y_true": np.where(rows % 4 == 0, "ill", "well"),
                "site": np.array(["east", "north", "west"])[rows * 7 % 3],
                "time": (rows * 13 % num_cases).astype(float),
            }
        )

    return make
