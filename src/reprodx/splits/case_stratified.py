"""A random split of cases that pays no heed to patients: what many papers do, and what flatters a model."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from reprodx.schemas import SPLITS, SplitAssignment
from reprodx.splits.allocation import allocate
from reprodx.splits.patient_stratified import PatientStratified

if TYPE_CHECKING:
    import polars as pl
    from numpy.typing import NDArray


class CaseStratified(PatientStratified):
    """Cases are dealt out one by one, evenly by class and site, so that a patient may lie in several splits.

    The leakage gate refuses that where a patient has several cases, unless `data.acknowledge` lets it pass; then the
    run is marked as leaky. It shows by how much a split by patient is harder.
    """

    def assign(self, cases: pl.DataFrame, units: NDArray[np.int64]) -> SplitAssignment:
        """Return the split of each case.

        Args:
            cases: Columns `y_true` and, where sites are known, `site`.
            units: Not looked at.

        Returns:
            The split of each case.

        Raises:
            SchemaError: If a class has fewer than three cases.
        """
        one_by_one = np.arange(len(units))
        return SplitAssignment(np.array(SPLITS)[allocate(cases, one_by_one, self.shares, seed=[self.seed])])
