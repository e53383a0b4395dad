"""Short and distinct names for contenders."""

from __future__ import annotations

from collections import Counter
from pathlib import PurePath
from typing import TYPE_CHECKING

from reprodx.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from reprodx.comparison.lineup.recipe_groups import RecipeGroup
    from reprodx.comparison.source import Source

MAX_CHARACTERS = 40
OF_A_MEMBER = ("seed", "split.fold", "split.repeat")
"""Settings that tell the runs of a contender apart, and so no contenders."""
FILE_ENDINGS = (".csv", ".parquet")
OPTION = ".name"
"""How the setting ends that says which option of a group was taken, as `augmentation.name` of `augmentation=gan`."""


def contender_names(groups: Sequence[RecipeGroup]) -> list[str]:
    """Return a name for each contender: its own or its model's, and what tells it from others of that name.

    Args:
        groups: The runs of each contender.

    Returns:
        Distinct names.
    """
    names = [_plain_name(group.sources[0]) for group in groups]
    for shared in [name for name, count in Counter(names).items() if count > 1]:
        positions = [position for position, name in enumerate(names) if name == shared]
        longer = _told_apart(shared, [groups[position] for position in positions])
        for position, name in zip(positions, longer, strict=True):
            names[position] = name
    return _numbered(names)


def position_of(reference: str, groups: Sequence[RecipeGroup], names: Sequence[str]) -> int:
    """Return the contender that a person means.

    Args:
        reference: A contender's name, or the label, id or name of one of its runs.
        groups: The runs of each contender.
        names: Of the contenders.

    Returns:
        Its position.

    Raises:
        ConfigError: If it means none of them, or several.
    """
    found = [place for place, name in enumerate(names) if name == reference]
    found = found or [place for place, group in enumerate(groups) if reference in _known_as(group)]
    found = found or [place for place, group in enumerate(groups) if reference in _stored_as(group)]
    if len(found) != 1:
        means = "means several models" if found else "means none of the models"
        raise ConfigError(f"--reference {reference} {means}: name one of {', '.join(names)}")
    return found[0]


def _known_as(group: RecipeGroup) -> set[str]:
    labels = {source.label for source in group.sources}
    return labels | {source.run.run_id for source in group.sources if source.run}


def _stored_as(group: RecipeGroup) -> set[str]:
    """Return names that several models may share."""
    return {_plain_name(source) for source in group.sources} | {
        source.run.name for source in group.sources if source.run
    }


def _plain_name(source: Source) -> str:
    own = source.name or source.predictions.metadata.get("name") or (source.run.name if source.run else None)
    return str(own or _stem(source.label))[:MAX_CHARACTERS]


def _stem(label: str) -> str:
    path = PurePath(label)
    return path.stem if path.suffix.lower() in FILE_ENDINGS else label


def _told_apart(shared: str, groups: Sequence[RecipeGroup]) -> list[str]:
    """Return longer names for contenders that share one: by settings, else by what their sources are called."""
    settings = [_settings(group) for group in groups]
    keys = _telling_keys(settings)
    firsts = [group.sources[0] for group in groups]
    candidates = (
        [f"{shared} {', '.join(f'{_as_overridden(key)}={one[key]}' for key in keys)}" for one in settings],
        [f"{shared} {', '.join(f'{_last_part(key)}={one[key]}' for key in keys)}" for one in settings],
        [f"{shared} {_stem(source.label)}" for source in firsts],
        [f"{shared} {source.run.run_id[:8] if source.run else _stem(source.label)}" for source in firsts],
    )
    return next((names for names in candidates if _are_fit(names)), [shared] * len(groups))


def _settings(group: RecipeGroup) -> Mapping[str, str]:
    """Return the settings that all runs of a contender share."""
    params = [source.run.params if source.run else {} for source in group.sources]
    return {
        key: value
        for key, value in params[0].items()
        if key not in OF_A_MEMBER and all(other.get(key) == value for other in params)
    }


def _telling_keys(settings: Sequence[Mapping[str, str]]) -> list[str]:
    """Return as few settings as tell the contenders apart, those with the most values first, then names of options."""
    known = [key for key in settings[0] if all(key in one for one in settings)]
    num_values = {key: len({one[key] for one in settings}) for key in known}
    chosen: list[str] = []
    for key in sorted(known, key=lambda key: (-num_values[key], not key.endswith(OPTION), len(key), key)):
        if _num_told(settings, [*chosen, key]) > _num_told(settings, chosen):
            chosen.append(key)
    return chosen


def _num_told(settings: Sequence[Mapping[str, str]], keys: Sequence[str]) -> int:
    return len({tuple(one[key] for key in keys) for one in settings})


def _as_overridden(key: str) -> str:
    return key.removesuffix(OPTION)


def _last_part(key: str) -> str:
    return _as_overridden(key).rpartition(".")[2]


def _are_fit(names: Sequence[str]) -> bool:
    return len(set(names)) == len(names) and max(map(len, names)) <= MAX_CHARACTERS


def _numbered(names: Sequence[str]) -> list[str]:
    """Return names with a number behind those that still are another's."""
    distinct: list[str] = []
    for name in names:
        tries = (name, *(f"{name} {number}" for number in range(2, len(names) + 2)))
        distinct.append(next(one for one in tries if one not in distinct))
    return distinct
