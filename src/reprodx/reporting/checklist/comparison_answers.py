"""What a comparison says of its cases, of the models that it compares, and of what it found."""

from __future__ import annotations

from typing import TYPE_CHECKING

import reprodx
from reprodx.reporting.checklist.answer import Answer, Answers, filled, needs_human, not_applicable
from reprodx.reporting.comparison.planning import needed_cell
from reprodx.reporting.wording import counted, number, with_interval
from reprodx.schemas import GROUP_PREFIX, SITE, TEST, VAL, Task

if TYPE_CHECKING:
    from collections.abc import Mapping

    from reprodx.comparison.source import TrackedRun
    from reprodx.reporting.comparison.evidence import Evidence


MAX_TOLD = 4
"""Thresholds that are written out; more are left to their table."""


def is_synthetic(evidence: Evidence) -> bool:
    """Return whether a program made the cases, as far as the files say."""
    return any(source.predictions.metadata.get("is_synthetic") for *_, source, _ in evidence.sources)


def _runs(evidence: Evidence) -> list[TrackedRun]:
    return [source.run for *_, source, _ in evidence.sources if source.run]


def _all_tracked(evidence: Evidence) -> bool:
    return all(source.run for *_, source, _ in evidence.sources)


def _of_runs(text: str) -> Answer:
    return filled(text, "provenance")


def _model(evidence: Evidence) -> Answer:
    if not _all_tracked(evidence):
        return needs_human("A file of predictions does not say what made it.", "comparability")
    return filled("Each run with its settings and the command that makes it.", "comparability", "provenance")


def _specification(evidence: Evidence) -> Answer:
    return needs_human(_model(evidence).text, "provenance")


def _training(evidence: Evidence) -> Answer:
    if not _all_tracked(evidence):
        return needs_human("A file of predictions does not say how its model was trained.", "provenance")
    return _of_runs("The settings in which the runs differ, and the commands; the rest is in each run's report.")


def _software(_: Evidence) -> Answer:
    return _of_runs(f"Of the comparison: reprodx {reprodx.__version__} and the packages that can change a number.")


def _audit(evidence: Evidence) -> Answer:
    if not _all_tracked(evidence):
        return needs_human("Predictions were given as files.", "provenance")
    return _of_runs(f"Predictions of {counted(len(_runs(evidence)), 'run')} are kept under the run ids shown.")


def _ensembling(evidence: Evidence) -> Answer:
    if not evidence.comparison.ensembles:
        return not_applicable("no predictions were averaged")
    return filled("The mean probability over seeds or repetitions, beside the models and not in the claims.", "verdict")


def _model_selection(evidence: Evidence) -> Answer:
    selection = evidence.comparison.selection
    if selection is None:
        return not_applicable("the models were named one by one; none was selected here")
    winner = evidence.names[selection.winner]
    candidates = counted(selection.num_candidates, "model")
    return filled(f"{winner}, the best of {candidates} on {selection.chosen_on}.", "verdict")


def _reference_standard(evidence: Evidence) -> Answer:
    told = [source.predictions.metadata.get("reference_standard") for *_, source, _ in evidence.sources]
    stated = dict.fromkeys(str(one) for one in told if one)
    return filled(f"{'; '.join(stated)}.", "participants") if stated else needs_human()


def _outcome(evidence: Evidence) -> Answer:
    return needs_human(f"Classes: {', '.join(evidence.comparison.cases.classes)}.", "participants")


def _flow(evidence: Evidence) -> Answer:
    if any(run.manifest is not None for run in _runs(evidence)):
        return filled(f"Up to those compared: {evidence.who}.", "participants")
    return needs_human(f"Compared are {evidence.who}.", "participants")


def _described(evidence: Evidence) -> Answer:
    if any(run.table_one is not None for run in _runs(evidence)):
        return filled("Table 1 describes the cases of each partition.", "participants")
    return needs_human("The compared cases are counted by class, site and group.", "participants")


def _numbers(evidence: Evidence) -> Answer:
    return filled(f"{evidence.who}.", "participants", "comparability")


def _partition(evidence: Evidence) -> Answer:
    if any(run.manifest is not None for run in _runs(evidence)):
        return filled("The partition that all runs share.", "participants", "comparability")
    return needs_human("The files say of which split the cases are.", "comparability")


def _sample_size(evidence: Evidence) -> Answer:
    verdict = evidence.lead
    if verdict is None or verdict.minimum_detectable is None:
        return needs_human("", "participants")
    is_known = verdict.seeds_needed or verdict.patients_needed is not None
    needed = f"; needed: {needed_cell(verdict)}" if is_known else ""
    return filled(f"The smallest difference it would show is {number(verdict.minimum_detectable)}{needed}.", "verdict")


def _intended_size(evidence: Evidence) -> Answer:
    found = _sample_size(evidence)
    return needs_human(found.text, *found.places)


def _primary(evidence: Evidence) -> str:
    """Return the primary metric of each model, of few at most."""
    primary = evidence.comparison.primary
    texts = [
        f"{evidence.names[place]} {with_interval(primary.estimates[place])}"
        for place in evidence.drawn[:2]
        if primary.estimates[place].value is not None
    ]
    return f"{primary.metric.label}: {'; '.join(texts)}" if texts else ""


def _performance(evidence: Evidence) -> Answer:
    told = _primary(evidence)
    return filled(f"{told}.", "verdict", "paired") if told else needs_human()


def _diagnostic_performance(evidence: Evidence) -> Answer:
    told = _primary(evidence)
    return filled(f"{told}.", "paired", "roc", "thresholds") if told else needs_human()


def _shown_columns(evidence: Evidence) -> dict[str, None]:
    return dict.fromkeys(one.column for one in evidence.comparison.groups if one.estimates[0].value is not None)


def _performance_by_group(evidence: Evidence) -> Answer:
    told, columns = _primary(evidence), _shown_columns(evidence)
    if told and columns:
        return filled(f"{told}; by {_in_words(columns)}.", "paired", "groups")
    return needs_human(f"{told}." if told else "", "paired")


def _in_words(columns: dict[str, None]) -> str:
    return ", ".join(column.removeprefix(GROUP_PREFIX) for column in columns)


def _variability(evidence: Evidence) -> Answer:
    columns = _shown_columns(evidence)
    return filled(f"By {_in_words(columns)}.", "groups") if columns else needs_human()


def _fairness(evidence: Evidence) -> Answer:
    columns = {column: None for column in _shown_columns(evidence) if column != SITE}
    if not columns:
        return needs_human()
    return filled(f"The difference between models by {_in_words(columns)}; errors listed.", "groups", "failures")


def _sites(evidence: Evidence) -> Answer:
    sites = {one.group for one in evidence.comparison.groups if one.column == SITE}
    shown = {
        one.group for one in evidence.comparison.groups if one.column == SITE and one.estimates[0].value is not None
    }
    if not sites:
        return not_applicable("the files name no sites")
    return filled(f"By {counted(len(shown), 'site')}.", "groups") if len(shown) > 1 else needs_human("", "groups")


def _measures(evidence: Evidence) -> Answer:
    metrics = counted(len(evidence.comparison.metrics), "metric")
    return filled(f"{metrics}, the first of them primary.", "paired", "roc", "calibration", "decision-curve")


def _statistics(evidence: Evidence) -> Answer:
    margin, change = evidence.comparison.settings.margin, evidence.margin_change
    told = f"Paired, with {evidence.confidence}; margin {margin.value:g}, stated {margin.origin}. {change}".strip()
    # Without a margin nobody has to say who fixed it and when.
    is_answered = not change and (margin.is_configured or not margin.value)
    return (filled if is_answered else needs_human)(told, "paired")


def _threshold(evidence: Evidence) -> Answer:
    if evidence.comparison.cases.task == Task.MULTICLASS:
        return not_applicable("each case is called the most probable class, so that there is no threshold")
    entries = [_threshold_entries(source.predictions.metadata) for *_, source, _ in evidence.sources]
    if any(not found or any(entry.get("chosen_on") != VAL for entry in found) for found in entries):
        return needs_human("Not every model has a threshold that was chosen on validation.", "thresholds")
    values = dict.fromkeys(number(value) for *_, value in evidence.sources if value is not None)
    at = f" ({', '.join(values)})" if 0 < len(values) <= MAX_TOLD else ""
    return filled(f"Each model's own{at}, chosen on validation.", "thresholds")


def _threshold_entries(metadata: Mapping[str, object]) -> list[dict[str, object]]:
    several = metadata.get("thresholds")
    found = list(several.values()) if isinstance(several, dict) else [metadata.get("threshold")]
    return [entry for entry in found if isinstance(entry, dict) and entry.get("value") is not None]


def _crosstab(evidence: Evidence) -> Answer:
    if any(calls is not None for one in evidence.questions for each in one.called for calls in each):
        return filled("Of each model, and of each pair where they disagree.", "thresholds")
    return needs_human()


def _failures(_: Evidence) -> Answer:
    return filled("Cases that all models get wrong, and that one alone does.", "failures")


def _indeterminate(_: Evidence) -> Answer:
    return not_applicable("every model gives every case a probability, and every case has a true class")


def _disjointness(evidence: Evidence) -> Answer:
    if evidence.comparison.cases.has_patients and _all_tracked(evidence):
        return filled("Patient; no run is marked as leaky.", "comparability")
    return needs_human("", "comparability")


def _explanation(_: Evidence) -> Answer:
    return not_applicable("answers are explained in each run's own report")


def _differences(evidence: Evidence) -> Answer:
    if any(run.table_one is not None for run in _runs(evidence)):
        return filled("Table 1 has the standardised difference to training, by variable.", "participants")
    return needs_human()


def _recalibration(_: Evidence) -> Answer:
    return not_applicable("no model was updated for the comparison")


def _internal_testing(evidence: Evidence) -> Answer:
    told, split = _primary(evidence), evidence.comparison.cases.split
    if not told or split != TEST:
        return needs_human(f"Compared on the {split} split.", "comparability")
    return filled(f"On the test split. {told}.", "paired")


ANSWERS: Answers[Evidence] = {
    "model": _model,
    "training": _training,
    "specification": _specification,
    "prediction": _training,
    "software": _software,
    "audit": _audit,
    "ensembling": _ensembling,
    "model_selection": _model_selection,
    "reference_standard": _reference_standard,
    "outcome": _outcome,
    "flow": _flow,
    "characteristics": _described,
    "differences": _differences,
    "numbers": _numbers,
    "partition": _partition,
    "disjointness": _disjointness,
    "sample_size": _sample_size,
    "intended_size": _intended_size,
    "performance": _performance,
    "performance_by_group": _performance_by_group,
    "diagnostic_performance": _diagnostic_performance,
    "variability": _variability,
    "fairness": _fairness,
    "sites": _sites,
    "measures": _measures,
    "statistics": _statistics,
    "threshold": _threshold,
    "crosstab": _crosstab,
    "failures": _failures,
    "indeterminate": _indeterminate,
    "explanation": _explanation,
    "recalibration": _recalibration,
    "internal_testing": _internal_testing,
}
