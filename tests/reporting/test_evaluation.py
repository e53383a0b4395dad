"""The facts that several sections share."""

from collections.abc import Callable

import numpy as np
import polars as pl

from reprodx.artifacts.predictions import Predictions
from reprodx.metrics.asked import Asked, View
from reprodx.reporting.evaluation import MAX_CURVES, Evaluation


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
    assert binary.of_curves("auroc") == {"disease": binary.of("auroc")}
    assert list(multiclass.of_curves("auroc")) == ["mild", "moderate", "severe"]
    assert multiclass.of_curves("average_precision") == {}


def test_the_level_of_the_intervals_is_in_words(binary: Evaluation) -> None:
    assert binary.confidence == "95%\N{NO-BREAK SPACE}CI"


def test_labels_and_grades_are_counted_as_such(ordinal: Evaluation, multilabel: Evaluation) -> None:
    assert ordinal.who("test") == "120 patients, 4 grades"
    assert multilabel.who("test") == "200 patients, 3 labels"


def test_each_label_has_curves_and_grades_have_those_of_one_question(
    ordinal: Evaluation, multilabel: Evaluation
) -> None:
    assert list(multilabel.of_curves("average_precision")) == ["fluid", "drusen", "scar"]
    assert multilabel.of_curves("auroc")["scar"] == multilabel.of("auroc", Asked(View.LABEL, "scar"))
    assert multilabel.question is None
    assert multilabel.confusion is None
    assert ordinal.of_curves("auroc") == {"moderate or above": ordinal.of("auroc", Asked(View.REFERABLE))}
    assert ordinal.threshold == 0.5
    called = ordinal.test.probs().argmax(axis=1)
    expected = [[np.sum(called[ordinal.test.targets() == i] == j) for j in range(4)] for i in range(4)]
    np.testing.assert_array_equal(ordinal.confusion, expected)


def test_of_many_labels_the_most_frequent_are_drawn(
    labelled: Callable[..., Predictions], evaluated: Callable[..., Evaluation]
) -> None:
    evaluation = evaluated(labelled(13))
    counts = dict(zip(evaluation.classes, evaluation.test.targets().sum(axis=0).tolist(), strict=True))
    drawn = [question.name for question in evaluation.drawn_questions]
    assert len(drawn) == MAX_CURVES
    assert drawn == [name for name in evaluation.classes if name in drawn]
    assert min(counts[name] for name in drawn) >= max(counts[name] for name in counts if name not in drawn)
    assert set(evaluation.plots["roc"]["class"]) == set(drawn)
