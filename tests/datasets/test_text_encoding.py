"""Letters, whatever bytes they were written as."""

from __future__ import annotations

import pytest

from reprodx.datasets.text_encoding import to_utf8
from reprodx.errors import SchemaError

TEXT = "größe µ"


@pytest.mark.parametrize(
    ("encoding", "found"),
    [("utf-8", None), ("utf-8-sig", None), ("utf-16", "utf-16"), ("utf-16-be", "utf-16-be"), ("cp1252", "cp1252")],
)
def test_an_encoding_is_found_and_said_where_it_is_not_usual(encoding: str, found: str | None) -> None:
    assert to_utf8((TEXT + "a" * 20).encode(encoding), None, "t") == ((TEXT + "a" * 20).encode(), found)


def test_what_was_said_goes() -> None:
    assert to_utf8(TEXT.encode("cp850"), "cp850", "t") == (TEXT.encode(), None)
    with pytest.raises(SchemaError, match=r"not text in utf-8: set data\.encoding"):
        to_utf8(TEXT.encode("cp1252"), "utf-8", "t")


def test_damaged_text_is_not_taken_for_another_encoding() -> None:
    with pytest.raises(SchemaError, match="UTF-8 with 1 damaged bytes"):
        to_utf8(TEXT.encode() * 3 + b"\xff", None, "t")
    with pytest.raises(SchemaError, match="UTF-8 with 1 damaged bytes"):
        to_utf8("é".encode() + b"\xe9", None, "t")
    with pytest.raises(SchemaError, match="no text has"):
        to_utf8(b"\x89PNG\0\0", None, "t")
