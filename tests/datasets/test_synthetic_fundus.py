"""Two eyes a patient, drawn alike from the same seed, whose grades follow the configured shares."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest
import yaml

from reprodx.config.targets import check_component
from reprodx.datasets.fundus_anatomy import Traits
from reprodx.datasets.fundus_camera import CAMERAS
from reprodx.datasets.image_files import ImageSettings
from reprodx.datasets.synthetic_fundus import GRADES, SyntheticFundus, draw_eye
from reprodx.errors import ConfigError
from reprodx.inputs import Modality
from reprodx.schemas import Task


@pytest.fixture(scope="module")
def fundus():
    node = yaml.safe_load(Path("conf/data/synthetic_fundus.yaml").read_text(encoding="utf-8"))
    check_component({**node, "sampling": "cohort"}, "data")
    shipped = {key: value for key, value in node.items() if key not in ("name", "_target_")}
    return SyntheticFundus(**{**shipped, "size": [32, 32], "num_patients": 8})


@pytest.fixture(scope="module")
def raw(fundus):
    return fundus.read(None)


def test_every_patient_has_a_right_and_a_left_eye(raw):
    assert raw.cases["case_id"].to_list()[:3] == ["p0001_R", "p0001_L", "p0002_R"]
    assert raw.cases["patient_id"].to_list()[:3] == ["p0001", "p0001", "p0002"]
    assert raw.cases["group_laterality"].to_list()[:2] == ["right", "left"]
    assert set(raw.cases["site"]) == {"clinic_a", "clinic_b"}
    assert set(raw.cases["y_true"]) <= set(GRADES)
    assert all(dtype == pl.String for dtype in raw.cases.dtypes)
    traits = raw.cases.group_by("patient_id").agg(pl.col("site", "group_age", "group_sex").n_unique())
    assert traits.drop("patient_id").to_numpy().max() == 1


def test_hands_over_pictures_that_serving_can_match(raw):
    assert raw.inputs.modality == Modality.IMAGE
    assert raw.inputs.values.shape == (16, 32, 32, 3)
    assert raw.inputs.values.dtype == np.uint8
    assert raw.features.shape == (16, 0)
    settings = ImageSettings.from_json(raw.inputs.settings)
    assert settings.as_json() == raw.inputs.settings
    assert settings.channels == raw.inputs.channels
    assert raw.task == Task.ORDINAL
    assert raw.classes == GRADES
    assert raw.has_patients


def test_says_that_it_is_synthetic(raw):
    assert "Synthetic" in raw.card.splitlines()[0]
    assert raw.reference_standard.startswith("synthetic")


def test_the_same_seed_draws_the_same_patients_however_many_there_are(fundus, raw, tmp_path):
    fewer = replace(fundus, num_patients=3).read(None, scratch=tmp_path)

    assert fewer.cases.equals(raw.cases.head(6))
    assert np.array_equal(fewer.inputs.values, raw.inputs.values[:6])
    assert np.array_equal(np.load(tmp_path / "read.npy"), raw.inputs.values[:6])
    assert not np.array_equal(replace(fundus, num_patients=1, seed=1).read(None).inputs.values, raw.inputs.values[:2])


@pytest.mark.parametrize("positive", [[4], [2, 3, 4], [0]])
def test_grades_that_mean_disease_make_the_task_binary_on_the_same_pictures(fundus, raw, positive):
    binary = replace(fundus, positive=positive).read(None)

    expected = ["positive" if GRADES.index(grade) in positive else "negative" for grade in raw.cases["y_true"]]
    assert binary.cases["y_true"].to_list() == expected
    assert (binary.classes, binary.task) == (("negative", "positive"), Task.BINARY)
    assert np.array_equal(binary.inputs.values, raw.inputs.values)
    assert f"Positive are the grades {', '.join(map(str, positive))}." in binary.card
    assert "Positive are" not in raw.card


def test_no_two_pictures_are_alike(raw):
    assert len(set(raw.inputs.digests())) == 16


def test_grades_have_their_shares_and_go_together_in_a_patient(fundus):
    grades = np.array([fundus._grades(np.random.default_rng(seed)) for seed in range(1_500)])
    shares = np.bincount(grades.ravel(), minlength=5) / grades.size

    # Four standard errors of patients, whose two eyes count as one.
    assert shares == pytest.approx(np.array(fundus.grade_shares), abs=4 * 0.5 / 1_500**0.5)
    assert 0.5 < np.corrcoef(grades.T)[0, 1] < 0.9


def test_a_wide_picture_has_black_at_its_sides(fundus):
    pictures = replace(fundus, size=[32, 48], num_patients=1).read(None).inputs.values

    assert pictures.shape == (2, 32, 48, 3)
    assert not pictures[:, :, :8].any()
    assert not pictures[:, :, -8:].any()
    assert pictures[:, :, 8:-8].any()


def test_the_disc_lies_at_the_nasal_side():
    traits = Traits(60, 0.3, (0.66, 0.0), 0.13, 0.5, 1.0, 0.0)
    brightest = {}
    for is_left in (False, True):
        images = [
            draw_eye(traits, CAMERAS[0], 0, is_left=is_left, side=64, rng=np.random.default_rng(seed))
            for seed in range(6)
        ]
        brightest[is_left] = np.mean(images, axis=0)[16:48, :, 1].max(axis=0).argmax()

    assert brightest[False] > 40
    assert brightest[True] < 24


def test_haemorrhages_darken_a_severe_eye():
    traits = Traits(40, 0.3, (0.66, 0.0), 0.13, 0.5, 1.0, 0.0)

    def roughness(grade):
        eyes = [
            draw_eye(traits, CAMERAS[0], grade, is_left=False, side=96, rng=np.random.default_rng(seed))
            for seed in range(8)
        ]
        return np.mean([np.abs(np.diff(eye[..., 1], axis=0)).mean() for eye in eyes])

    assert roughness(3) > 1.1 * roughness(0)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("size", [64]),
        ("size", [8, 64]),
        ("num_patients", 0),
        ("seed", -1),
        ("grade_shares", [0.5, 0.5]),
        ("grade_shares", [0.5, 0.5, 0.5, 0.0, 0.0]),
        ("grade_shares", [1.2, -0.2, 0.0, 0.0, 0.0]),
        ("positive", []),
        ("positive", [0, 1, 2, 3, 4]),
        ("positive", [4, 5]),
    ],
)
def test_refuses_settings_that_cannot_be(fundus, key, value):
    with pytest.raises(ConfigError, match=rf"data\.{key}"):
        replace(fundus, **{key: value})


def test_names_no_split(fundus):
    with pytest.raises(ConfigError, match=r"split\.column"):
        fundus.read("fold")
