"""For whom the difference holds: by site and subgroup, with the test that it is the same elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reprodx.reporting.comparison.evidence import difference_cell, p_value
from reprodx.reporting.comparison.folding import folded_if_long
from reprodx.reporting.comparison.forest import Forest, forest_figure, which_side
from reprodx.reporting.comparison.site_heterogeneity import heterogeneity_blocks
from reprodx.reporting.metric_tables import reading_order, value_cell
from reprodx.reporting.page import Block, Folded, Gallery, Paragraph, Section, Table
from reprodx.reporting.wording import count
from reprodx.schemas import GROUP_PREFIX

if TYPE_CHECKING:
    from collections.abc import Sequence

    from reprodx.comparison.result import GroupDifference
    from reprodx.reporting.comparison.evidence import Evidence


def groups_section(evidence: Evidence) -> Section:
    """Return the leading pair's differences by group as a picture and table; those of other pairs folded."""
    pairs = dict.fromkeys((group.first, group.second) for group in evidence.comparison.groups)
    if not pairs:
        text = "The files name neither sites nor groups, so nothing can be said of for whom the difference holds."
        return Section("groups", "Subgroups and sites", [Paragraph(text)])
    lead = evidence.lead
    leading = (lead.first, lead.second) if lead and (lead.first, lead.second) in pairs else next(iter(pairs))
    settings, label = evidence.comparison.settings, evidence.comparison.primary.metric.label
    told = (
        f"Differences in {label} within each group of at least {settings.min_group_size} cases and "
        f"{settings.min_group_events} of each class. p is Holm-adjusted over the groups of a pair. The interaction "
        "asks whether the difference is another than among all other cases; where nothing speaks for that, the "
        "difference of all is the best guess."
    )
    blocks: list[Block] = [Paragraph(told), *_picture(leading, evidence), folded_if_long(_table(leading, evidence))]
    blocks += heterogeneity_blocks(evidence)
    others = [pair for pair in pairs if pair != leading]
    blocks += [Folded(f"By group: {evidence.pair(*pair)}", _table(pair, evidence)) for pair in others]
    return Section("groups", "Subgroups and sites", blocks)


def _of(pair: tuple[int, int], evidence: Evidence) -> Sequence[GroupDifference]:
    """Return the groups of a pair: by column, "<50" before "50-<60" and ">=60", what is missing last."""
    found = [group for group in evidence.comparison.groups if (group.first, group.second) == pair]
    columns = list(dict.fromkeys(group.column for group in found))
    return sorted(found, key=lambda one: (columns.index(one.column), *reading_order(one.group)))


def _name(group: GroupDifference) -> str:
    return f"{group.column.removeprefix(GROUP_PREFIX)} {group.group}"


def _picture(pair: tuple[int, int], evidence: Evidence) -> list[Block]:
    primary = evidence.comparison.primary
    whole = evidence.difference(primary, *pair)
    rows = [(_name(group), group.difference.estimate) for group in _of(pair, evidence)]
    if all(estimate.value is None for _, estimate in rows):
        return []
    rows = [("all", whole.difference.estimate), *rows] if whole else rows
    hint = which_side(primary.metric.is_higher_better)
    forest = Forest(rows, None, f"{primary.metric.label}: {evidence.pair(*pair)}", hint)
    return [Gallery((forest_figure("group-forest", "The difference by group", forest, evidence.confidence),))]


def _table(pair: tuple[int, int], evidence: Evidence) -> Table:
    groups = _of(pair, evidence)
    has_events = any(group.n_events is not None for group in groups)
    first, second = (evidence.names[position] for position in pair)
    reasons = {_name(one): one.difference.estimate.reason for one in groups if one.difference.estimate.reason}
    return Table(
        key=f"groups-{pair[0]}-{pair[1]}",
        caption=f"{evidence.comparison.primary.metric.label} by group ({evidence.confidence}): {evidence.pair(*pair)}",
        columns=(
            "Group",
            "Cases",
            *(("Events",) if has_events else ()),
            first,
            second,
            "Difference",
            "p, Holm",
            "Interaction p, Holm",
        ),
        rows=tuple(
            (
                _name(group),
                count(group.n),
                *((count(group.n_events),) if has_events else ()),
                *(value_cell(estimate) for estimate in group.estimates),
                difference_cell(group.difference.estimate),
                p_value(group.p_holm),
                p_value(group.interaction_p),
            )
            for group in groups
        ),
        notes=tuple(f"{name}: {reason}." for name, reason in reasons.items()),
    )
