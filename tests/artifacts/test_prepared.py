"""Prepared cases are read whole and unchanged, or not at all."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import pytest

from reprodx.artifacts.files import write_json, write_parquet
from reprodx.artifacts.prepared import read_manifest, read_prepared, write_inputs
from reprodx.errors import ArtifactCorruptError, ArtifactMissingError
from reprodx.hashing import sha256_of_path
from reprodx.inputs import Inputs, Modality

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_parquet(
        tmp_path / "cases.parquet",
        pl.DataFrame(
            {"case_id": ["a", "b", "c"], "split": ["train", "test", "train"], "y_true": ["ill", "well", "ill"]}
        ),
    )
    features = pl.DataFrame({"case_id": ["a", "b", "c"], "age": [0.5, -1.0, 2.0]}, schema_overrides={"age": pl.Float32})
    write_parquet(tmp_path / "features.parquet", features)
    files = {name: sha256_of_path(tmp_path / name) for name in ("cases.parquet", "features.parquet")}
    described = {"classes": ["well", "ill"], "task": "binary", "modality": "table"}
    write_json(tmp_path / "manifest.json", {"files": files, **described})
    return tmp_path


def test_rows_targets_and_features_belong_together(folder: Path) -> None:
    prepared = read_prepared(folder)
    assert prepared.feature_names == ("age",)
    assert prepared.features.dtype == np.float32
    assert prepared.targets.tolist() == [1, 0, 1]
    assert prepared.rows("train").tolist() == [0, 2]
    assert prepared.features[prepared.rows("test")].tolist() == [[-1.0]]


def test_a_changed_byte_is_found(folder: Path) -> None:
    path = folder / "features.parquet"
    path.write_bytes(path.read_bytes() + b" ")
    with pytest.raises(ArtifactCorruptError, match=r"features\.parquet"):
        read_prepared(folder)


def test_an_absent_file_names_the_stage_that_makes_it(folder: Path) -> None:
    (folder / "cases.parquet").unlink()
    with pytest.raises(ArtifactMissingError, match="reprodx prepare"):
        read_prepared(folder)
    (folder / "manifest.json").unlink()
    with pytest.raises(ArtifactMissingError, match="reprodx prepare"):
        read_manifest(folder)


@pytest.mark.parametrize("num_cases", [5, 3])
def test_signals_are_written_as_many_as_there_are_cases(num_cases: int, tmp_path: Path) -> None:
    file = np.lib.format.open_memmap(tmp_path / "read.npy", "w+", np.float32, (5, 4, 2))
    file[:] = np.arange(40).reshape(5, 4, 2)
    expected = file[:num_cases].copy()

    write_inputs(tmp_path, Inputs.of_rows(Modality.SIGNAL, file[:num_cases]))

    np.testing.assert_array_equal(np.load(tmp_path / "signals.npy"), expected)
    # What is all there is gets moved, not copied.
    assert (tmp_path / "read.npy").exists() == (num_cases < 5)
