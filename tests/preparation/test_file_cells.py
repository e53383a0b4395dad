"""Cells that name a file or hold one."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

import polars as pl
import pytest

from reprodx.errors import SchemaError
from reprodx.preparation.file_cells import cells, file_cells, text_cells

if TYPE_CHECKING:
    from pathlib import Path


def test_a_cell_is_a_path_or_the_content_of_a_file(tmp_path: Path) -> None:
    path = tmp_path / "case.csv"
    path.write_bytes(b"x")
    content = bytes(range(256)) * 20
    coded = base64.encodebytes(content).decode()
    table = pl.DataFrame({"series": [str(path), coded, coded.replace("\n", "")]})
    assert file_cells(table, "series") == [path, content, content]
    assert file_cells(pl.DataFrame({"series": [content, b"y"]}), "series") == [content, b"y"]
    mixed = pl.DataFrame([pl.Series("series", [content, str(path)], dtype=pl.Object)])
    assert file_cells(mixed, "series") == [content, path]


@pytest.mark.parametrize("missing", ["patients/doe.csv", "doe12345"])
def test_what_is_neither_is_named_by_its_row_and_not_shown(missing: str) -> None:
    coded = base64.b64encode(b"hr\n80\n").decode()
    table = pl.DataFrame({"series": [coded, missing]})
    with pytest.raises(SchemaError, match=r"row 3: column 'series' is neither") as caught:
        file_cells(table, "series")
    assert "doe" not in str(caught.value)


def test_an_absent_column_and_an_empty_cell_are_refused() -> None:
    with pytest.raises(SchemaError, match="no column 'text'"):
        text_cells(pl.DataFrame({"x": [1]}), "text")
    for empty in (b"", None):
        with pytest.raises(SchemaError, match="row 3: column 'signal' is empty"):
            cells(pl.DataFrame({"signal": [b"a", empty]}), "signal")
    with pytest.raises(SchemaError, match="row 2: column 'text' holds bytes"):
        text_cells(pl.DataFrame({"text": [b"a"]}), "text")
    for empty in (None, "", " \n"):
        with pytest.raises(SchemaError, match="row 3: column 'text' is empty"):
            text_cells(pl.DataFrame({"text": ["a", empty]}), "text")
    with pytest.raises(SchemaError, match="row 3: column 'text' has no letter or digit"):
        text_cells(pl.DataFrame({"text": ["a", "\u200b -- \U0001f600"]}), "text")
    assert text_cells(pl.DataFrame({"text": [" a ", "7", "\u764c"]}), "text") == [" a ", "7", "\u764c"]
