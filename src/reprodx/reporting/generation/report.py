"""The report of one generator: from its scores and samples to one HTML file that a person can judge it by."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from reprodx.reporting.generation.headline import headline, key_numbers, notices
from reprodx.reporting.generation.judgement import limits_section, privacy_section, quality_section
from reprodx.reporting.generation.sample_block import samples_section
from reprodx.reporting.generation.training_health import health_section
from reprodx.reporting.page import Page, Section, write_page
from reprodx.reporting.participants import class_values, participant_flow
from reprodx.reporting.provenance import experiment_record, provenance_section

if TYPE_CHECKING:
    from pathlib import Path

    from reprodx.reporting.generation.evaluation import GeneratorEvaluation

logger = logging.getLogger(__name__)


def write_report(path: Path, evaluation: GeneratorEvaluation) -> None:
    """Write the report as one self-contained HTML file; equal evaluations and versions give equal bytes.

    Args:
        path: Of the file, replaced as a whole or not at all.
        evaluation: What is shown: of real cases only numbers.
    """
    sections = (
        samples_section,
        quality_section,
        privacy_section,
        health_section,
        _participants_section,
        limits_section,
        provenance_section,
    )
    page = Page(
        title=evaluation.title,
        headline=headline(evaluation),
        opening=[*notices(evaluation), key_numbers(evaluation)],
        sections=[section(evaluation) for section in sections],
        record=experiment_record(evaluation),
    )
    write_page(path, page)
    logger.info("wrote the report %s", path)


def _participants_section(evaluation: GeneratorEvaluation) -> Section:
    manifest = evaluation.manifest
    return Section("participants", "Participants", [participant_flow(manifest), *class_values(manifest)])
