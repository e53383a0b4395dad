"""A bundle holds what is needed to make a run again, and without the data nothing that names a patient."""

from __future__ import annotations

import io
import json
import tarfile
import zipfile
from typing import TYPE_CHECKING

import pytest

from reprodx.errors import ConfigError
from reprodx.reproduction import bundle as module
from reprodx.reproduction.bundle import Request, bundle
from reprodx.reproduction.opened_run import open_recorded
from tests.reproduction.recorded_project import CARD, CASES, TABLE, RecordedProject

if TYPE_CHECKING:
    from pathlib import Path

DIFF = (
    "diff --git a/src/reprodx/model.py b/src/reprodx/model.py\n--- a/src/reprodx/model.py\n+++ b/src/reprodx/model.py\n"
    "@@ -1 +1 @@\n-UNITS = 64\n+UNITS = 32\n"
)
OPEN_CARD = "# Clinic\n\n- **Licence**: CC BY 4.0.\n"


@pytest.fixture
def target(tmp_path: Path, recorded_project: RecordedProject, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return where a bundle goes."""
    monkeypatch.setattr(module, "open_store_here", lambda: recorded_project.log.store)
    return tmp_path / "run.zip"


def content(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def sources(found: dict[str, bytes]) -> dict[str, bytes]:
    with tarfile.open(fileobj=io.BytesIO(found["source.tar"])) as archive:
        return {one.name: file.read() for one in archive if (file := archive.extractfile(one)) is not None}


def test_without_the_data_nobody_is_named(recorded_project: RecordedProject, target: Path, tmp_path: Path) -> None:
    bundle(Request(recorded_project.run(), target, with_data=False))
    found = content(target)
    assert "explanations.json" not in found
    assert not any(name.startswith("data/") for name in found)
    packed = {**found, **sources(found)}
    for patient in ("4711", "0815"):
        assert not [name for name, text in packed.items() if patient.encode() in text]
    assert b"kept" in found["report.html"]
    folder = tmp_path / "opened"
    folder.mkdir()
    run = open_recorded(str(target), None, folder)
    assert (run.is_numbered, run.data_folder) == (True, None)
    assert run.config["data"]["path"] == TABLE
    assert set(run.hashes["raw"]) == {TABLE, CARD}


def test_an_open_licence_takes_the_data_along(recorded_project: RecordedProject, target: Path, tmp_path: Path) -> None:
    recorded_project.write(**{CARD: OPEN_CARD})
    bundle(Request(recorded_project.run(), target, with_data=False))
    found = content(target)
    assert found[TABLE] == (recorded_project.root / TABLE).read_bytes()
    assert found[CARD] == OPEN_CARD.encode()
    assert CASES[0].encode() in found["explanations.json"]
    described = {one["@id"]: one for one in json.loads(found["ro-crate-metadata.json"])["@graph"]}
    assert described[TABLE]["license"] == {"@id": "https://creativecommons.org/licenses/by/4.0/"}
    folder = tmp_path / "opened"
    folder.mkdir()
    run = open_recorded(str(target), None, folder)
    assert (run.is_numbered, run.data_folder) == (False, folder)


def test_data_go_along_when_asked_for(recorded_project: RecordedProject, target: Path) -> None:
    bundle(Request(recorded_project.run(), target, with_data=True))
    assert TABLE in content(target)


def test_the_source_is_that_of_the_run_whatever_stands_there_now(
    recorded_project: RecordedProject, target: Path
) -> None:
    run_id = recorded_project.run(files={"changes.diff": DIFF}, git_dirty="true")
    recorded_project.write(**{"src/reprodx/model.py": "UNITS = 128\n", TABLE: "id,age\n"})
    bundle(Request(run_id, target, with_data=True))
    found = content(target)
    assert sources(found)["src/reprodx/model.py"] == b"UNITS = 32\n"
    assert set(sources(found)) == {".gitignore", "conf/config.yaml", "src/reprodx/model.py"}
    assert CASES[0].encode() in found[TABLE]


def test_the_same_run_makes_the_same_bytes(recorded_project: RecordedProject, target: Path) -> None:
    run_id = recorded_project.run()
    bundle(Request(run_id, target, with_data=False))
    recorded_project.log.store.client.set_tag(run_id, "reprodx.reproduced", "bit-identical")
    again = target.with_name("again.zip")
    bundle(Request(run_id, again, with_data=False))
    assert again.read_bytes() == target.read_bytes()


@pytest.mark.parametrize(
    ("name", "message"), [("run.tar", "ends with"), ("absent/run.zip", "is no folder"), ("old.zip", "is there already")]
)
def test_a_place_that_is_taken_or_none_is_refused_at_once(target: Path, name: str, message: str) -> None:
    target.with_name("old.zip").touch()
    with pytest.raises(ConfigError, match=message):
        bundle(Request("absent", target.parent / name, with_data=False))


def test_a_run_without_a_commit_and_one_of_a_bundle_are_refused(
    recorded_project: RecordedProject, target: Path
) -> None:
    with pytest.raises(ConfigError, match="cannot be bundled"):
        bundle(Request(recorded_project.run(git_commit="unknown"), target, with_data=False))
    bundle(Request(recorded_project.run(), target, with_data=False))
    with pytest.raises(ConfigError, match="is in a bundle already"):
        bundle(Request(str(target), target.with_name("other.zip"), with_data=False))
