"""Prepared cases with the same inputs, and of some pairs the pictures, for people to look at."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from reprodx.artifacts.prepared import DUPLICATES_FILE, INPUT_FILES
from reprodx.inputs import Modality
from reprodx.schemas import CASE_ID, SPLIT, Y_TRUE

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np
    import polars as pl
    from numpy.typing import NDArray

MAX_PAIRS = 4
"""Pairs whose pictures are shown; those with different labels go first."""


@dataclass(frozen=True)
class Pair:
    """The first two pictures of a group."""

    group: int
    images: NDArray[np.uint8]
    """Shape (2, height, width, channels)."""
    splits: tuple[str, str]
    classes: tuple[str, str]


@dataclass(frozen=True)
class Duplicates:
    """Cases with the same inputs."""

    table: pl.DataFrame
    """`group case_id same_as patient_id split y_true is_kept_together`, see `preparation.duplicates`."""
    pairs: tuple[Pair, ...] = ()
    """Of pictures, `MAX_PAIRS` at most."""

    @property
    def num_groups(self) -> int:
        """Groups of cases with the same inputs."""
        return int(self.table["group"].n_unique())

    @property
    def num_conflicting(self) -> int:
        """Groups whose cases have different labels."""
        return int(self.table.group_by("group").n_unique().get_column(Y_TRUE).gt(1).sum())


def read_duplicates(folder: Path) -> Duplicates | None:
    """Return what `prepare` listed, with the pictures of the first pairs.

    Args:
        folder: The prepared folder.

    Returns:
        Without any pair where the cases are no pictures; None for a folder from before such lists.
    """
    import numpy as np
    import polars as pl

    if not (folder / DUPLICATES_FILE).is_file():
        return None
    table = pl.read_csv(folder / DUPLICATES_FILE, infer_schema=False).with_columns(pl.col("group").cast(pl.Int64))
    path = folder / INPUT_FILES[Modality.IMAGE]
    if table.is_empty() or not path.is_file():
        return Duplicates(table)
    ids = pl.read_parquet(folder / "cases.parquet", columns=[CASE_ID])[CASE_ID]
    images = np.load(path, mmap_mode="r")
    is_uniform = pl.col(Y_TRUE).n_unique().over("group") == 1
    shown = table.sort(is_uniform, "group", maintain_order=True)["group"].unique(maintain_order=True).head(MAX_PAIRS)
    return Duplicates(table, tuple(_pair(table, group, ids, images) for group in shown))


def _pair(table: pl.DataFrame, group: int, ids: pl.Series, images: NDArray[np.uint8]) -> Pair:
    import polars as pl

    members = table.filter(pl.col("group") == group)
    # A pair of different labels says more than the first two of the group.
    other = int((members[Y_TRUE] != members[Y_TRUE][0]).arg_max() or 1)
    two = members[[0, other]]
    rows = [int(ids.eq(name).arg_max() or 0) for name in two[CASE_ID]]
    (first, second), (one, another) = two[SPLIT].to_list(), two[Y_TRUE].to_list()
    return Pair(group, images[rows], (first, second), (one, another))
