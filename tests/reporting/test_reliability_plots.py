"""What the figures on trust draw."""

from functools import partial

import numpy as np
import polars as pl
from matplotlib.figure import Figure as Canvas

from reprodx.reporting.reliability_plots import draw_coverage, draw_novelty, draw_risk_coverage, row_figure
from reprodx.schemas import Estimate

HISTOGRAM = pl.DataFrame({"score_from": [0.0, 0.5], "score_to": [0.5, 1.0], "num_cases": [3, 5]})


def test_coverage_is_a_dot_a_row_with_its_interval() -> None:
    canvas = Canvas()
    undefined = Estimate.undefined("too few: 3 cases", n=3)
    known, alone = Estimate(0.8, 0.7, 0.9, 50, None, "Wilson"), Estimate(1.0, None, None, 5, None, "bootstrap", "same")
    draw_coverage(canvas, [("_odd", known), ("none", undefined), ("alone", alone)], 0.9)
    (axes,) = canvas.axes
    dots = [line.get_xydata().tolist() for line in axes.lines if line.get_marker() == "o"]
    assert dots == [[[0.8, 0.0]], [[1.0, 2.0]]]
    (interval,) = axes.collections
    np.testing.assert_array_equal(interval.get_segments(), [[[0.7, 0.0], [0.9, 0.0]]])
    assert [label.get_text().strip("\N{WORD JOINER}") for label in axes.get_yticklabels()] == ["_odd", "none", "alone"]


def test_one_curve_stands_beside_the_rate_of_all_cases_and_several_do_not() -> None:
    curve = pl.DataFrame({"class": "ill", "coverage": [0.5, 1.0], "error_rate": [0.1, 0.4]})
    one, two = Canvas(), Canvas()
    draw_risk_coverage(one, curve)
    draw_risk_coverage(two, pl.concat([curve, curve.with_columns(pl.lit("well").alias("class"))]))
    drawn, *levels = (line.get_ydata() for line in one.axes[0].lines)
    assert list(drawn) == [0.1, 0.4]
    assert [level[0] for level in levels] == [0.4, 0.2]
    assert [line.get_label() for line in two.axes[0].lines] == ["ill", "well"]
    assert two.axes[0].lines[0].get_linestyle() != two.axes[0].lines[1].get_linestyle()


def test_strangeness_is_drawn_beside_what_is_expected() -> None:
    canvas = Canvas()
    draw_novelty(canvas, HISTOGRAM)
    (axes,) = canvas.axes
    assert axes.lines[0].get_ydata()[0] == 4
    np.testing.assert_array_equal(axes.patches[0].get_data().values, [3, 5])


def test_a_figure_has_its_rows_and_the_same_bytes_each_time() -> None:
    drawing = partial(draw_novelty, histogram=HISTOGRAM)
    first, second = (row_figure("far", "Far", drawing, "Told.", ("a",), (("1",),), ("note",)) for _ in range(2))
    assert first == second
    assert first.data.key == "far-data"
    assert first.data.notes == ("note",)
    assert 'id="far-title"' in first.svg
    assert row_figure("other", "Far", drawing, "Told.", ("a",), ()).svg != first.svg
