"""The section of failures: who is listed, and what is said of the attributions."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from reprodx.artifacts.explanations import Attribution, Explanations, FailureKind, Randomisation
from reprodx.inputs import Modality
from reprodx.metrics.failures import count_failures, worst_failures
from reprodx.reporting.failures import failures_section
from reprodx.reporting.page import Gallery, Notice, Paragraph, Section, Table

if TYPE_CHECKING:
    from collections.abc import Callable

    from reprodx.reporting.evaluation import Evaluation


def explained(case_id: str, correlation: float | None, reason: str | None = None) -> Explanations:
    one = Attribution(case_id, "disease", FailureKind.FALSE_NEGATIVE, -1.0, (("age", -1.0),), convergence_delta=0.02)
    check = Randomisation(correlation, 1, 3, None if correlation is not None else "trees have none")
    baseline = "the mean training case"
    return Explanations(
        Modality.TABLE,
        (),
        (),
        (one,),
        check,
        "integrated gradients",
        baseline,
        mean_absolute=(("age", 1.0),),
        reason=reason,
    )


def texts(section: Section) -> str:
    return " ".join(block.text for block in section.blocks if isinstance(block, Paragraph | Notice))


def tables(section: Section) -> dict[str, Table]:
    return {block.key: block for block in section.blocks if isinstance(block, Table)}


def test_failures_of_a_binary_task_are_listed_by_case_id(binary: Evaluation) -> None:
    section = failures_section(binary)
    failures = worst_failures(binary.test, 2, 3)
    found = tables(section)
    assert [row[0] for row in found["false-negative"].rows] == [one.case_id for one in failures[:3]]
    assert found["false-negative"].columns == ("Case", "Probability", "Threshold", "Site")
    negatives, positives = count_failures(binary.test, 2)
    assert f"False negatives: {negatives.num_failures} of {negatives.num_cases} cases that are positive." in texts(
        section
    )
    assert f"False positives: {positives.num_failures} of {positives.num_cases}" in texts(section)
    assert "No attributions" in texts(section)


def test_several_classes_show_what_was_called(multiclass: Evaluation) -> None:
    table = tables(failures_section(multiclass))["wrong-class"]
    assert table.columns == ("Case", "Called", "True class", "Probability", "Site")
    assert all(row[1] != row[2] for row in table.rows)


def test_grades_show_the_true_one_and_what_was_asked(ordinal: Evaluation) -> None:
    table = tables(failures_section(ordinal))["false-negative"]
    assert table.caption.startswith("False negatives, moderate or above, test")
    assert {row[1] for row in table.rows} <= {"moderate", "severe"}


def test_labels_are_counted_each_and_ranked_together(multilabel: Evaluation) -> None:
    found = tables(failures_section(multilabel))
    by_label = found["failures-by-label"]
    assert [row[0] for row in by_label.rows] == list(multilabel.classes)
    assert by_label.rows[-1][1:] == ("–", "–")
    assert by_label.notes == ("scar: all validation cases lack it.",)
    assert "Asked for" in found["false-positive"].columns


def test_without_a_threshold_the_reason_stands_there(
    predicted: Callable[..., object], evaluated: Callable[..., Evaluation]
) -> None:
    predictions = predicted(("healthy", "disease"))
    del predictions.metadata["threshold"]  # type: ignore[attr-defined]
    section = failures_section(evaluated(predictions))
    assert "Nothing can be called wrong: no threshold was chosen." in texts(section)
    assert not tables(section)


def test_folds_are_shown_where_there_are_some(binary: Evaluation) -> None:
    predictions = replace(binary.predictions, metadata={**binary.predictions.metadata, "cv_hash": "c"})
    assert tables(failures_section(replace(binary, predictions=predictions)))["false-negative"].columns[-1] == "Fold"


@pytest.mark.parametrize(("correlation", "warns"), [(0.1, False), (0.9, True)])
def test_the_check_stands_above_the_figures_with_how_to_read_it(
    binary: Evaluation, correlation: float, warns: bool
) -> None:
    case_id = worst_failures(binary.test, 2, 1)[0].case_id
    section = failures_section(replace(binary, explanations=explained(case_id, correlation)))
    *_, check, gallery = section.blocks
    assert isinstance(check, Notice if warns else Paragraph)
    assert f"Rank correlation {correlation:.2f}" in check.text
    assert "near 1 they do not" in check.text
    assert isinstance(gallery, Gallery)
    assert [figure.key for figure in gallery.figures] == ["mean-attribution", "attribution-1-features"]
    assert "an error of at most 0.02." in texts(section)
    assert "Compared with the mean training case." in texts(section)


def test_a_model_without_parameters_says_that_the_check_does_not_apply(binary: Evaluation) -> None:
    section = failures_section(replace(binary, explanations=explained("case0001", None)))
    assert "Parameter-randomisation check: not applicable, because trees have none." in texts(section)


def test_a_reason_stands_in_the_place_of_attributions(binary: Evaluation) -> None:
    section = failures_section(replace(binary, explanations=explained("case0001", 0.1, "captum gave up")))
    assert "No attributions: captum gave up." in texts(section)
    assert not [block for block in section.blocks if isinstance(block, Gallery)]
