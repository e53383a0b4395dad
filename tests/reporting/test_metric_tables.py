"""Every metric has its place, its limits, its cases, and a reason where it has none."""

from collections.abc import Callable
from dataclasses import replace

import polars as pl
import pytest
from sklearn.metrics import roc_auc_score

from reprodx.artifacts.predictions import Predictions
from reprodx.reporting.evaluation import Evaluation
from reprodx.reporting.metric_tables import group_tables, metric_tables
from reprodx.reporting.page import Table
from reprodx.schemas import Estimate


def row_of(table: Table, name: str) -> dict[str, str]:
    (row,) = (row for row in table.rows if row[0] == name)
    return dict(zip(table.columns, row, strict=True))


def test_every_metric_that_is_scored_is_in_one_table(binary: Evaluation, multiclass: Evaluation) -> None:
    assert sum(len(table.rows) for table in metric_tables(binary)) == len(binary.test_scores)
    overall, by_class = metric_tables(multiclass)
    # The macro AUROC is scored under two names, and each class has five metrics in its row.
    assert len(overall.rows) + 1 + 5 * len(by_class.rows) == len(multiclass.test_scores)


def test_a_row_says_value_limits_cases_and_method(binary: Evaluation) -> None:
    table = metric_tables(binary)[0]
    row = row_of(table, "AUROC")
    estimate = binary.test_scores["auroc"]
    area = roc_auc_score(binary.test.targets(), binary.test.probs()[:, 1])
    assert row[f"Test ({binary.confidence})"] == f"{area:.3f} ({estimate.ci_low:.3f} to {estimate.ci_high:.3f})"
    assert row["Test n (events)"] == "80 (40)"
    assert row["Interval of test"] == "logit DeLong"


def test_a_reason_stands_once_under_the_table_with_the_rows_it_is_about(binary: Evaluation) -> None:
    undefined = Estimate.undefined("no case is positive", n=80)
    scores = {**binary.test_scores, "auroc": undefined, "average_precision": undefined}
    table = metric_tables(replace(binary, scores={"test": scores}))[0]
    assert table.columns == ("Metric", f"Test ({binary.confidence})", "Test n (events)", "Interval of test")
    assert row_of(table, "AUROC")[f"Test ({binary.confidence})"] == "not estimable"
    assert "AUROC; Average precision: no case is positive." in table.notes
    assert not any("no case is positive" in note for note in metric_tables(binary)[0].notes)


def test_without_a_threshold_there_is_no_table_at_it(
    predicted: Callable[..., Predictions], evaluated: Callable[..., Evaluation]
) -> None:
    predictions = predicted(("healthy", "disease"))
    metadata = {key: value for key, value in predictions.metadata.items() if key != "threshold"}
    assert len(metric_tables(evaluated(Predictions(predictions.table, metadata)))) == 1
    assert len(metric_tables(evaluated(predictions))) == 2


def test_a_small_group_says_too_few_and_a_large_one_its_numbers(binary: Evaluation) -> None:
    site, age = group_tables(binary)
    assert (site.caption, age.caption) == (
        f"By site, test ({binary.confidence})",
        f"By age, test ({binary.confidence})",
    )
    assert row_of(site, "tiny") == {
        "Site": "tiny",
        "Cases": "10",
        "Events": "5",
        "AUROC": "too few",
        "Sensitivity": "too few",
        "Specificity": "too few",
    }
    north = binary.test.table.filter(pl.col("site") == "north")
    area = roc_auc_score(north["y_true"] == "disease", north["prob_disease"])
    assert float(row_of(site, "north")["AUROC"].split(" (")[0]) == pytest.approx(area, abs=0.00051)
    assert site.notes == ("Too few: under 20 cases, or under 5 of a class.",)
    assert age.notes == ()


def test_age_bands_stand_in_the_order_of_age(binary: Evaluation) -> None:
    _, age = group_tables(binary)
    assert [row[0] for row in age.rows] == ["<50", "50-<60", ">=60"]


def test_groups_of_several_classes_count_no_events(multiclass: Evaluation) -> None:
    site, _ = group_tables(multiclass)
    assert site.columns == ("Site", "Cases", "AUROC, mean over classes", "Accuracy")
    assert all(len(row) == len(site.columns) for row in site.rows)
