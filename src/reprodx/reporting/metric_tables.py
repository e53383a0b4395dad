"""Metrics as tables: by split, by class, and by subgroup. Why a cell has no number stands under its table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reprodx.metrics.binary import PREVALENCE_METRICS, THRESHOLD_METRICS
from reprodx.metrics.heterogeneity import auroc_over_sites
from reprodx.reporting.evaluation import SPLIT_NAMES
from reprodx.reporting.page import Table
from reprodx.reporting.site_heterogeneity import heterogeneity_notes
from reprodx.reporting.wording import count, interval, number
from reprodx.schemas import GROUP_PREFIX, SITE, TEST, VAL, Task

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from reprodx.metrics.groups import GroupScore
    from reprodx.metrics.questions import Question
    from reprodx.reporting.evaluation import Evaluation
    from reprodx.schemas import Estimate

LABELS = {
    "kappa": "Quadratic weighted kappa (0 is chance)",
    "mae": "Mean distance to the true grade, in grades",
    "within_1": "Within one grade of the true one",
    "auroc": "AUROC",
    "auroc_micro": "AUROC, all pairs of case and label",
    "average_precision": "Average precision",
    "average_precision_macro": "Average precision, mean over labels",
    "brier": "Brier score (0 is perfect)",
    "scaled_brier": "Scaled Brier score (1 is perfect)",
    "calibration_slope": "Calibration slope (1 is ideal)",
    "calibration_intercept": "Calibration intercept (0 is ideal)",
    "calibration_in_the_large": "Calibration in the large (0 is ideal)",
    "ici": "Mean calibration error, ICI",
    "e50": "Median calibration error, E50",
    "e90": "90th percentile of calibration error, E90",
    "emax": "Largest calibration error, Emax",
    "ici_null": "ICI of a perfectly calibrated model, mean and range",
    "ece": "Binned calibration error, ECE",
    "ece_null": "ECE of a perfectly calibrated model, mean and range",
    "sensitivity": "Sensitivity",
    "specificity": "Specificity",
    "ppv": "Positive predictive value",
    "npv": "Negative predictive value",
    "ppv_at_prevalence": "Positive predictive value, stated prevalence",
    "npv_at_prevalence": "Negative predictive value, stated prevalence",
    "lr_positive": "Positive likelihood ratio",
    "lr_negative": "Negative likelihood ratio",
    "hand_till": "Hand and Till's M",
    "accuracy": "Accuracy",
    "balanced_accuracy": "Balanced accuracy",
    "f1": "F1",
    "f1_macro": "F1, mean over classes",
}
"""Metrics in words, in the order of the tables: what STRATOS calls essential first, accuracy and F1 last."""
CLASS_LABELS = {"auroc": "AUROC, mean over classes", "brier": "Brier score (0 is perfect, 2 is worst)"}
CALL_METRICS = (*THRESHOLD_METRICS, *PREVALENCE_METRICS)
"""What has a value only at a threshold."""
TASK_LABELS = {
    Task.BINARY: LABELS,
    Task.MULTICLASS: LABELS | CLASS_LABELS,
    Task.ORDINAL: LABELS | CLASS_LABELS,
    Task.MULTILABEL: LABELS | {"auroc": "AUROC, mean over labels", "brier": "Brier score, mean over labels"},
}
"""What the metrics of all classes or labels together are called."""
TOGETHER = {Task.MULTICLASS: "All classes together", Task.ORDINAL: "Grades", Task.MULTILABEL: "All labels together"}
CLASS_METRICS = ("auroc", "sensitivity", "specificity", "ppv", "npv")
"""What is scored of each of several classes against the rest."""
LABEL_METRICS = ("auroc", "average_precision", "brier", "calibration_slope")
LABEL_THRESHOLD_METRICS = ("sensitivity", "specificity", "ppv", "npv")
"""What is shown of each label; all that is scored is in `results/metrics.json`."""
EVENTS = {Task.BINARY: "Events", Task.ORDINAL: "Referable"}
"""Which cases of a group are counted apart."""
TOO_FEW = "too few"
"""How the reason begins for a subgroup that is too small."""


def metric_tables(evaluation: Evaluation) -> list[Table]:
    """Return every metric of the test and validation splits, those that need a threshold apart."""
    task, labels = evaluation.task, TASK_LABELS[evaluation.task]
    if task == Task.BINARY:
        return _of_question(evaluation.questions[0], evaluation)
    names = {labels[name]: name for name in LABELS if name in evaluation.test_scores}
    together = _by_split("metrics", TOGETHER[task], names, evaluation)
    if task == Task.MULTILABEL:
        return [together, *_by_label(evaluation)]
    referable = _of_question(evaluation.questions[0], evaluation) if task == Task.ORDINAL else []
    return [together, _by_class(evaluation), *referable]


def _of_question(question: Question, evaluation: Evaluation) -> list[Table]:
    """Return the metrics of the only question: whether a case is positive, or referable."""
    key, about = ("metrics", "") if evaluation.is_binary else ("metrics-referable", f", {question.name}")
    names = {name: LABELS[name] for name in LABELS if name + question.suffix in evaluation.test_scores}
    without = {label: name + question.suffix for name, label in names.items() if name not in CALL_METRICS}
    at_threshold = {label: name + question.suffix for name, label in names.items() if name in CALL_METRICS}
    tables = [_by_split(key, f"Whatever the threshold{about}", without, evaluation)]
    if question.threshold.value is not None:
        caption = f"At the threshold {number(question.threshold.value)}{about}"
        tables.append(_by_split(f"{key}-threshold", caption, at_threshold, evaluation))
    return tables


def group_tables(evaluation: Evaluation) -> list[Table]:
    """Return performance on the test split by site and by each other grouping, one table for each."""
    columns = dict.fromkeys(group.column for group in evaluation.groups)
    return [
        _by_group(column, [group for group in evaluation.groups if group.column == column], evaluation)
        for column in columns
    ]


def value_cell(estimate: Estimate) -> str:
    """Return what a cell says of an estimate.

    >>> from reprodx.schemas import Estimate
    >>> value_cell(Estimate(0.9, 0.85, 0.94, 100, 40, "Wilson")), value_cell(Estimate.undefined("no case", n=0))
    ('0.900 (0.850 to 0.940)', 'not estimable')
    >>> value_cell(Estimate.undefined("too few: 3 cases", n=3))
    'too few'
    """
    if estimate.value is None:
        return TOO_FEW if _is_too_few(estimate) else "not estimable"
    return f"{number(estimate.value)} ({interval(estimate)})"


def _by_split(key: str, caption: str, names: Mapping[str, str], evaluation: Evaluation) -> Table:
    """Return metrics, which are given by their label, for test and validation side by side."""
    splits = [split for split in (TEST, VAL) if split in evaluation.scores]
    cells = {label: [evaluation.scores[split][name] for split in splits] for label, name in names.items()}
    headings = [SPLIT_NAMES[split].capitalize() for split in splits]
    return Table(
        key=key,
        caption=caption,
        columns=(
            "Metric",
            *(text for split in headings for text in (f"{split} ({evaluation.confidence})", f"{split} n (events)")),
            "Interval of test",
        ),
        rows=tuple(
            (label, *(text for estimate in row for text in (value_cell(estimate), _counts(estimate))), row[0].method)
            for label, row in cells.items()
        ),
        text_columns=("Interval of test",),
        notes=reason_notes(cells),
    )


def _by_label(evaluation: Evaluation) -> list[Table]:
    scores = evaluation.test_scores
    cells = {one.name: [scores[name + one.suffix] for name in LABEL_METRICS] for one in evaluation.questions}
    calls = {one.name: [scores[name + one.suffix] for name in LABEL_THRESHOLD_METRICS] for one in evaluation.questions}
    thresholds = {one.name: number(one.threshold.value) for one in evaluation.questions}
    return [
        Table(
            key="metrics-by-label",
            caption=f"Each label, whatever the threshold, test ({evaluation.confidence})",
            columns=("Label", "n (events)", *(LABELS[name] for name in LABEL_METRICS)),
            rows=tuple((name, _counts(row[0]), *map(value_cell, row)) for name, row in cells.items()),
            notes=reason_notes(cells),
        ),
        Table(
            key="metrics-by-label-threshold",
            caption=f"Each label at its threshold, test ({evaluation.confidence})",
            columns=("Label", "Threshold", *(LABELS[name] for name in LABEL_THRESHOLD_METRICS)),
            rows=tuple((name, thresholds[name], *map(value_cell, row)) for name, row in calls.items()),
            notes=reason_notes(calls),
        ),
    ]


def _by_class(evaluation: Evaluation) -> Table:
    cells = {
        name: [evaluation.test_scores[f"{metric}_{name}"] for metric in CLASS_METRICS] for name in evaluation.classes
    }
    return Table(
        key="metrics-by-class",
        caption=f"Each class against the rest, test ({evaluation.confidence})",
        columns=("Class", "n (events)", *(LABELS[metric] for metric in CLASS_METRICS)),
        rows=tuple((name, _counts(row[0]), *map(value_cell, row)) for name, row in cells.items()),
        notes=reason_notes(cells),
    )


def _by_group(column: str, groups: Sequence[GroupScore], evaluation: Evaluation) -> Table:
    name, labels = column.removeprefix(GROUP_PREFIX), TASK_LABELS[evaluation.task]
    groups = sorted(groups, key=lambda group: reading_order(group.group))
    cells = {group.group: list(group.metrics.values()) for group in groups}
    events = [EVENTS[evaluation.task]] if evaluation.task in EVENTS else []
    counts = {group.group: [count(group.n), count(group.n_events)][: 1 + len(events)] for group in groups}
    return Table(
        key=f"group-{name}",
        caption=f"By {name}, test ({evaluation.confidence})",
        columns=(name.capitalize(), "Cases", *events, *(labels[metric] for metric in groups[0].metrics)),
        rows=tuple((value, *counts[value], *map(value_cell, row)) for value, row in cells.items()),
        notes=_over_sites(column, groups, evaluation) + reason_notes(cells) + minimum_note(cells, evaluation),
    )


def _over_sites(column: str, groups: Sequence[GroupScore], evaluation: Evaluation) -> tuple[str, ...]:
    by_site = {group.group: group.metrics["auroc"] for group in groups if "auroc" in group.metrics}
    if column != SITE:
        return ()
    level = evaluation.settings.confidence_level
    found = auroc_over_sites(by_site, confidence_level=level)
    return heterogeneity_notes(found, TASK_LABELS[evaluation.task]["auroc"], level)


def reading_order(group: str) -> tuple[bool, bool, bool, str]:
    """Return a key that puts "<50" before "50-<60" and ">=60", and what is missing last."""
    return "missing" in group, group.startswith(">"), not group.startswith("<"), group


def _counts(estimate: Estimate) -> str:
    events = "" if estimate.n_events is None else f" ({count(estimate.n_events)})"
    return f"{count(estimate.n)}{events}"


def _is_too_few(estimate: Estimate) -> bool:
    return (estimate.reason or "").startswith(TOO_FEW)


def reason_notes(cells: Mapping[str, Iterable[Estimate]]) -> tuple[str, ...]:
    """Return a line for each reason why a number is missing, with the rows that it is about."""
    rows_by_reason: dict[str, dict[str, None]] = {}
    for label, estimates in cells.items():
        for estimate in estimates:
            if estimate.reason and not _is_too_few(estimate):
                rows_by_reason.setdefault(estimate.reason, {})[label] = None
    return tuple(f"{'; '.join(rows)}: {reason}." for reason, rows in rows_by_reason.items())


def minimum_note(cells: Mapping[str, Iterable[Estimate]], evaluation: Evaluation) -> tuple[str, ...]:
    """Return the line that says what is too few, where a group is too small; else none."""
    if not any(_is_too_few(estimate) for row in cells.values() for estimate in row):
        return ()
    settings = evaluation.settings
    return (f"Too few: under {settings.min_group_size} cases, or under {settings.min_group_events} of a class.",)
