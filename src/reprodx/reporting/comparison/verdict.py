"""The verdict on every pair, what it would take to say more, and the luck of choosing and of seeds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reprodx.reporting.comparison.brief import margin_words, selection_words
from reprodx.reporting.comparison.evidence import difference_cell, p_value
from reprodx.reporting.comparison.folding import folded_if_long
from reprodx.reporting.comparison.planning import PURPOSE, needed_cell
from reprodx.reporting.metric_tables import value_cell
from reprodx.reporting.page import Block, Bullets, Folded, Paragraph, Section, Table
from reprodx.reporting.wording import NOTHING, count, number

if TYPE_CHECKING:
    from reprodx.comparison.result import Verdict
    from reprodx.reporting.comparison.evidence import Evidence

MAX_SENTENCES = 6
"""Pairs whose reasons are written out."""


def verdict_section(evidence: Evidence) -> Section:
    """Return the verdicts in words and as a table, then what selection and seeds contribute."""
    verdicts, settings = evidence.comparison.verdicts, evidence.comparison.settings
    primary = evidence.comparison.primary
    told = tuple(one.reason for one in _first(evidence)[:MAX_SENTENCES])
    adjusted = "Holm-adjusted " if primary.num_tests > 1 else ""
    rule = (
        f"Verdicts are given of {primary.metric.label}. Superior or inferior: the {adjusted}p value is below "
        f"{settings.alpha:.2g}. Non-inferior: the interval stays within the margin. {margin_words(evidence)}"
    )
    blocks: list[Block] = [Paragraph(rule)]
    if told:
        blocks += [Bullets(told), folded_if_long(_verdict_table(evidence))]
    if len(verdicts) > len(told):
        blocks.append(Paragraph(f"Written out are {len(told)} of {len(verdicts)} verdicts; the table has all."))
    return Section("verdict", "Verdict", [*blocks, *_selection(evidence), *_members(evidence)])


def _first(evidence: Evidence) -> list[Verdict]:
    """Return the verdicts, that on the leading pair first."""
    return sorted(evidence.comparison.verdicts, key=lambda verdict: verdict is not evidence.lead)


def _verdict_table(evidence: Evidence) -> Table:
    primary, settings = evidence.comparison.primary, evidence.comparison.settings
    unit = "Patients" if evidence.comparison.cases.has_patients else "Cases"
    rows = []
    for verdict in evidence.comparison.verdicts:
        pair = evidence.difference(primary, verdict.first, verdict.second)
        p = NOTHING if pair is None else p_value(primary.claimed_p(pair))
        cells = (NOTHING if pair is None else difference_cell(pair.difference.estimate), p)
        name = evidence.pair(verdict.first, verdict.second)
        rows.append((name, verdict.word.value, *cells, number(verdict.minimum_detectable), needed_cell(verdict)))
    return Table(
        key="verdicts",
        caption=f"The verdict on each pair, by {primary.metric.label}",
        columns=(
            "Pair",
            "First is",
            f"Difference ({evidence.confidence})",
            "p, Holm" if primary.num_tests > 1 else "p",
            "Minimum detectable difference",
            f"{unit} needed",
        ),
        rows=tuple(rows),
        text_columns=("First is",),
        notes=(
            f"Minimum detectable: the smallest true difference that these cases would show with "
            f"{100 * settings.power:g}% power at a two-sided level of {settings.alpha:.2g}. {unit} needed: "
            f"{PURPOSE} with that power. More seeds: these alone vary by too much for any number of {unit.lower()}.",
        ),
    )


def _selection(evidence: Evidence) -> list[Block]:
    selection = evidence.comparison.selection
    if selection is None:
        return []
    table = Table(
        key="selection",
        caption=f"What the choice was made by: {evidence.comparison.primary.metric.label} on {selection.chosen_on}",
        columns=("Model", f"Value ({evidence.confidence})", "Chosen"),
        rows=tuple(
            (name, value_cell(estimate), "yes" if position == selection.winner else "")
            for position, (name, estimate) in enumerate(zip(evidence.names, selection.validation, strict=True))
        ),
        text_columns=("Chosen",),
    )
    return [Paragraph(selection_words(selection, evidence.names)), Folded("What the choice was made by", table)]


def _members(evidence: Evidence) -> list[Block]:
    """Return what seeds and repetitions change, with their ensembles beside."""
    primary, contenders = evidence.comparison.primary, evidence.comparison.cases.contenders
    if all(spread is None for spread in primary.spreads):
        return []
    ensembles = {one.contender: one.metrics.get(primary.metric.name) for one in evidence.comparison.ensembles}
    rows = []
    for position, (spread, estimate) in enumerate(zip(primary.spreads, primary.estimates, strict=True)):
        ensemble = ensembles.get(position)
        shown = value_cell(ensemble) if ensemble else NOTHING
        num_members = count(len(contenders[position].members))
        rows.append((evidence.names[position], num_members, value_cell(estimate), number(spread), shown))
    table = Table(
        key="members",
        caption=f"Seeds and repetitions: {primary.metric.label} ({evidence.confidence})",
        columns=("Model", "Members", "Mean over members", "Standard deviation", "Ensemble"),
        rows=tuple(rows),
        notes=(
            "A model is judged by the mean over its members, so that a lucky seed is not a better model. The "
            "ensemble averages their probabilities; it is a model of its own and enters no verdict.",
        ),
    )
    return [folded_if_long(table)]
