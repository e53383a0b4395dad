"""Data are found by their bytes, wherever they lie, and what is missing is named."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import pytest

from reprodx.errors import DatasetNotFoundError
from reprodx.hashing import sha256_of_path
from reprodx.reproduction.raw_data import RawData, raw_changes

if TYPE_CHECKING:
    from pathlib import Path

TABLE = b"id,y\n1,0\n"
SHA = hashlib.sha256(TABLE).hexdigest()
NAME = "data/raw/table.csv"


@pytest.fixture
def places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, Path]:
    """Return a person's project without the table, and an empty workspace; DVC knows nothing."""
    monkeypatch.setattr("reprodx.reproduction.raw_data.from_cache", lambda *_: False)
    monkeypatch.setattr("reprodx.reproduction.raw_data.from_remote", lambda *_: False)
    for name in ("here/data/raw", "then/data/raw"):
        (tmp_path / name).mkdir(parents=True)
    return tmp_path / "here", tmp_path / "then"


def test_the_commits_own_file_is_taken_before_a_changed_one_here(places: tuple[Path, Path]) -> None:
    here, then = places
    (here / NAME).write_bytes(TABLE + b"2,1\n")
    (then / NAME).write_bytes(TABLE)
    found = RawData(here, then, "c").place({"data": {"path": NAME}}, {NAME: SHA})
    assert found.paths == {"data.path": NAME}
    assert found.hashes == {NAME: SHA}
    assert found.origins == {NAME: "the commit"}
    (change,) = raw_changes(here, {"data": {"path": NAME}}, {NAME: SHA})
    assert change == (NAME, SHA, hashlib.sha256(TABLE + b"2,1\n").hexdigest())


def test_a_file_of_the_same_bytes_here_is_taken_under_whatever_name(places: tuple[Path, Path]) -> None:
    here, then = places
    (then / NAME).write_bytes(b"changed in the commit")
    (here / "data/raw/renamed.csv").write_bytes(TABLE)
    found = RawData(here, then, "c").place({"data": {"path": NAME}}, {NAME: SHA})
    assert found.origins == {NAME: "here, under another name"}
    assert (then / NAME).read_bytes() == TABLE


def test_data_outside_of_the_project_go_where_the_stages_take_them(places: tuple[Path, Path], tmp_path: Path) -> None:
    here, then = places
    outside = tmp_path / "elsewhere"
    outside.mkdir()
    (outside / "table.csv").write_bytes(TABLE)
    (outside / "card.md").write_bytes(b"card")
    recorded = {"data.path: table.csv": SHA, "card: card.md": hashlib.sha256(b"card").hexdigest()}
    found = RawData(here, then, "c").place({"data": {"path": str(outside / "table.csv")}}, recorded)
    assert found.paths == {"data.path": "data/raw/outside/path/table.csv"}
    assert found.hashes == recorded
    assert (then / "data/raw/outside/path/card.md").read_bytes() == b"card"


def test_a_link_to_data_elsewhere_is_called_as_the_run_called_it(places: tuple[Path, Path], tmp_path: Path) -> None:
    here, then = places
    (tmp_path / "real.csv").write_bytes(TABLE)
    (here / NAME).symlink_to(tmp_path / "real.csv")
    (here / "data/raw/card.md").write_bytes(b"card")
    recorded = {"data.path: table.csv": SHA, "data/raw/card.md": hashlib.sha256(b"card").hexdigest()}
    found = RawData(here, then, "c").place({"data": {"path": NAME}}, recorded)
    assert found.hashes == recorded
    assert (then / found.paths["data.path"]).with_name("card.md").read_bytes() == b"card"


def test_a_folder_with_a_file_of_its_own_key_is_put_as_a_whole(places: tuple[Path, Path]) -> None:
    here, then = places
    (here / "data/raw/ecg").mkdir()
    for name in ("labels.csv", "one.dat"):
        (here / "data/raw/ecg" / name).write_bytes(name.encode())
    digest = sha256_of_path(here / "data/raw/ecg")
    data = {"path": "data/raw/ecg/labels.csv", "folder": "data/raw/ecg"}
    recorded = {"data/raw/ecg/labels.csv": sha256_of_path(here / data["path"]), "data/raw/ecg": digest}
    found = RawData(here, then, "c").place({"data": data}, recorded)
    assert found.hashes == recorded
    assert set(found.origins.values()) == {"here"}


def test_what_is_missing_is_named_with_both_hashes(places: tuple[Path, Path]) -> None:
    here, then = places
    (here / NAME).write_bytes(b"other")
    with pytest.raises(DatasetNotFoundError, match=rf"{NAME} with sha256 {SHA}, which here has sha256 \w+"):
        RawData(here, then, "c").place({"data": {"path": NAME}}, {NAME: SHA})


def test_a_run_that_recorded_no_hashes_takes_a_folder_as_it_lies_here(places: tuple[Path, Path]) -> None:
    here, then = places
    for folder, names in ((here, ("card.md", "a.png")), (then, ("card.md",))):
        (folder / "data/raw/pictures").mkdir()
        for name in names:
            (folder / "data/raw/pictures" / name).touch()
    RawData(here, then, "c").place({"data": {"folder": "data/raw/pictures"}}, {})
    assert (then / "data/raw/pictures/a.png").is_file()


def test_other_files_that_settings_name_come_too(places: tuple[Path, Path], tmp_path: Path) -> None:
    here, then = places
    weights = tmp_path / "weights.bin"
    weights.write_bytes(b"w")
    (here / NAME).write_bytes(TABLE)
    (here / "vocabulary.txt").write_bytes(b"v")
    recorded = {NAME: SHA, "model.init.weights: weights.bin": sha256_of_path(weights)}
    recorded["vocabulary.txt"] = sha256_of_path(here / "vocabulary.txt")
    model = {"name": "mlp", "init": {"weights": str(weights)}, "files": ["vocabulary.txt"]}
    found = RawData(here, then, "c").place({"data": {"path": NAME}, "model": model}, recorded)
    assert found.hashes == recorded
    assert found.paths["model.init.weights"] == "data/raw/outside/model.init.weights/weights.bin"
    assert found.paths["model.files[0]"] == "vocabulary.txt"
    assert (then / "vocabulary.txt").read_bytes() == b"v"
