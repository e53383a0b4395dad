"""Files in GZIP and ZIP."""

from __future__ import annotations

import gzip
import io
import zipfile

import pytest

from reprodx.datasets.packed_file import is_workbook, unpacked
from reprodx.errors import SchemaError


def packed(compression: int = zipfile.ZIP_STORED, **members: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", compression) as archive:
        for name, content in members.items():
            archive.writestr(name.replace("__", "/"), content)
    return file.getvalue()


def test_the_one_file_in_it_is_unpacked() -> None:
    assert unpacked(b"a,b\n", "t") == b"a,b\n"
    assert unpacked(gzip.compress(b"a,b\n"), "t") == b"a,b\n"
    assert unpacked(packed(table=b"a,b\n"), "t") == b"a,b\n"
    assert not is_workbook(packed(table=b""))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (packed(one=b"", two=b""), "holds 2 files"),
        (packed(), "not a ZIP"),
        (packed(one=b"a,b\n" * 99)[:-40], "damaged"),
        (gzip.compress(b"a,b\n" * 99, mtime=0)[:-9], "damaged"),
        (b"\x1f\x8bno", "damaged"),
        (b"PK\x03\x04no", "damaged"),
    ],
)
def test_what_cannot_be_unpacked_is_refused(content: bytes, message: str) -> None:
    if message == "not a ZIP":
        assert unpacked(content, "t") == content
        return
    with pytest.raises(SchemaError, match=message):
        unpacked(content, "t")


@pytest.mark.parametrize("compression", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_one_wrong_bit_anywhere_is_seen_or_does_no_harm(compression: int) -> None:
    table = b"a,b\n1,2\n" * 9
    content = packed(compression, table=table)
    for place in range(len(content)):
        spoiled = content[:place] + bytes([content[place] ^ 128]) + content[place + 1 :]
        assert read_or_refused(spoiled) in (table, spoiled, b"t is damaged or encrypted")


def read_or_refused(content: bytes) -> bytes:
    try:
        return unpacked(content, "t")
    except SchemaError as error:
        return str(error).partition(":")[0].encode()
