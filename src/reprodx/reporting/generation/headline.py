"""What is said of a generator first: how good its cases are, and every reason to keep one's hands off them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reprodx.reporting.headline import notices as notices_of_data
from reprodx.reporting.page import KeyNumber, KeyNumbers, Notice
from reprodx.reporting.wording import interval, number, percent
from reprodx.schemas import Estimate

if TYPE_CHECKING:
    from collections.abc import Sequence

    from reprodx.reporting.generation.evaluation import GeneratorEvaluation

KEY_MEASURES = {
    "two_sample_auroc": ("Told from real ones, AUROC", "0.5: cannot be told, 1: always"),
    "perplexity": ("Perplexity", "lower foresees real texts better"),
    "tstr_minus_trtr": ("Learnt from generated less real, AUROC", "0 teaches as much as real cases"),
    "diversity": ("Diversity", "1 is as diverse as real ones"),
    "copied_share": ("Copies", "share of generated cases"),
    "verbatim_share": ("Word for word", "share of passages that stand in training"),
    "membership_auroc": ("Membership attack, AUROC", "0.5 gives nobody away"),
}
"""Label and reading aid of the numbers to be seen at a glance."""
ALWAYS = 0.99
"""AUROC from which cases are told from real ones as good as always."""
ALIKE = 0.5
"""Diversity below which generated cases are called much the same."""
UNKNOWN = Estimate.undefined("not computed", n=0)


def headline(evaluation: GeneratorEvaluation) -> str:
    """Return what the test split says of the generator, in two or three sentences."""
    return " ".join(filter(None, (_copying(evaluation), _fluency(evaluation), _likeness(evaluation), _use(evaluation))))


def key_numbers(evaluation: GeneratorEvaluation) -> KeyNumbers:
    """Return the few numbers of the test split that sum the report up."""
    items = [
        KeyNumber(label, number(estimate.value), _limits(estimate, evaluation), hint)
        for name, (label, hint) in KEY_MEASURES.items()
        if (estimate := evaluation.test.estimates.get(name))
    ]
    return KeyNumbers(tuple(items))


def notices(evaluation: GeneratorEvaluation) -> list[Notice]:
    """Return what no reader may miss: whose cases these are not, copying, trouble in training, and what the data are.

    Args:
        evaluation: Of the generator.

    Returns:
        What puts all in doubt first.
    """
    kind = evaluation.kind
    found = [notice for notice in notices_of_data(evaluation) if notice.is_alarming]
    if evaluation.copies:
        found.append(Notice("It gives training patients away", _copied(evaluation), is_alarming=True))
    if evaluation.warnings:
        text = f"{_sentences(evaluation.warnings)} What it makes may be of no use; see the health of its training."
        found.append(Notice("Training did not go well", text))
    if (_lead(evaluation).value or 0) >= ALWAYS:
        text = f"A classifier that looks at simple features hardly ever takes these {kind} for real ones."
        found.append(Notice("Told apart from real ones always", text))
    if (diversity := evaluation.test.estimates.get("diversity", UNKNOWN).value) is not None and diversity < ALIKE:
        text = f"These {kind} differ from each other by {percent(diversity, 1)} of what real ones do."
        found.append(Notice("All much the same", text))
    found += [notice for notice in notices_of_data(evaluation) if not notice.is_alarming]
    observed = "" if evaluation.copies else " They are of no patient and show nothing that anybody has observed."
    text = (
        f"A program made the {kind} below from what it learnt of training cases.{observed} Mark them wherever they go, "
        "and never count them as observations."
    )
    return [*found, Notice("Generated, not observed", text)]


def _copying(evaluation: GeneratorEvaluation) -> str:
    return (
        "The generator gives training patients away: treat what it makes as patients' data."
        if evaluation.copies
        else ""
    )


def _copied(evaluation: GeneratorEvaluation) -> str:
    reason = str(evaluation.copies)
    return (
        f"{reason[:1].upper()}{reason[1:]}. What it makes may show a patient: do not pass it on, and treat the samples "
        "as patients' data. See privacy."
    )


def _fluency(evaluation: GeneratorEvaluation) -> str:
    estimates = evaluation.test.estimates
    if "perplexity" not in estimates:
        return ""
    own = estimates["perplexity"]
    if own.value is None:
        return f"The perplexity cannot be estimated on the test split: {own.reason}."
    told = f"Perplexity {number(own.value, 1)} ({_limits(own, evaluation, 1)}) per token of real test texts"
    return f"{told}; counting pairs of tokens gives {number(estimates['perplexity_bigram'].value, 1)}."


def _likeness(evaluation: GeneratorEvaluation) -> str:
    lead, kind = _lead(evaluation), evaluation.kind
    if lead.value is None:
        return (
            f"Whether generated {kind} can be told from real ones cannot be estimated on the test split: {lead.reason}."
        )
    if lead.value == 1:
        return f"A classifier tells every one of its {kind} from real ones (AUROC 1)."
    limits = _limits(lead, evaluation)
    if lead.ci_low is not None and lead.ci_low <= 0.5:
        return (
            f"It is not shown that generated {kind} can be told from real ones: AUROC {number(lead.value)} ({limits})."
        )
    return f"A classifier tells its {kind} from real ones with an AUROC of {number(lead.value)} ({limits})."


def _use(evaluation: GeneratorEvaluation) -> str:
    """Return what can be learnt from generated cases, where they are of classes."""
    estimates = evaluation.test.estimates
    own, real, difference = (estimates.get(name, UNKNOWN) for name in ("tstr_auroc", "trtr_auroc", "tstr_minus_trtr"))
    if own.value is None or real.value is None:
        return ""
    reached = f"Learning to diagnose from generated {evaluation.kind} alone reaches {number(own.value)} on real"
    if difference.value is None:
        return f"{reached} ones."
    return (
        f"{reached} ones, where real {evaluation.kind} teach {number(real.value)} "
        f"(difference {number(difference.value)}, {_limits(difference, evaluation)})."
    )


def _sentences(warnings: Sequence[str]) -> str:
    return " ".join(f"{text[:1].upper()}{text[1:].rstrip('.')}." for text in warnings)


def _lead(evaluation: GeneratorEvaluation) -> Estimate:
    return evaluation.test.estimates.get("two_sample_auroc", UNKNOWN)


def _limits(estimate: Estimate, evaluation: GeneratorEvaluation, digits: int = 3) -> str:
    if estimate.ci_low is None or estimate.ci_high is None:
        return str(estimate.reason)
    if digits == 3:
        return f"{evaluation.confidence} {interval(estimate)}"
    return f"{evaluation.confidence} {number(estimate.ci_low, digits)} to {number(estimate.ci_high, digits)}"
