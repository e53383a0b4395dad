"""A comparison as text for a terminal: plain ASCII, at most `WIDTH` columns."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

from reprodx.reporting.comparison.brief import selection_words
from reprodx.reporting.comparison.evidence import difference_cell
from reprodx.reporting.comparison.notes import comparison_notes
from reprodx.reporting.comparison.planning import planning_words
from reprodx.reporting.wording import counted, interval, number

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from reprodx.comparison.result import Comparison, MetricComparison, PairedDifference
    from reprodx.schemas import Estimate

WIDTH = 100
"""Columns of the narrowest terminal that is thought of."""
MAX_NAME = 20
"""Letters of a name in a column."""
MAX_LABEL, MAX_VALUE = 34, 16
"""Letters of a metric, and of a name over its values."""
PLAIN = str.maketrans(
    {"\N{MINUS SIGN}": "-", "\N{EN DASH}": "-", "\N{NARROW NO-BREAK SPACE}": ",", "\N{NO-BREAK SPACE}": " "}
)
"""What stands in for letters that not every terminal has."""
SMALLEST_P = 0.0001
MAX_PAIRS = 3
"""Pairs up to which all metrics are shown, not the primary one alone."""


def comparison_table(comparison: Comparison) -> str:
    """Return a comparison as lines for a terminal.

    Args:
        comparison: What was found.

    Returns:
        Lines of at most `WIDTH` columns of ASCII, the last with a line break: cases, the primary metric of each model
        with its difference and verdict, the other metrics where pairs are few, then reasons and notes.
    """
    lines = [*_head(comparison), "", *_primary(comparison), "", *_verdicts(comparison)]
    if len(comparison.primary.pairs) <= MAX_PAIRS and len(comparison.metrics) > 1:
        lines += ["", *_others(comparison)]
    notes = [*_folds(comparison), *_notes(comparison)]
    lines += ["", *notes] if notes else []
    return "".join(f"{plain(line).rstrip()}\n" for line in lines)


def plain(text: str) -> str:
    r"""Return text in ASCII, letters that it lacks as question marks.

    >>> plain("\N{MINUS SIGN}0.5 \N{EN DASH} \N{GREEK SMALL LETTER BETA}")
    '-0.5 - ?'
    """
    return text.translate(PLAIN).encode("ascii", "replace").decode()


def _head(comparison: Comparison) -> list[str]:
    cases, settings = comparison.cases, comparison.settings
    who = counted(cases.table.height, "case")
    if cases.has_patients and cases.patients is not None:
        who += f" of {counted(int(cases.patients.max()) + 1, 'patient')}"
    elif cases.has_patients:
        who = counted(cases.table.height, "patient")
    parts = f"{len(cases.contenders)} models on the {cases.split} split: {who}. Reference: {cases.contenders[0].name}."
    level = f"{100 * settings.confidence_level:g}%"
    margin = number(settings.margin.value) if settings.margin.value else "none"
    margin = f"Intervals {level}; margin {margin}, stated {settings.margin.origin}."
    return [*_wrapped(parts), *_wrapped(margin)]


def _primary(comparison: Comparison) -> list[str]:
    one = comparison.primary
    words = {(verdict.first, verdict.second): verdict.word.value for verdict in comparison.verdicts}
    pairs = {pair.first: pair for pair in one.pairs if pair.second == 0}
    rows = []
    for position, name in enumerate(_names(comparison)):
        pair = pairs.get(position)
        cells = _cells(pair, one) if pair else ("", "")
        verdict = words.get((position, 0), "reference" if position == 0 else "")
        rows.append((name, _value(one.estimates[position]), *cells, verdict))
    header = ("model", _label(one), "difference", _p_header([one]), "verdict")
    beside = [pair for pair in one.pairs if pair.second != 0]
    names = _names(comparison)
    for pair in beside:
        both = f"{names[pair.first][:9]} - {names[pair.second][:8]}"
        rows.append((both, "", *_cells(pair, one), words.get((pair.first, pair.second), "")))
    return _aligned(header, rows)


def _others(comparison: Comparison) -> list[str]:
    """Return the other metrics, a table for each pair; of single classes or labels the primary one alone."""
    names = [contender.name for contender in comparison.cases.contenders]
    shown = [one for one in comparison.metrics[1:] if _is_shown(one, comparison.primary)]
    lines = []
    for place, pair in enumerate(comparison.primary.pairs):
        found = [(one, one.pairs[place]) for one in shown]
        rows = [(_short(_label(one), MAX_LABEL), *_values(one, both), *_cells(both, one)) for one, both in found]
        both_names = (_short(names[place], MAX_VALUE) for place in (pair.first, pair.second))
        header = ("metric", *both_names, "difference", _p_header(shown))
        lines += [*_wrapped(f"{names[pair.first]} less {names[pair.second]}:"), *_aligned(header, rows), ""]
    return lines[:-1]


def _is_shown(one: MetricComparison, primary: MetricComparison) -> bool:
    """Return whether a metric has a test and is not one of many of its kind; the report has all."""
    definition = one.metric.metric
    return definition.no_interval is None and (not one.metric.asked.about or definition is primary.metric.metric)


def _values(one: MetricComparison, pair: PairedDifference) -> tuple[str, str]:
    first, second = (one.estimates[place].value for place in (pair.first, pair.second))
    return number(first), number(second)


def _folds(comparison: Comparison) -> Iterator[str]:
    names = [contender.name for contender in comparison.cases.contenders]
    for one in comparison.by_fold:
        found, p = one.difference.estimate, one.difference.p_value
        test = f"p = {p:.4f}; {found.method}" if p is not None else str(found.reason)
        yield from _wrapped(
            f"Over {found.n} folds, {names[one.first]} less {names[one.second]}: {difference_cell(found)}; {test}."
        )


def _verdicts(comparison: Comparison) -> Iterator[str]:
    for one in comparison.verdicts:
        yield from _wrapped(f"{one.reason} {planning_words(one, comparison)}")


def _notes(comparison: Comparison) -> Iterator[str]:
    names = [contender.name for contender in comparison.cases.contenders]
    if comparison.selection is not None:
        yield from _wrapped(selection_words(comparison.selection, names))
    for note in comparison_notes(comparison):
        yield from _wrapped(note)


def _names(comparison: Comparison) -> list[str]:
    names = [contender.name for contender in comparison.cases.contenders]
    return [_short(name, MAX_NAME) for name in names]


def _short(name: str, limit: int) -> str:
    """Return both ends of a name that is too long: models of one kind differ in the last letters."""
    return name if len(name) <= limit else f"{name[: limit // 3]}~{name[limit // 3 + 1 - limit :]}"


def _label(one: MetricComparison) -> str:
    return f"{one.metric.label} {one.metric.detail.partition(',')[0]}".strip()


def _value(estimate: Estimate) -> str:
    if estimate.value is None:
        return "undefined"
    return f"{number(estimate.value)} ({interval(estimate)})"


def _p_header(metrics: Sequence[MetricComparison]) -> str:
    return "p (Holm)" if any(one.num_tests > 1 for one in metrics) else "p"


def _cells(pair: PairedDifference, one: MetricComparison) -> tuple[str, str]:
    p = one.claimed_p(pair)
    shown = "-" if p is None else f"<{SMALLEST_P:g}" if p < SMALLEST_P else f"{p:.4f}"
    return difference_cell(pair.difference.estimate), shown


def _aligned(header: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> list[str]:
    """Return rows under their header in columns of equal width, cut where a line would be too long."""
    table = [tuple(plain(cell) for cell in row) for row in (header, *rows)]
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    ruler = tuple("-" * width for width in widths)
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in table]
    lines.insert(1, "  ".join(ruler))
    return [line[:WIDTH] for line in lines]


def _wrapped(text: str) -> list[str]:
    return textwrap.wrap(plain(text), WIDTH, subsequent_indent="  ")
