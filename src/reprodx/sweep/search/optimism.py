"""By how much the best of a search looks better than it is, since it is the best: by `compare`'s correction."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from reprodx.artifacts.locations import own_locations
from reprodx.errors import ReprodxError
from reprodx.schemas import VAL
from reprodx.sweep.search.study import RUNS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from optuna.trial import FrozenTrial

OF_TRAINING = "The epoch that each training kept was chosen on the same cases, which is not corrected for."


def without_luck(trials: Sequence[FrozenTrial], metric: str) -> str:
    """Say what the best of some trials has on validation without the luck of being the best.

    Args:
        trials: That ran to their end, the best first; their predictions are looked for below `outputs/`.
        metric: By which they were ranked.

    Returns:
        A few sentences; why it cannot be told where it cannot.
    """
    from reprodx.comparison.lineup.line_up import line_up
    from reprodx.comparison.selection import select
    from reprodx.comparison.settings import DEFAULTS, ComparisonSettings, Margin
    from reprodx.reporting.comparison.brief import selection_words
    from reprodx.tracking.compared_runs import open_sources

    numbers: dict[str, int] = {}
    for trial in trials:
        for one in trial.user_attrs.get(RUNS, []):
            # Of two that drew the same, the first is named.
            numbers.setdefault(one, trial.number)
    files = [own_locations(one, Path()).predictions for one in numbers]
    known = [str(path) for path in files if path.is_file()]
    if len(trials) < 2 or len(known) < len(files) or not all(RUNS in trial.user_attrs for trial in trials):
        return "How much of that is luck is not known: predictions of two trials or more, of all, must be here."
    values: dict[str, Any] = {**DEFAULTS, "metric": metric, "margin": Margin(0.0, "by nobody")}
    settings = ComparisonSettings(**values)
    try:
        sources = open_sources(known, experiment=None, filter_string=None, store=None, split=VAL)
        cases = line_up(
            sources,
            split=VAL,
            reference=None,
            intersect=False,
            across_code=False,
            positive=None,
            order=None,
            threshold=None,
            ordinal_cut=settings.ordinal_cut,
        )
        found = [one.members[0].sources[0].predictions.metadata["config_hash"] for one in cases.contenders]
        chosen = replace(select(cases, settings), chosen_on="the validation cases themselves")
        told = selection_words(chosen, [f"trial {numbers[one]}" for one in found])
    except ReprodxError as error:
        return f"How much of that is luck is not known: {error}."
    return f"{told} {OF_TRAINING}"
