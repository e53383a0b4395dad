"""Contenders in the making, of which those that predict the same are one: it would be counted twice as a test."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from reprodx.comparison.lineup.assumptions import listed
from reprodx.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from reprodx.comparison.compared_cases import Member
    from reprodx.comparison.lineup.alignment import Lost
    from reprodx.comparison.lineup.answers import Answers
    from reprodx.comparison.lineup.recipe_groups import RecipeGroup

RELATIVE, ABSOLUTE = 1e-12, 1e-15
"""How far equal probabilities may lie apart: text of 15 digits and complements to 1 move the last ones."""


class Entrant(NamedTuple):
    """A contender in the making."""

    name: str
    group: RecipeGroup
    answers: list[Answers]
    """Aligned, of each member."""
    lost: Lost
    repeats: tuple[Entrant, ...] = ()
    """Others that predict the same and are no contenders of their own."""


def distinct(entrants: Sequence[Entrant]) -> list[Entrant]:
    """Return the entrants that predict something of their own, each with those that do not.

    An entrant has nothing of its own where another has all its probabilities and calls, in one run or several. Of
    equal ones the first is kept.

    Args:
        entrants: Two or more, aligned.

    Returns:
        Those that are kept, each where the first of its like stood.

    Raises:
        ConfigError: If one alone is left.
    """
    hosts = [_host(place, entrants) for place in range(len(entrants))]
    by_host: dict[int, list[Entrant]] = {}
    for place, entrant in enumerate(entrants):
        repeats = by_host.setdefault(hosts[place], [])
        if hosts[place] != place:
            repeats.append(entrant)
    kept = [entrants[host]._replace(repeats=tuple(repeats)) for host, repeats in by_host.items()]
    if len(kept) == 1:
        pairs = listed([f"{one.name} as {_like(one, kept[0])}" for one in kept[0].repeats])
        raise ConfigError(f"all {len(entrants)} given predict the same ({pairs}): give two models that differ")
    return kept


def repeat_notes(entrants: Sequence[Entrant]) -> Iterator[str]:
    """Yield which contenders are no contenders of their own, a sentence each."""
    for entrant in entrants:
        for one in entrant.repeats:
            yield f"{one.name} predicts the same as {_like(one, entrant)} in every case: one model, compared once."


def _like(one: Entrant, host: Entrant) -> str:
    return host.name if _has_all_of(one, host) else f"a run of {host.name}"


def _host(place: int, entrants: Sequence[Entrant]) -> int:
    """Return the entrant that one is a repetition of; itself where it is of none."""
    entrant = entrants[place]
    holding = [other for other, one in enumerate(entrants) if other == place or _has_all_of(one, entrant)]
    # What holds an entrant may itself be held by a third: of all that do, the fullest is held by none but its equals.
    return max(holding, key=lambda other: (sum(_has_all_of(entrants[other], entrants[one]) for one in holding), -other))


def _has_all_of(host: Entrant, one: Entrant) -> bool:
    return all(any(_are_same(answer.member, other.member) for other in host.answers) for answer in one.answers)


def _are_same(one: Member, two: Member) -> bool:
    calls = ((one.called, two.called), (one.called_referable, two.called_referable))
    return all(_are_equal(*pair) for pair in calls) and np.allclose(one.probs, two.probs, RELATIVE, ABSOLUTE)


def _are_equal(one: NDArray[np.int64] | None, two: NDArray[np.int64] | None) -> bool:
    return one is two if one is None or two is None else np.array_equal(one, two)
