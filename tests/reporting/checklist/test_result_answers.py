"""What the checklist says of the results is decided from the scores."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from reprodx.artifacts.predictions import Predictions
from reprodx.reporting.checklist.answer import Status
from reprodx.reporting.checklist.result_answers import ANSWERS, lead, shown_groups
from reprodx.reporting.wording import with_interval
from reprodx.schemas import SITE, TEST, Estimate

if TYPE_CHECKING:
    from reprodx.reporting.evaluation import Evaluation


def without_threshold(evaluation: Evaluation) -> Evaluation:
    metadata = {key: value for key, value in evaluation.predictions.metadata.items() if key != "threshold"}
    return replace(evaluation, predictions=Predictions(evaluation.predictions.table, metadata))


def without_groups(evaluation: Evaluation) -> Evaluation:
    return replace(evaluation, groups=())


def test_the_threshold_is_filled_when_it_was_chosen_on_validation(binary: Evaluation) -> None:
    found = ANSWERS["threshold"](binary)
    assert (found.status, found.places) == (Status.FILLED, ("decisions",))
    assert "0.400 (largest Youden index, chosen on the validation split)" in found.text


def test_no_threshold_is_a_persons_and_the_most_probable_class_has_none(
    binary: Evaluation, multiclass: Evaluation
) -> None:
    assert ANSWERS["threshold"](without_threshold(binary)).status == Status.NEEDS_HUMAN
    assert ANSWERS["threshold"](multiclass).status == Status.NOT_APPLICABLE


def test_a_fixed_threshold_is_a_persons_to_explain(binary: Evaluation) -> None:
    metadata = {**binary.predictions.metadata, "threshold": {"value": 0.4, "rule": "fixed", "chosen_on": "no data"}}
    fixed = replace(binary, predictions=Predictions(binary.predictions.table, metadata))
    assert ANSWERS["threshold"](fixed).status == Status.NEEDS_HUMAN


@pytest.mark.parametrize("topic", ["variability", "fairness", "performance_by_group"])
def test_subgroups_are_filled_when_a_table_has_a_number(topic: str, binary: Evaluation) -> None:
    assert ANSWERS[topic](binary).status == Status.FILLED
    assert "subgroups" in ANSWERS[topic](binary).places
    assert ANSWERS[topic](without_groups(binary)).status == Status.NEEDS_HUMAN


def test_groups_that_are_too_small_fill_nothing(binary: Evaluation) -> None:
    few = Estimate.undefined("too few: 3 cases", n=3)
    small = [replace(group, metrics=dict.fromkeys(group.metrics, few)) for group in binary.groups]
    assert shown_groups(replace(binary, groups=small)) == {}
    assert ANSWERS["fairness"](replace(binary, groups=small)).status == Status.NEEDS_HUMAN


def test_sites_are_no_groups_of_persons(binary: Evaluation) -> None:
    sites = replace(binary, groups=[group for group in binary.groups if group.column == SITE])
    assert ANSWERS["sites"](sites).status == Status.FILLED
    assert ANSWERS["fairness"](sites).status == Status.NEEDS_HUMAN
    assert ANSWERS["sites"](without_groups(binary)).status == Status.NOT_APPLICABLE


def test_the_number_itself_is_given(binary: Evaluation) -> None:
    auroc, sensitivity = (binary.of(name) for name in ("auroc", "sensitivity"))
    assert auroc is not None
    assert sensitivity is not None
    assert lead(binary) == f"AUROC {with_interval(auroc)}"
    assert f"sensitivity {with_interval(sensitivity)}" in ANSWERS["diagnostic_performance"](binary).text
    assert "calibration slope" in ANSWERS["measures"](binary).text


def test_what_cannot_be_estimated_fills_nothing(binary: Evaluation) -> None:
    undefined = Estimate.undefined("one class only", n=8)
    scores = {**binary.scores, TEST: dict.fromkeys(binary.test_scores, undefined)}
    blank = replace(binary, scores=scores)
    assert ANSWERS["performance"](blank).status == Status.NEEDS_HUMAN
    assert ANSWERS["diagnostic_performance"](blank).status == Status.NEEDS_HUMAN
    assert ANSWERS["performance"](binary).status == Status.FILLED


def test_external_testing_takes_sites_that_training_has_not_seen(binary: Evaluation) -> None:
    split = {"name": "site_out", "_target_": "reprodx.splits.leave_site_out.LeaveSiteOut"}
    elsewhere = replace(binary, config={**binary.config, "split": split})
    assert ANSWERS["external_testing"](elsewhere).status == Status.FILLED
    assert ANSWERS["external_differences"](elsewhere).status == Status.FILLED
    assert ANSWERS["external_testing"](binary).status == Status.NEEDS_HUMAN
    assert ANSWERS["external_differences"](binary).status == Status.NOT_APPLICABLE


def test_recalibration_takes_validation_cases(binary: Evaluation) -> None:
    untuned = replace(binary, scores={TEST: binary.test_scores})
    assert ANSWERS["recalibration"](binary).status == Status.FILLED
    assert ANSWERS["recalibration"](untuned).status == Status.NOT_APPLICABLE


def test_calls_are_tabulated_by_class_or_by_label(binary: Evaluation, multilabel: Evaluation) -> None:
    assert ANSWERS["crosstab"](binary).text == "2 by 2 classes."
    assert ANSWERS["crosstab"](multilabel).text == "By label."
    assert ANSWERS["crosstab"](without_threshold(binary)).status == Status.NEEDS_HUMAN
