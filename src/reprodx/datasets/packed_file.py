"""What lies in a compressed file."""

from __future__ import annotations

import gzip
import io
import lzma
import zipfile
import zlib

from reprodx.errors import SchemaError

GZIP_MAGIC, ZIP_MAGIC = b"\x1f\x8b", b"PK\x03\x04"
"""The bytes with which compressed files begin."""
WORKBOOK_PARTS = ("[Content_Types].xml", "mimetype", "xl/workbook.xml")
"""Members by which a workbook, which is a ZIP file too, is known."""
MAX_BYTES = 8 * 2**30
"""More than this is no table but a file made to fill the memory."""
ZIP_DAMAGE = (EOFError, RuntimeError, ValueError, lzma.LZMAError, zipfile.BadZipFile, zlib.error)
"""What is raised where a ZIP file is damaged, encrypted, or says of itself that newer programs are needed."""
DAMAGE = (*ZIP_DAMAGE, OSError)
"""The same of a packed file of any kind; whatever the operating system says counts, since all is in memory."""


def unpacked(content: bytes, name: str) -> bytes:
    """Return what a file holds, of a GZIP or ZIP file what is packed in it.

    Args:
        content: The file.
        name: What the file is called in messages.

    Returns:
        The content; a workbook stays as it is.

    Raises:
        SchemaError: If it is damaged or encrypted, or a ZIP file of any number of files but one.
    """
    if content.startswith(GZIP_MAGIC):
        try:
            return gzip.decompress(content)
        except DAMAGE:
            raise SchemaError(f"{name} is damaged: it cannot be unpacked: copy or pack it again") from None
    if content.startswith(ZIP_MAGIC):
        return _member(content, name)
    return content


def is_workbook(content: bytes) -> bool:
    """Return whether a file is a workbook of Excel or OpenDocument."""
    if content.startswith(b"\xd0\xcf\x11\xe0"):
        return True
    if not content.startswith(ZIP_MAGIC):
        return False
    try:
        return any(name in WORKBOOK_PARTS for name in zipfile.ZipFile(io.BytesIO(content)).namelist())
    except DAMAGE:
        return False


def _member(content: bytes, name: str) -> bytes:
    if is_workbook(content):
        return content
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return archive.read(_table_in(archive, name))
    except SchemaError:
        raise
    except DAMAGE:
        raise SchemaError(f"{name} is damaged or encrypted: it cannot be unpacked: pack it again") from None


def _table_in(archive: zipfile.ZipFile, name: str) -> zipfile.ZipInfo:
    # Apple's archives hold a shadow of each file.
    shadows = ("__MACOSX/", ".")
    members = [one for one in archive.infolist() if not one.is_dir() and not one.filename.startswith(shadows)]
    if len(members) != 1:
        raise SchemaError(f"{name} holds {len(members)} files: it must hold one, the table of cases")
    if members[0].file_size > MAX_BYTES:
        raise SchemaError(f"{name} holds more than {MAX_BYTES // 2**30} GiB: it is no table of cases")
    return members[0]
