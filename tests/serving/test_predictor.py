"""Raw table in, probabilities out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal
from scipy.special import expit

from reprodx.artifacts.files import read_json, write_json
from reprodx.errors import ArtifactCorruptError, ArtifactMissingError, SchemaError
from reprodx.serving.predictor import Predictor
from tests.serving.stored_model import store_model, training_table

if TYPE_CHECKING:
    from pathlib import Path

    from reprodx.artifacts.locations import Locations

ROW = {"age": 54.0, "cholesterol": 239.5, "vessels": "1", "sex": "male"}


@pytest.fixture
def predictor(stored: Locations) -> Predictor:
    return Predictor.load(stored.models, stored.prepared / "transforms.json")


def test_probabilities_are_those_of_a_hand_computed_logistic_regression(tmp_path: Path) -> None:
    locations = store_model(tmp_path, "network")
    predictor = Predictor.load(locations.models, locations.prepared / "transforms.json")
    train = training_table()
    cholesterol = train["cholesterol"].fill_null(train["cholesterol"].median()).to_numpy()
    age = train["age"].to_numpy()
    features = [
        (54 - age.mean()) / age.std(),
        (239.5 - cholesterol.mean()) / cholesterol.std(),
        0,  # cholesterol is not missing
        *(0, 1, 0),  # vessels 0, 1, 2
        *(0, 1),  # female, male
    ]
    expected = expit(np.linspace(-1, 1, 8) @ features + 0.25)
    probs = predictor.predict(pl.DataFrame([ROW]))
    assert probs.columns == ["prob_no", "prob_yes"]
    assert probs["prob_yes"][0] == pytest.approx(expected, abs=1e-6)
    assert probs.sum_horizontal()[0] == pytest.approx(1, abs=1e-12)


@pytest.mark.parametrize(
    "same",
    [
        {"age": 54, "cholesterol": 239.5, "vessels": 1, "sex": "male"},
        {"age": "54", "cholesterol": "239.5", "vessels": "1.0", "sex": " male "},
        {"age": 54.0, "cholesterol": 239.5, "vessels": 1.0, "sex": "male", "note": "further columns are ignored"},
        {"sex": "male", "vessels": "1", "cholesterol": 239.5, "age": 54.0},
    ],
    ids=["integers", "text", "more columns", "another order"],
)
def test_the_same_case_written_otherwise_gets_the_same_probabilities(
    predictor: Predictor, same: dict[str, object]
) -> None:
    assert_frame_equal(predictor.predict(pl.DataFrame([same])), predictor.predict(pl.DataFrame([ROW])), abs_tol=0)


def test_missing_values_are_imputed_even_where_a_whole_column_is_null(predictor: Predictor) -> None:
    empty = pl.DataFrame([dict.fromkeys(ROW)] * 2)
    probs = predictor.predict(empty).to_numpy()
    assert probs.shape == (2, 2)
    assert np.isfinite(probs).all()


def test_a_token_that_means_missing_is_missing(predictor: Predictor) -> None:
    zero, null = pl.DataFrame([ROW | {"cholesterol": 0}]), pl.DataFrame([ROW | {"cholesterol": None}])
    assert_frame_equal(predictor.predict(zero), predictor.predict(null), abs_tol=0)


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ({"age": 54.0, "cholesterol": 200.0, "vessels": "1"}, "sex"),
        (ROW | {"age": "fifty"}, "age"),
        (ROW | {"age": 540.0}, "age"),
        (ROW | {"sex": "Male"}, "sex"),
    ],
    ids=["absent column", "text in a numeric column", "out of range", "a level that no training case had"],
)
def test_errors_name_the_column_and_not_the_value(predictor: Predictor, wrong: dict[str, object], named: str) -> None:
    with pytest.raises(SchemaError, match=repr(named)) as caught:
        predictor.predict(pl.DataFrame([wrong]))
    assert "fifty" not in str(caught.value)
    assert "540" not in str(caught.value)


def test_no_cases_have_no_probabilities(predictor: Predictor) -> None:
    assert predictor.predict(pl.DataFrame([ROW]).clear()).schema == {"prob_no": pl.Float64, "prob_yes": pl.Float64}
    with pytest.raises(SchemaError, match="no column"):
        predictor.predict(pl.DataFrame())


def test_a_model_of_other_features_is_refused(stored: Locations, tmp_path: Path) -> None:
    content = read_json(stored.prepared / "transforms.json", made_by="prepare")
    write_json(tmp_path / "transforms.json", content | {"columns": content["columns"][:-1]})
    with pytest.raises(ArtifactCorruptError, match="other features"):
        Predictor.load(stored.models, tmp_path / "transforms.json")


def test_absent_transforms_name_the_stage_that_makes_them(stored: Locations, tmp_path: Path) -> None:
    with pytest.raises(ArtifactMissingError, match="reprodx prepare"):
        Predictor.load(stored.models, tmp_path / "transforms.json")
