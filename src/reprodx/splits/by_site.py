"""Training on some sites and testing on others."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from reprodx.errors import ConfigError
from reprodx.schemas import TEST, TRAIN, SplitAssignment
from reprodx.splits.allocation import check_share, with_validation
from reprodx.splits.sites import is_at, is_unit_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    import polars as pl
    from numpy.typing import NDArray


class BySite:
    """Sites for training and sites for testing; cases of other sites are left out and counted.

    A patient with a case at a site for testing is tested with all cases, wherever they were seen.
    """

    column: str | None = None
    """No column of the source is needed but `data.site`."""

    def __init__(
        self, train: Sequence[str | int | float], test: Sequence[str | int | float], val: float, seed: int
    ) -> None:
        """Check the sites and the share.

        Args:
            train: Sites whose patients train and validate; sites may be numbers.
            test: Sites whose patients are tested.
            val: Share of the training sites' patients for validation, in (0, 1), even by class and site.
            seed: Decides who validates; never follows the seed of training.

        Raises:
            ConfigError: If no site is named, one is named twice, or the share leaves nothing.
        """
        for key, sites in (("train", train), ("test", test)):
            if not sites:
                raise ConfigError(f"split.{key}: must name a site, such as [cleveland]")
        self.train, self.test = tuple(map(str, train)), tuple(map(str, test))
        both = sorted(set(self.train) & set(self.test))
        if both:
            raise ConfigError(f"split.test: {both[0]!r} is in split.train too: a site cannot do both")
        check_share("split.val", val)
        self.val, self.seed = val, seed

    def assign(self, cases: pl.DataFrame, units: NDArray[np.int64]) -> SplitAssignment:
        """Return the split of each case, "" for cases of sites that are not named.

        Args:
            cases: Columns `y_true` and `site`.
            units: Shape (cases,), equal for cases that must stay together.

        Returns:
            The split of each case.

        Raises:
            SchemaError: If there is no such site, or a class has fewer than two patients at those for training.
        """
        is_train = is_at(cases, self.train, "split.train")
        is_test = is_unit_of(units, is_at(cases, self.test, "split.test"))
        split = np.where(is_test, TEST, np.where(is_train, TRAIN, ""))
        return SplitAssignment(with_validation(cases, units, split, share=self.val, seed=[self.seed]))
