"""The cases of one split."""

import numpy as np
import pytest

from reprodx.errors import DataError
from reprodx.training.cases import cases_of


def test_takes_the_rows_of_one_split(make_prepared):
    prepared = make_prepared(num_train=11, num_val=5, num_test=3)

    val = cases_of(prepared, "val")

    rows = prepared.cases["split"].to_numpy() == "val"
    assert np.array_equal(val.features.numpy(), prepared.features[rows])
    assert [prepared.classes[label] for label in val.targets] == prepared.cases["y_true"].to_numpy()[rows].tolist()


def test_the_hash_is_of_features_and_targets(make_prepared):
    first, second = make_prepared(), make_prepared()
    assert cases_of(first, "train").sha256() == cases_of(second, "train").sha256()

    second.features[second.rows("train")[0], 0] += 1

    assert cases_of(first, "train").sha256() != cases_of(second, "train").sha256()
    assert cases_of(first, "val").sha256() == cases_of(second, "val").sha256()


def test_an_empty_split_is_refused(make_prepared):
    assert len(cases_of(make_prepared(num_val=1), "val").targets) == 1

    with pytest.raises(DataError, match="the val split has no cases"):
        cases_of(make_prepared(num_val=0), "val")


def test_a_class_that_cannot_be_learnt_is_refused(make_prepared):
    prepared = make_prepared()
    cases_of(prepared, "train")
    is_positive = prepared.targets == 1
    without = type(prepared)(
        prepared.cases.filter(~is_positive), prepared.features[~is_positive], prepared.feature_names, prepared.manifest
    )

    with pytest.raises(DataError, match="train split has no case of class 'class1'"):
        cases_of(without, "train")
    assert cases_of(without, "val").targets.sum() == 0
