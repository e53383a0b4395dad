"""What must stay together."""

from __future__ import annotations

import dataclasses
from itertools import combinations

import numpy as np
import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from reprodx.inputs import Inputs, Modality
from reprodx.preparation.units import (
    IdenticalInputs,
    find_identical_inputs,
    find_identical_rows,
    find_units,
    name_units,
)
from reprodx.schemas import RawCases

random = np.random.default_rng(0)


def fine(num_cases: int) -> pl.DataFrame:
    return pl.DataFrame({"x": random.normal(size=num_cases), "z": random.normal(size=num_cases)})


def test_a_pair_of_identical_cases_is_found() -> None:
    features = fine(50).with_columns(pl.Series("c", ["a", "b"] * 25))
    found = find_identical_rows(pl.concat([features, features[[7, 7]]]))
    assert found.num_cases == 3
    assert not found.is_by_chance
    assert found.first.tolist() == [*range(50), 7, 7]


def test_missing_values_are_equal_to_each_other_and_to_nothing_else() -> None:
    features = fine(50).with_columns(pl.Series("m", [None, None, 1.0, *range(2, 49)], dtype=pl.Float64))
    features[1, "x"], features[1, "z"] = features[0, "x"], features[0, "z"]
    features[2, "x"], features[2, "z"] = features[0, "x"], features[0, "z"]
    assert find_identical_rows(features).first[:3].tolist() == [0, 0, 2]


def test_cases_that_differ_are_alone() -> None:
    found = find_identical_rows(fine(100))
    assert (found.num_cases, found.first.tolist()) == (0, list(range(100)))


def test_a_coarse_table_agrees_by_chance() -> None:
    features = pl.DataFrame({name: random.integers(0, 2, 500).astype(float) for name in "abcd"})
    found = find_identical_rows(features)
    assert found.is_by_chance
    assert found.num_cases == 500
    assert found.first.tolist() == list(range(500))


def test_a_table_entered_twice_does_not() -> None:
    features = fine(200).with_columns(pl.Series("sex", random.integers(0, 2, 200).astype(float)))
    found = find_identical_rows(pl.concat([features, features]))
    assert not found.is_by_chance
    assert found.first.tolist() == [*range(200), *range(200)]


def test_some_of_the_cases_keep_their_links() -> None:
    found = IdenticalInputs(np.array([0, 1, 0])).of(np.array([False, True, True]))
    assert found.first.tolist() == [1, 0]


@settings(deadline=None)
@given(st.lists(st.tuples(st.sampled_from("abcdef"), st.integers(0, 6)), min_size=1, max_size=40))
def test_units_join_exactly_what_a_chain_joins(rows: list[tuple[str, int]]) -> None:
    inputs = [value for _, value in rows]
    first = np.array([inputs.index(value) for value in inputs])
    units = find_units(pl.Series([patient for patient, _ in rows]), IdenticalInputs(first))
    groups = [{row} for row in range(len(rows))]
    for one, other in combinations(range(len(rows)), 2):
        if rows[one][0] == rows[other][0] or rows[one][1] == rows[other][1]:
            joined = next(group for group in groups if one in group) | next(group for group in groups if other in group)
            groups = [group for group in groups if not group & joined] + [joined]
    for one, other in combinations(range(len(rows)), 2):
        assert (units[one] == units[other]) == any({one, other} <= group for group in groups)


def read_as(inputs: Inputs | None, features: pl.DataFrame) -> RawCases:
    cases = pl.DataFrame({"case_id": [str(row) for row in range(features.height)]})
    return RawCases(cases, features, ("a", "b"), features.height, (), False, "", inputs=inputs)


def test_a_table_is_compared_by_its_rows() -> None:
    features = fine(50)
    found = find_identical_inputs(read_as(None, pl.concat([features, features[[7]]])))
    assert (found.first[50], found.kind) == (7, "identical")


def test_texts_are_compared_by_their_words_and_the_features_beside_them() -> None:
    texts = np.array(["Acute  pain", "acute pain", "acute pain", "chronic pain"], dtype=object)
    inputs = Inputs.of_rows(Modality.TEXT, texts)
    assert find_identical_inputs(read_as(inputs, pl.DataFrame(height=4))).first.tolist() == [0, 0, 0, 3]
    beside = pl.DataFrame({"age": [1.0, 1.0, 2.0, 2.0]})
    assert find_identical_inputs(read_as(inputs, beside)).first.tolist() == [0, 0, 2, 3]


def test_declared_patients_are_believed_more_than_a_few_equal_words() -> None:
    texts = Inputs.of_rows(Modality.TEXT, np.array(["no finding", "no finding", "no finding", "mass"], dtype=object))
    signals = Inputs.of_rows(Modality.SIGNAL, np.array([[[1.0]], [[1.0]], [[1.0]], [[2.0]]], np.float32))
    patients = pl.Series("patient_id", ["a", "b", "a", "b"])
    for inputs, together in (texts, [[0, 2], [1], [3]]), (signals, [[0, 1, 2], [3]]):
        read = read_as(inputs, pl.DataFrame(height=4))
        read = dataclasses.replace(read, cases=read.cases.with_columns(patients), has_patients=True)
        found = find_identical_inputs(read)
        assert (found.num_cases, found.num_between(patients)) == (3, 3)
        assert [np.flatnonzero(found.first == one).tolist() for one in dict.fromkeys(found.first.tolist())] == together
        assert found.of(np.array([True, True, False, False])).num_cases == 2
        assert name_units(read, np.zeros(4, int)) is read.cases


def test_a_unit_without_declared_patients_is_one_patient_unless_it_is_of_rows_of_a_table() -> None:
    texts = Inputs.of_rows(Modality.TEXT, np.array(["a", "b", "a"], dtype=object))
    read = read_as(texts, pl.DataFrame(height=3))
    read = dataclasses.replace(read, cases=read.cases.with_columns(pl.Series("patient_id", ["x", "y", "z"])))
    assert name_units(read, np.array([1, 0, 1]))["patient_id"].to_list() == ["x", "y", "x"]
    assert name_units(dataclasses.replace(read, inputs=None), np.array([1, 0, 1]))["patient_id"].to_list() == [
        "x",
        "y",
        "z",
    ]


def test_pictures_are_compared_beyond_their_bytes() -> None:
    pictures = random.integers(0, 255, (4, 64, 64, 3)).astype(np.uint8)
    pictures[:] = np.kron(random.integers(0, 255, (4, 8, 8, 3)), np.ones((1, 8, 8, 1))).astype(np.uint8)
    pictures[3] = np.clip(pictures[1][:, ::-1] * 0.8 + 10, 0, 255).astype(np.uint8)
    found = find_identical_inputs(read_as(Inputs.of_rows(Modality.IMAGE, pictures), pl.DataFrame(height=4)))
    assert found.first.tolist() == [0, 1, 2, 1]
    assert (found.num_cases, found.kind) == (2, "nearly identical")
