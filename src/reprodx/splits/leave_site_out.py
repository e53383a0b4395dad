"""Testing on a site that training never saw."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from reprodx.schemas import TEST, TRAIN, SplitAssignment
from reprodx.splits.allocation import check_share, with_validation
from reprodx.splits.sites import is_at, is_unit_of

if TYPE_CHECKING:
    import polars as pl
    from numpy.typing import NDArray


class LeaveSiteOut:
    """One site tests; the patients of the others train and validate.

    A patient with a case at the site that is left out is tested with all cases, wherever they were seen.
    """

    column: str | None = None
    """No column of the source is needed but `data.site`."""

    def __init__(self, site: str | int | float, val: float, seed: int) -> None:
        """Check the share.

        Args:
            site: The site to test on; sites may be numbers.
            val: Share of the other sites' patients for validation, in (0, 1), even by class and site.
            seed: Decides who validates; never follows the seed of training.

        Raises:
            ConfigError: If the share leaves nothing.
        """
        check_share("split.val", val)
        self.site, self.val, self.seed = str(site), val, seed

    def assign(self, cases: pl.DataFrame, units: NDArray[np.int64]) -> SplitAssignment:
        """Return the split of each case.

        Args:
            cases: Columns `y_true` and `site`.
            units: Shape (cases,), equal for cases that must stay together.

        Returns:
            The split of each case.

        Raises:
            SchemaError: If there is no such site, or a class has fewer than two patients at the others.
        """
        is_test = is_unit_of(units, is_at(cases, [self.site], "split.site"))
        split = np.where(is_test, TEST, TRAIN)
        return SplitAssignment(with_validation(cases, units, split, share=self.val, seed=[self.seed]))
