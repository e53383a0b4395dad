"""The report of one model: from its predictions and their scores to one HTML file that a person can judge it by."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from reprodx.reporting.checklist.section import checklist_section
from reprodx.reporting.failures import failures_section
from reprodx.reporting.group_block import subgroups_section
from reprodx.reporting.headline import headline, key_numbers, notices
from reprodx.reporting.page import Page, write_page
from reprodx.reporting.participants import participants_section
from reprodx.reporting.performance import (
    calibration_section,
    decision_section,
    discrimination_section,
    metrics_section,
)
from reprodx.reporting.provenance import experiment_record, limits_section, provenance_section
from reprodx.reporting.reliability_block import reliability_section

if TYPE_CHECKING:
    from pathlib import Path

    from reprodx.reporting.evaluation import Evaluation

logger = logging.getLogger(__name__)

SECTIONS = (
    participants_section,
    metrics_section,
    discrimination_section,
    calibration_section,
    decision_section,
    subgroups_section,
    failures_section,
    reliability_section,
    limits_section,
    checklist_section,
    provenance_section,
)
"""In the order in which they are read."""


def write_report(path: Path, evaluation: Evaluation) -> None:
    """Write the report as one self-contained HTML file; equal evaluations and versions give equal bytes.

    Args:
        path: Of the file, replaced as a whole or not at all.
        evaluation: What is shown; of single cases only the ids of the worst failures are, and a few pictures that
            occur twice.

    Raises:
        MetricError: If a threshold was chosen on the test split, or a probability is not a number.
    """
    config = evaluation.config
    page = Page(
        title=f"{config['model']['name']} on {config['data']['name']}",
        headline=headline(evaluation),
        opening=[*notices(evaluation), key_numbers(evaluation)],
        sections=[section(evaluation) for section in SECTIONS],
        record=experiment_record(evaluation),
    )
    write_page(path, page)
    logger.info("wrote the report %s", path)
