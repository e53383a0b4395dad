"""The result in words, the numbers to see at a glance, and the warnings that stand before them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reprodx.reporting.page import KeyNumber, KeyNumbers, Notice
from reprodx.reporting.wording import counted, interval, number
from reprodx.schemas import TEST

if TYPE_CHECKING:
    from reprodx.reporting.evaluation import Evaluation
    from reprodx.schemas import Estimate

KEY_METRICS = {
    "auroc": ("AUROC", "0.5 is chance"),
    "sensitivity": ("Sensitivity", "at the threshold"),
    "specificity": ("Specificity", "at the threshold"),
    "accuracy": ("Accuracy", "share called right"),
    "calibration_slope": ("Calibration slope", "1 is ideal"),
    "brier": ("Brier score", "0 is perfect"),
}
"""Label and reading aid of the metrics to be seen at a glance."""


def headline(evaluation: Evaluation) -> str:
    """Return what the test split says of the model, in two sentences."""
    auroc = evaluation.test_scores["auroc"]
    name = "AUROC" if evaluation.is_binary else "mean AUROC over classes"
    if auroc.value is None:
        return f"The {name} cannot be estimated on the test split ({evaluation.who(TEST)}): {auroc.reason}."
    result = f"{name} {number(auroc.value)} ({_limits(auroc, evaluation)}) on the test split: {evaluation.who(TEST)}"
    return f"{_verdict(auroc, evaluation)}: {result}. {_threshold_sentence(evaluation)}"


def _verdict(auroc: Estimate, evaluation: Evaluation) -> str:
    if evaluation.manifest["leaky"]:
        return "The run is leaky, so this says nothing about new patients"
    negative, positive = evaluation.classes[0], evaluation.classes[-1]
    task = f"tells {positive} from {negative}" if evaluation.is_binary else "tells the classes apart"
    if auroc.ci_low is not None and auroc.ci_low > 0.5:
        return f"The model {task} better than chance"
    if auroc.ci_high is not None and auroc.ci_high < 0.5:
        return f"The model {task} worse than chance"
    return f"It is not shown that the model {task} better than chance"


def _threshold_sentence(evaluation: Evaluation) -> str:
    if not evaluation.is_binary:
        return "Each case is called the class with the highest probability."
    if evaluation.threshold is None:
        return "No threshold was chosen."
    sensitivity, specificity = (evaluation.test_scores[name] for name in ("sensitivity", "specificity"))
    origin = threshold_origin(evaluation)
    return (
        f"At the threshold {number(evaluation.threshold)} ({origin}) its sensitivity is {number(sensitivity.value)} "
        f"and its specificity {number(specificity.value)}."
    )


def threshold_origin(evaluation: Evaluation) -> str:
    """Return in words which rule chose the threshold and on which split."""
    threshold = evaluation.predictions.metadata["threshold"]
    split = {"val": "the validation split"}.get(threshold["chosen_on"], str(threshold["chosen_on"]))
    return f"{threshold['rule']}, chosen on {split}"


def key_numbers(evaluation: Evaluation) -> KeyNumbers:
    """Return the few numbers of the test split that sum the report up."""
    items = [
        KeyNumber(label, number(estimate.value), _limits(estimate, evaluation), hint)
        for name, (label, hint) in KEY_METRICS.items()
        if (estimate := evaluation.test_scores.get(name)) and (name != "accuracy" or not evaluation.is_binary)
    ]
    return KeyNumbers(tuple(items))


def _limits(estimate: Estimate, evaluation: Evaluation) -> str:
    return str(estimate.reason) if estimate.ci_low is None else f"{evaluation.confidence} {interval(estimate)}"


def notices(evaluation: Evaluation) -> list[Notice]:
    """Return what puts the result in doubt: acknowledged leaks, and independence that nobody could check."""
    found = []
    if evaluation.manifest["leaky"]:
        found.append(_leak_notice(evaluation))
    if not evaluation.manifest["has_patients"]:
        text = (
            "The data name no patients, so every case counts as a patient of its own. If some are of the same person, "
            "they may lie in two splits and the intervals are too narrow."
        )
        found.append(Notice("Independence is assumed", text))
    return found


def _leak_notice(evaluation: Evaluation) -> Notice:
    leaks = evaluation.manifest["acknowledged"]
    parts = []
    if leaks["features"]:
        parts.append(f"features that name a case or give its answer away ({', '.join(leaks['features'])})")
    if leaks["duplicates"]:
        parts.append(f"{counted(len(leaks['duplicates']), 'case')} with inputs identical to one of another split")
    if leaks["patients"]:
        parts.append(f"{counted(leaks['patients'], 'patient')} with cases in more than one split")
    text = (
        f"Training may have seen what it is tested on: {'; '.join(parts)}. This was let through by data.acknowledge. "
        "The numbers below say nothing about new patients, and the run is barred from comparison."
    )
    return Notice("Leaky: do not use this result", text, is_alarming=True)
