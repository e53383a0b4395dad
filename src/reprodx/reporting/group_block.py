"""Whether groups differ: each from the rest, and the best from the worst beside what chance alone gives."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reprodx.metrics.group_gaps import NULL_LEVEL, group_gaps
from reprodx.metrics.rest_differences import rest_differences
from reprodx.reporting.metric_tables import (
    TOO_FEW,
    group_tables,
    minimum_note,
    reading_order,
    reason_notes,
)
from reprodx.reporting.page import Block, Paragraph, Section, Table
from reprodx.reporting.wording import NOTHING, count, number
from reprodx.schemas import GROUP_PREFIX

if TYPE_CHECKING:
    from collections.abc import Sequence

    from reprodx.metrics.group_gaps import GroupGap
    from reprodx.metrics.rest_differences import RestDifference
    from reprodx.reporting.evaluation import Evaluation
    from reprodx.schemas import Estimate

SMALLEST_P = 0.001
"""Below it a p-value is said to be smaller."""
ALPHA = 0.05
"""From which p-value on a difference is taken for one that chance may give."""
NO_GROUPS = "The data name neither sites nor groups."


def subgroups_section(evaluation: Evaluation) -> Section:
    """Return performance by site and subgroup, and whether groups differ."""
    key, heading = "subgroups", "Sites and subgroups"
    tables = group_tables(evaluation)
    if not tables:
        return Section(key, heading, [Paragraph(NO_GROUPS)])
    differences = rest_differences(evaluation.test, evaluation.settings)
    gaps = group_gaps(evaluation.test, evaluation.settings)
    if not gaps:
        return Section(key, heading, [Paragraph("All test cases are of one group."), *tables])
    blocks: list[Block] = [Paragraph(_told(differences, gaps))]
    for table in tables:
        name = table.key.removeprefix("group-")
        own = [one for one in differences if one.column.removeprefix(GROUP_PREFIX) == name]
        blocks += [table, *([_difference_table(name, own, evaluation)] if own else [])]
    return Section(key, heading, [*blocks, _gap_table(gaps, evaluation)])


def difference_cell(estimate: Estimate) -> str:
    """Return what a cell says of a difference.

    >>> from reprodx.schemas import Estimate
    >>> difference_cell(Estimate(0.1, -0.02, 0.22, 100, None, "Newcombe"))
    '+0.100 (−0.020 to +0.220)'
    >>> difference_cell(Estimate.undefined("too few: 3 cases", n=3))
    'too few'
    """
    if estimate.value is None:
        return TOO_FEW if (estimate.reason or "").startswith(TOO_FEW) else "not estimable"
    if estimate.ci_low is None or estimate.ci_high is None:
        return f"{_signed(estimate.value)} (no interval)"
    return f"{_signed(estimate.value)} ({_signed(estimate.ci_low)} to {_signed(estimate.ci_high)})"


def p_cell(value: float | None) -> str:
    """Return a p-value for reading.

    >>> p_cell(0.0421), p_cell(0.00002), p_cell(None)
    ('0.042', '<0.001', '–')
    """
    return f"<{SMALLEST_P}" if value is not None and value < SMALLEST_P else number(value)


def _told(differences: Sequence[RestDifference], gaps: Sequence[GroupGap]) -> str:
    """Return in words what was tested and what came of it."""
    found = [f"{one.group} ({_name(one.column)})" for one in differences if (one.p_holm or 1) < ALPHA]
    large = dict.fromkeys(_name(one.column) for one in gaps if (one.p_value or 1) < ALPHA)
    shown = [
        f"From all other cases differ by more than chance explains: {', '.join(dict.fromkeys(found))}."
        if found
        else "No group is shown to differ from all other cases; in small groups that is no proof that it does not.",
        f"The gap between best and worst is larger than chance explains by {', '.join(large)}." if large else "",
        "Each group is compared with all other cases of its column; p is Holm-adjusted over the groups of the column "
        "where there are more than two. Groups that are alike differ by chance too: the last table shows by how much.",
    ]
    return " ".join(filter(None, shown))


def _difference_table(name: str, differences: Sequence[RestDifference], evaluation: Evaluation) -> Table:
    metrics = tuple(dict.fromkeys(one.metric for one in differences))
    groups = sorted(dict.fromkeys(one.group for one in differences), key=reading_order)
    cells = {group: [one for one in differences if one.group == group] for group in groups}
    estimates = {group: [one.estimate for one in row] for group, row in cells.items()}
    methods = dict.fromkeys(one.estimate.method for one in differences if one.estimate.value is not None)
    return Table(
        key=f"group-{name}-difference",
        caption=f"By {name}: difference to all other cases, test ({evaluation.confidence}; p)",
        columns=(name.capitalize(), *(evaluation.label(one) for one in metrics)),
        rows=tuple((group, *map(_tested_cell, row)) for group, row in cells.items()),
        notes=(
            *([f"Methods: {'; '.join(methods)}."] if methods else []),
            *reason_notes(estimates),
            *minimum_note(estimates, evaluation),
        ),
    )


def _gap_table(gaps: Sequence[GroupGap], evaluation: Evaluation) -> Table:
    reasons = dict.fromkeys(
        f"{_name(one.column)}, {evaluation.label(one.metric)}: {one.reason}." for one in gaps if one.reason
    )
    left_out = {_name(one.column): one.left_out for one in gaps if one.left_out}
    draws = sorted({one.num_draws for one in gaps if one.num_draws})
    times = "/".join(map(count, draws))
    made = f"If all are alike: groups handed out anew among the patients of each class, {times} times"
    return Table(
        key="group-gaps",
        caption="Largest gap between groups, test",
        columns=(
            "Metric by grouping",
            "Gap",
            "Highest",
            "Lowest",
            "Mean gap if all are alike",
            f"{NULL_LEVEL:.0%} of gaps lie under, if all are alike",
            "p",
            "Groups",
        ),
        rows=tuple(
            (
                f"{evaluation.label(one.metric)} by {_name(one.column)}",
                number(one.gap),
                one.highest or NOTHING,
                one.lowest or NOTHING,
                number(one.null_mean),
                number(one.null_high),
                p_cell(one.p_value),
                count(len(one.groups)),
            )
            for one in gaps
        ),
        text_columns=("Highest", "Lowest"),
        notes=(
            *([f"{made}."] if draws else []),
            *(f"Too few cases, left out of gaps by {name}: {', '.join(groups)}." for name, groups in left_out.items()),
            *reasons,
        ),
    )


def _name(column: str) -> str:
    return column.removeprefix(GROUP_PREFIX)


def _tested_cell(one: RestDifference) -> str:
    p_value = "" if one.p_holm is None else f"; p {p_cell(one.p_holm)}"
    return f"{difference_cell(one.estimate)}{p_value}"


def _signed(value: float) -> str:
    text = number(value)
    return f"+{text}" if value > 0 and text.strip("0.") else text
