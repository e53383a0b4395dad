"""What a served model needs; how it is logged and loaded is tested with `serving`."""

from __future__ import annotations

from importlib.metadata import version
from typing import TYPE_CHECKING

import pytest

from reprodx.tracking.served_model import CODE_FILE, PACKAGE, requirements

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("weights", "needed", "spared"),
    [("best.safetensors", "torch", "skops"), ("model.skops", "scikit-learn", "torch")],
)
def test_requirements_are_pinned_to_what_is_installed_and_fit_the_weights(
    tmp_path: Path, weights: str, needed: str, spared: str
) -> None:
    for name in (weights, "model.json"):
        (tmp_path / name).touch()
    listed = requirements(tmp_path)
    assert f"{needed}=={version(needed).partition('+')[0]}" in listed
    assert f"polars=={version('polars')}" in listed
    assert not [line for line in listed if line.startswith(f"{spared}==")]
    assert listed == sorted(listed)


def test_the_file_that_mlflow_runs_is_there() -> None:
    assert (PACKAGE / "serving" / CODE_FILE).is_file()
