"""A random split by patient that is even by class and by site."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from reprodx.schemas import SPLITS, SplitAssignment
from reprodx.splits.allocation import allocate, check_share

if TYPE_CHECKING:
    import polars as pl
    from numpy.typing import NDArray


class PatientStratified:
    """Train, validation and test hold different patients and the same mix of classes and sites."""

    column: str | None = None
    """No column of the source is needed."""

    def __init__(self, val: float, test: float, seed: int) -> None:
        """Check the shares.

        Args:
            val: Share of the patients for validation, in (0, 1).
            test: Share of the patients for testing, in (0, 1).
            seed: Decides which patients; never follows the seed of training.

        Raises:
            ConfigError: If a share leaves nothing for another split.
        """
        check_share("split.val", val)
        check_share("split.test", test)
        check_share("split.val + split.test", val + test)
        self.shares = (1 - val - test, val, test)
        self.seed = seed

    def assign(self, cases: pl.DataFrame, units: NDArray[np.int64]) -> SplitAssignment:
        """Return the split of each case.

        Args:
            cases: Columns `y_true` and, where sites are known, `site`.
            units: Shape (cases,), equal for cases that must stay together.

        Returns:
            The split of each case.

        Raises:
            SchemaError: If a class has fewer than three patients.
        """
        return SplitAssignment(np.array(SPLITS)[allocate(cases, units, self.shares, seed=[self.seed])])
