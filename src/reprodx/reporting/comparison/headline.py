"""The result in words, the numbers to see at a glance, and the warnings that stand before them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reprodx.comparison.lineup.assumptions import GROUPS
from reprodx.comparison.result import Word
from reprodx.metrics.asked import told_of
from reprodx.reporting.comparison.evidence import difference_cell, p_equals, signed, signed_interval
from reprodx.reporting.comparison.notes import swapped_notes
from reprodx.reporting.comparison.planning import PURPOSE, needed_cell
from reprodx.reporting.page import KeyNumber, KeyNumbers, Notice
from reprodx.reporting.wording import count, counted, number

if TYPE_CHECKING:
    from reprodx.comparison.result import PairedDifference, Verdict
    from reprodx.reporting.comparison.evidence import Evidence


def verdict_words(verdict: Verdict, evidence: Evidence) -> str:
    """Return a verdict as a clause."""
    first, second = evidence.names[verdict.first], evidence.names[verdict.second]
    margin = f"the margin of {number(evidence.comparison.settings.margin.value)}"
    return {
        Word.SUPERIOR: f"{first} is superior to {second}",
        Word.NON_INFERIOR: f"{first} is non-inferior to {second} within {margin} and not shown to be better",
        Word.INFERIOR: f"{first} is inferior to {second}",
        Word.INCONCLUSIVE: f"Whether {first} or {second} is better is not shown",
    }[verdict.word]


def headline(evidence: Evidence) -> str:
    """Return what the cases say of the models, in two sentences at most."""
    lead, primary = evidence.lead, evidence.comparison.primary
    where = f"the {evidence.comparison.cases.split} split: {evidence.who}"
    if lead is None:
        return f"No pair of models was compared with {evidence.reference}, on {where}."
    pair = evidence.difference(primary, lead.first, lead.second)
    if pair is None or pair.difference.estimate.value is None:
        reason = primary.estimates[lead.first].reason if pair is None else pair.difference.estimate.reason
        return f"The difference in {told_of(primary.metric.label, f'cannot be estimated on {where}: {reason}.')}"
    values = [number(primary.estimates[position].value) for position in (lead.first, lead.second)]
    better = " (lower is better)" if primary.metric.is_higher_better is False else ""
    told = told_of(
        f"{primary.metric.label}{better}",
        f"{values[0]} against {values[1]}, a difference of {_difference(pair, evidence)}",
    )
    return " ".join([f"{verdict_words(lead, evidence)}: {told}, on {where}.", *_of_all(evidence)])


def how_sure(pair: PairedDifference, evidence: Evidence) -> str:
    """Return the p value for claims in words; nothing where there is none."""
    primary = evidence.comparison.primary
    p_value = primary.claimed_p(pair)
    if p_value is None:
        return ""
    over = f", Holm over {primary.num_tests} pairs" if primary.num_tests > 1 else ""
    return f"p {p_equals(p_value)}{over}"


def key_numbers(evidence: Evidence) -> KeyNumbers:
    """Return the few numbers that sum the report up."""
    primary, lead = evidence.comparison.primary, evidence.lead
    shown = [evidence.ranking[0]] if lead is None else [lead.first, lead.second]
    items = [
        KeyNumber(
            f"{primary.metric.label}, {evidence.names[position]}",
            number(primary.estimates[position].value),
            evidence.limits(primary.estimates[position]),
            "the reference" if position == 0 else _reading_aid(evidence),
        )
        for position in shown
    ]
    if lead and (pair := evidence.difference(primary, lead.first, lead.second)):
        estimate = pair.difference.estimate
        limits = (
            f"{evidence.confidence} {signed_interval(estimate)}" if estimate.ci_low is not None else estimate.reason
        )
        items.append(
            KeyNumber("Difference", signed(estimate.value), str(limits), how_sure(pair, evidence) or "no test")
        )
        items += _sample_size(lead, evidence)
    return KeyNumbers(tuple(items))


def notices(evidence: Evidence) -> list[Notice]:
    """Return what puts the result in doubt."""
    cases, found = evidence.comparison.cases, []
    if any(source.predictions.metadata.get("is_synthetic") for *_, source, _ in evidence.sources):
        text = "The cases were made by a program to try the pipeline out. The numbers below say nothing about patients."
        found.append(Notice("Synthetic data", text, is_alarming=True))
    if not cases.has_patients:
        but = "" if cases.patients is None else f" but for {GROUPS}"
        text = (
            f"No file names patients, so every case{but} counts as a patient of its own. If some are of the same "
            "person, the intervals are too narrow and the p values too small."
        )
        found.append(Notice("Independence is assumed", text))
    if swapped := swapped_notes(evidence.comparison):
        found.append(Notice("Worse than chance", " ".join(swapped), is_alarming=True))
    if lost := max(cases.contenders, key=lambda one: one.num_lost).num_lost:
        text = f"The models were not scored on the same cases. Up to {counted(lost, 'case')} of a model are left out."
        found.append(Notice("Only the common cases are compared", text))
    if others := evidence.num_others:
        text = (
            f"{ledger_words(evidence)} Not compared here: {others}. Every experiment that is scored on the same test "
            "cases makes a lucky result more likely."
        )
        found.append(Notice("Other experiments have opened the test split", text))
    if evidence.margin_change:
        found.append(Notice("The margin changed after the test split was opened", evidence.margin_change))
    return found


def ledger_words(evidence: Evidence) -> str:
    """Return how often the test split was scored."""
    ledger = evidence.ledger
    if ledger is None:
        return "How often these test cases have been scored is not recorded."
    experiments = counted(ledger.num_experiments, "experiment")
    has_repeats = ledger.num_times > ledger.num_experiments
    repeats = f", {count(ledger.num_times)} times in all: a repeat is no new look" if has_repeats else ""
    return f"The test split has been scored by {experiments}{repeats}."


def _difference(pair: PairedDifference, evidence: Evidence) -> str:
    estimate, sure = pair.difference.estimate, how_sure(pair, evidence)
    if estimate.ci_low is None:
        return f"{signed(estimate.value)} ({estimate.reason})"
    return difference_cell(estimate).replace("(", f"({evidence.confidence} ")[:-1] + (f"; {sure})" if sure else ")")


def _of_all(evidence: Evidence) -> list[str]:
    """Return how many models have which verdict, where there are several."""
    verdicts = [verdict for verdict in evidence.comparison.verdicts if verdict.second == 0]
    if len(verdicts) < 2:
        return []
    counts = {word: sum(verdict.word == word for verdict in verdicts) for word in Word}
    parts = ", ".join(f"{number} {word.value}" for word, number in counts.items() if number)
    return [f"Of {len(verdicts)} models compared with {evidence.reference}: {parts}."]


def _reading_aid(evidence: Evidence) -> str:
    return {True: "higher is better", False: "lower is better", None: "compared"}[
        evidence.comparison.primary.metric.is_higher_better
    ]


def _sample_size(lead: Verdict, evidence: Evidence) -> list[KeyNumber]:
    power = f"with {100 * evidence.comparison.settings.power:g}% power"
    items = []
    if lead.minimum_detectable is not None:
        items.append(KeyNumber("Detectable", number(lead.minimum_detectable), "smallest true difference", power))
    if lead.seeds_needed or lead.patients_needed is not None:
        unit = "Patients" if evidence.comparison.cases.has_patients else "Cases"
        items.append(KeyNumber(f"{unit} needed", needed_cell(lead), PURPOSE, power))
    return items
