"""Metrics as tables: by split, by class, and by subgroup. Why a cell has no number stands under its table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reprodx.metrics.asked import Asked, Key, View
from reprodx.metrics.catalogue import metrics_in
from reprodx.metrics.heterogeneity import auroc_over_sites
from reprodx.metrics.metric import Need
from reprodx.reporting.evaluation import SPLIT_NAMES
from reprodx.reporting.page import Table
from reprodx.reporting.site_heterogeneity import heterogeneity_notes
from reprodx.reporting.wording import count, interval, number
from reprodx.schemas import GROUP_PREFIX, SITE, TEST, VAL, Task

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from reprodx.metrics.groups import GroupScore
    from reprodx.metrics.metric import Metric
    from reprodx.metrics.questions import Question
    from reprodx.reporting.evaluation import Evaluation
    from reprodx.schemas import Estimate

TOGETHER = {Task.MULTICLASS: "All classes together", Task.ORDINAL: "Grades", Task.MULTILABEL: "All labels together"}
EVENTS = {Task.BINARY: "Events", Task.ORDINAL: "Referable"}
"""Which cases of a group are counted apart."""
TOO_FEW = "too few"
"""How the reason begins for a subgroup that is too small."""


def metric_tables(evaluation: Evaluation) -> list[Table]:
    """Return every metric of the test and validation splits, those that need a threshold apart."""
    task = evaluation.task
    if task == Task.BINARY:
        return _of_question(evaluation.questions[0], evaluation)
    metrics = metrics_in(evaluation.asked.view)
    together = _by_split("metrics", TOGETHER[task], metrics, evaluation.asked, evaluation)
    if task == Task.MULTILABEL:
        return [together, *_by_label(evaluation)]
    referable = _of_question(evaluation.questions[0], evaluation) if task == Task.ORDINAL else []
    return [together, _by_class(evaluation), *referable]


def _of_question(question: Question, evaluation: Evaluation) -> list[Table]:
    """Return the metrics of the only question: whether a case is positive, or referable."""
    key, about = ("metrics", "") if evaluation.is_binary else ("metrics-referable", f", {question.name}")
    metrics, asked = metrics_in(question.asked.view), question.asked
    without = [one for one in metrics if Need.CALLS not in one.needs]
    tables = [_by_split(key, f"Whatever the threshold{about}", without, asked, evaluation)]
    if question.threshold.value is not None:
        caption = f"At the threshold {number(question.threshold.value)}{about}"
        called = [one for one in metrics if Need.CALLS in one.needs]
        tables.append(_by_split(f"{key}-threshold", caption, called, asked, evaluation))
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


def _by_split(key: str, caption: str, metrics: Sequence[Metric], asked: Asked, evaluation: Evaluation) -> Table:
    """Return metrics for test and validation side by side."""
    splits = [split for split in (TEST, VAL) if split in evaluation.scores]
    cells = {
        metric.heading_in(asked.view): [evaluation.scores[split][Key(metric.name, asked)] for split in splits]
        for metric in metrics
        if evaluation.of(metric.name, asked)
    }
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
    columns = [metric for metric in metrics_in(View.LABEL) if View.LABEL in metric.table_in]
    without = [metric for metric in columns if Need.CALLS not in metric.needs]
    called = [metric for metric in columns if Need.CALLS in metric.needs]
    cells = {one.name: _row(one.asked, without, evaluation) for one in evaluation.questions}
    calls = {one.name: _row(one.asked, called, evaluation) for one in evaluation.questions}
    thresholds = {one.name: number(one.threshold.value) for one in evaluation.questions}
    return [
        Table(
            key="metrics-by-label",
            caption=f"Each label, whatever the threshold, test ({evaluation.confidence})",
            columns=("Label", "n (events)", *(metric.heading_in(View.LABEL) for metric in without)),
            rows=tuple((name, _counts(row[0]), *map(value_cell, row)) for name, row in cells.items()),
            notes=reason_notes(cells),
        ),
        Table(
            key="metrics-by-label-threshold",
            caption=f"Each label at its threshold, test ({evaluation.confidence})",
            columns=("Label", "Threshold", *(metric.label for metric in called)),
            rows=tuple((name, thresholds[name], *map(value_cell, row)) for name, row in calls.items()),
            notes=reason_notes(calls),
        ),
    ]


def _row(asked: Asked, metrics: Sequence[Metric], evaluation: Evaluation) -> list[Estimate]:
    return [evaluation.test_scores[Key(metric.name, asked)] for metric in metrics]


def _by_class(evaluation: Evaluation) -> Table:
    columns = [metric for metric in metrics_in(View.CLASS) if View.CLASS in metric.table_in]
    cells = {name: _row(Asked(View.CLASS, name), columns, evaluation) for name in evaluation.classes}
    return Table(
        key="metrics-by-class",
        caption=f"Each class against the rest, test ({evaluation.confidence})",
        columns=("Class", "n (events)", *(metric.label for metric in columns)),
        rows=tuple((name, _counts(row[0]), *map(value_cell, row)) for name, row in cells.items()),
        notes=reason_notes(cells),
    )


def _by_group(column: str, groups: Sequence[GroupScore], evaluation: Evaluation) -> Table:
    name = column.removeprefix(GROUP_PREFIX)
    groups = sorted(groups, key=lambda group: reading_order(group.group))
    cells = {group.group: list(group.metrics.values()) for group in groups}
    events = [EVENTS[evaluation.task]] if evaluation.task in EVENTS else []
    counts = {group.group: [count(group.n), count(group.n_events)][: 1 + len(events)] for group in groups}
    return Table(
        key=f"group-{name}",
        caption=f"By {name}, test ({evaluation.confidence})",
        columns=(name.capitalize(), "Cases", *events, *map(evaluation.label, groups[0].metrics)),
        rows=tuple((value, *counts[value], *map(value_cell, row)) for value, row in cells.items()),
        notes=_over_sites(column, groups, evaluation) + reason_notes(cells) + minimum_note(cells, evaluation),
    )


def _over_sites(column: str, groups: Sequence[GroupScore], evaluation: Evaluation) -> tuple[str, ...]:
    by_site = {group.group: group.metrics["auroc"] for group in groups if "auroc" in group.metrics}
    if column != SITE:
        return ()
    level = evaluation.settings.confidence_level
    found = auroc_over_sites(by_site, confidence_level=level)
    return heterogeneity_notes(found, evaluation.label("auroc"), level)


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
