"""Calibration errors beside chance, and what recalibration would do."""

from collections.abc import Callable

import polars as pl
import pytest

from reprodx.artifacts.predictions import Predictions
from reprodx.metrics.recalibration_effects import AS_PREDICTED, RECALIBRATORS, recalibration_effects
from reprodx.reporting.calibration_block import calibration_blocks, reading
from reprodx.reporting.evaluation import Evaluation
from reprodx.reporting.page import Paragraph, Table
from reprodx.reporting.wording import interval, number
from reprodx.schemas import Estimate


def tables_of(evaluation: Evaluation) -> dict[str, Table]:
    return {block.key: block for block in calibration_blocks(evaluation) if isinstance(block, Table)}


def test_an_error_stands_beside_that_of_a_calibrated_model(binary: Evaluation) -> None:
    table = tables_of(binary)["calibration-errors"]
    (ece, ici), scores = table.rows, binary.written["test"]
    null = scores["ece_null"]
    assert ece[0] == "Binned error, ECE"
    assert ece[1] == number(scores["ece"].value)
    assert ece[2] == f"{number(null.value)} ({interval(null)})"
    assert ece[3] == reading(scores["ece"], null)
    assert ici[1] == number(scores["ici"].value)
    assert table.columns[2] == "Expected if calibrated (95% range)"
    assert "100 draws" in table.notes[0]
    assert len(table.notes) == 1


@pytest.mark.parametrize(
    ("error", "null", "expected"),
    [
        (0.05, (0.02, 0.08), "within the range"),
        (0.1, (0.02, 0.08), "above the range"),
        (0.01, (0.02, 0.08), "below the range"),
        (None, (0.02, 0.08), "\N{EN DASH}"),
        (0.05, (None, None), "\N{EN DASH}"),
    ],
)
def test_where_an_error_lies_is_said(
    error: float | None, null: tuple[float | None, float | None], expected: str
) -> None:
    assert reading(Estimate(error, None, None, 9, 4, "none"), Estimate(0.05, *null, 9, 4, "none")).startswith(expected)


def test_several_cases_a_patient_are_said_to_be_taken_as_independent(
    binary: Evaluation, evaluated: Callable[..., Evaluation]
) -> None:
    table = binary.predictions.table.with_columns(patient_id=pl.col("case_id").str.slice(0, 7))
    clustered = evaluated(Predictions(table, binary.predictions.metadata))
    assert any("cases taken as independent" in note for note in tables_of(clustered)["calibration-errors"].notes)


def test_each_recalibrator_has_a_row_with_its_effect(binary: Evaluation) -> None:
    table = tables_of(binary)["recalibration"]
    assert [row[0] for row in table.rows] == [AS_PREDICTED, *RECALIBRATORS]
    platt = recalibration_effects(binary.predictions, binary.settings)[2]
    cells = dict(zip(table.columns, table.rows[2], strict=True))
    assert cells["Fitted on validation"] == platt.fit
    change = platt.metrics["brier_change"]
    assert cells["Change of Brier score"] == f"{number(change.value)} ({interval(change)})"
    assert cells["Brier score"] == number(platt.metrics["brier"].value)
    assert dict(zip(table.columns, table.rows[0], strict=True))["Change of Brier score"] == "\N{EN DASH}"
    assert cells["ECE"] == number(platt.metrics["ece"].value)


def test_what_cannot_be_fitted_says_why(
    predicted: Callable[..., Predictions], evaluated: Callable[..., Evaluation]
) -> None:
    predictions = predicted(("healthy", "disease"))
    kept = (predictions.table["split"] == "test") | (predictions.table["y_true"] == "healthy")
    table = tables_of(evaluated(Predictions(predictions.table.filter(kept), predictions.metadata)))["recalibration"]
    assert table.rows[0][2] != "\N{EN DASH}"
    for row in table.rows[1:]:
        assert row[1] == "not fitted, validation cases: one class only: no positive case"
        assert set(row[2:]) == {"\N{EN DASH}"}


def test_without_validation_cases_there_is_no_recalibration(
    predicted: Callable[..., Predictions], evaluated: Callable[..., Evaluation]
) -> None:
    predictions = predicted(("healthy", "disease"))
    test = Predictions(predictions.of("test").table, predictions.metadata)
    *_, told = calibration_blocks(evaluated(test))
    assert isinstance(told, Paragraph)
    assert told.text.startswith("There are no validation cases")


def test_classes_have_a_temperature_grades_their_question_and_labels_a_compact_table(
    multiclass: Evaluation, ordinal: Evaluation, multilabel: Evaluation
) -> None:
    classes = tables_of(multiclass)
    assert list(classes) == ["recalibration"]
    assert [row[0] for row in classes["recalibration"].rows] == [AS_PREDICTED, "temperature"]
    assert "ECE of the called class." in classes["recalibration"].notes
    assert len(tables_of(ordinal)["recalibration"].rows) == 4
    labels = tables_of(multilabel)
    assert len(labels["calibration-errors"].rows) == 2 * 3
    assert labels["recalibration"].columns[2:] == ("Brier score", "Change of Brier score", "Slope (1 is ideal)", "ECE")
    assert labels["recalibration"].rows[5][0] == "drusen: temperature"


def test_an_infinite_log_loss_is_explained_under_the_table(ordinal: Evaluation) -> None:
    table = tables_of(ordinal)["recalibration"]
    isotonic = dict(zip(table.columns, table.rows[3], strict=True))
    assert isotonic["Log loss"] == "not estimable"
    assert "Log loss, isotonic: infinite: a case has probability 0 of what was." in table.notes
