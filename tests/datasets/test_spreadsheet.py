"""Workbooks: their smallest form is written by hand."""

from __future__ import annotations

import io
import zipfile

import pytest

from reprodx.datasets.spreadsheet import read_spreadsheet
from reprodx.datasets.table_layout import TableLayout
from reprodx.errors import SchemaError

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"


def workbook(*sheets: str) -> bytes:
    """Return a workbook with the given rows of sheets in XML."""
    numbers = range(1, len(sheets) + 1)
    listed = "".join(f'<sheet name="s{n}" sheetId="{n}" r:id="r{n}"/>' for n in numbers)
    links = "".join(
        f'<Relationship Id="r{n}" Type="{OFFICE}/worksheet" Target="worksheets/sheet{n}.xml"/>' for n in numbers
    )
    parts = {
        "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>',
        "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheets>{listed}</sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{PACKAGE}">{links}</Relationships>',
        "_rels/.rels": f'<Relationships xmlns="{PACKAGE}"><Relationship Id="r1" Type="{OFFICE}/officeDocument" '
        'Target="xl/workbook.xml"/></Relationships>',
    }
    parts |= {
        f"xl/worksheets/sheet{n}.xml": f'<worksheet xmlns="{MAIN}"><sheetData>{rows}</sheetData></worksheet>'
        for n, rows in zip(numbers, sheets, strict=True)
    }
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, text in parts.items():
            archive.writestr(name, text)
    return file.getvalue()


def row(number: int, *cells: str) -> str:
    return (
        f'<row r="{number}">'
        + "".join(
            f'<c r="{column}{number}" t="inlineStr"><is><t>{cell}</t></is></c>'
            if not cell.replace(".", "").isdigit()
            else f'<c r="{column}{number}"><v>{cell}</v></c>'
            for column, cell in zip("ABC", cells, strict=False)
            if cell
        )
        + "</row>"
    )


SHEET = row(1, "age", "sex") + row(2, "63", "m") + row(3, "41.5", "")


def test_cells_are_those_of_a_text_file() -> None:
    expected = {"age": ["63", "41.5"], "sex": ["m", None]}
    assert read_spreadsheet(workbook(SHEET, ""), TableLayout(), "t").to_dict(as_series=False) == expected
    commas = read_spreadsheet(workbook(SHEET), TableLayout(decimal=","), "t")
    assert commas["age"].to_list() == ["63", "41,5"]


def test_what_is_no_single_table_is_refused() -> None:
    with pytest.raises(SchemaError, match="2 sheets with cells"):
        read_spreadsheet(workbook(SHEET, SHEET), TableLayout(), "t")
    with pytest.raises(SchemaError, match="no workbook that can be read"):
        read_spreadsheet(workbook(SHEET)[:-300], TableLayout(), "t")
    with pytest.raises(SchemaError, match="no header"):
        read_spreadsheet(workbook(row(1, "63", "m") + row(2, "41", "f")), TableLayout(), "t")
