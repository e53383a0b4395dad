"""Differences are drawn where the numbers say."""

import numpy as np
from matplotlib.figure import Figure as Canvas

from reprodx.reporting.comparison.forest import Forest, draw_forest, forest_figure, is_apart, which_side
from reprodx.reporting.drawing import MUTED, SERIES
from reprodx.schemas import Estimate

APART = Estimate(0.04, 0.01, 0.07, 100, 50, "z")
ACROSS = Estimate(0.01, -0.02, 0.04, 100, 50, "z")
UNDEFINED = Estimate.undefined("one class only", n=10)


def test_intervals_margin_and_zero_are_drawn() -> None:
    canvas = Canvas()
    draw_forest(canvas, Forest([("a", APART), ("b", UNDEFINED), ("c", ACROSS)], -0.02, "difference", ""))
    (axes,) = canvas.axes
    lines = [np.asarray(line.get_xydata(), dtype=float).tolist() for line in axes.lines]
    assert [[0.0, 0.0], [0.0, 1.0]] in lines
    assert [[-0.02, 0.0], [-0.02, 1.0]] in lines
    assert [[0.01, 0.0], [0.07, 0.0]] in lines
    assert [[-0.02, 1.0], [0.04, 1.0]] in lines
    assert [label.get_text() for label in axes.get_yticklabels()] == ["a", "c"]
    assert {line.get_color() for line in axes.lines[2:4]} == {SERIES[0]}
    assert {line.get_color() for line in axes.lines[4:]} == {MUTED}


def test_the_summary_names_who_is_apart_and_the_data_hold_all() -> None:
    figure = forest_figure("forest", "Differences", Forest([("a", APART), ("b", UNDEFINED)], None, "x", ""), "95% CI")
    assert figure.summary.endswith("The interval leaves out 0 for a.")
    assert [row[:2] for row in figure.data.rows] == [("a", "+0.040 (+0.010 to +0.070)"), ("b", "not estimable")]


def test_apart_needs_an_interval_on_one_side_of_zero() -> None:
    assert [is_apart(one) for one in (APART, ACROSS, UNDEFINED)] == [True, False, False]
    assert is_apart(Estimate(-0.04, -0.07, -0.01, 100, 50, "z"))


def test_the_better_side_follows_the_metric() -> None:
    assert which_side(True).index("better") > which_side(True).index("worse")
    assert which_side(False).index("better") < which_side(False).index("worse")
    assert which_side(None) == ""
