"""Outcomes of stays: one per stay, or one per stay and hour, beside what is known of the stay from its start."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from reprodx.datasets.keys import require_columns
from reprodx.datasets.plain_columns import as_text, require_plain
from reprodx.datasets.row_numbers import row_number
from reprodx.datasets.stay_hours import ORIGIN, STAY, refuse_late, since
from reprodx.datasets.typed_file import as_ids, as_times, read_typed_table
from reprodx.errors import SchemaError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from reprodx.datasets.measurements import Measurements
    from reprodx.datasets.missing_values import MissingValues
    from reprodx.datasets.static_table import StaticTable
    from reprodx.datasets.table_layout import TableLayout

CASE = "stay_hour"
"""Our name of the column that names a case where each hour is one."""


@dataclass(frozen=True)
class OutcomeTable:
    """Cases as the table of outcomes names them."""

    text: pl.DataFrame
    """All columns as text, those of the static table beside them, and where each hour is a case `CASE`."""
    stays: pl.Series
    """The stay of each row."""
    hours: NDArray[np.float64]
    """Shape (rows,): until when a case is judged, infinite where a stay has one outcome; -1 for a date of a stay
    without a measurement to count from, NaN where it is infinite in the file."""

    @classmethod
    def read(
        cls,
        path: Path,
        *,
        stay: str,
        label_hour: str | None,
        targets: Sequence[str],
        missing: MissingValues,
        max_hours: float,
        measured: Measurements,
        static: StaticTable,
        layout: TableLayout | None = None,
    ) -> OutcomeTable:
        """Return the table in a Parquet or CSV file.

        Args:
            path: The file.
            stay: The column that names the stay.
            label_hour: The column of times of the outcomes; None where a stay has one.
            targets: The columns to predict.
            missing: Values that mean missing.
            max_hours: The last hour that there may be.
            measured: Says when a stay began where times are dates.
            static: What is known of stays.
            layout: How the file is written; None to find all of it.

        Returns:
            The table.

        Raises:
            DatasetNotFoundError: If there is no such file.
            SchemaError: If it is not what was said, or a stay has two outcomes of one time; the message names the row.
        """
        typed = read_typed_table(path, "data.outcome_path", layout)
        named = {"data.id": [stay], "data.label_hour": [label_hour] if label_hour else []}
        require_columns(typed.columns, named, path.name)
        require_plain(typed, {"data.target": [name for name in targets if name in typed.columns]}, path.name)
        stays = as_ids(typed[stay], missing.of(stay), "data.id", path.name)
        text = as_text(typed).with_columns(stays)
        text = text.hstack(static.of(stays, static.text.drop(text.columns, strict=False)).get_columns())
        if label_hour is None:
            return cls(text, stays, np.full(text.height, np.inf))
        times = as_times(typed[label_hour], missing.of(label_hour), "data.label_hour", path.name, layout)
        origins = stays.to_frame().join(measured.stays, left_on=stay, right_on=STAY, how="left", maintain_order="left")
        hours = since(times, origins[ORIGIN], path.name)
        refuse_late(hours, max_hours, "data.label_hour", label_hour, path.name)
        # A date has no hour where its stay has no measurement to count from.
        written = hours.round(4).map_elements(_written, return_dtype=pl.String).fill_null(text[label_hour])
        names = pl.select(pl.format("{}_{}", stays, written)).to_series().alias(CASE)
        _refuse_repeated(names, stay, label_hour, path.name)
        number = hours.fill_null(-1.0).to_numpy()
        return cls(text.with_columns(names), stays, np.where(np.isfinite(number), number, np.nan))


def _written(hour: float) -> str:
    return f"{hour:.4f}".rstrip("0").rstrip(".")


def _refuse_repeated(names: pl.Series, stay: str, label_hour: str, source: str) -> None:
    is_repeated = ~names.is_first_distinct()
    if is_repeated.any():
        raise SchemaError(
            f"{source}, row {row_number(is_repeated)}: data.id {stay!r} and data.label_hour {label_hour!r} repeat an "
            f"earlier row ({is_repeated.sum()} such rows): an hour of a stay has one row"
        )
