"""Cross-validation by patient: fold k is tested, fold k + 1 validates, the others train."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from reprodx.errors import ConfigError
from reprodx.schemas import TEST, TRAIN, VAL, SplitAssignment
from reprodx.splits.allocation import allocate

if TYPE_CHECKING:
    import polars as pl
    from numpy.typing import NDArray


class KFold:
    """One fold of a cross-validation whose assignment is the same for every fold."""

    column: str | None = None
    """No column of the source is needed."""

    def __init__(self, num_folds: int, fold: int, repeat: int, seed: int) -> None:
        """Check the numbers.

        Args:
            num_folds: At least 3, since one tests, one validates and one trains.
            fold: The fold to test, in [0, num_folds).
            repeat: Number of the repetition, from 0; each deals the patients out anew.
            seed: Decides the assignment; never follows the seed of training.

        Raises:
            ConfigError: If a number is out of its range.
        """
        if num_folds < 3:
            raise ConfigError("split.num_folds: must be at least 3: one tests, one validates, one trains")
        if not 0 <= fold < num_folds:
            raise ConfigError(f"split.fold: must be from 0 to {num_folds - 1}")
        if repeat < 0:
            raise ConfigError("split.repeat: must be 0 or more")
        self.num_folds, self.fold, self.repeat, self.seed = num_folds, fold, repeat, seed

    def assign(self, cases: pl.DataFrame, units: NDArray[np.int64]) -> SplitAssignment:
        """Return the split of each case and the fold in which it is tested.

        Args:
            cases: Columns `y_true` and, where sites are known, `site`.
            units: Shape (cases,), equal for cases that must stay together.

        Returns:
            Split, fold, repeat and folds.

        Raises:
            SchemaError: If a class has fewer patients than there are folds.
        """
        folds = allocate(cases, units, [1 / self.num_folds] * self.num_folds, seed=[self.seed, self.repeat])
        role_by_fold = np.full(self.num_folds, TRAIN, dtype="<U5")
        role_by_fold[[self.fold, (self.fold + 1) % self.num_folds]] = [TEST, VAL]
        return SplitAssignment(role_by_fold[folds], self.fold, self.repeat, folds)
