"""What is told of prediction sets."""

from collections.abc import Callable
from dataclasses import replace

import polars as pl

from reprodx.artifacts.predictions import Predictions
from reprodx.metrics.conformal import prediction_sets
from reprodx.reporting.evaluation import Evaluation
from reprodx.reporting.metric_tables import value_cell
from reprodx.reporting.page import Gallery, Paragraph, Table
from reprodx.reporting.prediction_set_block import prediction_set_blocks


def test_a_class_says_what_it_was_calibrated_on_and_its_coverage(binary: Evaluation) -> None:
    told, gallery, by_class, sizes = prediction_set_blocks(binary)
    assert isinstance(told, Paragraph)
    assert "90.0% of the cases of each class" in told.text
    assert "are alike" not in told.text
    assert isinstance(by_class, Table)
    (sets,) = prediction_sets(binary.predictions, binary.settings)
    disease = sets.coverage["disease"]
    assert by_class.rows[1] == ("disease", "40", f"{sets.min_probs[1]:.3f}", "40", value_cell(disease))
    assert isinstance(sizes, Table)
    assert [row[0] for row in sizes.rows] == ["No class", "One class", "All classes", "Right, of sets of one class"]
    assert sizes.rows[-1][1] == value_cell(sets.single_accuracy)
    assert isinstance(gallery, Gallery)
    (figure,) = gallery.figures
    assert [row[0] for row in figure.data.rows][:5] == ["healthy", "disease", "site north", "site south", "site tiny"]
    assert figure.data.rows[4][2] == "too few"
    assert [row[0] for row in figure.data.rows][5:] == ["age <50", "age 50-<60", "age >=60"]


def test_why_there_are_no_sets_is_said(
    predicted: Callable[..., Predictions], evaluated: Callable[..., Evaluation]
) -> None:
    predictions = predicted(("healthy", "disease"))
    evaluation = evaluated(predictions)
    strict = replace(evaluation, settings=replace(evaluation.settings, conformal_coverage=0.99))
    assert prediction_set_blocks(strict) == [
        Paragraph("Prediction sets are not given: validation has 40 cases of 'healthy', 99 are needed to calibrate on.")
    ]
    assert len(prediction_set_blocks(evaluation)) == 4


def test_that_cases_of_a_patient_are_alike_is_said(
    predicted: Callable[..., Predictions], evaluated: Callable[..., Evaluation]
) -> None:
    predictions = predicted(("healthy", "disease"))
    table = predictions.table.with_columns(patient_id=(pl.int_range(pl.len()) // 2).cast(pl.String))
    told, *_ = prediction_set_blocks(evaluated(Predictions(table, predictions.metadata)))
    assert isinstance(told, Paragraph)
    assert told.text.endswith("which are alike, so that the promise holds roughly.")


def test_each_label_has_a_row_and_rare_ones_a_reason(multilabel: Evaluation) -> None:
    _, gallery, table = prediction_set_blocks(multilabel)
    assert isinstance(table, Table)
    assert [row[0] for row in table.rows] == ["fluid", "drusen", "scar"]
    assert not table.notes
    strict = replace(multilabel, settings=replace(multilabel.settings, conformal_coverage=0.97))
    *_, rare = prediction_set_blocks(strict)
    assert isinstance(rare, Table)
    assert rare.rows[2] == ("scar", *["\N{EN DASH}"] * 4)
    assert rare.rows[0][1] != "\N{EN DASH}"
    assert rare.notes[0].startswith("scar: validation has ")
    assert isinstance(gallery, Gallery)
    assert [row[0] for row in gallery.figures[0].data.rows] == ["fluid", "drusen", "scar"]
