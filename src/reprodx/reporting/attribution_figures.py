"""Figures of what a model's answer for one case rests on, each with its summary in words and its numbers.

No figure shows a value, picture or word of the case.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from reprodx.inputs import Modality
from reprodx.reporting import attribution_plots as plots
from reprodx.reporting.drawing import HEIGHT, as_svg
from reprodx.reporting.page import Figure, Table
from reprodx.reporting.wording import number

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from reprodx.artifacts.explanations import Attribution, Explanations, Named

NUM_STRIPS = 12
"""Channels that are drawn and listed, the strongest."""
COLOURS = "Orange (+) speaks for it, blue (\N{MINUS SIGN}) against it"
"""How to read a figure."""
AXIS = "attribution to the log odds"
MEAN = "mean-attribution"
"""The key of the figure about all cases."""


def case_figures(explanations: Explanations, place: int, *, names_question: bool) -> list[Figure]:
    """Return the figures of one case.

    Args:
        explanations: Of a model.
        place: Of the attribution among them.
        names_question: Whether titles say what was asked for.

    Returns:
        One figure, or two where features stand beside a signal or series.
    """
    one = explanations.attributions[place]
    title = f"Case {one.case_id}: {one.kind}" + (f", {one.question}" if names_question else "")
    opening = f"Log odds of {one.question}: {number(one.log_odds, 2)}. {COLOURS}."
    key = f"attribution-{place + 1}"
    figures = []
    if one.grid:
        figures.append(_grid_figure(explanations, one, key, title, opening))
    if one.features:
        heading = f"{title} (features)" if one.grid else title
        figures.append(_named_figure(f"{key}-features", heading, f"{opening} {_in_words(one.features)}", one.features))
    return figures


def mean_figures(explanations: Explanations) -> list[Figure]:
    """Return the figure of the mean absolute attribution over the cases; none for texts, whose positions differ."""
    num = len(explanations.attributions)
    title = f"Mean absolute attribution over these {num} cases"
    if explanations.mean_grid:
        cells = np.array(explanations.mean_grid)
        strongest_place = _place(cells, cells.argmax())
        summary = f"The stronger the shade, the more the answers rest on a place. Strongest: {strongest_place}."
        draw = partial(plots.draw_picture_cells, cells=cells, is_signed=False)
        svg = as_svg(draw, key=MEAN, title=title, description=summary)
        return [Figure(MEAN, title, svg, summary, _picture_table(f"{MEAN}-data", title, cells))]
    if not explanations.mean_absolute:
        return []
    strongest = ", ".join(name for name, _ in explanations.mean_absolute[:3])
    summary = f"What these answers rest on most: {strongest}."
    return [_named_figure(MEAN, title, summary, explanations.mean_absolute, is_signed=False)]


def _grid_figure(explanations: Explanations, one: Attribution, key: str, title: str, opening: str) -> Figure:
    cells = np.array(one.grid)
    if explanations.modality == Modality.TEXT:
        return _text_figure(cells[0], key, title, opening)
    if explanations.modality == Modality.IMAGE:
        summary = f"{opening} {_strongest_places(cells)}"
        svg = as_svg(partial(plots.draw_picture_cells, cells=cells), key=key, title=title, description=summary)
        return Figure(key, title, svg, summary, _picture_table(f"{key}-data", title, cells))
    return _strips_figure(explanations.channels, one.num_steps or cells.shape[1], cells, key, title, opening)


def _named_figure(key: str, title: str, summary: str, named: Named, *, is_signed: bool = True) -> Figure:
    draw = partial(plots.draw_named_bars, named=named, label=AXIS, is_signed=is_signed)
    svg = as_svg(draw, key=key, title=title, description=summary, height=0.8 + 0.26 * len(named))
    rows = tuple((name, number(value)) for name, value in named)
    return Figure(key, title, svg, summary, Table(f"{key}-data", title, ("part", "attribution"), rows))


def _text_figure(values: NDArray[np.float64], key: str, title: str, opening: str) -> Figure:
    positions = [(f"token {place}", float(value)) for place, value in enumerate(values, start=1)]
    summary = f"{opening} {_in_words(positions)} The words themselves are not kept."
    draw = partial(plots.draw_positions, values=values.tolist(), label=AXIS)
    svg = as_svg(draw, key=key, title=title, description=summary, height=HEIGHT - 1)
    rows = tuple((str(place), number(value)) for place, value in enumerate(values.tolist(), start=1))
    return Figure(key, title, svg, summary, Table(f"{key}-data", title, ("position", "attribution"), rows))


def _strips_figure(
    channels: Sequence[str], num_steps: int, cells: NDArray[np.float64], key: str, title: str, opening: str
) -> Figure:
    kept = np.sort(np.argsort(-np.abs(cells).sum(axis=1), kind="stable")[:NUM_STRIPS])
    names, shown = [channels[row] for row in kept.tolist()], cells[kept]
    totals = list(zip(names, shown.sum(axis=1).tolist(), strict=True))
    summary = f"{opening} {_in_words(totals)}"
    if len(kept) < len(cells):
        summary += f" Shown are the {len(kept)} of {len(cells)} channels with the strongest attributions."
    draw = partial(plots.draw_strips, cells=shown, names=names, num_steps=num_steps)
    svg = as_svg(draw, key=key, title=title, description=summary, height=0.8 + 0.24 * len(names))
    starts = [window * num_steps // shown.shape[1] for window in range(shown.shape[1])]
    rows = tuple(
        (str(start), *(number(value) for value in column))
        for start, column in zip(starts, shown.T.tolist(), strict=True)
    )
    return Figure(key, title, svg, summary, Table(f"{key}-data", title, ("from step", *names), rows))


def _picture_table(key: str, title: str, cells: NDArray[np.float64]) -> Table:
    rows = tuple((str(row), *map(number, values)) for row, values in enumerate(cells.tolist(), start=1))
    return Table(key, title, ("row", *(f"column {place + 1}" for place in range(cells.shape[1]))), rows)


def _in_words(named: Sequence[tuple[str, float]]) -> str:
    """Return the strongest part for and against."""
    name_for, most = max(named, key=lambda pair: pair[1])
    name_against, least = min(named, key=lambda pair: pair[1])
    return _most(
        f"{name_for} ({number(most, 2)})" if most > 0 else None,
        f"{name_against} ({number(least, 2)})" if least < 0 else None,
    )


def _strongest_places(cells: NDArray[np.float64]) -> str:
    return _most(
        _place(cells, cells.argmax()) if cells.max() > 0 else None,
        _place(cells, cells.argmin()) if cells.min() < 0 else None,
    )


def _most(speaks_for: str | None, speaks_against: str | None) -> str:
    texts = [f"Most for it: {speaks_for}."] if speaks_for else ["Nothing speaks for it."]
    texts += [f"Most against it: {speaks_against}."] if speaks_against else ["Nothing speaks against it."]
    return " ".join(texts)


def _place(cells: NDArray[np.float64], index: np.intp) -> str:
    row, column = divmod(int(index), cells.shape[1])
    return f"row {row + 1} of {cells.shape[0]}, column {column + 1} of {cells.shape[1]}"
