"""Scikit-learn objects on disk: skops files, without pickle and with the same bytes every time."""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING, Any
from zipfile import BadZipFile, ZipFile, ZipInfo

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

SCHEMA = "schema.json"
"""The member of a skops archive that describes the object; the others are arrays."""


def write_skops(path: Path, estimator: object) -> None:
    """Write an object; equal content gives equal bytes."""
    import skops.io

    path.write_bytes(canonical(skops.io.dumps(estimator)))


def read_skops(path: Path, *, trusted: Sequence[str]) -> Any:
    """Read an object.

    Args:
        path: The file.
        trusted: Types that may be made beside those that skops trusts by itself.

    Returns:
        The object.

    Raises:
        ValueError: If the file is damaged or holds another type.
    """
    import skops.io
    from skops.io.exceptions import UntrustedTypesFoundException

    try:
        return skops.io.load(path, trusted=list(trusted))
    except (UntrustedTypesFoundException, BadZipFile, KeyError, OSError, TypeError, AttributeError) as error:
        raise ValueError(str(error).partition("\n")[0]) from error


def canonical(archive: bytes) -> bytes:
    """Return a skops archive whose object numbers count from 0 and whose members have no date.

    Skops numbers objects by their address in memory, which differs from process to process.
    """
    numbers: dict[str, int] = {}

    def renumber(node: dict[str, Any]) -> dict[str, Any]:
        if "__id__" in node:
            node["__id__"] = numbers.setdefault(str(node["__id__"]), len(numbers))
        if "file" in node:
            node["file"] = new_name(node["file"])
        return node

    def new_name(name: str) -> str:
        address, _, kind = name.partition(".")
        return f"{numbers.setdefault(address, len(numbers))}.{kind}"

    written = io.BytesIO()
    with ZipFile(io.BytesIO(archive)) as old, ZipFile(written, "w") as new:
        schema = json.loads(old.read(SCHEMA), object_hook=renumber)
        new.writestr(ZipInfo(SCHEMA), json.dumps(schema, indent=1))
        for name in old.namelist():
            if name != SCHEMA:
                new.writestr(ZipInfo(new_name(name)), old.read(name))
    return written.getvalue()
