"""What is drawn is what the tables say."""

from collections.abc import Callable

import numpy as np
import polars as pl
import pytest
from matplotlib.figure import Figure as Canvas

from reprodx.reporting import plots
from reprodx.reporting.drawing import SERIES
from reprodx.reporting.evaluation import Evaluation


def drawn(draw: Callable[..., None], **arguments: object) -> Canvas:
    canvas = Canvas()
    draw(canvas, **arguments)
    return canvas


def points(canvas: Canvas, label: str, panel: int = 0) -> np.ndarray:
    lines = {line.get_label(): line for line in canvas.axes[panel].lines}
    return np.asarray(lines[label].get_xydata(), dtype=float)


def test_the_roc_curve_and_its_dot_lie_where_the_table_says(binary: Evaluation) -> None:
    table = binary.plots["roc"]
    canvas = drawn(plots.draw_roc, curves=table, point=(0.2, 0.9))
    expected = table.select("false_positive_rate", "true_positive_rate").to_numpy()
    np.testing.assert_array_equal(points(canvas, "disease"), expected)
    np.testing.assert_array_equal(points(canvas, "threshold in use"), [[0.2, 0.9]])


def test_without_a_threshold_there_is_no_dot(binary: Evaluation) -> None:
    canvas = drawn(plots.draw_roc, curves=binary.plots["roc"], point=None)
    assert {line.get_label() for line in canvas.axes[0].lines} == {"chance", "disease"}


def test_precision_is_drawn_over_the_prevalence(binary: Evaluation) -> None:
    table = binary.plots["precision_recall"]
    canvas = drawn(plots.draw_precision_recall, curves=table, prevalences={"disease": 0.3})
    np.testing.assert_array_equal(points(canvas, "disease"), table.select("recall", "precision").to_numpy())
    assert [0.3, 0.3] in [list(line.get_ydata()) for line in canvas.axes[0].lines]


def test_calibration_shows_curve_bins_intervals_and_all_cases(binary: Evaluation) -> None:
    tables = binary.plots
    canvas = drawn(
        plots.draw_calibration,
        bins=tables["calibration"],
        curves=tables["calibration_curve"],
        histogram=tables["probability_histogram"],
    )
    above, below = canvas.axes
    band, intervals = above.collections
    assert len(intervals.get_segments()) == tables["calibration"].height
    lows = tables["calibration_curve"]["ci_low"].drop_nulls().to_numpy()
    assert set(lows) <= set(band.get_paths()[0].vertices[:, 1])
    np.testing.assert_array_equal(
        points(canvas, "disease"), tables["calibration_curve"].select("probability", "observed_rate").to_numpy()
    )
    assert below.patches[0].get_data().values.sum() == binary.test.table.height


def test_the_histogram_keeps_the_class_apart_from_the_others(binary: Evaluation) -> None:
    canvas = drawn(plots.draw_histogram, histogram=binary.plots["probability_histogram"])
    sums = {patch.get_label(): patch.get_data().values.sum() for patch in canvas.axes[0].patches}
    assert sums == {"healthy": 40, "disease": 40}


def test_each_of_several_classes_has_a_panel_and_a_line(multiclass: Evaluation) -> None:
    canvas = drawn(plots.draw_histogram, histogram=multiclass.plots["probability_histogram"])
    assert len(canvas.axes) == 3
    assert sum(patch.get_data().values.sum() for patch in canvas.axes[0].patches) == multiclass.test.table.height
    curves = drawn(plots.draw_decision_curve, curves=multiclass.plots["decision_curve"], threshold=None)
    assert not curves.axes[0].collections, "bands would hide each other"
    roc = drawn(plots.draw_roc, curves=multiclass.plots["roc"], point=None)
    looks = {(line.get_color(), line.get_linestyle()) for line in roc.axes[0].lines if line.get_label() != "chance"}
    assert len(looks) == 3
    assert {colour for colour, _ in looks} == set(SERIES[:3])


def test_more_classes_than_colours_still_look_different() -> None:
    names = [f"class {index}" for index in range(12)]
    table = pl.DataFrame({"class": names, "false_positive_rate": 0.5, "true_positive_rate": 0.5})
    lines = drawn(plots.draw_roc, curves=table, point=None).axes[0].lines[1:]
    looks = {(line.get_color(), str(line._unscaled_dash_pattern)) for line in lines}
    assert len(looks) == 12


def test_the_decision_curve_shows_the_three_strategies_and_the_threshold(binary: Evaluation) -> None:
    table = binary.plots["decision_curve"]
    canvas = drawn(plots.draw_decision_curve, curves=table, threshold=0.25)
    np.testing.assert_array_equal(points(canvas, "disease"), table.select("threshold", "model").to_numpy())
    assert points(canvas, "threshold in use")[:, 0].tolist() == [0.25, 0.25]
    (band,) = canvas.axes[0].collections
    assert {table["ci_low"][40], table["ci_high"][40]} <= set(band.get_paths()[0].vertices[:, 1])
    labels = [text.get_text() for text in canvas.legends[0].get_texts()]
    assert labels == ["disease", "everyone positive", "no one positive", "threshold in use"]


def test_each_cell_of_the_confusion_matrix_says_count_and_share_of_its_row() -> None:
    counts = np.array([[3, 1], [0, 0]])
    canvas = drawn(plots.draw_confusion, counts=counts, classes=("healthy", "disease"))
    assert [text.get_text() for text in canvas.axes[0].texts] == ["3\n75%", "1\n25%", "0\n0%", "0\n0%"]
    opacities = [patch.get_facecolor()[3] for patch in canvas.axes[0].patches]
    assert opacities == pytest.approx([0.75 * plots.DEEPEST_SHADE, 0.25 * plots.DEEPEST_SHADE, 0, 0])
    assert [label.get_text() for label in canvas.axes[0].get_yticklabels()] == ["healthy", "disease"]


@pytest.mark.parametrize(
    ("name", "shown"), [("x" * 99, "x" * 27 + "\N{HORIZONTAL ELLIPSIS}"), ("_y", "\N{WORD JOINER}_y")]
)
def test_a_long_class_name_is_cut_and_an_underscore_does_not_hide_it(name: str, shown: str) -> None:
    table = pl.DataFrame({"class": [name], "false_positive_rate": [0.5], "true_positive_rate": [0.5]})
    canvas = drawn(plots.draw_roc, curves=table, point=None)
    assert [text.get_text() for text in canvas.legends[0].get_texts()] == ["chance", shown]
