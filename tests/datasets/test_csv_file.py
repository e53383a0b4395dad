"""Reading cells as text: what a file may look like, and what is said of one that cannot be read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from reprodx.datasets.csv_file import read_csv
from reprodx.datasets.table_layout import TableLayout
from reprodx.errors import SchemaError

if TYPE_CHECKING:
    import polars as pl

PATIENT = "Mueller"


def read(text: str | bytes, **layout: Any) -> pl.DataFrame:
    return read_csv(text if isinstance(text, bytes) else text.encode(), TableLayout(**layout), "table.csv")[0]


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
def test_same_cells_however_they_are_written(text: bytes) -> None:
    table = read(text)
    assert table.to_dict(as_series=False) == {"a": ["1", "2"], "b": ["x", "y"]}


def test_every_cell_stays_text_and_an_empty_one_is_null() -> None:
    table = read('id,x\n007,1e5\n008,\n009,"a,\nb"\n')
    assert table["id"].to_list() == ["007", "008", "009"]
    assert table["x"].to_list() == ["1e5", None, "a,\nb"]


def test_a_column_without_a_name_gets_its_position() -> None:
    assert read(",b\n1,2\n").columns == ["column_1", "b"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (b"", "is empty"),
        (b"a,b\n", "header and no rows"),
        (b"a,b,a,b\n1,2,3,4\n", "the column 'a' 2 times, 'b' 2 times"),
        (b"a,*\n1,2\n", "read as a pattern"),
        (b"a,^b.*$\n1,2\n", "read as a pattern"),
        (b"a,b\n1,2\n3,Mueller,5\n", "row 3: 3 cells where the header has 2 names"),
        (b"a,b\n1,2\n3\n4,5,6\n", r"2 problems: \(1\) row 3: 1 cells .*; \(2\) row 4: 3 cells"),
        (b'a,b\n1,"x"\n3\n', "row 3: 1 cells"),
        (b"a,b\n" + b"1\n" * 9, "rows 2, 3, 4, 5, 6 and 4 more: 1 cells"),
        (b"Ward 3\na,b\n1,2\n", "rows 2, 3: 2 cells below one name: delete what stands above"),
        (b'a,b\n1,"2\n3,4\n5,6\n', "quotation mark that is not closed"),
        (b"a,b\n1,2\n\n3,4\n", "row 3: nothing is in the row"),
        (b"a,b\n1,Mueller\na,b\n3,4\n", "row 3: the header stands here again"),
        (b"1,Mueller\n2,Mueller\n3,Meier\n", "no header.*data.header=false"),
        (b"a,b\n1,Mueller\0\n", "bytes that no text has"),
        (b'a,b\n1,"Mueller\n2,3\n', "quotation mark"),
    ],
)
def test_a_file_that_cannot_be_read_is_named_without_its_cells(text: bytes, message: str) -> None:
    with pytest.raises(SchemaError, match=message) as caught:
        read(text)
    assert "table.csv" in str(caught.value)
    assert PATIENT not in str(caught.value)
    assert "\n" not in str(caught.value)


def test_one_column_is_no_wrong_delimiter() -> None:
    assert read("a\n1\n").shape == (1, 1)


@pytest.mark.parametrize("sign", [";", "\t", "|"])
def test_other_separators_are_found_and_said(sign: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    text = f"a{sign}b, in cm\n1,5{sign}x\n2,5{sign}y\n"
    assert read(text).to_dict(as_series=False) == {"a": ["1,5", "2,5"], "b, in cm": ["x", "y"]}
    assert "data.separator" in caplog.text
    caplog.clear()
    assert read(text, separator=sign).width == 2
    assert not caplog.text


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-8-sig", "cp1252", "latin-1", "utf-32"])
def test_other_encodings_are_found(encoding: str) -> None:
    text = "größe,b\n1,é\n2,µ\n"
    assert read(text.encode(encoding)).to_dict(as_series=False) == {"größe": ["1", "2"], "b": ["é", "µ"]}


@pytest.mark.parametrize(
    ("text", "layout"),
    [
        ("# from the ward\na,b\n1,x\n", {}),
        ("sep=;\na;b\n1;x\n", {}),
        ("\n\na,b\n1,x\n", {}),
        ("%a note\na,b\n%1,y\n1,x\n", {"comment": "%"}),
        ("a;b\r1;x\r", {}),
    ],
)
def test_what_is_no_row_is_passed_over(text: str, layout: dict[str, Any]) -> None:
    assert read(text, **layout).to_dict(as_series=False) == {"a": ["1"], "b": ["x"]}


def test_without_a_header_columns_have_positions() -> None:
    table = read("63,m\n41,f\n", header=False)
    assert table.to_dict(as_series=False) == {"column_1": ["63", "41"], "column_2": ["m", "f"]}
    assert read("63,m\n41,f\n", header=True).columns == ["63", "m"]
