"""The note that a training has ended, and that nobody has judged it yet."""

from pathlib import Path

import pytest

from reprodx.artifacts.locations import Locations
from reprodx.training.finished_training import FILE, FinishedTraining


@pytest.fixture
def finished(tmp_path: Path) -> FinishedTraining:
    locations = Locations(*(tmp_path / name for name in ("prepared", "models", "results")))
    for folder, name in ((locations.prepared, "manifest.json"), (locations.models, "best")):
        folder.mkdir()
        (folder / name).write_text("1")
    return FinishedTraining(tmp_path / "checkpoint", locations)


def test_a_training_is_finished_from_its_note_to_its_removal(finished: FinishedTraining, tmp_path: Path):
    assert not finished.is_here()
    finished.note()
    assert finished.is_here()
    (tmp_path / "checkpoint/resume.ckpt").touch()
    finished.remove(with_checkpoint=True)
    assert not finished.is_here()
    assert not (tmp_path / "checkpoint").exists()


@pytest.mark.parametrize("file", ["models/best", "prepared/manifest.json", f"checkpoint/{FILE}"])
def test_of_other_bytes_it_is_not(finished: FinishedTraining, tmp_path: Path, file: str):
    finished.note()
    (tmp_path / file).write_text("2")
    assert not finished.is_here()


def test_the_checkpoint_of_another_training_stays(finished: FinishedTraining, tmp_path: Path):
    finished.note()
    (tmp_path / "checkpoint/resume.ckpt").touch()
    finished.remove(with_checkpoint=False)
    assert not finished.is_here()
    assert (tmp_path / "checkpoint/resume.ckpt").exists()
