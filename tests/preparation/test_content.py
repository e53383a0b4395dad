"""The hash of a table."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from io import BytesIO

import numpy as np
import polars as pl
import pytest

from reprodx.preparation.content import sha256_of_table

TABLE = pl.DataFrame(
    {
        "id": ["a", "", None],
        "x": [1.5, None, float("nan")],
        "n": [1, 2, 3],
        "when": [datetime(2020, 1, 1, tzinfo=UTC)] * 3,
    }
)


def test_the_hash_is_of_the_content_and_not_of_its_storage() -> None:
    buffer = BytesIO()
    TABLE.write_parquet(buffer)
    buffer.seek(0)
    in_chunks = pl.concat([TABLE.head(1), TABLE.tail(2)], rechunk=False)
    assert sha256_of_table(TABLE) == sha256_of_table(pl.read_parquet(buffer)) == sha256_of_table(in_chunks)


def test_the_hash_is_that_of_these_bytes() -> None:
    parts = [
        b"a\0String\0" + b"2\0" + b"1\0",
        bytes([0, 1]),
        np.array([2, 0], dtype="<u4").tobytes(),
        "\u00e9".encode(),
        b"b\0Float64\0" + b"2\0" + b"0\0",
        np.array([1.0, -2.0], dtype="<f8").tobytes(),
    ]
    table = pl.DataFrame({"a": ["\u00e9", None], "b": [1.0, -2.0]})
    assert sha256_of_table(table) == hashlib.sha256(b"".join(parts)).hexdigest()


@pytest.mark.parametrize(
    "other",
    [
        TABLE.rename({"n": "m"}),
        TABLE.select("x", "id", "n", "when"),
        TABLE.reverse(),
        TABLE.with_columns(pl.col("n").cast(pl.Int32)),
        TABLE.with_columns(pl.col("id").fill_null("")),
        TABLE.with_columns(pl.col("x").fill_null(0.0)),
        TABLE.with_columns(pl.Series("id", [None, "", "a"])),
        TABLE.with_columns(pl.Series("id", ["", "a", None])),
        TABLE.head(2),
    ],
)
def test_any_difference_changes_the_hash(other: pl.DataFrame) -> None:
    assert sha256_of_table(other) != sha256_of_table(TABLE)
