"""What a run says of its results: how well the model does, for whom, at which threshold, and how sure that is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reprodx.metrics.asked import told_of
from reprodx.reporting.checklist.answer import Answer, Answers, filled, needs_human, not_applicable
from reprodx.reporting.headline import threshold_origin
from reprodx.reporting.provenance import SPLITS_BY_SITE
from reprodx.reporting.wording import count, counted, number, with_interval
from reprodx.schemas import GROUP_PREFIX, SITE, VAL, Task

if TYPE_CHECKING:
    from reprodx.reporting.evaluation import Evaluation

AT_THRESHOLD = ("sensitivity", "specificity")
"""What a diagnostic accuracy study reports."""


def lead(evaluation: Evaluation) -> str:
    """Return the metric that leads with its interval; nothing where it cannot be estimated."""
    estimate = evaluation.of(evaluation.lead.name)
    if estimate is None or estimate.value is None:
        return ""
    return told_of(evaluation.lead.label_in(evaluation.asked.view), with_interval(estimate))


def shown_groups(evaluation: Evaluation) -> dict[str, int]:
    """Return by column how many sites or subgroups have a number."""
    found: dict[str, int] = {}
    for group in evaluation.groups:
        if any(estimate.value is not None for estimate in group.metrics.values()):
            found[group.column] = found.get(group.column, 0) + 1
    return found


def _groups_in_words(columns: dict[str, int]) -> str:
    return ", ".join(f"{column.removeprefix(GROUP_PREFIX)} ({count(number)})" for column, number in columns.items())


def _measures(evaluation: Evaluation) -> Answer:
    slope = evaluation.question and evaluation.of("calibration_slope", evaluation.question.asked)
    calibrated = f"; calibration slope {with_interval(slope)}" if slope and slope.value is not None else ""
    places = ("metrics", "discrimination", "calibration", "decisions")
    return filled(f"{lead(evaluation) or 'All that can be estimated'}{calibrated}.", *places)


def _statistics(evaluation: Evaluation) -> Answer:
    methods = dict.fromkeys(
        one.method.partition(";")[0] for one in evaluation.test_scores.values() if one.ci_low is not None
    )
    return filled(f"{evaluation.confidence} by {counted(len(methods), 'method')}, named beside each number.", "metrics")


def _performance(evaluation: Evaluation) -> Answer:
    return filled(f"{lead(evaluation)}.", "metrics") if lead(evaluation) else needs_human()


def _performance_by_group(evaluation: Evaluation) -> Answer:
    overall, columns = lead(evaluation), shown_groups(evaluation)
    if overall and columns:
        return filled(f"{overall}; by {_groups_in_words(columns)}.", "metrics", "subgroups")
    return needs_human(f"{overall}." if overall else "", "metrics")


def _diagnostic_performance(evaluation: Evaluation) -> Answer:
    question = evaluation.question
    values = [evaluation.of(name, question.asked) for name in AT_THRESHOLD] if question else []
    told = [
        f"{name} {with_interval(value)}"
        for name, value in zip(AT_THRESHOLD, values, strict=False)
        if value and value.value is not None
    ]
    text = "; ".join([*([lead(evaluation)] if lead(evaluation) else []), *told])
    return filled(f"{text}.", "metrics", "discrimination", "decisions") if text else needs_human()


def _variability(evaluation: Evaluation) -> Answer:
    columns = shown_groups(evaluation)
    return filled(f"By {_groups_in_words(columns)}.", "subgroups") if columns else needs_human()


def _fairness(evaluation: Evaluation) -> Answer:
    columns = {column: number for column, number in shown_groups(evaluation).items() if column != SITE}
    if not columns:
        return needs_human("No subgroup of persons has a number.", "subgroups")
    by = _groups_in_words(columns)
    return filled(f"Each group against all others, by {by}; failures listed.", "subgroups", "failures")


def _sites(evaluation: Evaluation) -> Answer:
    if not any(group.column == SITE for group in evaluation.groups):
        return not_applicable("the data name no sites")
    num_sites = shown_groups(evaluation).get(SITE, 0)
    if num_sites > 1:
        return filled(f"By {count(num_sites)} sites, with the largest gap beside chance.", "subgroups")
    return needs_human("Fewer than two sites have enough test cases.", "subgroups")


def _recalibration(evaluation: Evaluation) -> Answer:
    if VAL not in evaluation.scores:
        return not_applicable("there are no validation cases to recalibrate with; the model is as it was trained")
    return filled("The model is as it was trained; what recalibration would do is shown.", "calibration")


def _threshold(evaluation: Evaluation) -> Answer:
    if evaluation.task == Task.MULTICLASS:
        return not_applicable("each case is called the most probable class, so that there is no threshold")
    chosen = [one.threshold for one in evaluation.questions if one.threshold.value is not None]
    if not chosen or any(one.chosen_on != VAL for one in chosen):
        return needs_human("Beside probabilities no threshold was chosen on validation.", "decisions")
    values = number(chosen[0].value) if len(chosen) == 1 else counted(len(chosen), "threshold")
    return filled(f"Probabilities, and calls at {values} ({threshold_origin(chosen[0])}).", "decisions")


def _crosstab(evaluation: Evaluation) -> Answer:
    if evaluation.confusion is not None:
        num_classes = len(evaluation.confusion)
        return filled(f"{num_classes} by {num_classes} classes.", "decisions")
    if any(one.threshold.value is not None for one in evaluation.questions):
        return filled("By label.", "decisions")
    return needs_human()


def _internal_testing(evaluation: Evaluation) -> Answer:
    splits = "Validation and test" if VAL in evaluation.scores else "Test"
    return filled(f"{splits}. {lead(evaluation)}.", "metrics") if lead(evaluation) else needs_human()


def _tests_other_sites(evaluation: Evaluation) -> bool:
    return str(evaluation.config["split"]["_target_"]).endswith(SPLITS_BY_SITE)


def _external_testing(evaluation: Evaluation) -> Answer:
    if not _tests_other_sites(evaluation):
        return needs_human("The test cases come from the same sources as the training cases.", "limits")
    return filled("The test cases come from sites that training has not seen.", "participants", "metrics")


def _external_differences(evaluation: Evaluation) -> Answer:
    if not _tests_other_sites(evaluation):
        return not_applicable("nothing was tested on external data")
    return filled("Table 1 sets the test sites beside the training sites.", "participants")


def _limitations(evaluation: Evaluation) -> Answer:
    return needs_human("What the files tell is listed." if evaluation.test_scores else "", "limits")


def _input_quality(_: Evaluation) -> Answer:
    return needs_human("When not to trust an answer is said as far as the numbers tell.", "reliability")


def _robustness(_: Evaluation) -> Answer:
    return needs_human("Cases far from those of training, and unsure answers, are looked at apart.", "reliability")


ANSWERS: Answers[Evaluation] = {
    "measures": _measures,
    "statistics": _statistics,
    "performance": _performance,
    "performance_by_group": _performance_by_group,
    "diagnostic_performance": _diagnostic_performance,
    "variability": _variability,
    "fairness": _fairness,
    "sites": _sites,
    "recalibration": _recalibration,
    "threshold": _threshold,
    "crosstab": _crosstab,
    "internal_testing": _internal_testing,
    "external_testing": _external_testing,
    "external_differences": _external_differences,
    "limitations": _limitations,
    "input_quality": _input_quality,
    "robustness": _robustness,
}
