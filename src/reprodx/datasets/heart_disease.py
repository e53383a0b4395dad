"""UCI Heart Disease: 920 patients of four hospitals, with or without coronary disease on angiography.

Source: Janosi, Steinbrunn, Pfisterer, Detrano 1988, https://doi.org/10.24432/C52P4X; CC BY 4.0.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from reprodx.datasets.csv_table import CsvTable
from reprodx.datasets.keys import require_columns
from reprodx.errors import SchemaError
from reprodx.hashing import sha256_of_path

if TYPE_CHECKING:
    from reprodx.datasets.table_layout import TableLayout

SHA256 = "574f2fa2b43012fa25fca4fcdb36bd7c6bccdd0af4242f6c0e4c8633c5a072ae"
"""Of the file that the corrections below belong to."""
SITE_COLUMN = "dataset"
"""The column that names the hospital."""
SITES = {
    "Cleveland": "cleveland",
    "Hungary": "hungary",
    "Switzerland": "switzerland",
    "VA Long Beach": "va",
}
"""Short names of the hospitals: 303, 294, 123 and 200 patients."""
WRONG_SITE_ID = "304"
"""The first patient of the Hungarian file, which this copy calls Cleveland's."""


class HeartDisease(CsvTable):
    """The committed copy of the four hospitals' file, with its sites shortened and the wrong one corrected."""

    def text_table(self) -> tuple[pl.DataFrame, TableLayout]:
        """Return the cells of the file as text.

        Returns:
            String columns, null where a cell is empty; and how the file is written.

        Raises:
            DatasetNotFoundError: If there is no such file.
            SchemaError: If the file is another one than the corrections were made for.
        """
        table, layout = super().text_table()
        # A key that says otherwise how the file is written makes another table of it.
        require_columns(table.columns, {"data": ("id", SITE_COLUMN)}, self._source)
        if sha256_of_path(Path(self.path)) != SHA256:
            raise SchemaError(
                f"{self.path} is not the file that heart_disease was written for: restore it with "
                f"`git checkout {self.path}`, or read your own with data=csv_table"
            )
        is_wrong = pl.col("id") == WRONG_SITE_ID
        site = pl.when(is_wrong).then(pl.lit("hungary")).otherwise(pl.col(SITE_COLUMN).replace_strict(SITES))
        return table.with_columns(site.alias(SITE_COLUMN)), layout
