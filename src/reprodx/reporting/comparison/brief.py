"""What a hurried reader asks of a comparison, and the answers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reprodx.comparison.selection import ON_VALIDATION
from reprodx.reporting.comparison.evidence import difference_cell
from reprodx.reporting.comparison.headline import how_sure, ledger_words, verdict_words
from reprodx.reporting.comparison.notes import coverage_notes
from reprodx.reporting.comparison.planning import planning_words
from reprodx.reporting.page import Table
from reprodx.reporting.wording import count, counted, number, with_interval
from reprodx.schemas import Task

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from reprodx.comparison.result import GroupDifference, Selection, Verdict
    from reprodx.reporting.comparison.evidence import Evidence


def brief(evidence: Evidence) -> Table:
    """Return questions and answers: which model, by how much, how sure, for whom, at which threshold, how again."""
    rows = [(question, answer) for question, answer in _answers(evidence) if answer]
    return Table("brief", "In brief", ("Question", "Answer"), tuple(rows), ("Answer",))


def margin_words(evidence: Evidence) -> str:
    """Return the margin with who stated it."""
    margin = evidence.comparison.settings.margin
    if not margin.value:
        return f"There is no margin within which a model counts as no worse: stated {margin.origin}."
    return f"The margin, within which a model counts as no worse, is {number(margin.value)}: stated {margin.origin}."


def selection_words(selection: Selection, names: Sequence[str]) -> str:
    """Return how the best of several was chosen, and what is left of its score without the luck.

    Args:
        selection: What was chosen.
        names: Of the contenders, by position.

    Returns:
        Two sentences, right of metrics of which less is better too.
    """
    winner, best_of = names[selection.winner], f"the best of {selection.num_candidates}"
    chosen = f"{winner} was chosen among {counted(selection.num_candidates, 'model')} on {selection.chosen_on}"
    seen, score = with_interval(selection.validation[selection.winner]), with_interval(selection.score)
    if selection.chosen_on == ON_VALIDATION:
        scored = f"Scored once on other cases, it has {score}: the choice takes nothing from that number."
        return f"{chosen}, where it had {seen}. {scored}"
    if selection.optimism is None:
        return f"{chosen}, where it has {seen}. How much of that is the luck of being {best_of} is {score}."
    is_lucky = round(selection.optimism, 3) > 0
    looks = (
        f"That looks {number(selection.optimism)} better than it is by the luck of"
        if is_lucky
        else "No luck is seen in"
    )
    return f"{chosen}, where it has {seen}. {looks} being {best_of}: corrected for it, the score is {score}."


def seeds_words(evidence: Evidence) -> str:
    """Return what seeds and repetitions change, and what their ensembles score; nothing with one each."""
    primary, contenders = evidence.comparison.primary, evidence.comparison.cases.contenders
    ensembles = {one.contender: one.metrics.get(primary.metric.name) for one in evidence.comparison.ensembles}
    parts = []
    for position, spread in enumerate(primary.spreads):
        if spread is None:
            continue
        members = counted(len(contenders[position].members), "member")
        ensemble = ensembles.get(position)
        beside = f", their ensemble {with_interval(ensemble)}" if ensemble else ""
        parts.append(f"{evidence.names[position]}: {members}, standard deviation {number(spread)}{beside}")
    return "; ".join(parts) + "." if parts else ""


def _answers(evidence: Evidence) -> Iterator[tuple[str, str]]:
    lead, selection = evidence.lead, evidence.comparison.selection
    if lead:
        yield "Which model is better?", f"{verdict_words(lead, evidence)}."
        yield "By how much?", _by_how_much(lead, evidence)
        yield "How sure is that?", _how_sure(lead, evidence)
        yield "For whom?", f"{_capitalised(evidence.who)}. {_by_group(lead, evidence)}".strip()
        yield "At which threshold?", _at_threshold(lead, evidence)
    if selection:
        yield "Is it luck to be the best?", selection_words(selection, evidence.names)
    yield "What do the intervals cover?", " ".join(coverage_notes(evidence.comparison.cases))
    seeds = seeds_words(evidence)
    yield "What do seeds change?", _shortened(seeds, evidence)
    openings = " They are listed under Comparability." if evidence.ledger else ""
    yield "How often were these cases looked at?", ledger_words(evidence) + openings
    commands = "; ".join(evidence.how_to_repeat[:1])
    yield "How is it run again?", f"{commands} (more under Provenance)" if commands else ""


def _shortened(seeds: str, evidence: Evidence) -> str:
    """Return the spread of seeds, only how many models have one where they are many."""
    num_spread = sum(spread is not None for spread in evidence.comparison.primary.spreads)
    if num_spread <= 3:
        return seeds
    largest = max(spread for spread in evidence.comparison.primary.spreads if spread is not None)
    return f"{num_spread} models have several members; their standard deviation is at most {number(largest)}."


def _by_how_much(lead: Verdict, evidence: Evidence) -> str:
    primary = evidence.comparison.primary
    pair = evidence.difference(primary, lead.first, lead.second)
    if pair is None:
        return ""
    label, estimate = primary.metric.label, pair.difference.estimate
    if estimate.ci_low is None:
        return f"Difference in {label}: {with_interval(estimate)}."
    return f"Difference in {label}: {difference_cell(estimate)}, {evidence.confidence}; {estimate.method}."


def _how_sure(lead: Verdict, evidence: Evidence) -> str:
    pair = evidence.difference(evidence.comparison.primary, lead.first, lead.second)
    sure = how_sure(pair, evidence) if pair else ""
    parts = [f"{sure}." if sure else "", margin_words(evidence)]
    parts.append(planning_words(lead, evidence.comparison))
    return " ".join(part for part in parts if part)


def _by_group(lead: Verdict, evidence: Evidence) -> str:
    """Return in which groups the difference is another one, in words."""
    if not evidence.comparison.groups:
        return "The files name neither sites nor groups."
    groups = [
        group
        for group in evidence.comparison.groups
        if (group.first, group.second) == (lead.first, lead.second) and group.difference.estimate.value is not None
    ]
    if not groups:
        return "No site or subgroup was large enough to be compared in."
    alpha = evidence.comparison.settings.alpha
    shown = [one for one in groups if one.p_holm is not None and one.p_holm < alpha]
    unlike = [one for one in groups if one.interaction_p is not None and one.interaction_p < alpha]
    told = f"Of {counted(len(groups), 'group')} compared, a difference is shown in: {_group_names(shown)}"
    return f"{told}. It is unlike that of the rest in: {_group_names(unlike)}. Both are Holm-adjusted."


def _group_names(groups: list[GroupDifference]) -> str:
    return ", ".join(f"{one.column.removeprefix('group_')} {one.group}" for one in groups) or "none"


def _at_threshold(lead: Verdict, evidence: Evidence) -> str:
    question = evidence.question
    if question is None:
        if evidence.comparison.cases.task == Task.MULTICLASS:
            return "Each case is called the class with the highest probability."
        return "Each label has a threshold of its own; see Thresholds."
    parts = []
    for position in dict.fromkeys((lead.first, lead.second)):
        rates = []
        for name in ("sensitivity", "specificity"):
            found = evidence.comparison.of(name, question.asked)
            if found and found.estimates[position].value is not None:
                rates.append(f"{name} {number(found.estimates[position].value)}")
        told = f", {' and '.join(rates)}" if rates else ""
        parts.append(f"{evidence.names[position]} at {_in_members(question.thresholds[position])}{told}")
    return f"{'; '.join(parts)}. {_capitalised(question.positive)} is called at or above it."


def _in_members(thresholds: tuple[str, ...]) -> str:
    """Return the thresholds of a model's members in words; equal ones of two seeds are two thresholds."""
    if len(set(thresholds)) > 1:
        return f"{count(len(thresholds))} thresholds, one for each member"
    at = "no threshold" if thresholds[0] == "none" else thresholds[0]
    return at if len(thresholds) == 1 else f"{at} in each of {count(len(thresholds))} members"


def _capitalised(text: str) -> str:
    return text[:1].upper() + text[1:]
