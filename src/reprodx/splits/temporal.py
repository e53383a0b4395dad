"""Testing on the patients seen last."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from reprodx.errors import SchemaError
from reprodx.schemas import TEST, TIME, TRAIN, VAL, SplitAssignment
from reprodx.splits.allocation import check_share

if TYPE_CHECKING:
    from numpy.typing import NDArray


class Temporal:
    """The latest cases test, those before validate, the earliest train.

    A patient belongs as a whole to where the latest of all cases falls. Cases of the same moment stay together, so that
    the shares are the least to be reached, not exact.
    """

    column: str | None = None
    """No column of the source is needed but `data.time`."""

    def __init__(self, val: float, test: float) -> None:
        """Check the shares.

        Args:
            val: Least share of the cases for validation, in (0, 1).
            test: Least share of the cases for testing, in (0, 1).

        Raises:
            ConfigError: If a share leaves nothing for another split.
        """
        check_share("split.val", val)
        check_share("split.test", test)
        check_share("split.val + split.test", val + test)
        self.val, self.test = val, test

    def assign(self, cases: pl.DataFrame, units: NDArray[np.int64]) -> SplitAssignment:
        """Return the split of each case.

        Args:
            cases: The column `time`, numbers or dates.
            units: Shape (cases,), equal for cases that must stay together.

        Returns:
            The split of each case.

        Raises:
            SchemaError: If a time is missing, or there are too few moments to divide.
        """
        if TIME not in cases.columns:
            raise SchemaError("split=temporal needs times: say in data.time which column has them")
        if num_missing := cases[TIME].null_count():
            raise SchemaError(f"data.time: {num_missing} cases have none: split=temporal cannot place them")
        latest = cases.select(pl.col(TIME).max().over(pl.Series(units))).to_series().rank("dense").to_numpy()
        descending = np.sort(latest)[::-1]
        first_of_test = descending[_last_place(self.test, latest.size)]
        first_of_val = descending[_last_place(self.test + self.val, latest.size)]
        if not latest.min() < first_of_val < first_of_test:
            raise SchemaError(
                "split=temporal: too many cases share a moment to divide them into three: use finer times"
            )
        return SplitAssignment(np.where(latest >= first_of_test, TEST, np.where(latest >= first_of_val, VAL, TRAIN)))


def _last_place(share: float, num_cases: int) -> int:
    # Rounded first, because .1 + .2 is a little more than .3.
    return max(int(np.ceil(round(share * num_cases, 6))) - 1, 0)
