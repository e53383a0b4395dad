"""What the checklist says of the cases is decided from them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import polars as pl
import pytest

from reprodx.reporting.checklist.answer import Status
from reprodx.reporting.checklist.data_answers import ANSWERS

if TYPE_CHECKING:
    from reprodx.reporting.checklist.answer import Answer
    from reprodx.reporting.evaluation import Evaluation


def answer(topic: str, evaluation: Evaluation, **manifest: object) -> Answer:
    return ANSWERS[topic](replace(evaluation, manifest={**evaluation.manifest, **manifest}))


def test_the_flow_has_its_numbers(binary: Evaluation) -> None:
    found = answer("flow", binary)
    assert (found.status, found.places) == (Status.FILLED, ("participants",))
    assert found.text == "Read 320, excluded 3, analysed 317."


def test_a_reference_standard_is_filled_when_stated_and_a_persons_when_not(binary: Evaluation) -> None:
    assert answer("reference_standard", binary).text == "Biopsy."
    assert answer("reference_standard", binary, reference_standard=None).status == Status.NEEDS_HUMAN


def test_missing_values_are_counted_where_a_feature_marks_them(binary: Evaluation) -> None:
    assert answer("missing_data", binary).text.startswith("Values are missing in 1 of 1 column;")


def test_nothing_is_missing_without_such_a_feature(binary: Evaluation) -> None:
    features = [{"name": "age", "column": "age", "kind": "numeric"}]
    assert answer("missing_data", binary, features=features).status == Status.NOT_APPLICABLE
    assert answer("missing_data", binary, features=[], modality="image").text.endswith("has its image")
    assert answer("missing_data", binary, features=[], modality="series").status == Status.NEEDS_HUMAN


def test_images_are_asked_about_of_images_alone(binary: Evaluation, ordinal: Evaluation) -> None:
    assert answer("image_acquisition", binary).status == Status.NOT_APPLICABLE
    assert answer("image_acquisition", ordinal).status == Status.NEEDS_HUMAN


def test_predictors_are_chosen_of_a_table_and_not_of_an_image(binary: Evaluation, ordinal: Evaluation) -> None:
    assert answer("predictor_choice", binary).text.endswith("1; left out, each with its reason: 1.")
    assert answer("predictor_choice", ordinal).status == Status.NOT_APPLICABLE
    assert answer("predictor_handling", ordinal).places == ("provenance",)


def test_the_size_has_the_width_of_the_interval(binary: Evaluation) -> None:
    auroc = binary.of("auroc")
    assert auroc is not None
    assert auroc.ci_low is not None
    assert auroc.ci_high is not None
    found = answer("sample_size", binary)
    assert found.status == Status.FILLED
    assert "157/80/80" in found.text
    assert f"is {auroc.ci_high - auroc.ci_low:.3f} wide" in found.text
    assert answer("intended_size", binary).status == Status.NEEDS_HUMAN


@pytest.mark.parametrize(
    ("manifest", "status", "words"),
    [
        ({}, Status.FILLED, "Patient: all cases of one lie in one partition."),
        ({"has_patients": False}, Status.NEEDS_HUMAN, "The data name no patients"),
        (
            {"acknowledged": {"features": [], "duplicates": [], "patients": 4}},
            Status.FILLED,
            "None: 4 patients have cases in more than one partition.",
        ),
    ],
)
def test_partitions_share_patients_or_not(
    binary: Evaluation, manifest: dict[str, object], status: Status, words: str
) -> None:
    found = answer("disjointness", binary, **manifest)
    assert found.status == status
    assert found.text.startswith(words)


def test_demographics_take_age_or_sex_in_table_1(binary: Evaluation) -> None:
    assert answer("demographics", binary).text.startswith("Table 1, by partition: age,")
    without = replace(binary, table_one=binary.table_one.filter(pl.col("variable") != "age"))
    assert ANSWERS["demographics"](without).status == Status.NEEDS_HUMAN
    assert ANSWERS["characteristics"](without).status == Status.NEEDS_HUMAN


def test_differences_take_a_standardised_difference(binary: Evaluation) -> None:
    without = replace(binary, table_one=binary.table_one.with_columns(smd_test=pl.lit(None, pl.String)))
    assert (ANSWERS["differences"](binary).status, ANSWERS["differences"](without).status) == (
        Status.FILLED,
        Status.NEEDS_HUMAN,
    )


def test_severity_is_known_of_grades(binary: Evaluation, ordinal: Evaluation) -> None:
    assert answer("severity", ordinal).text.startswith("The 4 grades")
    assert answer("severity", binary).status == Status.NEEDS_HUMAN


def test_made_up_cases_have_a_source(binary: Evaluation) -> None:
    assert answer("data_source", binary).status == Status.NEEDS_HUMAN
    assert answer("data_source", binary, is_synthetic=True).status == Status.FILLED
