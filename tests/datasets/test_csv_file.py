"""Reading cells as text: what a file may look like, and what is said of one that cannot be read."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl
import pytest

from reprodx.datasets.csv_file import read_text_table, row_number
from reprodx.errors import DatasetNotFoundError, SchemaError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

PATIENT = "Mueller"


@pytest.mark.parametrize(
    "text",
    [
        b"a,b\n1,x\n2,y\n",
        b"\xef\xbb\xbfa,b\n1,x\n2,y\n",
        b"a,b\r\n1,x\r\n2,y\r\n",
        b" a , b\n1,x\n2,y",
        b"a,b\n1,x\n2,y\n\n\n",
        b"a,b\n1,x\n2,y\n,\n,\n",
        b'"a","b"\n"1","x"\n"2","y"\n',
    ],
    ids=["plain", "bom", "crlf", "blanks in header", "blank end", "empty rows at end", "quoted"],
)
def test_same_cells_however_they_are_written(write_csv: Callable[[bytes], Path], text: bytes) -> None:
    table = read_text_table(write_csv(text))
    assert table.to_dict(as_series=False) == {"a": ["1", "2"], "b": ["x", "y"]}


def test_every_cell_stays_text_and_an_empty_one_is_null(write_csv: Callable[[str], Path]) -> None:
    table = read_text_table(write_csv('id,x\n007,1e5\n008,\n009,"a,\nb"\n'))
    assert table["id"].to_list() == ["007", "008", "009"]
    assert table["x"].to_list() == ["1e5", None, "a,\nb"]


def test_a_column_without_a_name_gets_its_position(write_csv: Callable[[str], Path]) -> None:
    assert read_text_table(write_csv(",b\n1,2\n")).columns == ["column_1", "b"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (b"", "is empty"),
        (b"a,b\n", "header and no rows"),
        (b"a;b\n1,5;2\n", "separated by semicolons"),
        (b"a\tb\n1\t2\n", "separated by tabs"),
        (b"a|b\n1|2\n", "separated by bars"),
        (b"a,b,a\n1,2,3\n", "the column 'a' 2 times"),
        (b"a,*\n1,2\n", "read as a pattern"),
        (b"a,^b.*$\n1,2\n", "read as a pattern"),
        (b"a,b\n1,2\n3,Mueller,5\n", "row 3: 3 cells where the header has 2 names"),
        (b"a,b\n1,2\n\n3,4\n", "row 3: the row is blank"),
        ("a,b\n1,Mueller\xe9\n".encode("latin-1"), "not UTF-8"),
        (b"a,b\n" + b"1,2\n" * 5000 + "1,Mueller\xe9\n".encode("latin-1"), "not UTF-8"),
        ("a,b\n1,Mueller\n".encode("utf-16"), "not UTF-8"),
        (b'a,b\n1,"Mueller\n2,3\n', "quotation mark"),
    ],
)
def test_a_file_that_cannot_be_read_is_named_without_its_cells(
    write_csv: Callable[[bytes], Path], text: bytes, message: str
) -> None:
    path = write_csv(text)
    with pytest.raises(SchemaError, match=message) as caught:
        read_text_table(path)
    assert "table.csv" in str(caught.value)
    assert PATIENT not in str(caught.value)
    assert "\n" not in str(caught.value)


def test_one_column_is_no_wrong_delimiter(write_csv: Callable[[str], Path]) -> None:
    assert read_text_table(write_csv("a\n1\n")).shape == (1, 1)


def test_a_missing_file_and_a_folder_are_not_found(tmp_path: Path) -> None:
    for path in (tmp_path / "none.csv", tmp_path):
        with pytest.raises(DatasetNotFoundError, match=r"data\.path"):
            read_text_table(path)


def test_row_numbers_are_those_of_a_spreadsheet() -> None:
    assert row_number(pl.Series([False, False, True, True])) == 4
