"""The sections on what the model does, and the 2x2 table that a reader can check by hand."""

from collections.abc import Callable

import numpy as np

from reprodx.artifacts.predictions import Predictions
from reprodx.reporting.evaluation import Evaluation
from reprodx.reporting.page import Gallery, Paragraph, Section, Table
from reprodx.reporting.performance import (
    calibration_section,
    decision_section,
    discrimination_section,
    metrics_section,
)


def figure_keys(section: Section) -> list[str]:
    return [figure.key for block in section.blocks if isinstance(block, Gallery) for figure in block.figures]


def table_of(section: Section, key: str) -> Table:
    (table,) = (block for block in section.blocks if isinstance(block, Table) and block.key == key)
    return table


def test_the_two_by_two_table_adds_up_and_holds_the_scores(binary: Evaluation) -> None:
    is_called, is_positive = binary.test.probs()[:, 1] >= 0.4, binary.test.targets() == 1
    tp, fn = np.sum(is_called & is_positive), np.sum(~is_called & is_positive)
    fp, tn = np.sum(is_called & ~is_positive), np.sum(~is_called & ~is_positive)
    table = table_of(decision_section(binary), "two-by-two")
    counts = [row[1:4] for row in table.rows[:3]]
    assert counts == [
        (str(tp), str(fn), str(tp + fn)),
        (str(fp), str(tn), str(fp + tn)),
        (str(tp + fp), str(fn + tn), "80"),
    ]
    assert table.rows[0][4].startswith(f"sensitivity {tp / (tp + fn):.3f} (")
    assert table.rows[1][4].startswith(f"specificity {tn / (tn + fp):.3f} (")
    assert table.rows[3][1].startswith(f"PPV {tp / (tp + fp):.3f} (")
    assert table.rows[3][2].startswith(f"NPV {tn / (tn + fn):.3f} (")


def test_both_tasks_have_all_six_figures(binary: Evaluation, multiclass: Evaluation) -> None:
    for evaluation in (binary, multiclass):
        sections = (discrimination_section, calibration_section, decision_section)
        keys = [key for section in sections for key in figure_keys(section(evaluation))]
        assert keys == ["roc", "precision-recall", "calibration", "histogram", "decision-curve", "confusion"]


def test_how_a_case_is_called_is_said(binary: Evaluation, multiclass: Evaluation) -> None:
    (told, *_), (told_of_several, *_) = decision_section(binary).blocks, decision_section(multiclass).blocks
    assert told == Paragraph(
        "A case whose probability is at or above 0.400 is called disease. "
        "The rule: largest Youden index, chosen on the validation split."
    )
    assert isinstance(told_of_several, Paragraph)
    assert told_of_several.text.startswith("Each case is called the class with the highest probability")


def test_without_a_threshold_there_is_a_decision_curve_and_no_table(
    predicted: Callable[..., Predictions], evaluated: Callable[..., Evaluation]
) -> None:
    predictions = predicted(("healthy", "disease"))
    metadata = {key: value for key, value in predictions.metadata.items() if key != "threshold"}
    section = decision_section(evaluated(Predictions(predictions.table, metadata)))
    assert figure_keys(section) == ["decision-curve"]
    assert [block.key for block in section.blocks if isinstance(block, Table)] == ["net-benefit"]


def test_the_medians_are_those_of_the_positive_class(binary: Evaluation) -> None:
    probs, is_positive = binary.test.probs()[:, 1], binary.test.targets() == 1
    expected = f"{np.median(probs[~is_positive]):.3f} for healthy, {np.median(probs[is_positive]):.3f} for disease"
    gallery = calibration_section(binary).blocks[0]
    assert isinstance(gallery, Gallery)
    assert expected in gallery.figures[1].summary


def test_metrics_name_the_cases_of_both_splits(binary: Evaluation) -> None:
    (who, *tables) = metrics_section(binary).blocks
    assert isinstance(who, Paragraph)
    assert who.text.startswith(
        "Test: 80 patients, 40 positive (disease). Validation: 80 patients, 40 positive (disease);"
    )
    assert len(tables) == 2


def test_calls_of_each_label_are_counted(multilabel: Evaluation) -> None:
    section = decision_section(multilabel)
    told, _, table = section.blocks
    assert isinstance(told, Paragraph)
    assert told.text.startswith("A label is called where its probability is at or above its own threshold.")
    assert isinstance(table, Table)
    is_called, has_label = multilabel.test.probs()[:, 0] >= 0.3, multilabel.test.targets()[:, 0] == 1
    expected = [np.sum(called & truth) for truth in (has_label, ~has_label) for called in (is_called, ~is_called)]
    assert table.rows[0] == ("fluid", "0.300", *map(str, expected))
    assert table.rows[2][1:] == ("\N{EN DASH}",) * 5
    assert table.notes == ("scar: all validation cases lack it.",)


def test_grades_have_a_matrix_and_a_table_of_the_referable_ones(ordinal: Evaluation) -> None:
    section = decision_section(ordinal)
    assert figure_keys(section) == ["decision-curve", "confusion"]
    told, table = section.blocks[0], table_of(section, "two-by-two")
    assert isinstance(told, Paragraph)
    assert "at or above 0.500 is called moderate or above" in told.text
    is_called, is_true = ordinal.test.probs()[:, 2:].sum(axis=1) >= 0.5, ordinal.test.targets() >= 2
    assert table.rows[0][:3] == (
        "moderate or above",
        str(np.sum(is_called & is_true)),
        str(np.sum(~is_called & is_true)),
    )


def test_curves_of_grades_say_what_they_are_about_and_mark_the_threshold(ordinal: Evaluation) -> None:
    told, gallery = discrimination_section(ordinal).blocks
    assert isinstance(told, Paragraph)
    assert told.text == "Curves are about grades as a yes-or-no question: moderate or above."
    assert isinstance(gallery, Gallery)
    assert "The dot marks the threshold in use" in gallery.figures[0].summary


def test_that_some_labels_are_not_drawn_is_said(
    labelled: Callable[..., Predictions], evaluated: Callable[..., Evaluation]
) -> None:
    told, _ = discrimination_section(evaluated(labelled(12))).blocks
    assert isinstance(told, Paragraph)
    assert told.text.startswith("Drawn are the 10 of 12 with the most cases")
