"""A bundle is packed whole, the same bytes each time, and what was made to do harm is not unpacked."""

from __future__ import annotations

import contextlib
import json
import shutil
import stat
import zipfile
from typing import TYPE_CHECKING

import pytest

from reprodx.errors import ArtifactCorruptError, ArtifactMissingError, ConfigError
from reprodx.reproduction import bundle_file
from reprodx.reproduction.bundle_file import ABOUT, unpack_bundle, write_bundle_file
from reprodx.reproduction.crate import METADATA, Part, write_crate

if TYPE_CHECKING:
    from pathlib import Path

SAID = {
    "format": 1,
    "run_id": "a1",
    "name": "mlp",
    "experiment": "clinic",
    "tags": {},
    "ended_at": None,
    "has_data": True,
    "is_numbered": False,
}


@pytest.fixture
def content(tmp_path: Path) -> Path:
    """Return what a bundle is made of."""
    folder = tmp_path / "content"
    (folder / "data").mkdir(parents=True)
    (folder / "data/table.csv").write_text("age\n50\n")
    (folder / ABOUT).write_text(json.dumps(SAID))
    parts = [Part(ABOUT, "about", is_input=False), Part("data/table.csv", "data", is_input=True)]
    write_crate(folder, name="mlp", description="a run", ended_at="2026-01-02", parts=parts)
    return folder


@pytest.fixture
def target(tmp_path: Path) -> Path:
    """Return an empty folder."""
    folder = tmp_path / "target"
    folder.mkdir()
    return folder


def test_what_is_packed_is_unpacked(content: Path, target: Path, tmp_path: Path) -> None:
    first, second = tmp_path / "first.zip", tmp_path / "second.zip"
    write_bundle_file(content, first)
    (content / "data/table.csv").touch()
    write_bundle_file(content, second)
    assert first.read_bytes() == second.read_bytes()
    assert unpack_bundle(first, target) == SAID
    names = {path.relative_to(target).as_posix() for path in target.rglob("*") if path.is_file()}
    assert names == {ABOUT, METADATA, "data/table.csv"}


def test_a_changed_file_is_named(content: Path, target: Path, tmp_path: Path) -> None:
    (content / "data/table.csv").write_text("age\n51\n")
    write_bundle_file(content, tmp_path / "a.zip")
    with pytest.raises(ArtifactCorruptError, match=r"data/table\.csv is not what was packed"):
        unpack_bundle(tmp_path / "a.zip", target)


def test_a_file_that_nobody_lists_is_named(content: Path, target: Path, tmp_path: Path) -> None:
    (content / "changes.diff").write_text("+evil\n")
    write_bundle_file(content, tmp_path / "a.zip")
    with pytest.raises(ArtifactCorruptError, match=r"changes\.diff is not what was packed"):
        unpack_bundle(tmp_path / "a.zip", target)


@pytest.mark.parametrize("name", ["../evil", "/evil", "a/../../evil", "a\\..\\evil", "C:/evil", "."])
def test_a_name_that_leads_out_is_refused(content: Path, target: Path, tmp_path: Path, name: str) -> None:
    write_bundle_file(content, tmp_path / "a.zip")
    with zipfile.ZipFile(tmp_path / "a.zip", "a") as archive:
        archive.writestr(name, "evil")
    with pytest.raises(ArtifactCorruptError, match="way out of its folder"):
        unpack_bundle(tmp_path / "a.zip", target)
    assert list(target.iterdir()) == []


def test_a_file_in_the_place_of_a_folder_is_damage(content: Path, target: Path, tmp_path: Path) -> None:
    write_bundle_file(content, tmp_path / "a.zip")
    with zipfile.ZipFile(tmp_path / "a.zip", "a") as archive:
        archive.writestr("data", "no folder")
    with pytest.raises(ArtifactCorruptError, match="damaged"):
        unpack_bundle(tmp_path / "a.zip", target)


def test_a_link_is_refused(content: Path, target: Path, tmp_path: Path) -> None:
    write_bundle_file(content, tmp_path / "a.zip")
    link = zipfile.ZipInfo("link")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(tmp_path / "a.zip", "a") as archive:
        archive.writestr(link, "/etc/passwd")
    with pytest.raises(ArtifactCorruptError, match="a link"):
        unpack_bundle(tmp_path / "a.zip", target)


def test_what_would_fill_the_disk_is_refused(
    content: Path, target: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_bundle_file(content, tmp_path / "a.zip")
    monkeypatch.setattr(bundle_file, "MAX_BYTES", 100)
    with pytest.raises(ArtifactCorruptError, match="unpacks to"):
        unpack_bundle(tmp_path / "a.zip", target)


def test_a_damaged_file_and_another_zip_are_told_apart(content: Path, target: Path, tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with pytest.raises(ArtifactMissingError, match="does not exist"):
        unpack_bundle(path, target)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("table.csv", "a")
    with pytest.raises(ConfigError, match="is no bundle"):
        unpack_bundle(path, target)
    path.write_bytes(b"PK\x03\x04 and nothing")
    with pytest.raises(ArtifactCorruptError, match="damaged or no ZIP"):
        unpack_bundle(path, target)


def test_damage_of_a_packing_that_we_never_use_is_damage_too(content: Path, target: Path, tmp_path: Path) -> None:
    write_bundle_file(content, tmp_path / "a.zip")
    with (
        zipfile.ZipFile(tmp_path / "a.zip") as made,
        zipfile.ZipFile(tmp_path / "b.zip", "w", zipfile.ZIP_LZMA) as other,
    ):
        for entry in made.infolist():
            other.writestr(entry.filename, made.read(entry))
        first = other.infolist()[0]
    whole = (tmp_path / "b.zip").read_bytes()
    begin = first.header_offset + 30 + len(first.filename)
    for place in range(begin, begin + first.compress_size):
        (tmp_path / "b.zip").write_bytes(whole[:place] + bytes([whole[place] ^ 0xFF]) + whole[place + 1 :])
        # A byte of no account harms nothing; any other error than that of damage fails the test.
        with contextlib.suppress(ArtifactCorruptError):
            unpack_bundle(tmp_path / "b.zip", target)
            assert (target / first.filename).read_bytes() == (content / first.filename).read_bytes()
        shutil.rmtree(target)
        target.mkdir()


@pytest.mark.parametrize(
    ("said", "error", "message"),
    [
        ({**SAID, "format": 2}, ConfigError, "another version"),
        ({"format": 1}, ArtifactCorruptError, "is not as a run writes it"),
        ({**SAID, "tags": ["a"]}, ArtifactCorruptError, "is not as a run writes it"),
        ({**SAID, "tags": {"a": 1}}, ArtifactCorruptError, "is not as a run writes it"),
        ({**SAID, "run_id": "../../../home/x"}, ArtifactCorruptError, "is not as a run writes it"),
        ([], ArtifactCorruptError, "cannot be read"),
    ],
)
def test_what_it_says_of_itself_must_be_whole(
    content: Path, target: Path, tmp_path: Path, said: object, error: type[Exception], message: str
) -> None:
    (content / ABOUT).write_text(json.dumps(said))
    write_bundle_file(content, tmp_path / "a.zip")
    with pytest.raises(error, match=message):
        unpack_bundle(tmp_path / "a.zip", target)
