"""A split that the table itself names."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from reprodx.errors import ConfigError, SchemaError
from reprodx.schemas import SPLITS, TEST, TRAIN, VAL, SplitAssignment
from reprodx.splits.allocation import check_share, with_validation

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    import polars as pl
    from numpy.typing import NDArray


class Predefined:
    """The split of each case is read from a column; nothing is kept together that the column separates."""

    # The parameter is the key of the configuration, which `map` names best.
    def __init__(self, column: str, map: Mapping[Any, str | None] | None, val: float, seed: int) -> None:  # noqa: A002
        """Check the map.

        Args:
            column: The column of the source.
            map: Split by value of the column, where null leaves cases out; None where the values are the splits' names.
            val: Share of the training patients for validation where no value stands for it, in (0, 1).
            seed: Decides who validates in that case; never follows the seed of training.

        Raises:
            ConfigError: If a value is mapped to something that is no split, or nothing to train or to test.
        """
        split_by_value = dict(zip(SPLITS, SPLITS, strict=True)) if map is None else map
        for value, split in split_by_value.items():
            if split is not None and split not in SPLITS:
                raise ConfigError(f"split.map.{value}: must be one of {', '.join(SPLITS)} or null")
        for split in (TRAIN, TEST):
            if split not in split_by_value.values():
                raise ConfigError(f"split.map: no value stands for {split}")
        check_share("split.val", val)
        self.column: str | None = column
        self.split_by_value = {_as_text(value): split or "" for value, split in split_by_value.items()}
        self.val, self.seed = val, seed

    def assign(self, cases: pl.DataFrame, units: NDArray[np.int64]) -> SplitAssignment:
        """Return the split of each case, "" for those left out.

        Args:
            cases: The column of the source in plain form, `y_true` and, where sites are known, `site`.
            units: Shape (cases,), equal for cases that must stay together where validation is drawn.

        Returns:
            The split of each case.

        Raises:
            SchemaError: If a value is not in the map, or no case trains or tests.
        """
        assert self.column is not None, "the constructor sets it"
        split = cases[self.column].replace_strict(self.split_by_value, default=None)
        if num_unknown := split.null_count():
            raise SchemaError(
                f"split.map: {num_unknown} cases have a value of {self.column!r} that is none of "
                f"{', '.join(self.split_by_value)}: add it, with null to leave them out"
            )
        assigned = split.to_numpy().astype("<U5")
        for name in (TRAIN, TEST):
            if name not in assigned:
                raise SchemaError(f"split.map: no case has a value of {self.column!r} that stands for {name}")
        if VAL not in assigned:
            assigned = with_validation(cases, units, assigned, share=self.val, seed=[self.seed])
        return SplitAssignment(assigned)


def _as_text(value: object) -> str:
    """Return a key of the map as the reader gives the column: truth values in small letters."""
    return str(value).lower() if isinstance(value, bool) else str(value)
