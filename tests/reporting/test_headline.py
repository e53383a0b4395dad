"""The verdict in words, with what puts it in doubt."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from reprodx.artifacts.predictions import Predictions
from reprodx.metrics.asked import Key
from reprodx.reporting.evaluation import Evaluation
from reprodx.reporting.headline import headline, key_numbers, leak_hints, notices, threshold_origin
from reprodx.schemas import Estimate


def with_auroc(evaluation: Evaluation, estimate: Estimate) -> Evaluation:
    scores = {**evaluation.scores, "test": {**evaluation.test_scores, Key("auroc", evaluation.asked): estimate}}
    return replace(evaluation, scores=scores)


@pytest.mark.parametrize(
    ("low", "value", "high", "verdict"),
    [
        (0.51, 0.6, 0.7, "The model tells disease from healthy better than chance: "),
        (0.50, 0.6, 0.7, "It is not shown that the model tells disease from healthy better than chance: "),
        (0.40, 0.5, 0.6, "It is not shown that the model tells disease from healthy better than chance: "),
        (0.30, 0.4, 0.49, "The model tells disease from healthy worse than chance: "),
    ],
)
def test_the_verdict_follows_the_interval(
    binary: Evaluation, low: float, value: float, high: float, verdict: str
) -> None:
    text = headline(with_auroc(binary, Estimate(value, low, high, 80, 40, "logit DeLong")))
    limits = f"({binary.confidence} {low:.3f} to {high:.3f})"
    assert text.startswith(
        f"{verdict}AUROC {value:.3f} {limits} on the test split: 80 patients, 40 positive (disease). "
    )


def test_an_area_worse_than_chance_asks_whether_classes_are_swapped(binary: Evaluation) -> None:
    question = ". Are the classes swapped? At the threshold"
    assert question in headline(with_auroc(binary, Estimate(0.4, 0.3, 0.49, 80, 40, "logit DeLong")))
    assert question in headline(with_auroc(binary, Estimate(0.0, None, None, 80, 40, "none", "separated")))
    assert "swapped" not in headline(with_auroc(binary, Estimate(0.4, 0.3, 0.5, 80, 40, "logit DeLong")))


@pytest.mark.parametrize(
    ("estimate", "errors"),
    [
        (Estimate(1.0, None, None, 80, 40, "none", "separated without error"), "without an error"),
        (Estimate(0.9996, 0.99, 0.9999, 80, 40, "logit DeLong"), "with hardly an error"),
    ],
)
def test_a_perfect_result_is_too_good(binary: Evaluation, estimate: Estimate, errors: str) -> None:
    text = headline(with_auroc(binary, estimate))
    assert text.startswith(f"Too good: look for a leak. The model tells disease from healthy {errors}: AUROC 1.000 (")
    assert leak_hints(with_auroc(binary, estimate)) == ["Too good: look for a leak"]
    assert leak_hints(binary) == []
    assert "not shown" not in text


def test_classes_that_are_numbers_are_told_with_their_target(
    predicted: Callable[..., Predictions], evaluated: Callable[..., Evaluation]
) -> None:
    numbered = evaluated(predicted(("0", "1")))
    said = replace(numbered, config={**numbered.config, "data": {**numbered.config["data"], "target": "died"}})
    assert headline(said).startswith("The model tells died=1 from died=0 better than chance: ")
    assert "tells 1 from 0" in headline(numbered)


def test_yes_is_not_told_from_no_better_than_chance(
    predicted: Callable[..., Predictions], evaluated: Callable[..., Evaluation]
) -> None:
    answered = evaluated(predicted(("no", "yes")))
    said = replace(answered, config={**answered.config, "data": {**answered.config["data"], "target": "died"}})
    assert headline(said).startswith("The model tells died=yes from died=no better than chance: ")


def test_few_cases_are_perfect_by_chance(binary: Evaluation) -> None:
    text = headline(with_auroc(binary, Estimate(1.0, None, None, 5, 2, "none", "separated without error")))
    assert text.startswith("It is not shown")
    assert "AUROC 1.000 (separated without error)" in text


def test_strong_features_that_may_be_known_too_late_are_told(binary: Evaluation) -> None:
    late = replace(binary, manifest={**binary.manifest, "late_features": ["time", "los"]})
    said = "Look for a leak: time, los are called like what is known only after the outcome"
    assert said in headline(late)
    assert [notice.heading for notice in notices(late)] == ["Known too late?"]


def test_an_area_that_cannot_be_estimated_is_said_first(binary: Evaluation) -> None:
    text = headline(with_auroc(binary, Estimate.undefined("one class only: no positive case", n=80)))
    assert text.startswith("The AUROC cannot be estimated on the test split (80 patients, ")
    assert text.endswith("): one class only: no positive case.")


def test_the_threshold_is_told_with_its_rule_and_its_split(binary: Evaluation) -> None:
    sensitivity = binary.written["test"]["sensitivity"].value
    assert threshold_origin(binary.questions[0].threshold) == "largest Youden index, chosen on the validation split"
    assert (
        "At the threshold 0.400 (largest Youden index, chosen on the validation split) "
        f"its sensitivity is {sensitivity:.3f}" in headline(binary)
    )


def test_a_file_without_a_threshold_says_so(
    predicted: Callable[..., Predictions], evaluated: Callable[..., Evaluation]
) -> None:
    predictions = predicted(("healthy", "disease"))
    metadata = {key: value for key, value in predictions.metadata.items() if key != "threshold"}
    assert headline(evaluated(Predictions(predictions.table, metadata))).endswith("No threshold was chosen.")


def test_several_classes_are_told_by_their_mean_area(multiclass: Evaluation) -> None:
    text = headline(multiclass)
    assert text.startswith("The model tells the classes apart better than chance: AUROC, mean over classes, 0.")
    assert text.endswith("Each case is called the class with the highest probability.")


def test_the_numbers_at_a_glance_are_those_of_the_task(binary: Evaluation, multiclass: Evaluation) -> None:
    labels = [item.label for item in key_numbers(binary).items]
    assert labels == ["AUROC", "Sensitivity", "Specificity", "Brier score", "Calibration slope"]
    assert [item.hint for item in key_numbers(binary).items][:3] == ["0.5 is chance", *["at the threshold"] * 2]
    assert [(item.label, item.hint) for item in key_numbers(multiclass).items] == [
        ("AUROC, mean over classes", "0.5 is chance"),
        ("Accuracy", "share called right"),
        ("Brier score", "0 is perfect, 2 is worst"),
    ]
    assert key_numbers(binary).items[0].value == f"{binary.written['test']['auroc'].value:.3f}"


def test_a_leaky_run_is_told_before_all_else(
    predicted: Callable[..., Predictions], evaluated: Callable[..., Evaluation]
) -> None:
    acknowledged = {"features": ["admission_code"], "duplicates": ["17", "18"], "patients": 1}
    leaky = evaluated(predicted(("healthy", "disease")), leaky=True, acknowledged=acknowledged)
    (notice,) = notices(leaky)
    assert notice.is_alarming
    assert "(admission_code); 2 cases with inputs identical" in notice.text
    assert "1 patient with cases in more than one split" in notice.text
    assert "17" not in notice.text
    assert headline(leaky).startswith("The run is leaky, so this says nothing about new patients: AUROC ")


def test_independence_is_assumed_only_where_no_patients_are_named(
    predicted: Callable[..., Predictions], evaluated: Callable[..., Evaluation], binary: Evaluation
) -> None:
    assert notices(binary) == []
    (notice,) = notices(evaluated(predicted(("healthy", "disease")), has_patients=False))
    assert notice.heading == "Independence is assumed"
    assert "every case counts as a patient of its own" in notice.text
    assert not notice.is_alarming


def test_groups_that_are_no_patients_are_called_groups(
    evaluated: Callable[..., Evaluation], predicted: Callable[..., Predictions]
) -> None:
    splits = {split: {"cases": 80, "patients": 20, "classes": {}} for split in ("train", "val", "test")}
    (notice,) = notices(evaluated(predicted(("healthy", "disease")), has_patients=False, splits=splits))
    assert "Cases of one group, such as a category or the same picture or text, stay in one split" in notice.text


def test_grades_lead_with_their_agreement(ordinal: Evaluation) -> None:
    text, kappa = headline(ordinal), ordinal.written["test"]["kappa"]
    assert text.startswith(f"The model grades cases better than chance: Quadratic weighted kappa {kappa.value:.3f} (")
    assert "At the threshold 0.500 for moderate or above (largest Youden index, chosen on the validation split)" in text
    assert f"its sensitivity is {ordinal.written['test']['sensitivity_referable'].value:.3f}" in text
    labels = [item.label for item in key_numbers(ordinal).items]
    assert labels[:3] == ["Quadratic weighted kappa", "Within one grade", "AUROC, referable"]
    assert labels[3:] == ["Sensitivity, referable", "Specificity, referable"]


def test_grades_that_agree_by_chance_are_not_praised(ordinal: Evaluation) -> None:
    kappa = Estimate(0.1, -0.1, 0.3, 120, None, "percentile bootstrap")
    scores = {**ordinal.scores, "test": {**ordinal.test_scores, Key("kappa", ordinal.asked): kappa}}
    assert headline(replace(ordinal, scores=scores)).startswith("It is not shown that the model grades cases better")


def test_labels_lead_with_their_mean(
    multilabel: Evaluation, labelled: Callable[..., Predictions], evaluated: Callable[..., Evaluation]
) -> None:
    text, area = headline(multilabel), multilabel.written["test"]["auroc"]
    assert f"AUROC, mean over labels, {area.value:.3f}" in text
    assert text.endswith(
        "Where one could be chosen, a label has a threshold of its own "
        "(largest Youden index, chosen on the validation split)."
    )
    predictions = labelled()
    metadata = {key: value for key, value in predictions.metadata.items() if key != "thresholds"}
    assert headline(evaluated(Predictions(predictions.table, metadata))).endswith("No threshold was chosen.")
    assert "Average precision, mean over labels" in [item.label for item in key_numbers(multilabel).items]


def test_made_up_cases_are_said_to_be_so(binary: Evaluation) -> None:
    assert notices(binary) == []
    (notice,) = notices(replace(binary, manifest={**binary.manifest, "is_synthetic": True}))
    assert notice.heading == "Synthetic data"
    assert notice.is_alarming
