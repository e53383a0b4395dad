"""What each task asks of its cases."""

import numpy as np

from reprodx.artifacts.predictions import Predictions
from reprodx.metrics.questions import asked_of, questions

FIXED = {"value": 0.4, "rule": "Youden", "chosen_on": "val"}


def test_labels_ask_one_question_each(make_labelled):
    predictions = make_labelled(thresholds={"cyst": FIXED})
    asked = questions(predictions, 2)
    assert [(*one.asked, one.name) for one in asked] == [("label", name, name) for name in ("fluid", "cyst", "scar")]
    assert [one.threshold.value for one in asked] == [None, 0.4, None]
    np.testing.assert_array_equal(asked[1].cases.positive_probs, predictions.probs()[:, 1])


def test_grades_ask_whether_a_case_is_referable(make_graded):
    (one,) = questions(make_graded(threshold=FIXED), 1)
    assert (*one.asked, one.name, one.threshold.value) == ("referable", "", "mild or above", 0.4)


def test_two_classes_ask_for_the_positive_one(make_predictions):
    predictions = make_predictions(["ill", "well"], np.array([[0.2, 0.8], [0.6, 0.4]]), ("well", "ill"))
    (one,) = questions(predictions, 2)
    assert (*one.asked, one.name) == ("binary", "", "ill")
    assert one.threshold.reason == "no threshold was chosen"
    assert one.cases.positive_probs.tolist() == [0.8, 0.4]


def test_several_classes_ask_for_each_against_the_rest(make_predictions):
    probs = np.array([[0.2, 0.5, 0.3], [0.6, 0.3, 0.1]])
    asked = questions(make_predictions(["b", "a"], probs, ("a", "b", "c")), 2)
    assert [(*one.asked, one.name) for one in asked] == [("class", name, name) for name in "abc"]
    assert asked[1].cases.classes == ("other classes", "b")
    assert asked[1].cases.targets.tolist() == [1, 0]
    assert asked[1].cases.positive_probs.tolist() == [0.5, 0.3]


def test_all_that_metrics_ask_in_the_order_of_case_ids(make_graded, make_labelled, make_predictions):
    graded = asked_of(make_graded(threshold={**FIXED, "positive": "mild or above"}), 1)
    grades = [("class", name) for name in ("none", "mild", "moderate", "severe")]
    assert list(graded) == [("grades", ""), ("referable", ""), *grades]
    assert graded["referable", ""].calls.sum() == (graded["referable", ""].positive_probs >= 0.4).sum()
    assert list(asked_of(make_labelled(), 0)) == [("labels", ""), *(("label", n) for n in ("fluid", "cyst", "scar"))]
    predictions = make_predictions(
        ["ill", "well", "ill"], np.array([[0.2, 0.8], [0.6, 0.4], [0.5, 0.5]]), ("well", "ill")
    )
    turned = Predictions(predictions.table.reverse(), predictions.metadata)
    for each in (predictions, turned):
        assert asked_of(each, 0)["binary", ""].positive_probs.tolist() == [0.8, 0.4, 0.5]
