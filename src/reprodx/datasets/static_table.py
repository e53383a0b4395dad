"""What is known of each stay from its start: one row per stay, beside measurements over time."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from reprodx.datasets.cleaning import ColumnRule, clean
from reprodx.datasets.column_rules import ColumnSettings, find_rules
from reprodx.datasets.keys import require_columns
from reprodx.datasets.plain_columns import as_text, require_plain
from reprodx.datasets.problems import Problems
from reprodx.datasets.row_numbers import row_number
from reprodx.datasets.table_layout import TableLayout
from reprodx.datasets.typed_file import as_ids, read_typed_table
from reprodx.errors import SchemaError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from reprodx.datasets.missing_values import MissingValues

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class StaticTable:
    """Features of stays that do not change."""

    stays: pl.Series
    """Ids as text, all different."""
    text: pl.DataFrame
    """All columns as text, with the rows of `stays`."""
    values: pl.DataFrame
    """Clean columns, Float64 or String, with the rows of `stays`."""
    rules: Mapping[str, ColumnRule]
    """What cleaned each column of `values`."""

    @classmethod
    def absent(cls) -> StaticTable:
        """Return a table that knows nothing of any stay."""
        return cls(pl.Series([], dtype=pl.String), pl.DataFrame(), pl.DataFrame(), {})

    @classmethod
    def read(
        cls,
        path: Path,
        *,
        stay: str,
        missing: MissingValues,
        named: Mapping[str, Sequence[str]],
        leave_out: Sequence[str],
        categorical: Sequence[str],
        ranges: Mapping[str, Sequence[float]],
        layout: TableLayout | None = None,
    ) -> StaticTable:
        """Return the table in a Parquet or CSV file.

        Args:
            path: The file.
            stay: The column that names the stay.
            missing: Values that mean missing.
            named: Columns that must exist, by the key that names them.
            leave_out: Columns that are not cleaned, such as names.
            categorical: Columns that are categories although they hold numbers.
            ranges: Lowest and highest plausible value by column.
            layout: How the file is written; None to find all of it.

        Returns:
            The table.

        Raises:
            DatasetNotFoundError: If there is no such file.
            SchemaError: If a stay has two rows, or a column is not what was said; the message names column and row.
        """
        table = read_typed_table(path, "data.static_path", layout)
        require_columns(table.columns, {"data.id": [stay], **named}, path.name)
        stays = as_ids(table[stay], missing.of(stay), "data.id", path.name)
        is_repeated = ~stays.is_first_distinct()
        if is_repeated.any():
            raise SchemaError(
                f"{path.name}, row {row_number(is_repeated)}: data.id {stay!r} repeats an earlier one "
                f"({is_repeated.sum()} such rows): a stay has one row"
            )
        others = table.drop(stay)
        require_plain(others, {"data.static_path": others.drop(leave_out, strict=False).columns}, path.name)
        text = as_text(others)
        settings = ColumnSettings(missing, layout or TableLayout(), categorical, ranges=ranges)
        found = find_rules(text.drop(leave_out, strict=False), settings)
        Problems(path.name, found.problems).refuse()
        for note in found.notes:
            logger.info("%s: %s", path.name, note)
        values = clean(text, found.rules, path.name) if found.rules else pl.DataFrame(height=stays.len())
        return cls(stays, text, values, found.rules)

    def of(self, stays: pl.Series, columns: pl.DataFrame) -> pl.DataFrame:
        """Return some columns by stay.

        Args:
            stays: Ids, in any order and repeated at will.
            columns: `text` or `values`, or some of their columns.

        Returns:
            One row for each of `stays`, null where this table does not have it.
        """
        if not columns.width:
            return pl.DataFrame(height=stays.len())
        key = stays.name
        table = columns.with_columns(self.stays.alias(f"{key}__key"))
        found = stays.alias(f"{key}__key").to_frame().join(table, on=f"{key}__key", how="left", maintain_order="left")
        return found.drop(f"{key}__key")
