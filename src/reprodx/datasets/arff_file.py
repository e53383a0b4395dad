"""Weka's ARFF: a header of attributes, then comma-separated rows.

Source of the format: Witten, Frank, Hall, Pal. Data Mining, 4th ed., 2016, section 2.4.
"""

from __future__ import annotations

import csv
import io
import re
from itertools import count

import polars as pl

from reprodx.datasets.column_names import names_of
from reprodx.datasets.csv_file import without_blank_end
from reprodx.datasets.row_numbers import numbered
from reprodx.datasets.text_encoding import to_utf8
from reprodx.errors import SchemaError

ATTRIBUTE = re.compile(r"""@attribute\s+('(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|[^\s{]+)\s*(.*)""", flags=re.IGNORECASE)
MISSING = "?"


def read_arff(content: bytes, encoding: str | None, name: str) -> pl.DataFrame:
    """Return the cells of an ARFF file.

    Args:
        content: The file.
        encoding: What it is written in; None to find it.
        name: What the file is called in messages.

    Returns:
        One String column for each attribute, one row per instance; `?` is null.

    Raises:
        SchemaError: If it has no attributes or no rows, is sparse or relational, or rows have another number of cells.
    """
    text = to_utf8(content, encoding, name)[0].decode()
    lines = [line for line in map(str.strip, text.splitlines()) if line and not line.startswith("%")]
    is_data = [line.lower().startswith("@data") for line in lines]
    start = is_data.index(True) if True in is_data else len(lines)
    found = [match for match in map(ATTRIBUTE.match, lines[:start]) if match]
    if not found or start == len(lines):
        raise SchemaError(f"{name} is not an ARFF file: it has no @attribute, or no @data")
    rows = lines[start + 1 :]
    if any(row.startswith("{") for row in rows) or any(match[2].lower().startswith("relational") for match in found):
        raise SchemaError(f"{name} is a sparse or relational ARFF file: save it as CSV")
    names = names_of([[_bare(match[1]) for match in found]], True, name)
    cells = [_cells(row) for row in rows]
    wrong = [row for row, one in zip(count(2), cells) if len(one) != len(names)]
    if wrong:
        raise SchemaError(f"{name}: {numbered(wrong)} below @data, counted from 2: not {len(names)} cells")
    return without_blank_end(pl.DataFrame(cells, schema=dict.fromkeys(names, pl.String), orient="row"), name)


def _cells(row: str) -> list[str | None]:
    quote = "'" if "'" in row else '"'
    reader = csv.reader(io.StringIO(row), quotechar=quote, escapechar="\\", skipinitialspace=True)
    return [None if cell.strip() in ("", MISSING) else cell.strip() for cell in next(reader)]


def _bare(name: str) -> str:
    return re.sub(r"\\(.)", r"\1", name[1:-1]) if name[0] in "'\"" else name
