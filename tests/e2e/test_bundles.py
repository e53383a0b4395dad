"""A bundle goes to somebody who has nothing but reprodx, and the same comes out there."""

from __future__ import annotations

import zipfile
from typing import TYPE_CHECKING

import pytest

from tests.project import Project

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.mark.pipeline
def test_a_bundle_is_made_again_in_an_empty_folder(finished_copy: Callable[[], Project], tmp_path: Path) -> None:
    project, elsewhere = finished_copy(), Project(tmp_path / "elsewhere")
    bundle = tmp_path / "mlp.zip"
    project("reprodx", "bundle", "mlp", str(bundle))
    assert "data/raw/heart_disease/heart_disease_uci.csv" in zipfile.ZipFile(bundle).namelist()
    elsewhere.folder.mkdir()
    told = elsewhere("reprodx", "reproduce", str(bundle))
    assert "bit-identical" in told
    assert "from the bundle" in told
