"""A bundle describes itself as a crate of one run, the same bytes each time."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from reprodx.hashing import sha256_of_path
from reprodx.reproduction.crate import METADATA, PROFILE, Part, recorded_hashes, write_crate

if TYPE_CHECKING:
    from pathlib import Path

PARTS = (
    Part("config.yaml", "settings", is_input=True),
    Part("data/raw/clinic", "data", is_input=True, licence="https://creativecommons.org/licenses/by/4.0/"),
    Part("metrics.json", "scores", is_input=False),
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return the content of a bundle."""
    (tmp_path / "data/raw/clinic").mkdir(parents=True)
    for name in ("config.yaml", "data/raw/clinic/1.png", "metrics.json"):
        (tmp_path / name).write_text(name)
    return tmp_path


def graph(folder: Path) -> dict[str, Any]:
    write_crate(folder, name="mlp", description="a run", ended_at="2026-01-02T03:04:05+00:00", parts=PARTS)
    return {one["@id"]: one for one in json.loads((folder / METADATA).read_text())["@graph"]}


def test_a_crate_is_one_action_of_one_program_on_inputs_with_results(folder: Path) -> None:
    found = graph(folder)
    assert found["./"]["conformsTo"] == {"@id": PROFILE}
    assert found["./"]["datePublished"] == "2026-01-02T03:04:05+00:00"
    run = found["#run"]
    assert run["@type"] == "CreateAction"
    assert run["instrument"] == {"@id": "#reprodx"}
    assert run["object"] == [{"@id": "config.yaml"}, {"@id": "data/raw/clinic/"}]
    assert run["result"] == [{"@id": "metrics.json"}]
    assert found["#reprodx"]["@type"] == "SoftwareApplication"
    assert found["data/raw/clinic/"]["license"] == {"@id": "https://creativecommons.org/licenses/by/4.0/"}


def test_files_are_listed_with_their_hashes(folder: Path) -> None:
    graph(folder)
    names = ("config.yaml", "metrics.json")
    assert recorded_hashes(folder) == {name: sha256_of_path(folder / name) for name in names}


def test_the_same_content_is_described_by_the_same_bytes(folder: Path) -> None:
    graph(folder)
    before = (folder / METADATA).read_bytes()
    (folder / METADATA).unlink()
    graph(folder)
    assert (folder / METADATA).read_bytes() == before
