"""What is told of how strange the test cases are."""

from collections.abc import Callable

import numpy as np
import polars as pl
import pytest

from reprodx.artifacts.predictions import Predictions
from reprodx.metrics.novelty import novelty
from reprodx.reporting.evaluation import Evaluation
from reprodx.reporting.metric_tables import value_cell
from reprodx.reporting.novelty_block import novelty_blocks
from reprodx.reporting.page import Gallery, Paragraph, Table
from reprodx.reporting.wording import with_interval


@pytest.fixture
def strange(predicted: Callable[..., Predictions], evaluated: Callable[..., Evaluation]) -> Evaluation:
    """Cases of which some lie far out."""
    predictions = predicted(("healthy", "disease"), 800)
    scores = pl.Series(np.random.default_rng(0).random(800))
    return evaluated(Predictions(predictions.table.with_columns(ood_score=scores), predictions.metadata))


def test_far_cases_are_counted_by_site_and_the_rest_is_compared(strange: Evaluation) -> None:
    told, gallery, far, typicality = novelty_blocks(strange)
    known = novelty(strange.predictions, strange.settings)
    assert isinstance(told, Paragraph)
    assert with_interval(known.error_auroc) in told.text
    assert isinstance(far, Table)
    assert [row[0] for row in far.rows] == ["all cases", "north", "south", "tiny"]
    assert far.rows[0][1:] == ("400", *map(value_cell, known.shares[0].beyond))
    assert isinstance(typicality, Table)
    assert typicality.columns[1:3] == ("Nearest 90%, 360 cases", "The rest, 40 cases")
    (near,) = (part for part in known.parts if part.group == "typical")
    assert typicality.rows[0][:2] == ("AUROC", value_cell(near.metrics["auroc"]))
    assert isinstance(gallery, Gallery)
    (figure,) = gallery.figures
    assert sum(int(row[1]) for row in figure.data.rows) == 400
    assert "Of cases like those of validation 0.05 and 0.01 would." in figure.summary


def test_a_file_of_another_tool_says_that_nothing_is_known(binary: Evaluation) -> None:
    reason = "the predictions file has no column 'ood_score'"
    assert novelty_blocks(binary) == [
        Paragraph(f"How far test cases lie from those of training is not known: {reason}.")
    ]


def test_where_no_case_is_nearer_there_is_no_comparison(
    strange: Evaluation, evaluated: Callable[..., Evaluation]
) -> None:
    flat = strange.predictions.table.with_columns(ood_score=pl.lit(0.5))
    blocks = novelty_blocks(evaluated(Predictions(flat, strange.predictions.metadata)))
    assert [block.key for block in blocks if isinstance(block, Table)] == ["far-out"]
