"""The file of a bundle: a ZIP, the same bytes for the same content, that is unpacked without leaving its folder."""

from __future__ import annotations

import json
import shutil
import stat
import zipfile
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from reprodx.artifacts.files import replacing_file
from reprodx.datasets.packed_file import ZIP_DAMAGE
from reprodx.errors import ArtifactCorruptError, ArtifactMissingError, ConfigError, ReprodxError
from reprodx.hashing import sha256_of_path
from reprodx.reproduction.crate import METADATA, recorded_hashes
from reprodx.reproduction.left_shapes import About, check_shape

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

ENDING = ".zip"
ABOUT, SOURCE = "run.json", "source.tar"
"""What a bundle says of its run beside what the run left, and the code."""
FORMAT = 1
"""Of `ABOUT`; another one is of a version of reprodx that this one does not know."""
EPOCH = (1980, 1, 1, 0, 0, 0)
"""The first time that a ZIP can tell: when a file was packed is of no account."""
MAX_BYTES, MAX_FILES = 256 * 2**30, 2_000_000
"""More is no bundle but a file made to fill the disk."""
DAMAGE = (*ZIP_DAMAGE, FileExistsError, IsADirectoryError, NotADirectoryError)
"""What is raised where a ZIP is damaged or encrypted, or has a file in the place of a folder."""
BLOCK = 2**20


def write_bundle_file(folder: Path, path: Path) -> None:
    """Pack a folder, whole or not at all.

    Args:
        folder: What is packed.
        path: The file.
    """
    files = sorted(file for file in folder.rglob("*") if file.is_file())
    with replacing_file(path) as temporary, zipfile.ZipFile(temporary, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in files:
            entry = zipfile.ZipInfo(file.relative_to(folder).as_posix(), EPOCH)
            entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, (stat.S_IFREG | 0o644) << 16
            entry.create_system = 3
            with file.open("rb") as source, archive.open(entry, "w", force_zip64=True) as target:
                shutil.copyfileobj(source, target, BLOCK)


def unpack_bundle(path: Path, folder: Path) -> dict[str, Any]:
    """Unpack a bundle, and check that it is whole.

    Args:
        path: The file.
        folder: An empty one, which nothing leaves.

    Returns:
        What `ABOUT` holds.

    Raises:
        ArtifactMissingError: If there is no such file.
        ArtifactCorruptError: If it is damaged, or was made to do harm.
        ConfigError: If it is a ZIP of something else, or of a later version of reprodx.
    """
    if not path.is_file():
        raise ArtifactMissingError(f"{path} does not exist: give the path of a bundle, or a run's id")
    try:
        with zipfile.ZipFile(path) as archive:
            members = _members(archive, path, folder)
            for member in members:
                _extract(archive, member, folder)
    except ReprodxError:
        raise
    except DAMAGE as error:
        raise ArtifactCorruptError(f"{path} is damaged or no ZIP file: have it sent or made again") from error
    return _about(path, folder)


def _members(archive: zipfile.ZipFile, path: Path, folder: Path) -> list[zipfile.ZipInfo]:
    """Return what is to be unpacked; refuse what would leave the folder, is no plain file, or is too much."""
    members = [one for one in archive.infolist() if not one.is_dir()]
    names = [one.filename for one in members]
    if not {ABOUT, METADATA} <= set(names):
        raise ConfigError(f"{path} is no bundle of `reprodx bundle`: it has no {ABOUT}")
    if len(set(names)) < len(names) or any(map(_is_harmful, members)):
        raise ArtifactCorruptError(f"{path} holds a name twice, a link, or a way out of its folder: do not use it")
    size = sum(one.file_size for one in members)
    if size > MAX_BYTES or len(members) > MAX_FILES:
        raise ArtifactCorruptError(f"{path} unpacks to {size / 2**30:.0f} GiB in {len(members)} files: do not use it")
    if size > shutil.disk_usage(folder).free:
        raise ConfigError(f"{path} unpacks to {size / 2**30:.1f} GiB, for which there is no room: free some space")
    return members


def _is_harmful(member: zipfile.ZipInfo) -> bool:
    name = PurePosixPath(member.filename)
    mode = member.external_attr >> 16
    is_plain = stat.S_IFMT(mode) in {0, stat.S_IFREG}
    if not name.parts:
        return True
    leads_out = name.is_absolute() or ".." in name.parts or "\\" in member.filename or ":" in name.parts[0]
    return leads_out or not is_plain


def _extract(archive: zipfile.ZipFile, member: zipfile.ZipInfo, folder: Path) -> None:
    """Write a member, and no more of it than it says: a checksum that is wrong raises."""
    target = folder / member.filename
    target.parent.mkdir(parents=True, exist_ok=True)
    with archive.open(member) as source, target.open("xb") as file:
        shutil.copyfileobj(source, file, BLOCK)


def _about(path: Path, folder: Path) -> dict[str, Any]:
    try:
        about: dict[str, Any] = json.loads((folder / ABOUT).read_text(encoding="utf-8"))
        version = about["format"]
        noted = recorded_hashes(folder)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ArtifactCorruptError(f"{path} is damaged: what it says of itself cannot be read") from error
    if version != FORMAT:
        raise ConfigError(f"{path} is of another version of reprodx (its format is {version}): use that one")
    check_shape(about, About, Path(f"{path}: {ABOUT}"))
    changed = next(_changed(folder, noted), None)
    if changed is not None:
        raise ArtifactCorruptError(f"{path}: {changed} is not what was packed: have the bundle sent or made again")
    return about


def _changed(folder: Path, noted: Mapping[str, str]) -> Iterator[str]:
    for name, digest in noted.items():
        if not (folder / name).is_file() or sha256_of_path(folder / name) != digest:
            yield name
    files = {file.relative_to(folder).as_posix() for file in folder.iterdir() if file.is_file()}
    yield from sorted(files - noted.keys() - {METADATA})
