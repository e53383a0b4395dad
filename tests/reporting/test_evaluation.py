"""The facts that several sections share."""

from collections.abc import Callable

import numpy as np
import polars as pl

from reprodx.artifacts.predictions import Predictions
from reprodx.reporting.evaluation import Evaluation


def test_who_counts_cases_patients_and_events(
    predicted: Callable[..., Predictions], evaluated: Callable[..., Evaluation]
) -> None:
    predictions = predicted(("healthy", "disease"))
    pairs = pl.col("case_id").str.slice(4).cast(pl.Int64).floordiv(2).cast(pl.String)
    paired = Predictions(predictions.table.with_columns(pairs.alias("patient_id")), predictions.metadata)
    assert evaluated(predictions).who("test") == "80 patients, 40 positive (disease)"
    assert evaluated(paired).who("test") == "80 cases of 40 patients, 40 positive (disease)"
    assert evaluated(predictions, has_patients=False).who("val") == "80 cases, 40 positive (disease)"
    assert evaluated(predicted(("negative", "positive"))).who("test") == "80 patients, 40 positive"
    assert evaluated(predicted(("a", "b", "c"))).who("test") == "80 patients, 3 classes"


def test_the_confusion_matrix_is_that_of_the_test_split_at_the_threshold(binary: Evaluation) -> None:
    is_called = binary.test.probs()[:, 1] >= 0.4
    is_positive = binary.test.targets() == 1
    expected = [[np.sum(is_called[is_positive == truth] == call) for call in (False, True)] for truth in (False, True)]
    np.testing.assert_array_equal(binary.confusion, expected)


def test_without_a_threshold_there_is_no_matrix_but_there_are_curves(
    predicted: Callable[..., Predictions], evaluated: Callable[..., Evaluation]
) -> None:
    predictions = predicted(("healthy", "disease"))
    metadata = {key: value for key, value in predictions.metadata.items() if key != "threshold"}
    evaluation = evaluated(Predictions(predictions.table, metadata))
    assert evaluation.threshold is None
    assert evaluation.confusion is None
    assert evaluation.plots["roc"].height > 0


def test_curves_are_about_the_positive_class_or_about_each_of_several(
    binary: Evaluation, multiclass: Evaluation
) -> None:
    assert binary.of_curve_classes("auroc") == {"disease": binary.test_scores["auroc"]}
    assert list(multiclass.of_curve_classes("auroc")) == ["mild", "moderate", "severe"]
    assert multiclass.of_curve_classes("average_precision") == {}


def test_the_level_of_the_intervals_is_in_words(binary: Evaluation) -> None:
    assert binary.confidence == "95%\N{NO-BREAK SPACE}CI"
