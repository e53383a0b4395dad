"""Cases as a dataset hands them over, and what a dataset and a split are to preparation."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl
import pytest

from reprodx.datasets.acknowledged import Acknowledged
from reprodx.datasets.cleaning import CATEGORICAL, NUMERIC, ColumnRule
from reprodx.schemas import RawCases, SplitAssignment

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

NOTHING = Acknowledged((), (), patients=False)


@dataclass
class FixedDataset:
    """A dataset that is already in memory."""

    raw: RawCases
    acknowledged: Acknowledged = NOTHING

    def read(self, split_column: str | None, *, scratch: Path | None = None) -> RawCases:
        """Return it."""
        return self.raw


@dataclass
class FixedSplit:
    """A split that is already decided."""

    split: Any
    folds: Any = None
    column: str | None = None
    seen: dict[str, Any] = field(default_factory=dict)

    def assign(self, cases: pl.DataFrame, units: Any) -> SplitAssignment:
        """Return it."""
        self.seen = {"cases": cases, "units": units}
        return SplitAssignment(np.array(self.split), folds=self.folds)


@pytest.fixture
def make_raw() -> Callable[..., RawCases]:
    """Return a function that makes cases of two classes whose features know little of them."""

    def make(num_cases: int = 120, *, features: dict[str, Any] | None = None, **cases: Any) -> RawCases:
        random = np.random.default_rng(0)
        ids = [f"c{row}" for row in range(num_cases)]
        truth = np.array(["well", "ill"])[np.arange(num_cases) % 2]
        table = {
            "age": random.normal(60, 10, num_cases).round(3),
            "sex": np.array(["f", "m"])[random.integers(0, 2, num_cases)],
            **(features or {}),
        }
        frame = pl.DataFrame(table).with_columns(pl.col(pl.Int64).cast(pl.Float64))
        kinds = {name: CATEGORICAL if kind == pl.String else NUMERIC for name, kind in frame.schema.items()}
        columns = {"case_id": ids, "patient_id": ids, "y_true": truth, **cases}
        return RawCases(
            cases=pl.DataFrame(columns),
            features=frame,
            classes=("well", "ill") if "y_true" not in cases else tuple(sorted(set(cases["y_true"]))),
            num_read=num_cases,
            exclusions=(),
            has_patients="patient_id" in cases,
            card="# A card\n",
            units={"age": "years"},
            cleaning={name: ColumnRule(kind).as_dict() for name, kind in kinds.items()},
        )

    return make


@pytest.fixture
def parts() -> Callable[[int], list[str]]:
    """Return a function from a number of cases to a split in which every fourth and fifth pair is held out."""

    def make(num_cases: int) -> list[str]:
        return [["train", "train", "train", "val", "test"][row // 2 % 5] for row in range(num_cases)]

    return make


@pytest.fixture
def placed(make_raw: Callable[..., RawCases], parts: Callable[[int], list[str]]) -> Callable[..., RawCases]:
    """Return a function that makes cases with their split."""

    def make(num_cases: int = 120, **settings: Any) -> RawCases:
        return make_raw(num_cases, **{"split": parts(num_cases), **settings})

    return make


@pytest.fixture
def fixed_dataset() -> type[FixedDataset]:
    """Return the class of datasets that are already in memory."""
    return FixedDataset


@pytest.fixture
def fixed_split() -> type[FixedSplit]:
    """Return the class of splits that are already decided."""
    return FixedSplit
