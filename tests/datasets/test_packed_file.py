"""Files in GZIP and ZIP."""

from __future__ import annotations

import gzip
import io
import zipfile

import pytest

from reprodx.datasets.packed_file import is_workbook, unpacked
from reprodx.errors import SchemaError


def packed(**members: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
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
        (gzip.compress(b"a,b\n" * 99)[:-9], "damaged"),
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
