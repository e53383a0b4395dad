"""What acting on the model is worth, and what it means for 1000 patients: tables of the decision section."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reprodx.metrics.asked import Key
from reprodx.metrics.expected_counts import NUM_PATIENTS, expected_counts
from reprodx.metrics.net_benefit import net_benefits
from reprodx.reporting.metric_tables import value_cell
from reprodx.reporting.page import Block, Paragraph, Table
from reprodx.reporting.wording import count, number

if TYPE_CHECKING:
    from collections.abc import Mapping

    from reprodx.metrics.questions import Question
    from reprodx.reporting.evaluation import Evaluation
    from reprodx.schemas import Estimate

TOLD_THRESHOLDS = (0.05, 0.1, 0.2, 0.3, 0.5)
"""At which net benefit stands in a table, beside the threshold in use."""


def decision_blocks(evaluation: Evaluation) -> list[Block]:
    """Return net benefit, expected counts and predictive values of the only question; nothing for several."""
    question = evaluation.question
    if question is None:
        return []
    return [*_net_benefit_blocks(question, evaluation), *_count_blocks(question, evaluation)]


def _net_benefit_blocks(question: Question, evaluation: Evaluation) -> list[Block]:
    in_use = question.threshold.value
    is_inside = in_use is not None and 0 < in_use < 1
    thresholds = (*TOLD_THRESHOLDS, in_use) if in_use is not None and is_inside else TOLD_THRESHOLDS
    benefits = net_benefits(question.cases, thresholds, evaluation.settings)
    if not benefits:
        return []
    rows = [
        (
            f"{number(one.threshold)} (in use)" if one.threshold == in_use else number(one.threshold),
            value_cell(one.model),
            number(one.treat_all),
            value_cell(one.gain),
            number(one.avoided, 1),
        )
        for one in benefits
    ]
    stated = evaluation.settings.prevalence
    prevalence = (
        "that of the test cases" if stated is None else f"{number(stated)}, as stated, with probabilities as they are"
    )
    return [
        Table(
            key="net-benefit",
            caption=f"Net benefit, true positives a case, test ({evaluation.confidence})",
            columns=("Threshold", "Model", "Everyone positive", "Gain over the better of both", "Avoided per 100"),
            rows=tuple(rows),
            notes=(
                f"Prevalence: {prevalence}. No one positive is worth 0. Avoided: interventions spared beside treating "
                "everyone, less the positives missed at the threshold's odds.",
            ),
        )
    ]


def _count_blocks(question: Question, evaluation: Evaluation) -> list[Block]:
    sensitivity, specificity = (
        evaluation.test_scores[Key(name, question.asked)] for name in ("sensitivity", "specificity")
    )
    if sensitivity.value is None or specificity.value is None:
        return []
    stated = evaluation.settings.prevalence
    prevalence = float(question.cases.is_positive.mean()) if stated is None else stated
    counts = expected_counts(sensitivity, specificity, prevalence)
    where = (
        f"the stated prevalence {number(stated)}"
        if stated is not None
        else f"the prevalence of the test cases, {number(prevalence)}"
    )
    blocks: list[Block] = [
        Paragraph(_in_words(question, counts, prevalence)),
        _count_table(question, counts, prevalence, where, evaluation),
    ]
    return [*blocks, _prevalence_table(question, stated, evaluation)] if stated is not None else blocks


def _in_words(question: Question, counts: Mapping[str, Estimate], prevalence: float) -> str:
    found, called = (_whole(counts[name]) for name in ("true_positives", "false_positives"))
    num_positive = count(round(NUM_PATIENTS * prevalence))
    name = "" if question.name == "positive" else f" ({question.name})"
    return (
        f"Of {count(NUM_PATIENTS)} patients, {num_positive} are positive{name}; the model finds {found} of them and "
        f"calls {called} others positive."
    )


def _count_table(
    question: Question, counts: Mapping[str, Estimate], prevalence: float, where: str, evaluation: Evaluation
) -> Table:
    negative, positive = question.cases.classes
    num_positive = round(NUM_PATIENTS * prevalence)
    cells = {name: _count_cell(estimate) for name, estimate in counts.items()}
    return Table(
        key="expected-counts",
        caption=f"Of {count(NUM_PATIENTS)} patients, at {where} ({evaluation.confidence})",
        columns=("True class", f"Called {positive}", f"Called {negative}", "All"),
        rows=(
            (positive, cells["true_positives"], cells["false_negatives"], count(num_positive)),
            (negative, cells["false_positives"], cells["true_negatives"], count(NUM_PATIENTS - num_positive)),
        ),
        notes=("Expected from sensitivity and specificity; the prevalence is taken as known.",),
    )


def _prevalence_table(question: Question, stated: float, evaluation: Evaluation) -> Table:
    scores, asked = evaluation.test_scores, question.asked
    labels = {
        "Positive predictive value": ("ppv", "ppv_at_prevalence"),
        "Negative predictive value": ("npv", "npv_at_prevalence"),
        "Positive likelihood ratio": ("lr_positive", "lr_positive"),
        "Negative likelihood ratio": ("lr_negative", "lr_negative"),
    }
    rows = [(label, *(value_cell(scores[Key(name, asked)]) for name in names)) for label, names in labels.items()]
    names = {name: None for pair in labels.values() for name in pair}
    reasons = {str(one.reason): None for name in names if (one := scores[Key(name, asked)]).reason}
    return Table(
        key="predictive-values",
        caption=f"What a call is worth, test ({evaluation.confidence})",
        columns=("", "As in the test cases", f"At prevalence {number(stated)}"),
        rows=tuple(rows),
        notes=("Likelihood ratios do not depend on the prevalence.", *(f"{reason}." for reason in reasons)),
    )


def _count_cell(estimate: Estimate) -> str:
    if estimate.ci_low is None or estimate.ci_high is None:
        return f"{_whole(estimate)} (no interval)"
    return f"{_whole(estimate)} ({count(round(estimate.ci_low))} to {count(round(estimate.ci_high))})"


def _whole(estimate: Estimate) -> str:
    return count(round(estimate.value or 0.0))
