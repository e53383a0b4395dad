"""What one clean column becomes: fitted on training cases, applied as polars expressions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import polars as pl

from reprodx.schemas import CASE_ID, INDICATOR_SUFFIX


class Feature(NamedTuple):
    """One number that a network takes."""

    name: str
    kind: str
    """`numeric`, `level` or `indicator`."""
    expression: pl.Expr
    """How it is made of the clean column."""


@dataclass(frozen=True)
class NumericColumn:
    """A numeric column: missing values become the median, and the result is scaled to mean 0 and deviation 1."""

    name: str
    median: float
    mean: float
    """Of the imputed training values."""
    deviation: float
    """Of the imputed training values, with divisor n; 0 where all are equal, and then there is no scaled feature."""
    has_indicator: bool
    """Whether a second feature says that the value was missing, as it was in training."""

    @classmethod
    def fit(cls, values: pl.Series) -> NumericColumn | None:
        """Return the column's transform, or None where every value is missing."""
        median = values.median()
        if not isinstance(median, float):
            return None
        # Not polars' own mean: its last bits depend on how many threads read the file.
        imputed = values.fill_null(median).to_numpy()
        is_constant = imputed.min() == imputed.max()
        deviation = 0.0 if is_constant else float(imputed.std())
        return cls(values.name, median, float(imputed.mean()), deviation, values.null_count() > 0)

    @property
    def example(self) -> float:
        """The median of the training cases."""
        return self.median

    def features(self) -> list[Feature]:
        """Return what the column becomes: a scaled number unless it is constant, and an indicator."""
        features = _indicator(self.name) if self.has_indicator else []
        if not self.deviation:
            return features
        scaled = (pl.col(self.name).fill_null(self.median) - self.mean) / self.deviation
        # The table of features has a column of that name already.
        name = f"{self.name} (feature)" if self.name == CASE_ID else self.name
        return [Feature(name, "numeric", scaled), *features]


@dataclass(frozen=True)
class CategoricalColumn:
    """A categorical column: one feature for each level seen in training; an unseen level is 0 in all of them."""

    name: str
    levels: tuple[str, ...]
    mode: str
    """The most frequent level of the training cases."""
    has_indicator: bool
    """Whether a further feature says that the value was missing, as it was in training."""

    @classmethod
    def fit(cls, values: pl.Series) -> CategoricalColumn | None:
        """Return the column's transform, or None where every value is missing."""
        levels = values.drop_nulls().unique().sort().to_list()
        if not levels:
            return None
        mode = values.drop_nulls().mode().sort()[0]
        return cls(values.name, tuple(levels), mode, values.null_count() > 0)

    def is_unknown(self, values: pl.Series) -> pl.Series:
        """Return whether each value is a level that no training case had; what is missing is none."""
        return (~values.is_in(self.levels)).fill_null(value=False)

    @property
    def example(self) -> str:
        """The mode of the training cases."""
        return self.mode

    def features(self) -> list[Feature]:
        """Return what the column becomes: a 0 or 1 for each level unless there is one only, and an indicator."""
        features = _indicator(self.name) if self.has_indicator else []
        if len(self.levels) == 1:
            return features
        column = pl.col(self.name)
        return [Feature(f"{self.name}={level}", "level", column.eq_missing(level)) for level in self.levels] + features


def _indicator(name: str) -> list[Feature]:
    return [Feature(name + INDICATOR_SUFFIX, "indicator", pl.col(name).is_null())]
