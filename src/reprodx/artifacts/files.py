"""Whole files or none, and the hashes that name them.

Everything is written under a temporary name and renamed, so that a reader never meets half a file. The disk has the
content before the name and the name before anything that is written later, so that this holds after a power failure
too. Whoever writes in a folder first removes what a process that was killed has left there.
"""

from __future__ import annotations

import contextlib
import errno
import json
import os
import platform
import re
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from reprodx.errors import ArtifactCorruptError, ArtifactMissingError

if TYPE_CHECKING:
    from collections.abc import Iterator

    import polars as pl


@contextlib.contextmanager
def replacing_file(path: Path) -> Iterator[Path]:
    """Yield a temporary path beside `path` that becomes `path` if the block ends without an error."""
    path.parent.mkdir(parents=True, exist_ok=True)
    clear_abandoned(path.parent)
    descriptor, name = tempfile.mkstemp(prefix=temporary_prefix(path), dir=path.parent)
    os.close(descriptor)
    temporary = Path(name)
    try:
        yield temporary
        temporary.chmod(0o644)
        sync(temporary)
        temporary.replace(path)
        sync(path.parent)
    finally:
        temporary.unlink(missing_ok=True)


@contextlib.contextmanager
def replacing_folder(path: Path) -> Iterator[Path]:
    """Yield an empty temporary folder beside `path` that takes its place if the block ends without an error."""
    path.parent.mkdir(parents=True, exist_ok=True)
    clear_abandoned(path.parent)
    temporary, old = (Path(tempfile.mkdtemp(prefix=temporary_prefix(path), dir=path.parent)) for _ in range(2))
    try:
        yield temporary
        temporary.chmod(0o755)
        sync_all(temporary)
        # Set aside before it is removed, so that nobody who is stopped meanwhile leaves half of it in its place.
        if path.is_dir():
            path.replace(old)
        temporary.replace(path)
        sync(path.parent)
    finally:
        for folder in (temporary, old):
            shutil.rmtree(folder, ignore_errors=True)


def temporary_prefix(path: Path) -> str:
    """Return how a temporary name begins: hidden, and with the process that made it."""
    return f".{path.name}.{_machine()}-{os.getpid()}."


def clear_abandoned(folder: Path) -> None:
    """Remove what processes of this machine left in a folder when they were killed; it may be gigabytes."""
    pattern = re.compile(rf"\..+\.{re.escape(_machine())}-(\d+)\.\w+")
    for path in folder.iterdir():
        if (match := pattern.fullmatch(path.name)) and not is_running(int(match[1])):
            shutil.rmtree(path, ignore_errors=True) if path.is_dir() else path.unlink(missing_ok=True)


def _machine() -> str:
    return re.sub(r"[^\w-]", "_", platform.node())


def is_running(process: int) -> bool:
    """Tell whether there is a process of this id on this machine, whoever's it is."""
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True


def sync(path: Path) -> None:
    """Wait until the disk has a file's content, or the names in a folder: before a file gets its name.

    Args:
        path: The file or folder.

    Raises:
        OSError: If a file's content may be lost.
    """
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    except OSError:
        # Some network file systems cannot sync a folder; what a file lacks is lost.
        if not path.is_dir():
            raise
    finally:
        os.close(descriptor)


def sync_all(folder: Path) -> None:
    """Wait until the disk has a folder and everything in it."""
    for written in (*folder.rglob("*"), folder):
        sync(written)


def write_text(path: Path, text: str) -> None:
    """Write UTF-8 text as a whole or not at all."""
    with replacing_file(path) as temporary:
        temporary.write_text(text, encoding="utf-8")


def write_json(path: Path, content: object) -> None:
    """Write JSON with sorted keys; NaN and infinity are refused, since JSON has no word for them."""
    write_text(path, json.dumps(content, indent=2, sort_keys=True, allow_nan=False, ensure_ascii=False) + "\n")


def write_parquet(path: Path, frame: pl.DataFrame) -> None:
    """Write a frame; equal frames give equal bytes.

    Args:
        path: The file.
        frame: The columns.

    Raises:
        OSError: If the file cannot be written.
    """
    import polars as pl

    try:
        frame.write_parquet(path, compression="snappy")
    except pl.exceptions.ComputeError as error:
        # Polars says "transport error" where a disk fills up at the end of a file.
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), path.name) from error


def read_json(path: Path, *, made_by: str) -> Any:
    """Return the content of a JSON file.

    Args:
        path: The file.
        made_by: The stage that writes it, named in the error.

    Returns:
        What `json.loads` makes of it.

    Raises:
        ArtifactMissingError: If there is no such file.
        ArtifactCorruptError: If it is not JSON.
    """
    if not path.is_file():
        raise ArtifactMissingError(f"{path} is missing: run `reprodx {made_by}` or `dvc repro` first")
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise ArtifactCorruptError(f"{path} is not valid JSON ({error}): run `reprodx {made_by}` again") from error
