"""The files that `dvc plots` draws: of the test split, whole, and the same bytes each time."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from reprodx.artifacts.predictions import Predictions
from reprodx.errors import MetricError
from reprodx.reporting.evaluation import Evaluation
from reprodx.reporting.plot_files import write_plot_files

COLUMNS = {
    "roc": ["class", "threshold", "false_positive_rate", "true_positive_rate"],
    "precision_recall": ["class", "threshold", "recall", "precision"],
    "calibration": ["class", "mean_probability", "observed_rate", "ci_low", "ci_high", "num_cases"],
    "calibration_curve": ["class", "probability", "observed_rate", "ci_low", "ci_high"],
    "probability_histogram": ["class", "true_class", "probability_from", "probability_to", "num_cases"],
    "decision_curve": [
        *("class", "threshold", "model", "treat_all", "treat_none", "ci_low", "ci_high"),
        *("gain", "gain_ci_low", "gain_ci_high", "avoided_per_100"),
    ],
    "risk_coverage": ["class", "coverage", "error_rate", "sensitivity", "specificity", "min_confidence"],
    "confusion": ["actual", "predicted"],
}


def test_each_plot_has_its_file_and_its_columns(tmp_path: Path, binary: Evaluation) -> None:
    write_plot_files(tmp_path / "plots", binary)
    found = {file.stem: pl.read_csv(file).columns for file in (tmp_path / "plots").iterdir()}
    assert found == COLUMNS


def test_the_plots_are_of_the_test_split_and_show_no_ids(tmp_path: Path, binary: Evaluation) -> None:
    write_plot_files(tmp_path / "all", binary)
    write_plot_files(tmp_path / "test", replace(binary, predictions=binary.test))
    for file in (tmp_path / "all").iterdir():
        assert file.read_bytes() == (tmp_path / "test" / file.name).read_bytes()
        assert b"case0" not in file.read_bytes()


def test_counting_the_rows_gives_the_confusion_matrix(tmp_path: Path, multiclass: Evaluation) -> None:
    write_plot_files(tmp_path / "plots", multiclass)
    counts = pl.read_csv(tmp_path / "plots" / "confusion.csv").group_by("actual", "predicted").len()
    matrix = np.zeros((3, 3), dtype=int)
    for actual, predicted, num_cases in counts.iter_rows():
        matrix[multiclass.classes.index(actual), multiclass.classes.index(predicted)] = num_cases
    np.testing.assert_array_equal(matrix, multiclass.confusion)


def test_what_lay_there_before_is_gone_and_a_refusal_leaves_it(tmp_path: Path, binary: Evaluation) -> None:
    folder = tmp_path / "plots"
    folder.mkdir()
    (folder / "old.csv").touch()
    table, metadata = binary.predictions.table, binary.predictions.metadata
    chosen_on_test = {**metadata, "threshold": {**metadata["threshold"], "chosen_on": "test"}}
    with pytest.raises(MetricError, match="chosen on the test split"):
        write_plot_files(folder, replace(binary, predictions=Predictions(table, chosen_on_test)))
    assert [file.name for file in folder.iterdir()] == ["old.csv"]
    write_plot_files(folder, binary)
    assert {file.stem for file in folder.iterdir()} == set(COLUMNS)


@pytest.mark.parametrize("kind", ["multiclass", "multilabel"])
def test_a_line_of_several_classes_is_their_mean(tmp_path: Path, kind: str, request: pytest.FixtureRequest) -> None:
    evaluation: Evaluation = request.getfixturevalue(kind)
    write_plot_files(tmp_path / "plots", evaluation)
    files = {file.stem: pl.read_csv(file) for file in (tmp_path / "plots").iterdir()}
    selective = {"risk_coverage_by_class"} if kind == "multilabel" else set()
    assert set(files) == {*COLUMNS, "roc_by_class", "precision_recall_by_class", "decision_curve_by_class", *selective}
    for name, horizontal in (
        ("roc", "false_positive_rate"),
        ("precision_recall", "recall"),
        ("decision_curve", "threshold"),
    ):
        assert files[name]["class"].unique().to_list() == ["mean"]
        assert files[name][horizontal].is_sorted()
        assert files[f"{name}_by_class"].columns == COLUMNS[name]
        assert files[f"{name}_by_class"]["class"].n_unique() == 3


def test_several_labels_have_the_mean_of_their_risk_coverage_curves(tmp_path: Path, multilabel: Evaluation) -> None:
    write_plot_files(tmp_path / "plots", multilabel)
    mean, each = (pl.read_csv(tmp_path / "plots" / f"risk_coverage{end}.csv") for end in ("", "_by_class"))
    assert set(mean["class"]) == {"mean"}
    # The third label has no threshold, so nothing is called.
    assert set(each["class"]) == {"fluid", "drusen"}
    assert mean["error_rate"][-1] == pytest.approx(each.filter(pl.col("coverage") == 1)["error_rate"].mean())


def test_the_calls_of_labels_are_told_apart(tmp_path: Path, multilabel: Evaluation) -> None:
    write_plot_files(tmp_path / "plots", multilabel)
    counts = pl.read_csv(tmp_path / "plots" / "confusion.csv").group_by("actual", "predicted").len()
    is_called, has_label = multilabel.test.probs()[:, 1] >= 0.32, multilabel.test.targets()[:, 1] == 1
    found = {(actual, called): number for actual, called, number in counts.iter_rows()}
    assert found["drusen", "drusen"] == np.sum(is_called & has_label)
    assert found["no drusen", "drusen"] == np.sum(is_called & ~has_label)
    assert not any("scar" in actual for actual, _ in found)


def test_grades_have_one_line_and_all_cells(tmp_path: Path, ordinal: Evaluation) -> None:
    write_plot_files(tmp_path / "plots", ordinal)
    files = {file.stem: pl.read_csv(file) for file in (tmp_path / "plots").iterdir()}
    assert {name: table.columns for name, table in files.items()} == COLUMNS
    assert files["roc"]["class"].unique().to_list() == ["moderate or above"]
    assert set(files["confusion"]["actual"]) == {"none", "mild", "moderate", "severe"}
