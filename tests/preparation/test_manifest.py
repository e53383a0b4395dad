"""What the manifest says."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from reprodx.inputs import Inputs, Modality
from reprodx.preparation import manifest
from reprodx.preparation.case_transform import CaseTransform
from reprodx.preparation.leakage import Leaks
from reprodx.preparation.participant_flow import participant_flow
from reprodx.preparation.transforms import TableTransform
from reprodx.preparation.units import IdenticalInputs
from reprodx.schemas import SplitAssignment

if TYPE_CHECKING:
    from collections.abc import Callable

    from reprodx.schemas import RawCases

ALONE = IdenticalInputs(np.arange(120))


def fitted(raw: RawCases) -> CaseTransform:
    return CaseTransform(Modality.TABLE, TableTransform.fit(raw.features, raw.cleaning, raw.units), None, None)


def test_the_split_hash_names_who_is_where_in_any_order(placed: Callable[..., RawCases]) -> None:
    raw = placed()
    shuffled = placed(
        case_id=raw.cases["case_id"].reverse(), patient_id=raw.cases["case_id"], split=raw.cases["split"].reverse()
    )
    other = placed(split=raw.cases["split"].shift(2, fill_value="train"))
    hashes = [manifest.describe_cases(cases, participant_flow(cases))["split_hash"] for cases in (raw, shuffled, other)]
    assert hashes[0] == hashes[1] != hashes[2]


def test_the_data_hash_is_independent_of_the_split(make_raw: Callable[..., RawCases]) -> None:
    first = manifest.describe_source(make_raw(part=["a"] * 120), SplitAssignment(np.array(["train"] * 120)))
    second = manifest.describe_source(make_raw(), SplitAssignment(np.array(["test"] * 120)))
    assert first == second
    other = make_raw(features={"x": np.arange(120.0)})
    assert manifest.describe_source(other, SplitAssignment(np.array(["test"] * 120)))["data_hash"] != first["data_hash"]


def test_the_folds_of_one_cross_validation_share_a_hash(make_raw: Callable[..., RawCases]) -> None:
    raw, folds = make_raw(), np.arange(120) % 5
    hashes = [
        manifest.describe_source(raw, SplitAssignment(np.array(["train"] * 120), fold, folds=assignment))["cv_hash"]
        for fold, assignment in ((0, folds), (1, folds), (0, (folds + 1) % 5))
    ]
    assert hashes[0] == hashes[1] != hashes[2]
    assert manifest.describe_source(raw, SplitAssignment(np.array(["train"] * 120)))["cv_hash"] is None


def test_what_was_acknowledged_is_listed() -> None:
    assert manifest.describe_leaks(Leaks(("x",), (), 3, (), ("time",))) == {
        "leaky": True,
        "late_features": ["time"],
        "acknowledged": {"features": ["x"], "duplicates": [], "patients": 3},
    }


def test_features_have_their_column_and_kind(make_raw: Callable[..., RawCases]) -> None:
    raw = make_raw(features={"same": [1.0] * 120})
    described = manifest.describe_features(fitted(raw), None)
    assert described == {
        "features": [
            {"name": "age", "column": "age", "kind": "numeric"},
            {"name": "sex=f", "column": "sex", "kind": "level"},
            {"name": "sex=m", "column": "sex", "kind": "level"},
        ],
        "dropped": {"same": "constant among the training cases"},
        "units": {"age": "years"},
        "summary": [],
        "inputs": None,
    }


def test_signals_are_described_with_their_channels_and_scaling(placed: Callable[..., RawCases]) -> None:
    values = np.random.default_rng(0).normal(2, 3, (120, 300, 2)).astype(np.float32)
    settings = {"sampling_rate": 100.0, "num_steps": 300}
    inputs = Inputs.of_rows(Modality.SIGNAL, values, channels=("I", "II"), settings=settings)
    raw = dataclasses.replace(placed(), features=pl.DataFrame(height=120), cleaning={}, inputs=inputs)
    described = manifest.describe_features(CaseTransform.fit(raw), inputs)
    assert described["features"] == []
    assert described["inputs"]["channels"] == ["I", "II"]
    is_train = (raw.cases["split"] == "train").to_numpy()
    np.testing.assert_allclose(described["inputs"]["scaling"]["mean"], values[is_train].mean(axis=(0, 1)), rtol=1e-5)
    np.testing.assert_allclose(described["inputs"]["scaling"]["std"], values[is_train].std(axis=(0, 1)), rtol=1e-4)
    assert len(described["summary"]) > 10


def test_the_data_hash_follows_the_inputs(make_raw: Callable[..., RawCases]) -> None:
    assignment = SplitAssignment(np.array(["train"] * 120))
    texts = np.array([f"text {number}" for number in range(120)], dtype=object)
    hashes = []
    for changed in ("text 7", "another"):
        texts[7] = changed
        raw = dataclasses.replace(make_raw(), inputs=Inputs.of_rows(Modality.TEXT, texts.copy()))
        hashes.append(manifest.describe_source(raw, assignment)["data_hash"])
    assert hashes[0] != hashes[1]
    assert manifest.describe_source(make_raw(), assignment)["data_hash"] not in hashes


def test_warnings_say_what_a_reader_should_know(placed: Callable[..., RawCases]) -> None:
    raw = placed()
    transform = fitted(raw)
    assert manifest.find_warnings(raw, ALONE, transform) == []
    alike = np.minimum(np.arange(120), 118)
    inputs = Inputs.of_rows(Modality.TEXT, np.array(["words"] * 120, object))
    pictures = dataclasses.replace(raw, inputs=inputs)
    declared = dataclasses.replace(raw, has_patients=True)
    people, one = np.arange(120), pl.Series("patient_id", ["p"] * 120)
    other = "train" if raw.cases["split"][118] == "test" else "test"
    ends = pl.Series("split", [*raw.cases["split"][:119], other])
    apart = dataclasses.replace(raw, cases=raw.cases.with_columns(ends))
    for cases, identical, so in (
        (raw, IdenticalInputs(alike), "and are kept in one split"),
        (apart, IdenticalInputs(alike), "2 of them in another split"),
        (raw, IdenticalInputs(alike, is_by_chance=True), "as is likely in so coarse a table"),
        (pictures, IdenticalInputs(alike), "and count as one patient's"),
        (declared, IdenticalInputs(alike), "2 of them to that of another patient, who are kept in one split"),
        (
            declared,
            IdenticalInputs(alike, believed=people),
            "2 of them to that of another patient, who are told apart as data.patient says",
        ),
        (
            dataclasses.replace(declared, cases=declared.cases.with_columns(one)),
            IdenticalInputs(alike),
            "all of the same patient",
        ),
    ):
        found = manifest.find_warnings(cases, identical, transform)
        assert found == [f"2 cases have inputs identical to another case's, {so}: see duplicates.csv"]
    split = raw.cases.select(
        pl.when(pl.col("y_true") == "ill", pl.col("split") == "val").then(pl.lit("train")).otherwise("split")
    )
    found = manifest.find_warnings(placed(split=split.to_series()), ALONE, transform)
    assert found == ["class 'ill' has no case in val"]
