"""Scikit-learn's breast cancer data as cases."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from sklearn.datasets import load_breast_cancer

from reprodx.datasets.breast_cancer import BreastCancer
from reprodx.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Callable

    Settings = Callable[[str], dict[str, Any]]


def test_malignant_is_the_positive_class(settings: Settings) -> None:
    raw = BreastCancer(**settings("breast_cancer")).read(None)
    bunch = load_breast_cancer()
    assert raw.classes == ("benign", "malignant")
    assert raw.cases["y_true"].to_list() == [str(bunch.target_names[code]) for code in bunch.target]
    np.testing.assert_array_equal(raw.features.to_numpy(), bunch.data)
    assert (raw.cases["y_true"] == "malignant").sum() == 212
    assert not raw.has_patients
    assert "CC BY 4.0" in raw.card


def test_there_is_no_column_to_split_by(settings: Settings) -> None:
    with pytest.raises(ConfigError, match=r"split\.column"):
        BreastCancer(**settings("breast_cancer")).read("fold")


def test_what_is_acknowledged_is_checked_at_once() -> None:
    with pytest.raises(ConfigError, match=r"data\.acknowledge"):
        BreastCancer(acknowledge={})
