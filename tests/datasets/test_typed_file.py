"""Tables in Parquet and CSV files, and their columns of names and times."""

from __future__ import annotations

import datetime as dt
import gzip
from typing import TYPE_CHECKING

import polars as pl
import pytest

from reprodx.datasets.table_layout import TableLayout
from reprodx.datasets.typed_file import as_ids, as_times, read_text_table, read_typed_table
from reprodx.errors import DatasetNotFoundError, SchemaError

if TYPE_CHECKING:
    from pathlib import Path

TABLE = pl.DataFrame({"stay": [7, 8], "hr": [80.5, None]})


def test_a_parquet_file_keeps_its_types_whatever_its_name(tmp_path: Path) -> None:
    path = tmp_path / "table.dat"
    TABLE.write_parquet(path)
    assert read_typed_table(path, "data.path").equals(TABLE)
    assert read_typed_table(path.read_bytes(), "series").equals(TABLE)


def test_a_csv_file_is_text(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    TABLE.write_csv(path)
    expected = pl.DataFrame({"stay": ["7", "8"], "hr": ["80.5", None]})
    assert read_typed_table(path, "data.path").equals(expected)
    assert read_typed_table(path.read_bytes(), "series").equals(expected)


def test_what_is_no_table_is_refused_in_one_line(tmp_path: Path) -> None:
    with pytest.raises(DatasetNotFoundError, match=r"data\.static_path must name a table"):
        read_typed_table(tmp_path / "absent.parquet", "data.static_path")
    with pytest.raises(SchemaError, match="not a whole Parquet file") as caught:
        read_typed_table(b"PAR1 and nothing else", "series")
    assert "\n" not in str(caught.value)
    path = tmp_path / "empty.parquet"
    TABLE.clear().write_parquet(path)
    with pytest.raises(SchemaError, match="holds no row"):
        read_typed_table(path, "data.path")


def test_every_kind_of_file_gives_the_same_text(tmp_path: Path) -> None:
    path = tmp_path / "table.parquet"
    TABLE.write_parquet(path)
    text = {"stay": ["7", "8"], "hr": ["80.5", None]}
    assert read_text_table(path).to_dict(as_series=False) == text
    assert read_text_table(path, TableLayout(decimal=","))["hr"].to_list() == ["80,5", None]
    path.write_bytes(
        gzip.compress(b"@relation r\n@attribute stay numeric\n@attribute hr numeric\n@data\n7,80.5\n8,?\n")
    )
    assert read_text_table(path).to_dict(as_series=False) == text
    pl.DataFrame({"a": [[1]]}).write_parquet(path)
    with pytest.raises(SchemaError, match="'a' holds lists"):
        read_text_table(path)


@pytest.mark.parametrize("values", [[7, 8], [7.0, 8.0], ["7", " 8 "]])
def test_ids_are_the_same_in_every_type(values: list[object]) -> None:
    assert as_ids(pl.Series("stay", values), [], "data.id", "table").to_list() == ["7", "8"]


def test_ids_must_be_there_and_keep_their_zeros() -> None:
    assert as_ids(pl.Series("stay", ["007"]), [], "data.id", "table").to_list() == ["007"]
    with pytest.raises(SchemaError, match=r"row 3: data\.id 'stay' is missing"):
        as_ids(pl.Series("stay", [7, None]), [], "data.id", "table")


@pytest.mark.parametrize(
    "values",
    [
        [1, 2],
        [1.0, 2.0],
        ["1", "2.0"],
        [dt.timedelta(hours=1), dt.timedelta(hours=2)],
        pl.Series([3_600_000, 7_200_000]).cast(pl.Duration("ms")),
    ],
)
def test_hours_are_the_same_in_every_type(values: object) -> None:
    times = as_times(pl.Series("time", values), [], "data.hour", "table")
    assert times.dtype == pl.Float64
    assert times.to_list() == [1.0, 2.0]


@pytest.mark.parametrize("values", [["2020-01-01", "2020-01-02"], [dt.date(2020, 1, 1), dt.date(2020, 1, 2)]])
def test_dates_stay_dates(values: list[object]) -> None:
    times = as_times(pl.Series("time", values), [], "data.hour", "table")
    assert times.to_list() == [dt.datetime(2020, 1, 1), dt.datetime(2020, 1, 2)]


@pytest.mark.parametrize("values", [["1", None], ["1", "NA"], [1.0, float("nan")], [dt.timedelta(hours=1), None]])
def test_a_missing_time_is_named_by_its_row(values: list[object]) -> None:
    with pytest.raises(SchemaError, match=r"table, row 3: data\.hour 'time' is missing \(1 such rows\)"):
        as_times(pl.Series("time", values), ["NA"], "data.hour", "table")


def test_what_is_no_time_is_refused() -> None:
    with pytest.raises(SchemaError, match="neither hours, durations nor dates"):
        as_times(pl.Series("time", [True, False]), [], "data.hour", "table")


def test_ids_keep_their_digits_whatever_type_they_were_stored_in() -> None:
    assert as_ids(pl.Series("stay", ["7.0", "P1.0", "1.5"]), [], "data.id", "t").to_list() == ["7", "P1.0", "1.5"]
    assert as_ids(pl.Series("stay", [1e15, 0.5]), [], "data.id", "t").to_list() == ["1000000000000000", "0.5"]
    for nothing in (float("nan"), float("inf")):
        with pytest.raises(SchemaError, match=r"row 3: data\.id 'stay' is missing"):
            as_ids(pl.Series("stay", [7.0, nothing]), [], "data.id", "t")
    with pytest.raises(SchemaError, match="no longer tell them apart"):
        as_ids(pl.Series("stay", [1e16]), [], "data.id", "t")


def test_text_and_numbers_are_read_whatever_form_parquet_stores_them_in(tmp_path: Path) -> None:
    stored = pl.DataFrame(
        {
            "category": pl.Series(["a", None], dtype=pl.Categorical),
            "decimal": pl.Series(["1.50", "2"]).cast(pl.Decimal(10, 2)),
            "unmarked": [b"x", b"y"],
            "bytes": [b"\xff", b"y"],
            "nothing": [None, None],
        }
    )
    stored.write_parquet(tmp_path / "t.parquet")
    found = read_typed_table(tmp_path / "t.parquet", "data.path")
    assert found.dtypes == [pl.String, pl.Float64, pl.String, pl.Binary, pl.String]
    assert found.row(0) == ("a", 1.5, "x", b"\xff", None)


def test_times_with_a_zone_are_in_utc_and_a_time_of_day_is_none() -> None:
    zoned = pl.Series("time", [dt.datetime(2021, 7, 1, 12)]).dt.replace_time_zone("Europe/Berlin")
    assert as_times(zoned, [], "data.hour", "t").dt.replace_time_zone(None).to_list() == [dt.datetime(2021, 7, 1, 10)]
    assert as_times(pl.Series("time", ["1 days 02:30:00", "PT1H"]), [], "data.hour", "t").to_list() == [26.5, 1.0]
    with pytest.raises(SchemaError, match="neither"):
        as_times(pl.Series("time", [dt.time(10, 30)]), [], "data.hour", "t")


def test_decimal_commas_of_hours_are_read_where_the_table_has_them_and_named_where_not() -> None:
    hours = pl.Series("time", ["0,5", "1", "NA"])
    with pytest.raises(SchemaError, match=r"row 2: data\.hour 'time' .* data\.decimal=comma"):
        as_times(hours, ["NA"], "data.hour", "t")
    assert as_times(hours.head(2), [], "data.hour", "t", TableLayout(decimal=",")).to_list() == [0.5, 1.0]
