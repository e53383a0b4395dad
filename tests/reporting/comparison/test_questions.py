"""What is asked of every contender, in each task."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from reprodx.comparison.result import Comparison
from reprodx.metrics.asked import Asked, View
from reprodx.reporting.comparison.questions import compared_questions
from reprodx.schemas import Task


def test_a_binary_task_asks_for_the_second_class(two: Comparison) -> None:
    (question,) = compared_questions(two.cases, 2)
    member = two.cases.contenders[1].members[0]
    assert (question.asked, question.negative, question.positive) == (Asked(View.BINARY), "healthy", "disease")
    np.testing.assert_array_equal(question.probs[1], member.probs[:, 1][None])
    np.testing.assert_array_equal(question.called[1][0], member.probs[:, 1] >= 0.4)
    assert question.thresholds == (("0.400",), ("0.400",))


def test_grades_are_asked_as_referable(compared: Callable[..., Comparison]) -> None:
    cases = compared(Task.ORDINAL).cases
    (question,) = compared_questions(cases, 2)
    assert (question.asked, question.positive) == (Asked(View.REFERABLE), "moderate or above")
    np.testing.assert_array_equal(question.is_positive, cases.targets >= 2)
    np.testing.assert_allclose(question.probs[0][0], cases.contenders[0].members[0].probs[:, 2:].sum(axis=1))


def test_several_classes_and_labels_are_one_question_each(compared: Callable[..., Comparison]) -> None:
    classes = compared_questions(compared(Task.MULTICLASS).cases, 2)
    assert [question.positive for question in classes] == ["mild", "moderate", "severe"]
    assert [question.asked for question in classes] == [Asked(View.CLASS, one.positive) for one in classes]
    assert [question.thresholds for question in classes] == [((), ())] * 3
    labels = compared_questions(compared(Task.MULTILABEL).cases, 2)
    assert [(one.negative, one.positive) for one in labels] == [("no fluid", "fluid"), ("no drusen", "drusen")]
    assert labels[1].asked == Asked(View.LABEL, "drusen")
    assert labels[1].thresholds == (("0.500",), ("0.500",))


def test_the_share_of_wrong_members_is_over_those_with_a_threshold(compared: Callable[..., Comparison]) -> None:
    comparison = compared(seeds=3)
    (question,) = compared_questions(comparison.cases, 2)
    wrong = np.stack([calls != question.is_positive for calls in question.called[0] if calls is not None])
    np.testing.assert_allclose(question.share_wrong(0), wrong.mean(axis=0))
    silent = replace(question, called=((None, None, None), question.called[1]))
    assert silent.share_wrong(0) is None
