"""Every metric of every model with its difference to the reference, and the primary one as a picture."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reprodx.reporting.comparison.evidence import difference_cell, p_value
from reprodx.reporting.comparison.folding import folded_if_long
from reprodx.reporting.comparison.forest import Forest, forest_figure, which_side
from reprodx.reporting.metric_tables import value_cell
from reprodx.reporting.page import Block, Figure, Folded, Gallery, Paragraph, Section, Table
from reprodx.reporting.wording import NOTHING, number

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from reprodx.comparison.result import ComparedMetric, MetricComparison, PairedDifference
    from reprodx.reporting.comparison.evidence import Evidence

MAX_OTHERS = 40
"""Rows of the other metrics that are open."""
_Line = tuple[tuple[str, ...], "PairedDifference | None"]
"""Cells, and the difference that belongs beside them."""


def paired_section(evidence: Evidence) -> Section:
    """Return the primary metric with its picture, all others, those of single classes or labels, and the folds."""
    metrics = evidence.comparison.metrics
    single = {id(one) for one in metrics[1:] if one.metric.asked.about}
    others = [one for one in metrics[1:] if id(one) not in single]
    about_one = [one for one in metrics[1:] if id(one) in single]
    primary = _table("paired-primary", "The primary metric", metrics[:1], evidence)
    blocks: list[Block] = [Paragraph(_how_to_read(evidence)), folded_if_long(primary)]
    if metrics[0].pairs:
        blocks.append(Gallery((primary_forest(evidence),)))
    if others:
        blocks.append(
            folded_if_long(_table("paired-others", "All other metrics", others, evidence), max_rows=MAX_OTHERS)
        )
    if about_one:
        label = "Each class or label by itself"
        blocks.append(Folded(label, _table("paired-single", label, about_one, evidence)))
    return Section("paired", "Paired comparison", [*blocks, *_between_others(evidence), *_by_fold(evidence)])


def primary_forest(evidence: Evidence) -> Figure:
    """Return the differences in the primary metric as a forest plot, with the margin."""
    primary, margin = evidence.comparison.primary, evidence.comparison.settings.margin.value
    is_higher_better = primary.metric.is_higher_better
    place = None if is_higher_better is None or not margin else -margin if is_higher_better else margin
    rows = [(_forest_name(pair, evidence), pair.difference.estimate) for pair in primary.pairs]
    forest = Forest(rows, place, f"difference in {primary.metric.label}", which_side(is_higher_better))
    return forest_figure("forest", f"Differences in {primary.metric.label}", forest, evidence.confidence)


def _forest_name(pair: PairedDifference, evidence: Evidence) -> str:
    only_with_reference = all(one.second == 0 for one in evidence.comparison.primary.pairs)
    return evidence.names[pair.first] if only_with_reference else evidence.pair(pair.first, pair.second)


def _how_to_read(evidence: Evidence) -> str:
    holm = "Holm adjusts it over the pairs of a metric, for claims; " if evidence.has_several_tests else ""
    return (
        f"Differences are to the reference, {evidence.reference}, on the same cases. p is "
        f"two-sided; {holm}BH (Benjamini and Hochberg) over all metrics and pairs, for screening. "
        f"Intervals are {evidence.confidence}; how each was made stands under its table."
    )


def _table(key: str, caption: str, metrics: Sequence[MetricComparison], evidence: Evidence) -> Table:
    """Return each metric's values and its differences to the reference: of two models side by side, of more in rows."""
    has_mid_p = any(pair.difference.mid_p is not None for one in metrics for pair in one.pairs)
    several = len(evidence.names) > 2
    values = ["Model", f"Value ({evidence.confidence})"] if several else list(reversed(evidence.names))
    columns = ("Metric", *values, *_test_columns(evidence, has_mid_p=has_mid_p))
    lines = _of_several if several else _of_two
    rows = tuple((*cells, *_tests(pair, evidence, has_mid_p=has_mid_p)) for cells, pair in lines(metrics, evidence))
    notes = [*_methods(metrics), *_reasons(metrics)]
    if any(spread is not None for one in metrics for spread in one.spreads):
        notes.insert(0, "SD: standard deviation over the members of a model.")
    return Table(key, caption, columns, rows, ("Model",), tuple(notes))


def _of_two(metrics: Sequence[MetricComparison], evidence: Evidence) -> Iterator[_Line]:
    for one in metrics:
        yield (_label(one.metric), _value(one, 1), _value(one, 0)), evidence.difference(one, 1, 0)


def _of_several(metrics: Sequence[MetricComparison], evidence: Evidence) -> Iterator[_Line]:
    for one in metrics:
        for position, name in enumerate(evidence.names):
            cells = (_label(one.metric), name, _value(one, position))
            yield cells, evidence.difference(one, position, 0)


def _value(one: MetricComparison, position: int) -> str:
    spread = one.spreads[position]
    cell = value_cell(one.estimates[position])
    return cell if spread is None else f"{cell}, SD {number(spread)}"


def _test_columns(evidence: Evidence, *, has_mid_p: bool) -> tuple[str, ...]:
    """Return what differences and their p values stand under: Holm's only where it adjusts something."""
    holm = ["p, Holm"] * evidence.has_several_tests
    return (f"Difference ({evidence.confidence})", "p", *holm, "p, BH", *["mid-p"] * has_mid_p)


def _tests(pair: PairedDifference | None, evidence: Evidence, *, has_mid_p: bool) -> tuple[str, ...]:
    """Return difference and p values, empty of a model that is compared with nothing."""
    if pair is None:
        return ("",) * len(_test_columns(evidence, has_mid_p=has_mid_p))
    holm = [pair.p_holm] * evidence.has_several_tests
    p_values = (pair.difference.p_value, *holm, pair.p_bh, *[pair.difference.mid_p] * has_mid_p)
    return (difference_cell(pair.difference.estimate), *map(p_value, p_values))


def _between_others(evidence: Evidence) -> list[Block]:
    """Return the pairs that leave the reference out, where all were asked for."""
    metrics = evidence.comparison.metrics
    found = [(one, pair) for one in metrics for pair in one.pairs if pair.second != 0]
    if not found:
        return []
    rows = tuple(
        (
            f"{_label(one.metric)}: {evidence.pair(pair.first, pair.second)}",
            *_tests(pair, evidence, has_mid_p=True),
        )
        for one, pair in found
    )
    columns = ("Metric and pair", *_test_columns(evidence, has_mid_p=True))
    label = "Pairs without the reference"
    return [Folded(f"{label}: {len(rows)} rows", Table("paired-between", label, columns, rows))]


def _label(metric: ComparedMetric) -> str:
    return f"{metric.label} {metric.detail}".strip()


def _methods(metrics: Sequence[MetricComparison]) -> Iterator[str]:
    """Yield how differences and values were made, each method once with the metrics that it is about."""
    differences = {
        _label(one.metric): [
            pair.difference.estimate.method for pair in one.pairs if pair.difference.estimate.ci_low is not None
        ]
        for one in metrics
    }
    values = {_label(one.metric): [estimate.method for estimate in one.estimates] for one in metrics}
    for what, found in (("Differences", differences), ("Values", values)):
        told = "; ".join(f"{method} ({', '.join(labels)})" for method, labels in _inverted(found).items())
        if told:
            yield f"{what}: {told}."


def _reasons(metrics: Sequence[MetricComparison]) -> Iterator[str]:
    """Yield why numbers are missing, each reason once with the metrics that it is about."""
    found = {
        _label(one.metric): [
            estimate.reason
            for estimate in (*one.estimates, *(pair.difference.estimate for pair in one.pairs))
            if estimate.reason
        ]
        for one in metrics
    }
    for reason, labels in _inverted(found).items():
        yield f"{'; '.join(labels)}: {reason}."


def _inverted(found: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
    """Return the keys of each value, in order, each once."""
    inverted: dict[str, list[str]] = {}
    for key, values in found.items():
        for value in dict.fromkeys(values):
            inverted.setdefault(value, []).append(key)
    return inverted


def _by_fold(evidence: Evidence) -> list[Block]:
    folds = evidence.comparison.by_fold
    if not folds:
        return []
    labels = {one.metric.name: _label(one.metric) for one in evidence.comparison.metrics}
    rows = []
    for one in folds:
        estimate = one.difference.estimate
        t = NOTHING if one.difference.statistic is None else number(one.difference.statistic, 2)
        name = f"{evidence.pair(one.first, one.second)}: {labels.get(one.metric, one.metric)}"
        rows.append((name, str(estimate.n), difference_cell(estimate), t, p_value(one.difference.p_value)))
    return [
        Table(
            key="by-fold",
            caption="Over the folds of cross-validation: Nadeau and Bengio's corrected resampled t test",
            columns=("Pair and metric", "Folds", f"Mean difference ({evidence.confidence})", "t", "p"),
            rows=tuple(rows),
            notes=(
                "Secondary to the pooled comparison above: it counts the chance of training on other cases, which the "
                "pooled one does not, with as few observations as there are folds.",
            ),
        )
    ]
