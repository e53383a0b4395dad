"""From the bytes of a text file to UTF-8, whatever it was written in."""

from __future__ import annotations

import codecs

from reprodx.errors import SchemaError

BYTE_ORDER_MARKS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
"""How a file begins that says what it is written in; the longer marks first, for one begins like a shorter one."""
UTF8, UTF8_MARKED, WESTERN = "utf-8", "utf-8-sig", "cp1252"
"""Windows-1252 holds the letters and signs of Latin-1, and more."""
NUM_LOOKED_AT = 4096
"""Bytes in which zeros are counted: in UTF-16 nearly every second byte of a Western text is one."""
MIN_ZERO_SHARE = 0.6


def to_utf8(content: bytes, encoding: str | None, name: str) -> tuple[bytes, str | None]:
    """Return a text file's bytes in UTF-8, without a byte order mark, its lines ended by line feeds.

    Args:
        content: The file.
        encoding: What it is written in; None to find it.
        name: What the file is called in messages.

    Returns:
        The text, and what it was written in if that was found and is not UTF-8.

    Raises:
        SchemaError: If it is no text in this encoding, or UTF-8 with some damaged letters.
    """
    found = encoding or _find(content, name)
    if found in (UTF8, UTF8_MARKED, WESTERN):
        _refuse_zeros(content, name)
    try:
        text = content.decode(found)
        if found not in (UTF8, UTF8_MARKED) or content.startswith(codecs.BOM_UTF8):
            content = text.removeprefix("\ufeff").encode()
    except (UnicodeError, LookupError):
        raise SchemaError(
            f"{name} is not text in {found}: set data.encoding to what it is written in, or save it as 'CSV UTF-8'"
        ) from None
    _refuse_zeros(content, name)
    if b"\r" in content and b"\n" not in content:
        content = content.replace(b"\r", b"\n")
    is_usual = encoding is not None or found in (UTF8, UTF8_MARKED)
    return content, None if is_usual else found


def _refuse_zeros(content: bytes, name: str) -> None:
    if b"\0" in content:
        raise SchemaError(f"{name} holds bytes that no text has: it is no table in a text file, or it is damaged")


def _find(content: bytes, name: str) -> str:
    for mark, encoding in BYTE_ORDER_MARKS.items():
        if content.startswith(mark):
            return encoding
    head = content[:NUM_LOOKED_AT]
    for encoding, zeros in {"utf-16-le": head[1::2], "utf-16-be": head[::2]}.items():
        if zeros and zeros.count(0) >= MIN_ZERO_SHARE * len(zeros):
            return encoding
    try:
        content.decode(UTF8)
    except UnicodeDecodeError:
        text = content.decode(UTF8, errors="surrogateescape")
        damaged = sum("\udc80" <= letter <= "\udcff" for letter in text)
        if sum(letter > "\x7f" for letter in text) >= 2 * damaged:
            raise SchemaError(
                f"{name} is UTF-8 with {damaged} damaged bytes: save it again, or set data.encoding"
            ) from None
        return WESTERN
    return UTF8
