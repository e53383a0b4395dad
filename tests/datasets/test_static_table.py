"""What is known of a stay from its start."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest

from reprodx.datasets.missing_values import MissingValues
from reprodx.datasets.static_table import StaticTable
from reprodx.errors import SchemaError

if TYPE_CHECKING:
    from pathlib import Path

Make = Callable[..., StaticTable]


@pytest.fixture
def read(write_csv: Callable[[str], Path]) -> Make:
    """Return a function from the text of a table to what is read."""

    def make(text: str, **overrides: Any) -> StaticTable:
        settings: dict[str, Any] = {"stay": "id", "missing": MissingValues.from_config(None), "named": {}}
        settings |= {"leave_out": [], "categorical": [], "ranges": {}}
        return StaticTable.read(write_csv(text), **{**settings, **overrides})

    return make


def test_columns_are_cleaned_as_those_of_a_table(read: Make) -> None:
    static = read("id,age,sex,code,who\n7,50,m,1,p\n8,?,f,2,q\n", categorical=["code"], leave_out=["who"])
    assert static.stays.to_list() == ["7", "8"]
    assert static.values.to_dict(as_series=False) == {"age": [50, None], "sex": ["m", "f"], "code": ["1", "2"]}
    assert {name: rule.kind for name, rule in static.rules.items()} == {
        "age": "numeric",
        "sex": "categorical",
        "code": "categorical",
    }
    assert static.text["who"].to_list() == ["p", "q"]


def test_stays_are_found_in_any_order_and_as_often_as_asked(read: Make) -> None:
    static = read("id,age\n7,50\n8,60\n")
    found = static.of(pl.Series("stay", ["8", "9", "8", "7"]), static.values)
    assert found.to_dict(as_series=False) == {"age": [60, None, 60, 50]}
    nothing = StaticTable.absent()
    assert nothing.of(pl.Series("stay", ["8", "9"]), nothing.values).shape == (2, 0)


def test_a_table_without_other_columns_has_no_values(read: Make) -> None:
    static = read("id\n7\n")
    assert static.values.shape == (1, 0)
    assert static.of(pl.Series("stay", ["7", "7"]), static.values).shape == (2, 0)


def test_a_parquet_table_is_read_alike(tmp_path: Path, read: Make) -> None:
    path = tmp_path / "t.parquet"
    pl.DataFrame({"id": [7], "age": [50.0], "on": [True]}).write_parquet(path)
    static = StaticTable.read(
        path, stay="id", missing=MissingValues.from_config(None), named={}, leave_out=[], categorical=[], ranges={}
    )
    assert static.values.to_dict(as_series=False) == {"age": [50.0], "on": ["true"]}


@pytest.mark.parametrize(
    ("text", "settings", "message"),
    [
        ("id,age\n7,50\n7,60\n", {}, r"row 3: data\.id 'id' repeats an earlier one"),
        ("id,age\n7,500\n", {"ranges": {"age": [0, 120]}}, r"row 2: column 'age' is outside \[0, 120\]"),
        ("id,age\n7,50\n", {"named": {"data.drop": ["agee"]}}, r"data\.drop: .* no column 'agee'"),
        ("no,age\n7,50\n", {}, r"data\.id: .* no column 'id'"),
    ],
)
def test_what_cannot_be_read_is_named(read: Make, text: str, settings: dict[str, Any], message: str) -> None:
    with pytest.raises(SchemaError, match=message):
        read(text, **settings)


def test_a_column_of_lists_is_refused_unless_it_is_left_out(tmp_path: Path) -> None:
    path = tmp_path / "t.parquet"
    pl.DataFrame({"id": [7], "age": [50.0], "codes": [["a"]]}).write_parquet(path)
    settings: dict[str, Any] = {"stay": "id", "missing": MissingValues.from_config(None), "named": {}}
    settings |= {"categorical": [], "ranges": {}}
    with pytest.raises(SchemaError, match=r"t\.parquet: data\.static_path: column 'codes' holds a list"):
        StaticTable.read(path, leave_out=[], **settings)
    assert StaticTable.read(path, leave_out=["codes"], **settings).values.columns == ["age"]
