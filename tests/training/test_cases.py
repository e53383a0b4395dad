"""The cases of one split."""

import dataclasses

import numpy as np
import polars as pl
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from reprodx.errors import DataError
from reprodx.inputs import Inputs, Modality
from reprodx.training.cases import InputTensors, cases_of, model_batch


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


def test_pictures_have_channels_first_and_lie_between_0_and_1():
    pictures = np.random.default_rng(0).integers(0, 256, (5, 4, 3, 2)).astype(np.uint8)
    inputs = InputTensors(Inputs.of_rows(Modality.IMAGE, pictures).select(np.array([4, 2, 0])))

    values, lengths = inputs.take(torch.tensor([2, 0]))

    assert lengths is None
    assert values.shape == (2, 2, 4, 3)
    np.testing.assert_array_equal(values[1].numpy(), (pictures[4].transpose(2, 0, 1) / np.float32(255)))
    assert inputs.double().take(torch.tensor([0]))[0].dtype == torch.float64


@given(lengths=st.lists(st.integers(1, 6), min_size=1, max_size=6), data=st.data())
def test_cases_of_varying_length_are_padded_with_zeros(lengths, data):
    values = np.arange(1, 2 * sum(lengths) + 1, dtype=np.float32).reshape(-1, 2)
    series = Inputs.of_steps(Modality.SERIES, values, np.array(lengths))
    rows = data.draw(st.lists(st.integers(0, len(lengths) - 1), min_size=1, max_size=4))

    padded, found = InputTensors(series).take(torch.tensor(rows))

    assert found.tolist() == [lengths[row] for row in rows]
    assert padded.shape == (len(rows), max(found.tolist()), 2)
    for row, case in zip(rows, padded.numpy(), strict=True):
        np.testing.assert_array_equal(case[: lengths[row]], series[row])
        assert (case[lengths[row] :] == 0).all()


def test_tokens_are_whole_numbers():
    text = Inputs.of_steps(Modality.TEXT, np.array([5, 6, 7], dtype=np.int32), np.array([1, 2]))

    values, _ = InputTensors(text).take(torch.tensor([0, 1]))

    assert values.dtype == torch.int64
    assert values.tolist() == [[5, 0], [6, 7]]


@pytest.mark.parametrize(
    ("num_features", "with_lengths", "expected"), [(0, False, 1), (0, True, 2), (3, True, 3), (3, False, 3)]
)
def test_a_network_is_called_with_what_there_is(num_features, with_lengths, expected):
    lengths = np.array([2, 2]) if with_lengths else None
    steps = np.ones((4, 2), dtype=np.float32)
    inputs = (
        Inputs.of_steps(Modality.SERIES, steps, lengths)
        if with_lengths
        else Inputs.of_rows(Modality.SIGNAL, steps.reshape(2, 2, 2))
    )

    batch = model_batch(torch.ones(2, num_features), InputTensors(inputs), torch.tensor([0, 1]))

    assert len(batch) == expected
    assert batch[0].shape == (2, 2, 2)
    if expected == 3:
        assert (batch[1] is not None) == with_lengths
        assert batch[2].shape == (2, 3)


def test_a_model_of_summary_features_is_given_no_pictures(make_prepared):
    table = make_prepared()
    num = len(table.cases)
    inputs = Inputs.of_rows(Modality.IMAGE, np.zeros((num, 2, 2, 1), dtype=np.uint8))
    prepared = dataclasses.replace(
        table,
        features=np.zeros((num, 0), np.float32),
        summary=table.features,
        summary_names=tuple("abcd"),
        inputs=inputs,
    )

    assert cases_of(prepared, "val").inputs is not None
    assert cases_of(prepared, "val").features.shape[1] == 0
    assert cases_of(prepared, "val", takes_summary=True).inputs is None
    assert cases_of(prepared, "val", takes_summary=True).features.shape[1] == 4


def test_labels_are_numbers_from_0_to_1_of_which_each_needs_a_case(make_prepared):
    table = make_prepared()
    labels = pl.DataFrame({"y_true_a": table.targets, "y_true_b": 1 - table.targets})
    manifest = {**table.manifest, "task": "multilabel", "classes": ["a", "b"]}
    prepared = dataclasses.replace(table, cases=table.cases.hstack(labels), manifest=manifest)

    targets = cases_of(prepared, "train").targets

    assert (targets.dtype, targets.shape[1]) == (torch.float32, 2)
    none_of_b = dataclasses.replace(prepared, cases=prepared.cases.with_columns(y_true_b=0))
    with pytest.raises(DataError, match="no case of class 'b'"):
        cases_of(none_of_b, "train")
