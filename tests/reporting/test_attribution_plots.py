"""What is drawn is what was attributed."""

from __future__ import annotations

import numpy as np
from matplotlib.colors import to_hex
from matplotlib.figure import Figure as Canvas

from reprodx.reporting import attribution_plots as plots
from reprodx.reporting.drawing import MUTED


def test_bars_stand_in_order_with_the_colour_of_their_sign() -> None:
    canvas = Canvas()
    plots.draw_named_bars(canvas, [("age", -2.0), ("sex", 1.0)], "log odds")
    first, second = canvas.axes[0].patches
    assert (first.get_width(), second.get_width()) == (-2.0, 1.0)
    assert first.get_y() > second.get_y()
    assert [to_hex(bar.get_facecolor()) for bar in (first, second)] == [plots.AGAINST, plots.FOR]


def test_absolute_bars_have_one_colour() -> None:
    canvas = Canvas()
    plots.draw_named_bars(canvas, [("age", 2.0), ("sex", 1.0)], "log odds", is_signed=False)
    assert {to_hex(bar.get_facecolor()) for bar in canvas.axes[0].patches} == {MUTED}


def test_a_bar_stands_at_each_position_of_a_text() -> None:
    canvas = Canvas()
    plots.draw_positions(canvas, [0.5, -1.0, 0.0], "log odds")
    bars = canvas.axes[0].patches
    np.testing.assert_allclose([bar.get_x() + bar.get_width() / 2 for bar in bars], [1, 2, 3])
    assert [bar.get_height() for bar in bars] == [0.5, -1.0, 0.0]


def test_cells_are_shaded_by_their_share_of_the_strongest_and_signed() -> None:
    canvas = Canvas()
    plots.draw_picture_cells(canvas, np.array([[4.0, -2.0], [0.0, 0.1]]))
    axes = canvas.axes[0]
    shades = {(to_hex(patch.get_facecolor()), patch.get_alpha()): patch.get_path() for patch in axes.patches}
    assert set(shades) == {(plots.FOR, plots.DEEPEST_SHADE), (plots.AGAINST, plots.DEEPEST_SHADE / 2)}
    strongest = shades[plots.FOR, plots.DEEPEST_SHADE]
    assert strongest.contains_point((0.5, 0.5))
    assert not strongest.contains_point((1.5, 0.5))
    signs = {text.get_text(): text.get_position() for text in axes.texts}
    assert signs == {"+": (0.5, 0.5), "\N{MINUS SIGN}": (1.5, 0.5)}
    assert axes.get_ylim() == (2, 0)


def test_nothing_attributed_draws_an_empty_frame() -> None:
    canvas = Canvas()
    plots.draw_picture_cells(canvas, np.zeros((3, 3)))
    assert not canvas.axes[0].patches
    assert not canvas.axes[0].texts


def test_absolute_cells_bear_no_signs() -> None:
    canvas = Canvas()
    plots.draw_picture_cells(canvas, np.ones((2, 2)), is_signed=False)
    assert not canvas.axes[0].texts
    assert {to_hex(patch.get_facecolor()) for patch in canvas.axes[0].patches} == {MUTED}


def test_strips_bear_their_channels_and_steps() -> None:
    canvas = Canvas()
    plots.draw_strips(canvas, np.ones((2, 4)), ["I", "a" * 40], num_steps=1000)
    axes = canvas.axes[0]
    labels = [label.get_text() for label in axes.get_yticklabels()]
    assert labels[0] == "I"
    assert len(labels[1]) == plots.MAX_LETTERS
    assert [label.get_text() for label in axes.get_xticklabels()] == ["0", "250", "500", "750", "1000"]
