"""The cases that the model gets wrong with the most confidence, and what its answers for them rest on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reprodx.artifacts.explanations import FailureKind
from reprodx.metrics.failures import count_failures, worst_failures
from reprodx.reporting.attribution_figures import case_figures, mean_figures
from reprodx.reporting.page import Block, Gallery, Notice, Paragraph, Section, Table
from reprodx.reporting.wording import NOTHING, count, counted, number
from reprodx.schemas import Task

if TYPE_CHECKING:
    from collections.abc import Sequence

    from reprodx.artifacts.explanations import Explanations, Failure, FailureCount, Randomisation
    from reprodx.reporting.evaluation import Evaluation

PLURALS = {
    FailureKind.FALSE_NEGATIVE: "False negatives",
    FailureKind.FALSE_POSITIVE: "False positives",
    FailureKind.WRONG_CLASS: "Wrong classes",
}
"""The kinds as captions."""
COULD_FAIL = {
    FailureKind.FALSE_NEGATIVE: "cases that are positive",
    FailureKind.FALSE_POSITIVE: "cases that are negative",
    FailureKind.WRONG_CLASS: "cases",
}
"""Of which cases a kind is a part."""
HIGH_CORRELATION = 0.7
"""From which on attributions are warned of."""
LEAST_ERROR = 0.001
"""Of attributions' sums, that is told exactly."""
HOW_TO_READ_CHECK = "Near 0 the attributions depend on what the model learned; near 1 they do not: then ignore them."


def failures_section(evaluation: Evaluation) -> Section:
    """Return the worst failures of the test split with their attributions."""
    cut, settings = evaluation.settings.ordinal_cut, evaluation.settings
    counts = count_failures(evaluation.test, cut)
    failures = worst_failures(evaluation.test, cut, settings.num_failures)
    by_kind = [[failure for failure in failures if failure.kind == kind] for kind in FailureKind]
    tables = [_table(rows, evaluation) for rows in by_kind if rows]
    return Section("failures", "Failures", [*_counted(counts, evaluation), *tables, *_attributions(evaluation)])


def _counted(counts: Sequence[FailureCount], evaluation: Evaluation) -> list[Block]:
    how = "the most confident first: those whose probability is farthest on the wrong side of the threshold"
    if evaluation.task == Task.MULTICLASS:
        how = "the most confident first: those with the highest probability of a class that is not theirs"
    listed = f"Listed are at most {evaluation.settings.num_failures} of each kind, {how}."
    if evaluation.task == Task.MULTILABEL:
        return [Paragraph(f"{listed} Labels are ranked together."), _table_of_labels(counts)]
    if reasons := [one.reason for one in counts if one.num_failures is None]:
        return [Paragraph(f"Nothing can be called wrong: {reasons[0]}.")]
    texts = [f"{PLURALS[one.kind]}: {_of_all(one)} {COULD_FAIL[one.kind]}." for one in counts]
    return [Paragraph(" ".join([*texts, listed]))]


def _of_all(one: FailureCount) -> str:
    return NOTHING if one.num_failures is None else f"{count(one.num_failures)} of {count(one.num_cases)}"


def _table_of_labels(counts: Sequence[FailureCount]) -> Table:
    by_label: dict[str, list[FailureCount]] = {}
    for one in counts:
        by_label.setdefault(one.question or "", []).append(one)
    reasons = {one.question: one.reason for one in counts if one.reason}
    return Table(
        key="failures-by-label",
        caption="Failures by label, test",
        columns=("Label", "False negatives, of those with it", "False positives, of those without it"),
        rows=tuple((label, *map(_of_all, pair)) for label, pair in by_label.items()),
        notes=tuple(f"{label}: {reason}." for label, reason in reasons.items()),
    )


def _table(failures: Sequence[Failure], evaluation: Evaluation) -> Table:
    kind, one_threshold = failures[0].kind, evaluation.question is not None
    columns = {
        "Case": [failure.case_id for failure in failures],
        "Asked for": [failure.question for failure in failures],
        "True class": [failure.true_class for failure in failures],
        "Probability": [number(failure.probability) for failure in failures],
        "Threshold": [number(failure.threshold) for failure in failures],
        "Site": [failure.site or NOTHING for failure in failures],
        "Fold": [count(failure.fold) for failure in failures],
    }
    if kind == FailureKind.WRONG_CLASS:
        columns = {"Called" if name == "Asked for" else name: cells for name, cells in columns.items()}
        del columns["Threshold"]
    if one_threshold:
        del columns["Asked for"]
    if evaluation.is_binary:
        del columns["True class"]
    if evaluation.predictions.metadata.get("cv_hash") is None:
        del columns["Fold"]
    if all(failure.site is None for failure in failures):
        del columns["Site"]
    question = f", {failures[0].question}" if evaluation.task == Task.ORDINAL else ""
    return Table(
        key=kind.replace(" ", "-"),
        caption=f"{PLURALS[kind]}{question}, test: the worst {len(failures)}",
        columns=tuple(columns),
        rows=tuple(zip(*columns.values(), strict=True)),
        text_columns=("Asked for", "Called", "True class", "Site"),
    )


def _attributions(evaluation: Evaluation) -> list[Block]:
    explanations = evaluation.explanations
    if explanations is None:
        return [Paragraph("No attributions: this report was made from predictions without a model.")]
    if explanations.reason is not None:
        return [Paragraph(f"No attributions: {explanations.reason}.")]
    several = evaluation.question is None
    numbers = range(len(explanations.attributions))
    figures = [figure for place in numbers for figure in case_figures(explanations, place, names_question=several)]
    return [
        Paragraph(_how_made(explanations)),
        _check(explanations.randomisation, explanations.method or ""),
        Gallery((*mean_figures(explanations), *figures)),
    ]


def _how_made(explanations: Explanations) -> str:
    text = (
        f"For {len(explanations.attributions)} of these answers, the worst of each kind, it is shown below what they "
        f"rest on, by {explanations.method}. A positive attribution raises the model's log odds, a negative one lowers "
        "them. It says what moves this model, not what causes the disease."
    )
    if explanations.baseline:
        text += f" Compared with {explanations.baseline}."
    deltas = [abs(one.convergence_delta) for one in explanations.attributions if one.convergence_delta is not None]
    if deltas:
        text += (
            " Attributions of a case add up to the difference of its log odds from those of the baseline, here with an "
            f"error of {_at_most(max(deltas))}."
        )
    return text


def _at_most(delta: float) -> str:
    return f"at most {delta:g}" if delta >= LEAST_ERROR else f"less than {LEAST_ERROR:g}"


def _check(check: Randomisation, method: str) -> Block:
    name = "Parameter-randomisation check"
    if check.correlation is None:
        return Paragraph(f"{name}: not applicable, because {check.reason}.")
    text = (
        f"Rank correlation {number(check.correlation, 2)} between absolute attributions of this model and of "
        f"{check.num_networks} networks with random parameters, mean over {counted(check.num_cases, 'case')}. "
        f"{HOW_TO_READ_CHECK}"
    )
    if method.startswith("integrated"):
        text += " Some of it stays in any network, because this method also weighs how far a case is from its baseline."
    if check.correlation < HIGH_CORRELATION:
        return Paragraph(f"{name}. {text}")
    return Notice(f"{name}: attributions that hardly depend on what was learned", text)
