"""Several cells a patient on one smear, drawn alike from the same seed, of kinds that can be told apart."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest
import yaml

from reprodx.config.targets import check_component
from reprodx.datasets.image_files import ImageSettings
from reprodx.datasets.synthetic_cells import CLASSES, SyntheticCells
from reprodx.errors import ConfigError
from reprodx.inputs import Modality
from reprodx.schemas import Task


@pytest.fixture(scope="module")
def cells():
    node = yaml.safe_load(Path("conf/data/synthetic_cells.yaml").read_text(encoding="utf-8"))
    check_component({**node, "sampling": "cohort"}, "data")
    shipped = {key: value for key, value in node.items() if key not in ("name", "_target_")}
    return SyntheticCells(**{**shipped, "size": [32, 32], "num_patients": 40, "cells_per_patient": 4})


@pytest.fixture(scope="module")
def raw(cells):
    return cells.read(None)


def test_every_patient_has_several_cells_of_one_smear(raw):
    assert raw.cases["case_id"].to_list()[2:6] == ["p0001_03", "p0001_04", "p0002_01", "p0002_02"]
    assert raw.cases["patient_id"].to_list()[2:6] == ["p0001", "p0001", "p0002", "p0002"]
    assert set(raw.cases["site"]) == {"lab_a", "lab_b"}
    assert raw.cases.group_by("patient_id").agg(pl.col("site", "group_sex").n_unique()).drop("patient_id").max().row(
        0
    ) == (1, 1)
    assert raw.cases.group_by("patient_id").agg(pl.col("y_true").n_unique())["y_true"].max() > 1


def test_the_ten_kinds_are_equally_common(raw):
    assert raw.classes == CLASSES
    assert len(CLASSES) == 10
    assert raw.task == Task.MULTICLASS
    # Of 160 independent draws, five standard deviations around 16.
    counts = raw.cases["y_true"].value_counts()["count"].to_list()
    assert counts == pytest.approx([16] * 10, abs=5 * (16 * 0.9) ** 0.5)


def test_hands_over_pictures_that_serving_can_match(raw):
    assert raw.inputs.modality == Modality.IMAGE
    assert raw.inputs.values.shape == (160, 32, 32, 3)
    assert raw.inputs.values.dtype == np.uint8
    assert raw.features.shape == (160, 0)
    assert ImageSettings.from_json(raw.inputs.settings).as_json() == raw.inputs.settings
    assert len(set(raw.inputs.digests())) == 160


def test_says_that_it_is_synthetic(raw):
    assert raw.is_synthetic
    assert "Synthetic" in raw.card.splitlines()[0]
    assert raw.reference_standard.startswith("synthetic")


def test_the_same_seed_draws_the_same_patients_however_many_there_are(cells, raw, tmp_path):
    fewer = replace(cells, num_patients=2).read(None, scratch=tmp_path)

    assert fewer.cases.equals(raw.cases.head(8))
    assert np.array_equal(fewer.inputs.values, raw.inputs.values[:8])
    assert np.array_equal(np.load(tmp_path / "read.npy"), raw.inputs.values[:8])
    assert not np.array_equal(replace(cells, num_patients=2, seed=1).read(None).inputs.values, raw.inputs.values[:8])


def test_the_same_cell_is_drawn_at_every_size(cells, raw):
    large = replace(cells, num_patients=2, size=[64, 64]).read(None).inputs.values.astype(float)
    small = raw.inputs.values[:8].astype(float)

    averaged = large.reshape(8, 32, 2, 32, 2, 3).mean(axis=(2, 4))
    assert np.corrcoef(averaged.ravel(), small.ravel())[0, 1] > 0.95


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("size", [64]),
        ("size", [32, 64]),
        ("size", [8, 8]),
        ("num_patients", 0),
        ("cells_per_patient", 0),
        ("seed", -1),
    ],
)
def test_refuses_settings_that_cannot_be(cells, key, value):
    with pytest.raises(ConfigError, match=rf"data\.{key}"):
        replace(cells, **{key: value})


def test_names_no_split(cells):
    with pytest.raises(ConfigError, match=r"split\.column"):
        cells.read("fold")
