"""Curves are what the probabilities say; of several members they are the mean."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import polars as pl

from reprodx.comparison.result import Comparison
from reprodx.metrics.decision_curve import decision_curve
from reprodx.reporting.comparison import curve_tables
from reprodx.reporting.comparison.evidence import Evidence
from reprodx.schemas import Task


def area(curve: pl.DataFrame) -> float:
    return float(np.trapezoid(curve["true_positive_rate"], curve["false_positive_rate"]))


def auroc(is_positive: np.ndarray, probs: np.ndarray) -> float:
    differences = probs[is_positive][:, None] - probs[~is_positive]
    return float((differences > 0).mean() + (differences == 0).mean() / 2)


def test_the_area_under_a_mean_roc_curve_is_the_mean_auroc(
    compared: Callable[..., Comparison], evidence_of: Callable[..., Evidence]
) -> None:
    evidence = evidence_of(compared(seeds=3))
    (question,) = evidence.questions
    curves = curve_tables.roc_curves(evidence)
    for position, name in enumerate(evidence.names):
        mean = np.mean([auroc(question.is_positive, row) for row in question.probs[position]])
        assert abs(area(curves.filter(pl.col("class") == name)) - mean) < 1e-12


def test_one_member_has_its_own_roc_curve(two: Comparison, evidence_of: Callable[..., Evidence]) -> None:
    evidence = evidence_of(two)
    (question,) = evidence.questions
    curve = curve_tables.roc_curves(evidence).filter(pl.col("class") == "forest")
    assert abs(area(curve) - auroc(question.is_positive, question.probs[1][0])) < 1e-12
    read = curve_tables.roc_to_read(curve_tables.roc_curves(evidence))
    assert read.columns[1:] == ("logistic", "forest")
    assert len(read.rows) == curve_tables.GRID.size
    assert read.rows[-1][1:] == ("1.000", "1.000")


def test_net_benefit_of_several_members_is_their_mean(
    compared: Callable[..., Comparison], evidence_of: Callable[..., Evidence]
) -> None:
    evidence = evidence_of(compared(seeds=3))
    (question,) = evidence.questions
    curve = curve_tables.decision_curves(evidence).filter(pl.col("class") == "forest")
    thresholds = curve["threshold"].to_numpy()
    each = [decision_curve(question.is_positive, row, thresholds).model for row in question.probs[1]]
    np.testing.assert_allclose(curve["model"].to_numpy(), np.mean(each, axis=0))
    read = curve_tables.net_benefit_to_read(curve_tables.decision_curves(evidence))
    assert read.columns == ("threshold", "everyone positive", "logistic", "forest")


def test_equal_probabilities_cannot_be_smoothed_and_keep_their_place(
    two: Comparison, changed: Callable[..., Comparison], evidence_of: Callable[..., Evidence]
) -> None:
    first, second = two.cases.contenders
    flat = replace(first.members[0], probs=np.full_like(first.members[0].probs, 0.5))
    evidence = evidence_of(changed(two, contenders=(replace(first, members=(flat,)), second)))
    curves = curve_tables.calibration_curves(evidence)
    assert curves["class"].unique(maintain_order=True).to_list() == ["logistic", "forest"]
    read = curve_tables.calibration_to_read(curves)
    assert {row[1] for row in read.rows} == {"\N{EN DASH}"}
    assert len({row[2] for row in read.rows}) > 10


def test_histograms_count_all_cases(two: Comparison, evidence_of: Callable[..., Evidence]) -> None:
    counts = curve_tables.histograms(evidence_of(two)).group_by("class").agg(pl.sum("num_cases"))
    assert dict(counts.iter_rows()) == {"logistic": 240, "forest": 240}


def test_several_classes_have_a_mean_curve(
    compared: Callable[..., Comparison], evidence_of: Callable[..., Evidence]
) -> None:
    for task in (Task.MULTICLASS, Task.MULTILABEL):
        curves = curve_tables.roc_curves(evidence_of(compared(task)))
        assert curves["class"].unique(maintain_order=True).to_list() == ["logistic", "forest"]
        assert curves.filter(pl.col("class") == "forest").row(0) == ("forest", 0.0, 0.0)
