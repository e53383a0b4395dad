"""One transform for features, inputs and their summary: fitted on train, the same after JSON."""

from __future__ import annotations

import dataclasses
import json
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from reprodx.inputs import Inputs, Modality, ModelInputs
from reprodx.preparation.case_transform import CaseTransform
from reprodx.schemas import Task

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from reprodx.schemas import RawCases

    Make = Callable[..., RawCases]

WORDS = ("fever", "cough", "fracture", "of", "the", "left", "femur", "acute", "chronic", "pain")


def with_texts(raw: RawCases, *, beside_features: bool = False) -> RawCases:
    """Return the cases with texts, of which the ill ones tell of fever."""
    random = np.random.default_rng(0)
    is_ill = raw.is_of("ill").to_numpy()
    texts = np.array(
        [" ".join([*random.choice(WORDS[1:], 5), *(["fever"] * 2 if ill else [])]) for ill in is_ill], dtype=object
    )
    inputs = Inputs.of_rows(Modality.TEXT, texts, settings={"vocabulary_size": 200, "max_tokens": 16})
    features = raw.features if beside_features else pl.DataFrame(height=len(texts))
    return dataclasses.replace(raw, features=features, inputs=inputs)


def summary_of(cases: ModelInputs) -> NDArray[np.float32]:
    """Return all summary features."""
    return cases.arrays(takes_summary=True, takes_all_terms=True)[0]


def test_a_table_has_features_alone(placed: Make) -> None:
    raw = placed()
    transform = CaseTransform.fit(raw)
    found = transform.apply(raw.features, None)
    assert found.features.shape == (120, len(transform.table.feature_names))
    assert (found.summary, found.inputs, transform.summary_names) == (None, None, ())


def test_texts_become_tokens_and_a_summary(placed: Make) -> None:
    raw = with_texts(placed())
    found = CaseTransform.fit(raw).apply(raw.features, raw.inputs)
    assert found.features.shape == (120, 0)
    assert found.inputs is not None
    assert found.summary is not None
    assert found.inputs.values.dtype == np.int32
    assert found.summary.shape == (120, len(CaseTransform.fit(raw).summary_names))


def test_the_summary_holds_the_features_too(placed: Make) -> None:
    raw = with_texts(placed(), beside_features=True)
    transform = CaseTransform.fit(raw)
    found = transform.apply(raw.features, raw.inputs)
    width = len(transform.table.feature_names)
    assert width > 0
    assert transform.summary_names[:width] == transform.table.feature_names
    np.testing.assert_array_equal(summary_of(found)[:, :width], found.features)


def test_cases_held_out_change_nothing(placed: Make) -> None:
    raw = with_texts(placed())
    assert raw.inputs is not None
    values = raw.inputs.values.copy()
    values[(raw.cases["split"] == "test").to_numpy()] = "words that no training case has"
    other = dataclasses.replace(raw, inputs=dataclasses.replace(raw.inputs, values=values))
    assert CaseTransform.fit(raw).to_json() == CaseTransform.fit(other).to_json()


def test_json_keeps_all(placed: Make) -> None:
    raw = with_texts(placed(), beside_features=True)
    transform = CaseTransform.fit(raw)
    again = CaseTransform.from_json(json.loads(json.dumps(transform.to_json())))
    one, other = (each.apply(raw.features, raw.inputs) for each in (transform, again))
    assert one.inputs is not None
    assert other.inputs is not None
    np.testing.assert_array_equal(one.features, other.features)
    np.testing.assert_array_equal(summary_of(one), summary_of(other))
    np.testing.assert_array_equal(one.inputs.values, other.inputs.values)


def test_the_example_can_be_served(placed: Make) -> None:
    transform = CaseTransform.fit(with_texts(placed(), beside_features=True))
    example = pl.DataFrame([transform.to_json()["example"]])
    found = transform.apply_raw(example, takes_summary=False)
    assert len(found) == 1
    assert found.inputs is not None
    assert len(found.inputs) == 1
    assert found.summary is None


def test_a_new_case_is_given_to_a_model_as_the_training_cases_were(placed: Make) -> None:
    raw = with_texts(placed(), beside_features=True)
    transform = CaseTransform.fit(raw)
    assert raw.inputs is not None
    wanted = transform.apply(raw.features, raw.inputs)
    new = raw.features.with_columns(pl.Series("text", list(raw.inputs)))
    as_network, as_baseline = (transform.apply_raw(new, takes_summary=takes) for takes in (False, True))
    assert wanted.inputs is not None
    assert as_network.inputs is not None
    assert as_baseline.inputs is None
    np.testing.assert_array_equal(as_network.inputs.values, wanted.inputs.values)
    np.testing.assert_array_equal(summary_of(as_baseline), summary_of(wanted))
    for found in (as_network, as_baseline):
        np.testing.assert_array_equal(found.features, wanted.features)


def test_labels_are_fitted_one_by_one(placed: Make) -> None:
    raw = with_texts(placed())
    is_ill = raw.is_of("ill").cast(pl.Int8)
    cases = raw.cases.with_columns(is_ill.alias("y_true_ill"), (1 - is_ill).alias("y_true_well"))
    labelled = dataclasses.replace(raw, cases=cases, classes=("ill", "well"), declared_task=Task.MULTILABEL)
    assert any("fever" in name for name in CaseTransform.fit(labelled).summary_names)
