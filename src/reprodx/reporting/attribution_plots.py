"""Signed attributions, drawn on a canvas: bars by name, bars by position, and cells of a picture or of time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.patches import PathPatch
from matplotlib.path import Path as Outline

from reprodx.reporting.drawing import INK, MUTED, SERIES

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Canvas
    from numpy.typing import NDArray

AGAINST, FOR, UNSIGNED = SERIES[0], SERIES[1], MUTED
"""Of negative, positive and absolute attributions; signs say the same without colour."""
MAX_LETTERS = 24
"""Of a name beside a bar or strip."""
NUM_SHADES = 8
"""Steps of opacity from no attribution to the strongest."""
DEEPEST_SHADE = 0.65
"""Opacity of the strongest cell, in which its sign can still be read."""
SIGNED_FROM = 0.5
"""Share of the strongest attribution from which a cell bears its sign."""


def draw_named_bars(canvas: Canvas, named: Sequence[tuple[str, float]], label: str, *, is_signed: bool = True) -> None:
    """Draw a bar for each name, the first on top.

    Args:
        canvas: Empty.
        named: Names with their attributions.
        label: Of the axis.
        is_signed: Whether colours tell what speaks for the answer from what speaks against it.
    """
    axes = canvas.subplots()
    values = [value for _, value in named]
    places = list(range(len(named), 0, -1))
    axes.barh(places, values, height=0.65, color=_colours(values) if is_signed else UNSIGNED)
    axes.axvline(0, color=MUTED, linewidth=1)
    axes.set_yticks(places, [shortened(name) for name, _ in named])
    axes.tick_params(axis="y", length=0)
    axes.grid(visible=False, axis="y")
    axes.locator_params(axis="x", nbins=5)
    axes.set_xlabel(label)
    axes.margins(y=0.02)


def draw_positions(canvas: Canvas, values: Sequence[float], label: str) -> None:
    """Draw a bar for each position in a text.

    Args:
        canvas: Empty.
        values: From the first token on.
        label: Of the attributions' axis.
    """
    axes = canvas.subplots()
    axes.bar(range(1, len(values) + 1), values, width=0.8, color=_colours(values))
    axes.axhline(0, color=MUTED, linewidth=1)
    axes.set_xlim(0.4, len(values) + 0.6)
    axes.locator_params(axis="x", integer=True)
    axes.grid(visible=False, axis="x")
    axes.set_xlabel("position of the token in the text")
    axes.set_ylabel(label)


def draw_picture_cells(canvas: Canvas, cells: NDArray[np.float64], *, is_signed: bool = True) -> None:
    """Draw a picture's cells in an empty frame, row 0 on top.

    Args:
        canvas: Empty.
        cells: Shape (rows, columns).
        is_signed: Whether colours and signs tell what speaks for the answer from what speaks against it.
    """
    axes = canvas.subplots()
    _draw_cells(axes, cells, sign_size=9, is_signed=is_signed)
    axes.set_aspect("equal")
    axes.set(xticks=[], yticks=[], xlabel="left to right", ylabel="bottom to top")
    axes.spines[["top", "right"]].set_visible(True)


def draw_strips(canvas: Canvas, cells: NDArray[np.float64], names: Sequence[str], num_steps: int) -> None:
    """Draw a strip over time for each channel.

    Args:
        canvas: Empty.
        cells: Shape (channels, windows).
        names: Of the channels.
        num_steps: That the windows divide up.
    """
    axes = canvas.subplots()
    _draw_cells(axes, cells, sign_size=6)
    for place in range(1, len(names)):
        axes.axhline(place, color=MUTED, linewidth=0.4)
    axes.set_yticks(np.arange(len(names)) + 0.5, [shortened(name) for name in names])
    ticks = np.linspace(0, cells.shape[1], 5)
    axes.set_xticks(ticks, [f"{round(num_steps * tick / cells.shape[1])}" for tick in ticks])
    axes.tick_params(axis="y", length=0)
    axes.set_xlabel("step")


def shortened(name: str) -> str:
    """Return a name that fits beside a bar.

    >>> shortened("a" * 30)
    'aaaaaaaaaaaaaaaaaaaaaaa…'
    """
    return name if len(name) <= MAX_LETTERS else name[: MAX_LETTERS - 1] + "\N{HORIZONTAL ELLIPSIS}"


def _draw_cells(axes: Axes, cells: NDArray[np.float64], sign_size: float, *, is_signed: bool = True) -> None:
    """Shade cells by their share of the strongest; one path a shade, because a path a cell is many times the bytes."""
    num_rows, num_columns = cells.shape
    strongest = float(np.abs(cells).max(initial=0))
    shares = cells / strongest if strongest else np.zeros_like(cells)
    for colour, sizes in ((FOR if is_signed else UNSIGNED, shares), (AGAINST, -shares)):
        steps = np.ceil(np.clip(sizes, 0, None) * NUM_SHADES - 0.5).astype(int)
        for step in range(1, NUM_SHADES + 1):
            squares = [_square(row, column) for row, column in zip(*np.nonzero(steps == step), strict=True)]
            if squares:
                outline = Outline.make_compound_path(*squares)
                shade = DEEPEST_SHADE * step / NUM_SHADES
                axes.add_patch(PathPatch(outline, facecolor=colour, alpha=shade, linewidth=0))
    for row, column, sign in _signs(shares) if is_signed else ():
        axes.text(column + 0.5, row + 0.5, sign, color=INK, fontsize=sign_size, ha="center", va="center")
    axes.grid(visible=False)
    axes.set(xlim=(0, num_columns), ylim=(num_rows, 0))


def _square(row: int, column: int) -> Outline:
    corners = [(column, row), (column + 1, row), (column + 1, row + 1), (column, row + 1), (column, row)]
    return Outline(np.array(corners, dtype=float), closed=True)


def _signs(shares: NDArray[np.float64]) -> Iterator[tuple[int, int, str]]:
    for row, column in zip(*np.nonzero(np.abs(shares) >= SIGNED_FROM), strict=True):
        yield int(row), int(column), "+" if shares[row, column] > 0 else "\N{MINUS SIGN}"


def _colours(values: Sequence[float]) -> list[str]:
    return [FOR if value > 0 else AGAINST for value in values]
