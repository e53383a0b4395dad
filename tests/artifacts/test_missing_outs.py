"""Every out of the evaluate stage is there, whatever the model."""

from __future__ import annotations

from typing import TYPE_CHECKING

import yaml

from reprodx.artifacts.files import read_json
from reprodx.artifacts.locations import Locations
from reprodx.artifacts.missing_outs import complete_outs
from reprodx.artifacts.predictions import read_predictions
from tests.project import ROOT

if TYPE_CHECKING:
    from pathlib import Path


def test_a_generator_leaves_files_that_say_that_they_are_empty(tmp_path: Path) -> None:
    complete_outs(locations := Locations(tmp_path, tmp_path, tmp_path))
    predictions = read_predictions(locations.predictions)
    assert predictions.metadata == {"task": "generation"}
    assert predictions.table.height == 0
    assert read_json(locations.explanations, made_by="evaluate") == {}


def test_a_classifier_leaves_a_folder_that_says_that_it_has_no_samples(tmp_path: Path) -> None:
    complete_outs(locations := Locations(tmp_path, tmp_path, tmp_path))
    assert [file.read_text(encoding="utf-8") for file in locations.samples.iterdir()] == [
        "The model of this run makes no samples.\n"
    ]


def test_what_is_there_stays(tmp_path: Path) -> None:
    locations = Locations(tmp_path, tmp_path, tmp_path)
    locations.samples.mkdir()
    for path in (locations.predictions, locations.explanations, locations.samples / "sheet.png"):
        path.write_bytes(b"there")
    complete_outs(locations)
    assert {path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == {b"there"}


def test_no_out_of_the_stage_is_left_to_chance(tmp_path: Path) -> None:
    outs = yaml.safe_load((ROOT / "dvc.yaml").read_text(encoding="utf-8"))["stages"]["evaluate"]["outs"]
    complete_outs(Locations(tmp_path, tmp_path, tmp_path))
    of_every_run = {"results/model_card.md", "results/report.html", "results/plots"}
    assert set(outs) - of_every_run == {f"results/{path.name}" for path in tmp_path.iterdir()}
