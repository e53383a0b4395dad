"""The checklist of a comparison's report."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reprodx.reporting.checklist import comparison_answers
from reprodx.reporting.checklist.answer import Answer, answer_of
from reprodx.reporting.checklist.section import section_of

if TYPE_CHECKING:
    from reprodx.reporting.comparison.evidence import Evidence
    from reprodx.reporting.page import Section

COMPARISON_PLACES = {
    "verdict": "Verdict",
    "comparability": "Comparability",
    "participants": "Participants",
    "paired": "Paired comparison",
    "roc": "ROC",
    "calibration": "Calibration",
    "decision-curve": "Decision curve",
    "thresholds": "Thresholds",
    "groups": "Subgroups and sites",
    "failures": "Failures",
    "provenance": "Provenance",
}
"""Headings of a comparison's report that answers lead to, by key."""


def comparison_checklist(evidence: Evidence) -> Section:
    """Return what the guidelines ask and where a comparison's report answers it."""
    is_synthetic = comparison_answers.is_synthetic(evidence)
    modalities = {str(found) for *_, one, _ in evidence.sources if (found := one.predictions.metadata.get("modality"))}

    def answered(topic: str) -> Answer:
        return answer_of(topic, evidence, comparison_answers.ANSWERS, is_synthetic=is_synthetic)

    return section_of(answered, COMPARISON_PLACES, modalities.pop() if len(modalities) == 1 else None)
