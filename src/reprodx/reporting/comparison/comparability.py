"""Why the models may be compared: what was checked, what each of them is, and how often the cases were looked at."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reprodx.reporting.comparison.folding import folded_if_long
from reprodx.reporting.comparison.headline import ledger_words
from reprodx.reporting.page import Block, Bullets, Folded, Paragraph, Section, Table
from reprodx.reporting.wording import NOTHING, count

if TYPE_CHECKING:
    from reprodx.artifacts.openings import Ledger, Opening
    from reprodx.comparison.compared_cases import Contender
    from reprodx.reporting.comparison.evidence import Evidence

SHORT_HASH = 12
"""Digits that are shown of a hash in a table."""


def comparability_section(evidence: Evidence) -> Section:
    """Return the checks, the contenders, and the openings of the test split."""
    cases = evidence.comparison.cases
    blocks: list[Block] = []
    if cases.checks:
        blocks.append(
            Table("checks", "Checked before comparing", ("Check", "Found"), cases.checks, text_columns=("Found",))
        )
    if cases.notes:
        blocks += [Paragraph("To be known of how the cases came together:"), Bullets(cases.notes)]
    blocks += [folded_if_long(_contenders(evidence)), Paragraph(ledger_words(evidence))]
    if evidence.ledger and evidence.ledger.entries:
        blocks.append(Folded("Every experiment that was scored on the test split", _openings(evidence.ledger)))
    return Section("comparability", "Comparability", blocks)


def _contenders(evidence: Evidence) -> Table:
    contenders = evidence.comparison.cases.contenders
    has_lost = any(contender.num_lost for contender in contenders)
    return Table(
        key="contenders",
        caption="What is compared",
        columns=(
            "Model",
            "Role",
            "Runs or files",
            "Members",
            "Seeds",
            "Training cases",
            *(("Cases left out", "Positive ones") if has_lost else ()),
        ),
        rows=tuple(
            (*_facts(position, contender), *(_lost(contender) if has_lost else ()))
            for position, contender in enumerate(contenders)
        ),
        text_columns=("Role", "Seeds"),
    )


def _facts(position: int, contender: Contender) -> tuple[str, ...]:
    seeds = sorted({member.seed for member in contender.members if member.seed is not None})
    return (
        contender.name,
        "compared" if position else "reference",
        count(sum(len(member.sources) for member in contender.members)),
        count(len(contender.members)),
        ", ".join(map(str, seeds)) or NOTHING,
        count(contender.num_train),
    )


def _lost(contender: Contender) -> tuple[str, str]:
    return count(contender.num_lost), count(contender.num_events_lost)


def _openings(ledger: Ledger) -> Table:
    return Table(
        key="openings",
        caption="The first opening of the test split by each experiment",
        columns=("Model", "Seed", "When", "Margin", "Config hash", "Run"),
        rows=tuple(_opening(one, ledger) for one in ledger.entries),
        text_columns=("When", "Config hash", "Run"),
        notes=(f"Split hash {ledger.split_hash}. An experiment is a recipe with its seed, fold and repetition.",),
    )


def _opening(one: Opening, ledger: Ledger) -> tuple[str, ...]:
    run = ledger.run_of(one)
    told = NOTHING if run is None else f"{run.run_id} (deleted)" if run.is_deleted else run.run_id
    known = (one.seed, one.opened_at, one.margin, one.config_hash[:SHORT_HASH])
    return (one.name, *(text or NOTHING for text in known), told)
