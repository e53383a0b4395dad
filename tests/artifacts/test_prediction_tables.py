"""Tables of other tools are read as they stand, or refused without a cell of theirs."""

from __future__ import annotations

import decimal
import gzip
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from reprodx.artifacts.prediction_tables import read_table
from reprodx.errors import ArtifactError, SchemaError

if TYPE_CHECKING:
    from pathlib import Path

CSV = "case_id,y_true,prob_1\nc1,0,0.25\nc2,1,0.75\n"
COLUMNS = {"case_id": ["c1", "c2"], "y_true": ["0", "1"], "prob_1": [0.25, 0.75]}
CELLS = [("c1", "0", "0.25"), ("c2", "1", "0.75")]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("p.csv", CSV.encode("utf-8-sig")),
        ("p.csv", CSV.encode("utf-16")),
        ("p.CSV", CSV.replace("\n", "\r\n").encode()),
        ("p.csv", CSV.replace("\n", "\r").encode()),
        ("p.csv", CSV.replace("case_id,y_true,", '"case_id","y_true",').encode()),
        ("p.csv.gz", gzip.compress(CSV.encode(), mtime=0)),
        ("p.csv", gzip.compress(CSV.encode(), mtime=0)),
    ],
)
def test_text_is_read_however_it_was_saved(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)
    table, metadata, index = read_table(tmp_path / name)
    assert (table.columns, table.rows(), metadata, index) == (list(COLUMNS), CELLS, {}, [])


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (CSV.replace(",", ";"), "separated by commas"),
        (CSV.replace(",", "|"), "separated by commas"),
        (CSV.replace(".", ",").replace("_true,", "_true;"), "separated by commas"),
        (CSV.replace("y_true", " prob_1"), "2 columns are called 'prob_1'"),
        (CSV.replace("y_true", "case_id"), "2 columns are called 'case_id'"),
        (CSV + '"c3,0,0.5\n', "a quote that stays open"),
        (CSV + "c3,0,0.5,1\n", "a row of another length"),
        (CSV + "c3,\0,0.5\n", "no text"),
        ("", "no header"),
        ("\n\n", "no header"),
    ],
)
def test_text_that_is_no_such_table_is_refused_without_its_cells(tmp_path: Path, content: str, words: str) -> None:
    (tmp_path / "p.csv").write_text(content)
    with pytest.raises((ArtifactError, SchemaError), match=words) as caught:
        read_table(tmp_path / "p.csv")
    assert "c3" not in str(caught.value)


def test_letters_of_another_encoding_are_refused_with_their_line(tmp_path: Path) -> None:
    (tmp_path / "p.csv").write_bytes(CSV.replace("c2", "\xe9").encode("latin-1"))
    with pytest.raises(SchemaError, match=r"p\.csv, line 3: is not UTF-8"):
        read_table(tmp_path / "p.csv")


def written(path: Path, *, metadata: dict[str, bytes] | None = None, **columns: object) -> Path:
    table = pa.table({**COLUMNS, **columns})
    pq.write_table(table.replace_schema_metadata(metadata), path)
    return path


@pytest.mark.parametrize("name", ["case_id", "patient_id", "y_true", "prob_1", "fold", "group_sex", "logit_1"])
@pytest.mark.parametrize("cell", [[1], {"a": 1}, [[1]]])
def test_a_column_of_ours_that_holds_several_values_a_row_is_refused(tmp_path: Path, name: str, cell: object) -> None:
    with pytest.raises(SchemaError, match=f"column '{name}' holds lists or mappings"):
        read_table(written(tmp_path / "p.parquet", **{name: [cell, cell]}))


def test_what_others_alone_can_read_is_left_out(tmp_path: Path) -> None:
    fields = {"embedding": [[0.5], [1.0]], "more": [{"a": 1}, {"a": 2}]}
    table, *_ = read_table(written(tmp_path / "p.parquet", metadata={"pandas": b"\xff", "x": b"\xfe"}, **fields))
    assert table.to_dict(as_series=False) == COLUMNS


def test_values_of_other_types_are_what_they_mean(tmp_path: Path) -> None:
    columns = {
        "case_id": pa.array(["c1", "c2"]).dictionary_encode(),
        "y_true": [b"0", b"1"],
        "prob_1": pa.array([decimal.Decimal("0.25"), decimal.Decimal("0.75")], type=pa.decimal128(3, 2)),
    }
    table, *_ = read_table(written(tmp_path / "p.parquet", **columns))
    assert [[str(cell) for cell in row] for row in table.rows()] == [list(row) for row in CELLS]


def test_bytes_that_are_no_text_are_refused(tmp_path: Path) -> None:
    with pytest.raises(SchemaError, match="column 'case_id' holds bytes that are no text"):
        read_table(written(tmp_path / "p.parquet", case_id=[b"\xff", b"a"]))


def test_a_name_of_ours_that_stands_twice_is_refused(tmp_path: Path) -> None:
    columns = [pa.array(values) for values in (*COLUMNS.values(), [0.5, 0.5])]
    pq.write_table(pa.Table.from_arrays(columns, names=[*COLUMNS, "prob_1"]), tmp_path / "p.parquet")
    with pytest.raises(SchemaError, match="2 columns are called 'prob_1'"):
        read_table(tmp_path / "p.parquet")


@pytest.mark.parametrize("content", [b"", b"PAR1", CSV.encode(), bytes(range(256))])
def test_what_is_no_parquet_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "p.txt").write_bytes(content)
    with pytest.raises(ArtifactError, match=r"p\.txt cannot be read as Parquet .* call it \.csv"):
        read_table(tmp_path / "p.txt")


def test_a_truncated_file_a_folder_and_no_file_are_told_apart(tmp_path: Path) -> None:
    whole = written(tmp_path / "p.parquet").read_bytes()
    (tmp_path / "half.parquet").write_bytes(whole[: len(whole) // 2])
    for name, words in (("half.parquet", "cannot be read"), (".", "is a folder"), ("nosuch.csv", "is missing")):
        with pytest.raises(ArtifactError, match=words):
            read_table(tmp_path / name)
