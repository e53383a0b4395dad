"""The report of a comparison: from what was found to one HTML file that a person can judge it by."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reprodx.reporting.checklist.comparison_checklist import comparison_checklist
from reprodx.reporting.comparison.brief import brief
from reprodx.reporting.comparison.comparability import comparability_section
from reprodx.reporting.comparison.curves import calibration_section, decision_section, roc_section
from reprodx.reporting.comparison.evidence import Evidence
from reprodx.reporting.comparison.failures import failures_section
from reprodx.reporting.comparison.groups import groups_section
from reprodx.reporting.comparison.headline import headline, key_numbers, notices
from reprodx.reporting.comparison.paired_table import paired_section
from reprodx.reporting.comparison.participants import participants_section
from reprodx.reporting.comparison.provenance import provenance_section
from reprodx.reporting.comparison.thresholds import thresholds_section
from reprodx.reporting.comparison.verdict import verdict_section
from reprodx.reporting.page import Page, write_page

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from reprodx.artifacts.openings import Ledger
    from reprodx.comparison.result import Comparison

SECTIONS = (
    verdict_section,
    comparability_section,
    participants_section,
    paired_section,
    roc_section,
    calibration_section,
    decision_section,
    thresholds_section,
    groups_section,
    failures_section,
    comparison_checklist,
    provenance_section,
)
"""In the order in which they are read."""


def write_comparison_report(
    path: Path, comparison: Comparison, *, ledger: Ledger | None, how_to_repeat: Sequence[str]
) -> None:
    """Write the report as one self-contained HTML file; equal arguments and versions give equal bytes.

    Args:
        path: Of the file, replaced as a whole or not at all.
        comparison: What was found; of single cases only the ids of those that are called wrong are shown.
        ledger: How often the test split was scored, and by which runs; None where nobody recorded it.
        how_to_repeat: Lines for a terminal that make this report again.

    Raises:
        MetricError: If a threshold was chosen on the test split.
        ConfigError: If `ordinal_cut` does not leave a grade on both sides.
    """
    evidence = Evidence(comparison, ledger, how_to_repeat)
    page = Page(
        title=_title(evidence),
        headline=headline(evidence),
        opening=[*notices(evidence), key_numbers(evidence), brief(evidence)],
        sections=[section(evidence) for section in SECTIONS],
    )
    write_page(path, page)


def _title(evidence: Evidence) -> str:
    names = evidence.names
    data = {str(found) for *_, source, _ in evidence.sources if (found := source.predictions.metadata.get("data"))}
    on = f" on {next(iter(data))}" if len(data) == 1 else ""
    if len(names) == 2:
        return f"{names[1]} against {names[0]}{on}"
    return f"{len(names)} models compared{on}, reference {names[0]}"
