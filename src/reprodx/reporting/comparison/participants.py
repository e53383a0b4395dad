"""Who was read, who was left out, and who the compared cases are."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from reprodx.reporting.metric_tables import reading_order
from reprodx.reporting.page import Block, Paragraph, Section, Table
from reprodx.reporting.participants import class_values, participant_flow, table_one
from reprodx.reporting.wording import count, percent
from reprodx.schemas import GROUP_PREFIX, PATIENT_ID, SITE, Task

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reprodx.comparison.source import Source
    from reprodx.reporting.comparison.evidence import Evidence


def participants_section(evidence: Evidence) -> Section:
    """Return the participant flow and table 1 of a tracked run, where there is one, and who was compared."""
    cases = evidence.comparison.cases
    sources = [source for *_, source, _ in evidence.sources]
    standards = {str(found) for one in sources if (found := one.predictions.metadata.get("reference_standard"))}
    standard = "; ".join(sorted(standards)) or "not stated in the files"
    blocks: list[Block] = [
        Paragraph(f"Compared on {evidence.who}. Reference standard: {standard}. Sampling: {cases.sampling.in_words}.")
    ]
    blocks += _as_prepared(sources, is_crossed=cases.folds is not None)
    return Section("participants", "Participants", [*blocks, _compared(evidence)])


def _as_prepared(sources: list[Source], *, is_crossed: bool) -> list[Block]:
    """Return flow and table 1 of the first run that has them, which serve for all: the cases are the same."""
    blocks: list[Block] = []
    runs = [source.run for source in sources if source.run]
    if not runs:
        return [Paragraph("No tracked run is compared, so nothing is known of exclusions and of other splits.")]
    with_manifest = next((run for run in runs if run.manifest is not None), None)
    with_table = next((run for run in runs if run.table_one is not None), None)
    if with_manifest and with_manifest.manifest is not None:
        fold = " (one fold of the cross-validation)" if is_crossed else ""
        blocks.append(Paragraph(f"How the cases of run {with_manifest.name} came together{fold}:"))
        blocks += [participant_flow(with_manifest.manifest), *class_values(with_manifest.manifest)]
    if with_table and with_table.table_one is not None:
        blocks.append(table_one(with_table.table_one))
    return blocks


def _compared(evidence: Evidence) -> Table:
    events = [(question.positive, question.is_positive) for question in evidence.questions]
    is_event = events[0][1] if len(events) == 1 else None
    columns = ("Cases of", "Cases", "Share", "Patients", *(() if is_event is None else (events[0][0].capitalize(),)))
    table = evidence.comparison.cases.table
    if is_event is not None:
        table = table.with_columns(is_event=pl.Series(is_event))
    return Table(
        key="compared-cases",
        caption=f"Who was compared: the {evidence.comparison.cases.split} split",
        columns=columns,
        rows=tuple(_rows(table, evidence)),
        notes=() if evidence.comparison.cases.has_patients else ("Patients are not named: each case counts as one.",),
    )


def _rows(table: pl.DataFrame, evidence: Evidence) -> Iterator[tuple[str, ...]]:
    cases, total = evidence.comparison.cases, table.height
    yield _row("all", table, total)
    if cases.task == Task.MULTILABEL:
        for index, name in enumerate(cases.classes):
            yield _row(f"label {name}", table.filter(pl.Series(cases.targets[:, index] == 1)), total)
    else:
        for index, name in enumerate(cases.classes):
            yield _row(f"true class {name}", table.filter(pl.Series(cases.targets == index)), total)
    for column in [SITE, *(name for name in table.columns if name.startswith(GROUP_PREFIX))]:
        if column in table.columns:
            parts = table.with_columns(pl.col(column).fill_null("missing")).partition_by(column)
            for part in sorted(parts, key=lambda one: reading_order(one[column][0])):
                yield _row(f"{column.removeprefix(GROUP_PREFIX)} {part[column][0]}", part, total)


def _row(name: str, part: pl.DataFrame, total: int) -> tuple[str, ...]:
    events = [count(int(part["is_event"].sum()))] if "is_event" in part.columns else []
    patients = part[PATIENT_ID].n_unique() if PATIENT_ID in part.columns else part.height
    return (name, count(part.height), percent(part.height, total), count(patients), *events)
