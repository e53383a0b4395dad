"""A table, fitted, applied, stored, and met again by serving."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import polars as pl
import pytest
from sklearn.impute import SimpleImputer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from reprodx.datasets.cleaning import CATEGORICAL, NUMERIC, ColumnRule
from reprodx.datasets.number_format import NumberFormat
from reprodx.errors import SchemaError
from reprodx.preparation.transforms import MAX_LEVELS, TableTransform

TRAIN = pl.DataFrame(
    {
        "age": [50.0, 60.0, 70.0, None],
        "chol": [200.0, 220.0, 180.0, 210.0],
        "sex": ["m", "f", None, "m"],
        "flag": ["true", "false", "true", "true"],
        "same": [1.0, 1.0, 1.0, 1.0],
        "none": pl.Series([None] * 4, dtype=pl.Float64),
    }
)
RULES: dict[str, Any] = {
    "age": ColumnRule(NUMERIC, ("?",), 18, 110).as_dict(),
    "chol": ColumnRule(NUMERIC, ("0",)).as_dict(),
    "sex": ColumnRule(CATEGORICAL, ("?",)).as_dict(),
    "flag": ColumnRule(CATEGORICAL).as_dict(),
    "same": ColumnRule(NUMERIC).as_dict(),
    "none": ColumnRule(NUMERIC).as_dict(),
}
NAMES = ("age", "age__missing", "chol", "sex=f", "sex=m", "sex__missing", "flag=false", "flag=true")


@pytest.fixture
def transform() -> TableTransform:
    return TableTransform.fit(TRAIN, RULES, {"age": "years", "same": "kg"})


def test_features_have_names_in_the_order_of_the_columns(transform: TableTransform) -> None:
    assert transform.feature_names == NAMES
    assert transform.encode(TRAIN).columns == list(NAMES)
    assert transform.units == {"age": "years"}


def test_what_does_not_vary_is_dropped_with_its_reason(transform: TableTransform) -> None:
    assert transform.dropped == {
        "same": "constant among the training cases",
        "none": "no value among the training cases",
    }


def test_numbers_are_those_of_scikit_learn(transform: TableTransform) -> None:
    new = pl.DataFrame({**{name: [None] for name in ("sex", "flag")}, "age": [None, 33.0][:1], "chol": [1000.0]})
    new = new.cast({"sex": pl.String, "flag": pl.String, "age": pl.Float64})
    reference = make_pipeline(SimpleImputer(strategy="median"), StandardScaler())
    reference.fit(TRAIN.select("age", "chol").to_numpy())
    ours = transform.apply(pl.concat([TRAIN.select(new.columns), new]))[:, [0, 2]]
    both = np.concatenate([TRAIN.select("age", "chol").to_numpy(), [[np.nan, 1000.0]]])
    np.testing.assert_allclose(ours, reference.transform(both), rtol=1e-6, atol=1e-7)
    assert ours.dtype == np.float32


def test_test_cases_change_nothing_that_was_fitted() -> None:
    assert TableTransform.fit(TRAIN, RULES, {}) == TableTransform.fit(TRAIN.clone(), RULES, {})
    moved = TableTransform.fit(TRAIN.with_columns(pl.col("chol") + 1), RULES, {})
    assert moved != TableTransform.fit(TRAIN, RULES, {})


def test_it_survives_json(transform: TableTransform) -> None:
    content = json.loads(json.dumps(transform.to_json(), allow_nan=False))
    restored = TableTransform.from_json(content)
    assert restored == transform
    np.testing.assert_array_equal(restored.apply(TRAIN), transform.apply(TRAIN))


def test_the_example_is_no_patient_and_can_be_served(transform: TableTransform) -> None:
    assert transform.example() == {"age": 60.0, "chol": 205.0, "sex": "m", "flag": "true"}
    row = transform.apply(transform.clean_raw(pl.DataFrame([transform.example()])))
    assert np.isfinite(row).all()


@pytest.mark.parametrize(
    "columns",
    [
        {"age": [50.0, None], "chol": [200.0, None], "sex": ["m", None], "flag": ["true", "false"]},
        {"age": [50, None], "chol": [200, 0], "sex": ["m", "?"], "flag": [True, False]},
        {"age": ["50", "?"], "chol": ["200.0", "0.0"], "sex": [" m ", ""], "flag": ["TRUE", "False"]},
        {
            "flag": ["true", "false"],
            "extra": [1, 2],
            "sex": ["m", None],
            "chol": [200, None],
            "age": [50.0, float("nan")],
        },
    ],
    ids=["clean", "integers and truth values", "text", "another order and an extra column"],
)
def test_the_same_patients_in_any_form_are_the_same_features(
    transform: TableTransform, columns: dict[str, list[Any]]
) -> None:
    expected = pl.DataFrame(
        {"age": [50.0, None], "chol": [200.0, None], "sex": ["m", None], "flag": ["true", "false"]},
    )
    np.testing.assert_array_equal(
        transform.apply(transform.clean_raw(pl.DataFrame(columns))), transform.apply(expected)
    )


def test_columns_of_python_objects_are_read(transform: TableTransform) -> None:
    nothing = float("nan")
    objects = {"age": ["50", 60], "chol": [nothing, 200.5], "sex": [None, "m"], "flag": [True, nothing]}
    table = pl.DataFrame([pl.Series(name, values, dtype=pl.Object) for name, values in objects.items()])
    clean = transform.clean_raw(table)
    assert clean.rows() == [(50.0, None, None, "true"), (60.0, 200.5, "m", None)]


@pytest.mark.parametrize("dtype", [pl.Null, pl.Float32, pl.Int8, pl.String, pl.Boolean, pl.Categorical])
def test_a_column_may_be_null_throughout(transform: TableTransform, dtype: pl.DataType) -> None:
    table = pl.DataFrame([pl.Series(name, [None, None], dtype=dtype) for name in ("age", "chol", "sex", "flag")])
    features = transform.apply(transform.clean_raw(table))
    assert np.isfinite(features).all()
    assert features[0, 1] == 1


def test_not_a_number_is_missing_in_a_column_of_words_too(transform: TableTransform) -> None:
    nothing = [float("nan")]
    clean = transform.clean_raw(pl.DataFrame({"age": nothing, "chol": nothing, "sex": nothing, "flag": nothing}))
    assert clean.row(0) == (None,) * 4


UNSEEN = {"age": [50, 50], "chol": [200, 200], "sex": ["m", "other"], "flag": ["true", "true"]}


def test_an_unknown_level_is_refused_by_its_row_and_without_its_text(transform: TableTransform) -> None:
    with pytest.raises(
        SchemaError, match=r"row 3: column 'sex' has a level .* known are 'f', 'm'.*unknown_levels=other"
    ):
        transform.clean_raw(pl.DataFrame(UNSEEN))
    with pytest.raises(SchemaError, match="row 2: column 'sex'") as caught:
        transform.clean_raw(pl.DataFrame({**UNSEEN, "sex": ["secret", None]}))
    assert "secret" not in str(caught.value)


def test_an_unknown_level_that_may_pass_is_zero_everywhere_and_warned_of(caplog: pytest.LogCaptureFixture) -> None:
    content = TableTransform.fit(TRAIN, RULES, {}, takes_unknown_levels=True).to_json()
    transform = TableTransform.from_json(json.loads(json.dumps(content)))
    features = transform.apply(transform.clean_raw(pl.DataFrame(UNSEEN)))
    assert features[1, 3:6].tolist() == [0, 0, 0]
    assert "sex: 1 cases have a level" in caplog.text
    assert "other" not in caplog.text


def test_columns_of_several_values_a_row_are_refused(transform: TableTransform) -> None:
    with pytest.raises(SchemaError, match="column 'age' holds lists"):
        transform.clean_raw(pl.DataFrame({**UNSEEN, "age": [[50], [50]]}))


def test_missing_where_training_had_none_is_a_surprise(transform: TableTransform) -> None:
    assert transform.surprises(TRAIN) == []
    found = transform.surprises(TRAIN.with_columns(chol=pl.lit(None, dtype=pl.Float64)))
    assert found == ["chol: missing in 4 cases and in none of training, so no feature marks it"]


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({"age": [50], "chol": [1], "sex": ["m"]}, "no column 'flag': add it, empty where it was not measured"),
        ({"Age": [50], "chol": [1], "sex": ["m"], "flag": [True]}, "no column 'age': is 'Age' it"),
        (
            {"age": ["old"], "chol": [1], "sex": ["m"], "flag": [True]},
            "text in the numeric column 'age' .*: write a number as",
        ),
        ({"age": [500], "chol": [1], "sex": ["m"], "flag": [True]}, r"column 'age' is outside \[18, 110\]"),
        ({"age": [float("inf")], "chol": [1], "sex": ["m"], "flag": [True]}, "column 'age'"),
    ],
)
def test_a_table_that_does_not_fit_names_the_column(
    transform: TableTransform, columns: dict[str, list[Any]], message: str
) -> None:
    with pytest.raises(SchemaError, match=message):
        transform.clean_raw(pl.DataFrame(columns))


def test_a_dropped_column_is_not_asked_for(transform: TableTransform) -> None:
    table = pl.DataFrame({"age": [50], "chol": [200], "sex": ["m"], "flag": [True]})
    assert transform.clean_raw(table).columns == ["age", "chol", "sex", "flag"]


def test_too_many_levels_are_refused_unless_declared() -> None:
    words = pl.DataFrame({"c": [f"w{row % (MAX_LEVELS + 1)}" for row in range(300)]})
    with pytest.raises(SchemaError, match=rf"column 'c' has {MAX_LEVELS + 1} different words"):
        TableTransform.fit(words, {"c": ColumnRule(CATEGORICAL).as_dict()}, {})
    declared = TableTransform.fit(words, {"c": ColumnRule(CATEGORICAL, is_declared=True).as_dict()}, {})
    assert len(declared.feature_names) == MAX_LEVELS + 1


def test_a_table_without_variation_is_refused() -> None:
    with pytest.raises(SchemaError, match="no feature varies"):
        TableTransform.fit(TRAIN.select("same", "none"), RULES, {})


def test_two_features_of_one_name_are_refused() -> None:
    train = pl.DataFrame({"x": [1.0, None], "x__missing": [1.0, 2.0]})
    with pytest.raises(SchemaError, match="'x__missing'"):
        TableTransform.fit(train, {name: ColumnRule(NUMERIC).as_dict() for name in train.columns}, {})


def test_new_cases_are_read_by_the_rules_of_the_table_that_was_learnt_from() -> None:
    rules = {
        "sat": ColumnRule(NUMERIC, numbers=NumberFormat(unit="%")).as_dict(),
        "crp": ColumnRule(NUMERIC, numbers=NumberFormat(",", ".", has_limits=True)).as_dict(),
        "sex": ColumnRule(CATEGORICAL, levels=("F", "M")).as_dict(),
    }
    train = pl.DataFrame({"sat": [90.0, 95.0], "crp": [1.0, 2000.0], "sex": ["F", "M"]})
    transform = TableTransform.from_json(json.loads(json.dumps(TableTransform.fit(train, rules, {}).to_json())))
    as_written = pl.DataFrame({"sat": ["95%", "90"], "crp": ["<1.234,5", "2.000"], "sex": ["f ", "M"]})
    expected = {"sat": [95.0, 90.0], "crp": [1234.5, 2000.0], "sex": ["F", "M"]}
    assert transform.clean_raw(as_written).to_dict(as_series=False) == expected
    as_numbers = as_written.with_columns(sat=pl.Series([95, 90]), crp=pl.Series([1234.5, 2000.0]))
    assert transform.clean_raw(as_numbers).to_dict(as_series=False) == expected
    mixed = as_written.with_columns(crp=pl.Series([1234.5, "2.000"], dtype=pl.Object))
    assert transform.clean_raw(mixed).to_dict(as_series=False) == expected
    with pytest.raises(SchemaError, match="row 2: text in the numeric column 'sat'"):
        transform.clean_raw(as_written.with_columns(sat=pl.Series(["5 kPa", "90"])))
