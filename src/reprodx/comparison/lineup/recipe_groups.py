"""Which sources are runs of one recipe: folds of one cross-validation make a member, seeds and repetitions members."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from reprodx.errors import IncomparableError
from reprodx.schemas import CASE_ID, FOLD, PROB_PREFIX, REPEAT, VAL

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from reprodx.comparison.source import Source


NUM_DIGITS = 12
"""Of a hash that are shown."""


class MemberKey(NamedTuple):
    """What tells the members of a contender apart."""

    seed: int | None
    repeat: int
    cv_hash: str | None


@dataclass(frozen=True)
class RecipeGroup:
    """The runs of one recipe."""

    members: tuple[tuple[Source, ...], ...]
    """By seed and repetition, each one run or its folds in order."""
    keys: tuple[MemberKey, ...]
    """Of the members."""
    notes: tuple[str, ...]
    """What is incomplete or was given twice, in full sentences."""

    @property
    def sources(self) -> tuple[Source, ...]:
        """Of all members."""
        return tuple(source for member in self.members for source in member)


def recipe_groups(sources: Sequence[Source], split: str, *, across_code: bool = False) -> list[RecipeGroup]:
    """Return the runs by recipe, which is all that decides a result but seed, fold and repetition.

    Args:
        sources: One or more, each of which holds the split.
        split: The split that is compared on.
        across_code: Whether runs of one recipe may be of different code. They are one group all the same, unless a seed
            and fold was run with several codes: then each code is one.

    Returns:
        One group for each recipe in the order of their first sources; files of other tools are one each.

    Raises:
        IncomparableError: If two runs of one recipe, seed and fold predict differently, or different code made them.
    """
    by_recipe: dict[object, list[Source]] = {}
    for position, source in enumerate(sources):
        metadata = source.predictions.metadata
        by_recipe.setdefault(metadata.get("recipe_hash") or metadata.get("config_hash") or position, []).append(source)
    return [
        _group(model, split)
        for runs in by_recipe.values()
        for model in _models(runs, _by_code(runs, across_code=across_code), split)
    ]


def _by_code(runs: Sequence[Source], *, across_code: bool) -> dict[str | None, list[Source]]:
    """Return the runs of one recipe by the code that made them; None where nothing says which."""
    found: dict[str | None, list[Source]] = {}
    for run in runs:
        found.setdefault(run.code_hash, []).append(run)
    known = [code for code in found if code]
    if len(known) > 1 and not across_code:
        one, two = (f"{found[code][0].label} ({code[:NUM_DIGITS]})" for code in known[:2])
        raise IncomparableError(
            f"{one} and {two} are of one recipe and of different code: run them again with one code, or add "
            "--across-code, which compares them all the same and says so"
        )
    return found


def _models(
    runs: Sequence[Source], codes: Mapping[str | None, Sequence[Source]], split: str
) -> Iterable[Sequence[Source]]:
    """Return the runs of a recipe that are one model: all, unless several codes ran the same seed and fold."""
    places = [{(_member_key(run, split), _fold(run, split)) for run in made} for code, made in codes.items() if code]
    is_repeated = sum(map(len, places)) > len(set[object]().union(*places))
    return codes.values() if is_repeated else [runs]


def _group(runs: Sequence[Source], split: str) -> RecipeGroup:
    by_place: dict[tuple[MemberKey, int], Source] = {}
    notes = []
    for run in runs:
        place = (_member_key(run, split), _fold(run, split))
        kept = by_place.setdefault(place, run)
        if kept is not run:
            _refuse_other_answers(kept, run, split)
            notes.append(f"{run.label} repeats {kept.label} to the last digit and is taken once.")
    members: dict[MemberKey, list[Source]] = {}
    for (key, _), run in sorted(by_place.items(), key=_order):
        members.setdefault(key, []).append(run)
    notes += [note for key, folds in members.items() if key.cv_hash and (note := _untested(folds, split))]
    return RecipeGroup(tuple(tuple(folds) for folds in members.values()), tuple(members), tuple(notes))


def _order(entry: tuple[tuple[MemberKey, int], Source]) -> tuple[int, int, str, int]:
    (key, fold), _ = entry
    return (-1 if key.seed is None else key.seed), key.repeat, key.cv_hash or "", fold


def _member_key(run: Source, split: str) -> MemberKey:
    metadata = run.predictions.metadata
    return MemberKey(metadata.get("seed"), _number(run, split, REPEAT), metadata.get("cv_hash"))


def _fold(run: Source, split: str) -> int:
    return _number(run, split, FOLD) if run.predictions.metadata.get("cv_hash") else 0


def _number(run: Source, split: str, column: str) -> int:
    """Return the fold or repetition of a run, which is the same in all its rows."""
    table = run.predictions.of(split).table
    return int(table[column][0]) if column in table.columns and table.height else 0


def _refuse_other_answers(one: Source, two: Source, split: str) -> None:
    tables = [run.predictions.of(split).table for run in (one, two)]
    columns = [CASE_ID, *(name for name in tables[0].columns if name.startswith(PROB_PREFIX))]
    same = set(columns) <= set(tables[1].columns)
    if not same or not tables[0].select(columns).sort(CASE_ID).equals(tables[1].select(columns).sort(CASE_ID)):
        raise IncomparableError(
            f"{one.label} and {two.label} are the same recipe, seed and fold, and predict differently: "
            "code or machine differ; give one of them"
        )


def _untested(folds: Sequence[Source], split: str) -> str | None:
    """Return what is missing of a cross-validation: where it is complete, each validation case is tested in a fold."""
    import polars as pl

    tables = [run.predictions.table for run in folds]
    tested = pl.concat([run.predictions.of(split).table[CASE_ID] for run in folds])
    validated = pl.concat([run.predictions.of(VAL).table[CASE_ID] for run in folds]).unique()
    num_untested = int((~validated.is_in(tested.implode())).sum()) if split != VAL else 0
    if not num_untested or not tables:
        return None
    numbers = ", ".join(str(_number(run, split, FOLD)) for run in folds)
    named = f"fold {numbers} of a cross-validation is" if len(folds) == 1 else f"folds {numbers} are"
    return (
        f"Of {folds[0].label} only {named} given: {num_untested} cases that validated are tested in none, "
        "so the cross-validation is incomplete."
    )
