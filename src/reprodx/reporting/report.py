"""The report of one model: from its predictions and their scores to one HTML file that a person can judge it by."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from reprodx.reporting.evaluation import Evaluation
from reprodx.reporting.headline import headline, key_numbers, notices
from reprodx.reporting.page import Page, write_page
from reprodx.reporting.participants import participants_section
from reprodx.reporting.performance import (
    calibration_section,
    decision_section,
    discrimination_section,
    metrics_section,
    subgroups_section,
)
from reprodx.reporting.provenance import limits_section, provenance_section

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    import polars as pl

    from reprodx.artifacts.predictions import Predictions
    from reprodx.metrics.groups import GroupScore
    from reprodx.metrics.settings import ScoreSettings
    from reprodx.schemas import Estimate

logger = logging.getLogger(__name__)

SECTIONS = (
    participants_section,
    metrics_section,
    discrimination_section,
    calibration_section,
    decision_section,
    subgroups_section,
    limits_section,
    provenance_section,
)
"""In the order in which they are read."""


def write_report(
    path: Path,
    *,
    predictions: Predictions,
    scores: Mapping[str, Mapping[str, Estimate]],
    groups: Sequence[GroupScore],
    table_one: pl.DataFrame,
    manifest: Mapping[str, Any],
    config: Mapping[str, Any],
    settings: ScoreSettings,
) -> None:
    """Write the report as one self-contained HTML file; equal arguments and versions give equal bytes.

    Args:
        path: Of the file, replaced as a whole or not at all.
        predictions: Of the validation and test splits; no row of them is shown.
        scores: Metrics by split and name.
        groups: Performance on the test split by subgroup.
        table_one: `variable level unit train val test smd_val smd_test`, as preparation wrote it.
        manifest: Of the prepared cases.
        config: The sections that decide the result.
        settings: How the scores were made.

    Raises:
        MetricError: If a threshold was chosen on the test split, or a probability is not a number.
    """
    evaluation = Evaluation(predictions, scores, groups, table_one, manifest, config, settings)
    page = Page(
        title=f"{config['model']['name']} on {config['data']['name']}",
        headline=headline(evaluation),
        opening=[*notices(evaluation), key_numbers(evaluation)],
        sections=[section(evaluation) for section in SECTIONS],
    )
    write_page(path, page)
    logger.info("wrote the report %s", path)
