"""The hash of a table's content, whatever its file format or the version of the library that reads it."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import polars as pl

if TYPE_CHECKING:
    from collections.abc import Iterator


def sha256_of_table(table: pl.DataFrame) -> str:
    """Return the hex digest of names, types and values; the order of rows and columns counts.

    >>> one, other = pl.DataFrame({"a": ["x", "yz"]}), pl.DataFrame({"a": ["xy", "z"]})
    >>> sha256_of_table(one) == sha256_of_table(one.clone()), sha256_of_table(one) == sha256_of_table(other)
    (True, False)
    """
    digest = hashlib.sha256()
    for column in table:
        digest.update(f"{column.name}\0{column.dtype}\0{column.len()}\0{column.null_count()}\0".encode())
        for part in _parts(column):
            digest.update(part)
    return digest.hexdigest()


def _parts(column: pl.Series) -> Iterator[bytes]:
    if column.null_count():
        yield column.is_null().to_numpy().tobytes()
    if column.dtype == pl.String:
        text = column.fill_null("")
        yield text.str.len_bytes().to_numpy().tobytes()
        yield text.str.join("").item().encode()
    else:
        yield column.to_physical().fill_null(0).to_numpy().tobytes()
