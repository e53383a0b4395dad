"""One picture for all models, with words, data and the numbers beside."""

from collections.abc import Callable
from dataclasses import replace

from reprodx.comparison.contrast import Contrast
from reprodx.comparison.result import Comparison
from reprodx.reporting.comparison.curves import calibration_section, decision_section, roc_section
from reprodx.reporting.comparison.evidence import Evidence
from reprodx.reporting.page import Figure, Gallery, Paragraph, Section, Table
from reprodx.schemas import Task


def figure(section: Section) -> Figure:
    (found,) = [block.figures[0] for block in section.blocks if isinstance(block, Gallery)]
    return found


def words(section: Section) -> str:
    return " ".join(block.text for block in section.blocks if isinstance(block, Paragraph))


def test_roc_names_each_auroc_and_the_test_of_all(two: Comparison, evidence_of: Callable[..., Evidence]) -> None:
    section = roc_section(evidence_of(two))
    assert "logistic 0.800 (0.770 to 0.830); forest 0.840 (0.810 to 0.870)" in figure(section).summary
    assert words(section) == "That all 2 models have one AUROC: chi-square 9.21 on 1 degree of freedom, p = 0.002."
    alike = replace(two, overall=Contrast(0.0, 0, 1.0))
    assert words(roc_section(evidence_of(alike))) == "All models rank the cases alike."


def test_curves_say_what_they_leave_out_and_what_they_are_about(
    seven: Comparison, compared: Callable[..., Comparison], evidence_of: Callable[..., Evidence]
) -> None:
    told = words(roc_section(evidence_of(seven)))
    assert "A model with several members is drawn as their mean. Drawn are 5 of 7 models" in told
    assert figure(roc_section(evidence_of(seven))).data.columns[1:] == ("logistic", "forest", "mlp", "lstm", "boosting")
    assert "moderate or above" in words(decision_section(evidence_of(compared(Task.ORDINAL))))
    assert "the mean over 2 labels" in words(calibration_section(evidence_of(compared(Task.MULTILABEL))))
    assert "the mean over 3 classes, each against the rest" in words(
        roc_section(evidence_of(compared(Task.MULTICLASS)))
    )


def test_calibration_has_its_numbers_for_all_models(seven: Comparison, evidence_of: Callable[..., Evidence]) -> None:
    table = calibration_section(evidence_of(seven)).blocks[-1]
    assert isinstance(table, Table)
    assert table.columns == ("Model", "Calibration slope", "Brier score")
    assert len(table.rows) == 7


def test_the_decision_curve_tells_prevalence_useful_thresholds_and_the_one_compared_at(
    two: Comparison, compared: Callable[..., Comparison], evidence_of: Callable[..., Evidence]
) -> None:
    section = decision_section(evidence_of(two))
    assert "0.500 (disease)" in words(section)
    assert "marks 0.400" in figure(section).summary
    assert "forest at 99 of 99 thresholds (0.01 to 0.99)" in figure(section).summary
    # Net benefit of several classes is compared nowhere.
    assert figure(decision_section(evidence_of(compared(Task.MULTICLASS)))).summary.endswith("to 0.98).")
