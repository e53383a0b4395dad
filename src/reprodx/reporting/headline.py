"""The result in words, the numbers to see at a glance, and the warnings that stand before them."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from reprodx.datasets.class_meanings import means_presence
from reprodx.metrics.asked import Key, told_of
from reprodx.metrics.metric import Need
from reprodx.reporting.generated_block import copies_notice
from reprodx.reporting.page import KeyNumber, KeyNumbers, Notice
from reprodx.reporting.swapped_classes import QUESTION, seem_swapped
from reprodx.reporting.wording import counted, interval, number
from reprodx.schemas import TEST, VAL, Task

if TYPE_CHECKING:
    from collections.abc import Mapping

    from reprodx.metrics.asked import Asked
    from reprodx.metrics.chosen_threshold import ChosenThreshold
    from reprodx.metrics.metric import Metric
    from reprodx.reporting.evaluation import Evaluation
    from reprodx.reporting.provenance import Judged
    from reprodx.schemas import Estimate


TOO_GOOD = "Too good: look for a leak"
"""What a perfect result says first."""
LATE = "late_features"
"""The manifest's key of strong features that are called like what is known only after the outcome."""


def headline(evaluation: Evaluation) -> str:
    """Return what the test split says of the model, in two sentences."""
    name, lead = evaluation.lead.label_in(evaluation.asked.view), evaluation.of(evaluation.lead.name)
    assert lead is not None, "every task has the metric that leads"
    if lead.value is None:
        undefined = told_of(name, f"cannot be estimated on the test split ({evaluation.who(TEST)}): {lead.reason}.")
        return f"The {undefined}"
    result = told_of(
        name, f"{number(lead.value)} ({_limits(lead, evaluation)}) on the test split: {evaluation.who(TEST)}"
    )
    swapped = f" {QUESTION.capitalize()}" if evaluation.task == Task.BINARY and seem_swapped(lead) else ""
    late = f" {_late(evaluation.manifest)}." if evaluation.manifest.get(LATE) else ""
    return f"{_verdict(lead, evaluation)}: {result}.{swapped} {_threshold_sentence(evaluation)}{late}"


def _verdict(lead: Estimate, evaluation: Evaluation) -> str:
    chance = evaluation.lead.chance
    assert chance is not None, "what leads has a value that chance gives"
    if evaluation.manifest["leaky"]:
        return "The run is leaky, so this says nothing about new patients"
    negative, positive = (_in_words(name, evaluation) for name in (evaluation.classes[0], evaluation.classes[-1]))
    task = {
        Task.BINARY: f"tells {positive} from {negative}",
        Task.MULTICLASS: "tells the classes apart",
        Task.ORDINAL: "grades cases",
        Task.MULTILABEL: "tells the labels of a case",
    }[evaluation.task]
    if _is_too_good(lead) and not _is_of_few(lead, evaluation):
        errors = "without an error" if lead.value == 1 else "with hardly an error"
        return f"{TOO_GOOD}. The model {task} {errors}"
    if lead.ci_low is not None and lead.ci_low > chance:
        return f"The model {task} better than chance"
    if lead.ci_high is not None and lead.ci_high < chance:
        return f"The model {task} worse than chance"
    return f"It is not shown that the model {task} better than chance"


def leak_hints(evaluation: Evaluation) -> list[str]:
    """Return why somebody should look for a leak although the gate found none, one sentence each."""
    found = [_late(evaluation.manifest)] if evaluation.manifest.get(LATE) else []
    return [TOO_GOOD, *found] if headline(evaluation).startswith(TOO_GOOD) else found


def _in_words(class_name: str, evaluation: Evaluation) -> str:
    """Return a class by its name; a number, or yes and no, say nothing without the target's."""
    target = evaluation.config["data"].get("target")
    is_an_answer = class_name.isdecimal() or means_presence(class_name) is not None
    return f"{target}={class_name}" if is_an_answer and isinstance(target, str) else class_name


def _is_too_good(lead: Estimate) -> bool:
    """Return whether a metric is perfect, also as it is printed."""
    return lead.value is not None and float(number(lead.value).replace("\N{MINUS SIGN}", "-")) >= 1


def _is_of_few(lead: Estimate, evaluation: Evaluation) -> bool:
    """Return whether so few cases are ranked without an error by chance as often as an interval misses its value."""
    if lead.n_events is None or lead.ci_low is not None:
        return False
    return math.comb(lead.n, lead.n_events) < 2 / (1 - evaluation.settings.confidence_level)


def _late(manifest: Mapping[str, Any]) -> str:
    names = ", ".join(manifest[LATE])
    is_one = len(manifest[LATE]) == 1
    return (
        f"Look for a leak: {names} {'is' if is_one else 'are'} called like what is known only after the outcome, and "
        f"among the strongest features"
    )


def _threshold_sentence(evaluation: Evaluation) -> str:
    if evaluation.task == Task.MULTICLASS:
        return "Each case is called the class with the highest probability."
    chosen = [one for one in evaluation.questions if one.threshold.value is not None]
    if not chosen:
        return "No threshold was chosen."
    origin = threshold_origin(chosen[0].threshold)
    if evaluation.task == Task.MULTILABEL:
        labels = "Each label" if len(chosen) == len(evaluation.questions) else "Where one could be chosen, a label"
        return f"{labels} has a threshold of its own ({origin})."
    value = number(chosen[0].threshold.value)
    sensitivity, specificity = (
        evaluation.test_scores[Key(name, chosen[0].asked)] for name in ("sensitivity", "specificity")
    )
    referable = f" for {chosen[0].name}" if evaluation.task == Task.ORDINAL else ""
    return (
        f"At the threshold {value}{referable} ({origin}) its sensitivity is {number(sensitivity.value)} and its "
        f"specificity {number(specificity.value)}."
    )


def threshold_origin(threshold: ChosenThreshold) -> str:
    """Return in words which rule chose a threshold and on which split."""
    split = {VAL: "the validation split"}.get(str(threshold.chosen_on), str(threshold.chosen_on))
    return f"{threshold.rule}, chosen on {split}"


def key_numbers(evaluation: Evaluation) -> KeyNumbers:
    """Return the few numbers of the test split that sum the report up."""
    items = [
        KeyNumber(metric.label_of(asked), number(found.value), _limits(found, evaluation), _hint(metric, asked))
        for metric, asked, found in evaluation.key_numbers
    ]
    return KeyNumbers(tuple(items))


def _hint(metric: Metric, asked: Asked) -> str:
    at_threshold = "at the threshold" if Need.CALLS in metric.needs else ""
    return metric.hint_in(asked.view) or at_threshold


def _limits(estimate: Estimate, evaluation: Evaluation) -> str:
    return str(estimate.reason) if estimate.ci_low is None else f"{evaluation.confidence} {interval(estimate)}"


def notices(evaluation: Judged) -> list[Notice]:
    """Return what puts the result in doubt: made-up cases, acknowledged leaks, independence that nobody could check."""
    found = []
    if evaluation.manifest.get("is_synthetic"):
        text = "The cases were made by a program to try the pipeline out. The numbers below say nothing about patients."
        found.append(Notice("Synthetic data", text, is_alarming=True))
    if evaluation.manifest["leaky"]:
        found.append(_leak_notice(evaluation))
    if evaluation.manifest.get(LATE):
        found.append(
            Notice("Known too late?", f"{_late(evaluation.manifest)} of the training cases.", is_alarming=True)
        )
    if copied := copies_notice(evaluation):
        found.append(copied)
    if not evaluation.manifest["has_patients"]:
        found.append(Notice("Independence is assumed", _independence(evaluation)))
    return found


def _independence(evaluation: Judged) -> str:
    if any(split["patients"] < split["cases"] for split in evaluation.manifest["splits"].values()):
        return (
            "The data name no patients. Cases of one group, such as a category or the same picture or text, stay in "
            "one split and count together; every other case counts as a patient of its own. If some are of the same "
            "person, they may lie in two splits and the intervals are too narrow."
        )
    return (
        "The data name no patients, so every case counts as a patient of its own. If some are of the same person, "
        "they may lie in two splits and the intervals are too narrow."
    )


def _leak_notice(evaluation: Judged) -> Notice:
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
