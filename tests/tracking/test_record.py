"""Every file of a run has its hash, by stage; no patient and no folder of the machine is named."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from reprodx.artifacts.files import write_json, write_text
from reprodx.artifacts.locations import Locations
from reprodx.hashing import sha256_of_path
from reprodx.tracking.record import STAGES, as_text, hashes_record

if TYPE_CHECKING:
    from collections.abc import Mapping

    from reprodx.config import Config


@pytest.fixture
def locations(tmp_path: Path, manifest: Mapping[str, Any], monkeypatch: pytest.MonkeyPatch) -> Locations:
    """Return finished results of a project, in which one stands."""
    root = tmp_path / "project"
    found = Locations(*(root / name for name in ("prepared", "models", "results")))
    write_json(found.prepared / "manifest.json", manifest)
    for path in (found.models / "model.json", found.predictions, found.metrics, found.report, found.plots / "roc.csv"):
        write_text(path, path.name)
    write_text(root / "data/raw/clinic/card.md", "# Clinic")
    write_text(root / "data/raw/clinic/table.csv", "age\n50\n")
    write_text(tmp_path / "outside/PATIENT-4711.dcm", "pixels")
    monkeypatch.chdir(root)
    return found


def test_every_stage_has_the_hashes_of_its_files(
    config: Config, locations: Locations, manifest: Mapping[str, Any]
) -> None:
    table = Path("data/raw/clinic/table.csv")
    config = replace(config, data={**config.data, "path": str(table)})
    record = hashes_record(config, locations, {**manifest, "files": {"cases.parquet": "f" * 64}})
    assert tuple(record) == STAGES
    assert record["raw"] == {
        "data/raw/clinic/table.csv": sha256_of_path(table),
        "data/raw/clinic/card.md": sha256_of_path(table.with_name("card.md")),
    }
    assert record["split"] == {"membership": manifest["split_hash"]}
    assert set(record["prepared"]) == {"cases.parquet", "manifest.json"}
    assert record["weights"] == {"model.json": sha256_of_path(locations.models / "model.json")}
    assert record["predictions"] == {"predictions.parquet": sha256_of_path(locations.predictions)}
    assert record["metrics"] == {"metrics.json": sha256_of_path(locations.metrics)}
    assert set(record["report"]) == {"report.html", "plots/roc.csv"}


def test_a_folder_counts_as_a_whole_and_an_outer_path_by_its_last_name(
    config: Config, locations: Locations, manifest: Mapping[str, Any], tmp_path: Path
) -> None:
    config = replace(config, data={**config.data, "folder": str(tmp_path / "outside")})
    record = hashes_record(config, locations, manifest)
    assert record["raw"] == {"data.folder: outside": sha256_of_path(tmp_path / "outside")}
    assert "PATIENT" not in as_text(record)
    assert str(tmp_path) not in as_text(record)


def test_of_a_generator_the_samples_are_what_it_predicts(
    config: Config, locations: Locations, manifest: Mapping[str, Any]
) -> None:
    write_text(locations.samples / "sheet.txt", "made")
    generator = replace(config, model={"name": "dcgan", "_target_": "reprodx.models.dcgan.DCGAN"})
    assert set(hashes_record(generator, locations, manifest)["predictions"]) == {"sheet.txt"}
