"""What the checklist says of the model is decided from its settings."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from reprodx.artifacts.explanations import Explanations, Randomisation
from reprodx.artifacts.predictions import Predictions
from reprodx.inputs import Modality
from reprodx.reporting.checklist.answer import Status
from reprodx.reporting.checklist.model_answers import ANSWERS

if TYPE_CHECKING:
    from reprodx.reporting.evaluation import Evaluation


def with_trainer(evaluation: Evaluation, **trainer: Any) -> Evaluation:
    return replace(evaluation, config={**evaluation.config, "trainer": trainer})


@pytest.mark.parametrize(
    ("trainer", "status"),
    [
        ({"sampling": "shuffled", "loss": {"class_weights": None}}, Status.NOT_APPLICABLE),
        ({"sampling": "balanced", "loss": {"class_weights": None}}, Status.FILLED),
        ({"sampling": "shuffled", "loss": {"class_weights": "balanced"}}, Status.FILLED),
    ],
)
def test_class_imbalance_was_dealt_with_or_not(binary: Evaluation, trainer: dict[str, Any], status: Status) -> None:
    assert ANSWERS["imbalance"](with_trainer(binary, **trainer)).status == status


def test_without_settings_of_training_a_person_is_asked_of_imbalance(binary: Evaluation) -> None:
    assert ANSWERS["imbalance"](binary).status == Status.NEEDS_HUMAN


def test_the_model_and_its_seed_are_named(binary: Evaluation) -> None:
    assert ANSWERS["model"](binary).text == "The model mlp, with all its settings."
    assert "seed 0" in ANSWERS["initialisation"](binary).text


def test_the_rule_that_selects_an_epoch_is_named(binary: Evaluation) -> None:
    chosen = with_trainer(binary, select={"monitor": "val/loss"})
    assert "best val/loss" in ANSWERS["model_selection"](chosen).text


def test_explanations_are_filled_when_made_and_not_applicable_with_their_reason(binary: Evaluation) -> None:
    none = Explanations(Modality.TABLE, (), (), (), Randomisation(None, 0, 0, "x"), None, reason="no case is wrong")
    made = replace(none, reason=None, method="occlusion")
    assert ANSWERS["explanation"](binary).status == Status.NOT_APPLICABLE
    assert "no case is wrong" in ANSWERS["explanation"](replace(binary, explanations=none)).text
    assert ANSWERS["explanation"](replace(binary, explanations=made)).status == Status.FILLED


def test_failures_are_counted_where_a_case_can_be_called_wrong(binary: Evaluation) -> None:
    test = binary.test.table
    wrong = int(((test["prob_disease"] >= 0.4) != (test["y_true"] == "disease")).sum())
    assert ANSWERS["failures"](binary).text.startswith(f"{wrong} wrong calls among")
    metadata = {key: value for key, value in binary.predictions.metadata.items() if key != "threshold"}
    without = replace(binary, predictions=Predictions(binary.predictions.table, metadata))
    assert ANSWERS["failures"](without).status == Status.NEEDS_HUMAN


def test_whether_the_model_or_the_code_can_be_had_is_a_persons_to_say(binary: Evaluation) -> None:
    assert ANSWERS["specification"](binary).status == Status.NEEDS_HUMAN
    assert not {"code_sharing", "data_sharing", "availability"} & set(ANSWERS)
