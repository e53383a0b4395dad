"""One column, fitted and applied."""

from __future__ import annotations

import numpy as np
import polars as pl
from sklearn.preprocessing import OneHotEncoder

from reprodx.preparation.columns import CategoricalColumn, NumericColumn

LEVELS = pl.Series("c", ["b", "a", "b", None])


def names(column: NumericColumn | CategoricalColumn) -> list[tuple[str, str]]:
    return [(feature.name, feature.kind) for feature in column.features()]


def test_a_numeric_column_is_described_by_its_imputed_values() -> None:
    column = NumericColumn.fit(pl.Series("x", [1.0, 2.0, None, 9.0]))
    assert column is not None
    assert column.median == 2.0
    assert column.mean == 3.5
    assert column.deviation == np.std([1, 2, 2, 9])
    assert names(column) == [("x", "numeric"), ("x__missing", "indicator")]


def test_without_missing_values_there_is_no_indicator() -> None:
    column = NumericColumn.fit(pl.Series("x", [1.0, 2.0]))
    assert column is not None
    assert names(column) == [("x", "numeric")]


def test_a_constant_gives_its_indicator_at_most() -> None:
    lone, missing = NumericColumn.fit(pl.Series("x", [0.1] * 3)), NumericColumn.fit(pl.Series("x", [0.1, None, 0.1]))
    assert lone is not None
    assert missing is not None
    assert names(lone) == []
    assert names(missing) == [("x__missing", "indicator")]


def test_nothing_is_fitted_to_nothing() -> None:
    assert NumericColumn.fit(pl.Series("x", [None, None], dtype=pl.Float64)) is None
    assert CategoricalColumn.fit(pl.Series("x", [None], dtype=pl.String)) is None


def test_levels_are_those_of_one_hot_encoding() -> None:
    column = CategoricalColumn.fit(LEVELS.drop_nulls())
    assert column is not None
    new = pl.Series("c", ["a", "unseen", "b"])
    expected = OneHotEncoder(handle_unknown="ignore", sparse_output=False)
    expected.fit(LEVELS.drop_nulls().to_numpy()[:, None])
    ours = new.to_frame().select(feature.expression.alias(feature.name) for feature in column.features())
    np.testing.assert_array_equal(ours.to_numpy().astype(float), expected.transform(new.to_numpy()[:, None]))


def test_a_missing_level_is_an_indicator_and_no_level() -> None:
    column = CategoricalColumn.fit(LEVELS)
    assert column is not None
    assert column.mode == "b"
    assert names(column) == [("c=a", "level"), ("c=b", "level"), ("c__missing", "indicator")]
    ours = LEVELS.to_frame().select(feature.expression.alias(feature.name) for feature in column.features())
    assert ours.row(3) == (False, False, True)


def test_a_single_level_gives_its_indicator_at_most() -> None:
    column = CategoricalColumn.fit(pl.Series("c", ["a", None]))
    assert column is not None
    assert names(column) == [("c__missing", "indicator")]


def test_a_feature_may_be_called_as_the_column_of_cases_is() -> None:
    column = NumericColumn.fit(pl.Series("case_id", [1.0, 2.0, None]))
    assert column is not None
    assert names(column) == [("case_id (feature)", "numeric"), ("case_id__missing", "indicator")]
