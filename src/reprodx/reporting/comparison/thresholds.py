"""What is called at which threshold: the 2x2 table of each model, and of each pair who is right where."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from reprodx.metrics.chosen_threshold import THRESHOLD, ChosenThreshold
from reprodx.reporting.comparison.evidence import p_value
from reprodx.reporting.comparison.folding import folded_if_long
from reprodx.reporting.headline import threshold_origin
from reprodx.reporting.metric_tables import value_cell
from reprodx.reporting.page import Block, Paragraph, Section, Table
from reprodx.reporting.wording import NOTHING, count
from reprodx.schemas import Task

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from reprodx.comparison.result import PairedDifference
    from reprodx.reporting.comparison.evidence import Evidence
    from reprodx.reporting.comparison.questions import ComparedQuestion

NOT_CHOSEN = "none of its own, see Comparability"
"""Of files that have no threshold of their own."""
RATES = ("sensitivity", "specificity", "ppv", "npv")


def thresholds_section(evidence: Evidence) -> Section:
    """Return what is called, how often rightly, and where two models disagree."""
    blocks: list[Block] = [Paragraph(_how_called(evidence))]
    if any(calls is not None for one in evidence.questions for each in one.called for calls in each):
        blocks += [folded_if_long(_counts(evidence)), *_rates(evidence), folded_if_long(_paired(evidence))]
    return Section("thresholds", "Thresholds", blocks)


def _how_called(evidence: Evidence) -> str:
    task = evidence.comparison.cases.task
    if task == Task.MULTICLASS:
        return "Each case is called the class with the highest probability, the first among equals."
    origins: dict[str, list[str]] = {}
    splits: set[str | None] = set()
    for name, _, source, _ in evidence.sources:
        entry = source.predictions.metadata.get(THRESHOLD)
        if task == Task.MULTILABEL:
            entry = next(iter(source.predictions.metadata.get("thresholds", {}).values()), None)
        chosen = ChosenThreshold.of(entry)
        splits.add(chosen.chosen_on)
        origin = NOT_CHOSEN if chosen.rule is None else threshold_origin(chosen)
        if name not in origins.setdefault(origin, []):
            origins[origin].append(name)
    rules = [origin if len(origins) == 1 else f"{', '.join(names)}: {origin}" for origin, names in origins.items()]
    is_certain = splits.isdisjoint({None, evidence.comparison.cases.split})
    certain = " No threshold was chosen on these cases." if is_certain else ""
    return f"How thresholds were chosen: {'; '.join(rules)}.{certain}"


def _counts(evidence: Evidence) -> Table:
    """Return the cells of each model's 2x2 table, a row for each question and member."""
    rows = [
        (*_names(question, position, index, evidence), *_cells(question, position, index))
        for question in evidence.questions
        for position in range(len(evidence.names))
        for index in range(len(question.called[position]))
    ]
    columns = ("Threshold", "True positive", "False negative", "False positive", "True negative")
    return Table(
        key="two-by-two",
        caption="The 2\N{MULTIPLICATION SIGN}2 table of each model",
        columns=("Model", *(() if evidence.question else ("Positive is",)), *columns),
        rows=tuple(rows),
        text_columns=("Positive is",),
        notes=(f"Positive is: {evidence.question.positive}.",) if evidence.question else (),
    )


def _names(question: ComparedQuestion, position: int, index: int, evidence: Evidence) -> tuple[str, ...]:
    name = evidence.names[position]
    members = evidence.comparison.cases.contenders[position].members
    if len(members) > 1:
        member = members[index]
        seed = "no seed named" if member.seed is None else f"seed {member.seed}"
        name = f"{name}, {seed}" + (f", repetition {member.repeat}" if member.repeat else "")
    return (name,) if evidence.question else (name, question.positive)


def _cells(question: ComparedQuestion, position: int, index: int) -> tuple[str, ...]:
    called = question.called[position][index]
    threshold = question.thresholds[position][index] if question.thresholds[position] else NOTHING
    if called is None:
        return (threshold, *[NOTHING] * 4)
    is_positive = question.is_positive
    cells = (called & is_positive, ~called & is_positive, called & ~is_positive, ~called & ~is_positive)
    return (threshold, *(count(int(cell.sum())) for cell in cells))


def _rates(evidence: Evidence) -> list[Block]:
    """Return the shares that follow from the calls, with their intervals."""
    question = evidence.question
    if question is None:
        return []
    found = [one for name in RATES if (one := evidence.comparison.of(name, question.asked))]
    if not found:
        return []
    rows = tuple(
        (name, *(value_cell(one.estimates[position]) for one in found)) for position, name in enumerate(evidence.names)
    )
    columns = ("Model", *(one.metric.label for one in found))
    return [folded_if_long(Table("rates", f"At each model's threshold ({evidence.confidence})", columns, rows))]


def _paired(evidence: Evidence) -> Table:
    """Return for each pair how many cases both, one or none calls rightly."""
    rows = tuple(row for question in evidence.questions for row in _paired_rows(question, evidence))
    has_several = any(len(contender.members) > 1 for contender in evidence.comparison.cases.contenders)
    notes = (
        "A model with several members is right where more than half of them are; the tests are of their means."
        if has_several
        else "p: exact McNemar of the cases that one alone has right, mid-p beside it; where patients have several "
        "cases, that of the difference by patient.",
    )
    return Table(
        key="paired-calls",
        caption="Who is right where",
        columns=("Pair and cases", "Both right", "First alone", "Second alone", "Neither", "p", "mid-p"),
        rows=rows,
        notes=notes,
    )


def _paired_rows(question: ComparedQuestion, evidence: Evidence) -> Iterator[tuple[str, ...]]:
    wrong = [question.share_wrong(position) for position in range(len(evidence.names))]
    parts = (
        (question.positive, question.is_positive, "sensitivity"),
        (question.negative, ~question.is_positive, "specificity"),
    )
    for pair in evidence.comparison.primary.pairs:
        first, second = wrong[pair.first], wrong[pair.second]
        if first is None or second is None:
            continue
        for about, is_of, metric in parts:
            tested = evidence.comparison.of(metric, question.asked)
            found = evidence.difference(tested, pair.first, pair.second) if tested else None
            name = f"{evidence.pair(pair.first, pair.second)}: {about}"
            yield (name, *_agreement(first[is_of] < 0.5, second[is_of] < 0.5), *_tests(found))


def _agreement(first: NDArray[np.bool_], second: NDArray[np.bool_]) -> tuple[str, ...]:
    cells = (first & second, first & ~second, ~first & second, ~first & ~second)
    return tuple(count(int(np.sum(cell))) for cell in cells)


def _tests(pair: PairedDifference | None) -> tuple[str, str]:
    return (NOTHING, NOTHING) if pair is None else (p_value(pair.difference.p_value), p_value(pair.difference.mid_p))
