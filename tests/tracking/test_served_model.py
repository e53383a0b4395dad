"""What a served model needs; how it is logged and loaded is tested with `serving` and from end to end."""

from __future__ import annotations

import json
import shutil
from importlib.metadata import version
from typing import TYPE_CHECKING
from zipfile import ZipFile

import pytest

from reprodx.errors import ArtifactMissingError
from reprodx.tracking import served_model
from reprodx.tracking.served_model import (
    CODE_FILE,
    DESCRIPTION,
    PACKAGE,
    _without_links,
    requirements,
    write_package_archive,
)
from reprodx.training import model_folder

if TYPE_CHECKING:
    from pathlib import Path

WEIGHTS = "best.safetensors"
OURS, MONAI = "reprodx.models.cnn.CNN", "monai.networks.nets.DenseNet121"


@pytest.mark.parametrize(
    ("weights", "target", "modality", "takes_summary", "needed", "spared"),
    [
        (WEIGHTS, OURS, "table", False, ["torch"], ["skops", "pillow", "wfdb", "monai"]),
        (WEIGHTS, OURS, "image", False, ["torch", "pillow", "pydicom"], ["wfdb", "tokenizers", "monai"]),
        (WEIGHTS, MONAI, "image", False, ["torch", "pillow", "monai"], ["skops"]),
        (WEIGHTS, OURS, "signal", True, ["torch", "wfdb"], ["pillow", "scikit-learn"]),
        (WEIGHTS, OURS, "text", False, ["torch", "tokenizers"], ["scikit-learn"]),
        (WEIGHTS, OURS, "text", True, ["torch", "polars", "scipy"], ["skops", "tokenizers"]),
        ("model.skops", OURS, "series", True, ["scikit-learn", "skops"], ["torch", "tokenizers"]),
    ],
)
def test_requirements_are_pinned_to_what_is_installed_and_fit_the_model(
    tmp_path: Path,
    weights: str,
    target: str,
    modality: str,
    takes_summary: bool,
    needed: list[str],
    spared: list[str],
) -> None:
    (tmp_path / weights).touch()
    content = {"architecture": {"_target_": target}, "modality": modality, "takes_summary": takes_summary}
    (tmp_path / DESCRIPTION).write_text(json.dumps(content))
    listed = requirements(tmp_path)
    for name in ("polars", *needed):
        assert f"{name}=={version(name).partition('+')[0]}" in listed
    assert not {line.partition("==")[0] for line in listed} & set(spared)
    assert listed == sorted(listed)


def test_a_folder_without_a_model_names_the_stage_that_makes_it(tmp_path: Path) -> None:
    with pytest.raises(ArtifactMissingError, match="reprodx train"):
        requirements(tmp_path)


def test_the_files_that_are_named_are_those_that_are_there() -> None:
    assert (PACKAGE / "serving" / CODE_FILE).is_file()
    assert DESCRIPTION == model_folder.DESCRIPTION


def test_files_that_dvc_links_into_its_cache_are_copied_and_others_are_not(tmp_path: Path) -> None:
    cache, models, temporary = (tmp_path / name for name in ("cache", "models", "temporary"))
    for folder in (cache, models, temporary):
        folder.mkdir()
    (cache / "ab").write_text("weights")
    (models / "plain.json").write_text("{}")
    assert _without_links(models, temporary) == models
    assert _without_links(models / "plain.json", temporary) == models / "plain.json"
    (models / WEIGHTS).symlink_to(cache / "ab")
    copied = _without_links(models, temporary)
    assert (copied / WEIGHTS).read_text() == "weights"
    assert not (copied / WEIGHTS).is_symlink()
    assert not _without_links(models / WEIGHTS, temporary).is_symlink()


def test_the_sources_are_one_file_the_same_from_every_clone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clone = shutil.copytree(PACKAGE, tmp_path / "reprodx", ignore=shutil.ignore_patterns("__pycache__"))
    (clone / "schemas.py").touch()
    (clone / "__pycache__").mkdir()
    (clone / "__pycache__" / "errors.pyc").touch()
    write_package_archive(tmp_path / "here.zip")
    monkeypatch.setattr(served_model, "PACKAGE", clone)
    write_package_archive(tmp_path / "there.zip")
    assert (tmp_path / "here.zip").read_bytes() == (tmp_path / "there.zip").read_bytes()
    assert "reprodx/serving/predictor.py" in ZipFile(tmp_path / "here.zip").namelist()
