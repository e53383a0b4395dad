"""Every metric has its place, its limits, its cases, and a reason where it has none."""

from collections.abc import Callable
from dataclasses import replace

import polars as pl
import pytest
from sklearn.metrics import roc_auc_score

from reprodx.artifacts.predictions import Predictions
from reprodx.metrics.asked import Key
from reprodx.metrics.heterogeneity import auroc_over_sites
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
    row = row_of(table, "AUROC (0.5 is chance)")
    estimate = binary.of("auroc")
    assert estimate is not None
    area = roc_auc_score(binary.test.targets(), binary.test.probs()[:, 1])
    assert row[f"Test ({binary.confidence})"] == f"{area:.3f} ({estimate.ci_low:.3f} to {estimate.ci_high:.3f})"
    assert row["Test n (events)"] == "80 (40)"
    assert row["Interval of test"] == "logit DeLong"


def test_a_reason_stands_once_under_the_table_with_the_rows_it_is_about(binary: Evaluation) -> None:
    undefined = Estimate.undefined("no case is positive", n=80)
    changed = [Key(name, binary.asked) for name in ("auroc", "average_precision")]
    scores = {**binary.test_scores, **dict.fromkeys(changed, undefined)}
    table = metric_tables(replace(binary, scores={"test": scores}))[0]
    assert table.columns == ("Metric", f"Test ({binary.confidence})", "Test n (events)", "Interval of test")
    assert row_of(table, "AUROC (0.5 is chance)")[f"Test ({binary.confidence})"] == "not estimable"
    assert "AUROC (0.5 is chance); Average precision (1 is perfect): no case is positive." in table.notes
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
    assert site.notes == (
        "Two sites are too few to tell how hospitals differ: it takes 3.",
        "Left out of the mean, too small or without an interval: tiny.",
        "Too few: under 20 cases, or under 5 of a class.",
    )
    assert age.notes == ()


def test_under_the_table_of_three_sites_stands_how_they_differ(
    predicted: Callable[..., Predictions], evaluated: Callable[..., Evaluation]
) -> None:
    predictions = predicted(("healthy", "disease"), 320)
    sites = [("north", "south", "west")[number // 2 % 3] for number in range(320)]
    table = predictions.table.with_columns(site=pl.Series(sites))
    evaluation = evaluated(Predictions(table, predictions.metadata))
    site, age = group_tables(evaluation)
    by_site = {one.group: one.metrics["auroc"] for one in evaluation.groups if one.column == "site"}
    mean = auroc_over_sites(by_site, confidence_level=0.95).summary
    assert mean is not None
    assert site.notes[0].startswith(f"AUROC over 3 sites: mean {mean.mean:.3f} (95%")
    assert not any("over 3 sites" in note for note in age.notes)


def test_age_bands_stand_in_the_order_of_age(binary: Evaluation) -> None:
    _, age = group_tables(binary)
    assert [row[0] for row in age.rows] == ["<50", "50-<60", ">=60"]


def test_groups_of_several_classes_count_no_events(multiclass: Evaluation) -> None:
    site, _ = group_tables(multiclass)
    assert site.columns == ("Site", "Cases", "AUROC, mean over classes", "Accuracy")
    assert all(len(row) == len(site.columns) for row in site.rows)


def test_each_label_has_a_row_with_its_threshold(multilabel: Evaluation) -> None:
    together, by_label, at_threshold = metric_tables(multilabel)
    assert row_of(together, "AUROC, mean over labels (0.5 is chance)")[f"Test ({multilabel.confidence})"].startswith(
        f"{multilabel.written['test']['auroc'].value:.3f} ("
    )
    areas = {row[0]: row[2] for row in by_label.rows}
    assert list(areas) == ["fluid", "drusen", "scar"]
    assert areas["drusen"].startswith(f"{multilabel.written['test']['auroc_drusen'].value:.3f} (")
    fluid, scar = row_of(at_threshold, "fluid"), row_of(at_threshold, "scar")
    assert fluid["Threshold"] == "0.300"
    assert fluid["Sensitivity"].startswith(f"{multilabel.written['test']['sensitivity_fluid'].value:.3f} (")
    assert (scar["Threshold"], scar["Sensitivity"]) == ("\N{EN DASH}", "not estimable")
    assert at_threshold.notes == ("scar: all validation cases lack it.",)


def test_grades_have_their_tables_and_those_of_the_referable_question(ordinal: Evaluation) -> None:
    tables = {table.key: table for table in metric_tables(ordinal)}
    assert list(tables) == ["metrics", "metrics-by-class", "metrics-referable", "metrics-referable-threshold"]
    kappa = row_of(tables["metrics"], "Quadratic weighted kappa (0 is chance)")
    assert kappa[f"Test ({ordinal.confidence})"].startswith(f"{ordinal.written['test']['kappa'].value:.3f} (")
    referable = tables["metrics-referable-threshold"]
    assert referable.caption == "At the threshold 0.500, moderate or above"
    sensitivity = ordinal.written["test"]["sensitivity_referable"].value
    assert row_of(referable, "Sensitivity")[f"Test ({ordinal.confidence})"].startswith(f"{sensitivity:.3f} (")
    # The macro AUROC is scored under two names, and each grade has five metrics in its row.
    num_rows = sum(len(table.rows) for table in tables.values() if table.key != "metrics-by-class")
    assert num_rows + 1 + 5 * 4 == len(ordinal.test_scores)


def test_groups_of_grades_and_labels_show_what_they_have(ordinal: Evaluation, multilabel: Evaluation) -> None:
    by_age = group_tables(ordinal)[1]
    assert by_age.columns[1:3] == ("Cases", "Referable")
    assert by_age.columns[3].startswith("Quadratic weighted kappa")
    assert group_tables(multilabel)[1].columns == ("Age", "Cases", "AUROC, mean over labels")
