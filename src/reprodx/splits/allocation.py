"""Dealing units out to splits or folds at random, evenly by class and by site.

A unit is what must stay together: the cases of a patient, and cases whose inputs are identical. Shares are shares of
units, so that a patient with many cases counts once. Scikit-learn's StratifiedGroupKFold does the same by a search that
takes minutes where this takes seconds, and knows equal folds only.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from reprodx.errors import ConfigError, SchemaError
from reprodx.schemas import SITE, TRAIN, VAL, Y_TRUE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray


def allocate(
    cases: pl.DataFrame, units: NDArray[np.int64], shares: Sequence[float], *, seed: Sequence[int]
) -> NDArray[np.int64]:
    """Return for each case the position of the share that its unit was dealt to.

    Units are grouped by class (a unit with several classes counts for the rarest of them), and each class is dealt out
    on its own; within a class each site's units are spread over the shares as evenly as they can be.

    Args:
        cases: Columns `y_true` and, where sites are known, `site`.
        units: Shape (cases,), equal for cases that must stay together.
        shares: Positive, adding up to 1.
        seed: Non-negative numbers that decide the order of the units.

    Returns:
        Shape (cases,), in [0, len(shares)).

    Raises:
        SchemaError: If a class occurs in fewer units than there are shares.
    """
    _, unit_of_case = np.unique(units, return_inverse=True)
    num_units = int(unit_of_case.max()) + 1
    class_of_unit = _lowest(_codes_by_rarity(cases, unit_of_case, len(shares)), unit_of_case, num_units)
    sites = cases[SITE].rank("dense").to_numpy() if SITE in cases.columns else np.zeros(cases.height)
    site_of_unit = _lowest(sites.astype(np.int64), unit_of_case, num_units)
    random = np.random.default_rng(list(seed))
    share_of_unit = np.empty(num_units, dtype=np.int64)
    for code in range(int(class_of_unit.max()) + 1):
        members = random.permutation(np.flatnonzero(class_of_unit == code))
        members = members[np.argsort(site_of_unit[members], kind="stable")]
        share_of_unit[members] = _interleaved(_counts(members.size, shares))
    return share_of_unit[unit_of_case]


def with_validation(
    cases: pl.DataFrame, units: NDArray[np.int64], split: NDArray[np.str_], *, share: float, seed: Sequence[int]
) -> NDArray[np.str_]:
    """Return the split with a share of the training units, drawn evenly by class and site, moved to validation.

    Args:
        cases: Columns `y_true` and, where sites are known, `site`.
        units: Shape (cases,), equal for cases that must stay together.
        split: Shape (cases,).
        share: Share of the training units, in (0, 1).
        seed: Non-negative numbers that decide the draw.

    Returns:
        Shape (cases,), a copy.

    Raises:
        SchemaError: If a class occurs in fewer than two training units.
    """
    is_train = split == TRAIN
    drawn = allocate(cases.filter(is_train), units[is_train], [1 - share, share], seed=seed)
    result = split.copy()
    result[np.flatnonzero(is_train)[drawn == 1]] = VAL
    return result


def check_share(key: str, share: float) -> None:
    """Refuse a share that leaves nothing.

    Args:
        key: Where the share stands, for the message.
        share: What stands there.

    Raises:
        ConfigError: If it is not in (0, 1).
    """
    if not 0 < share < 1:
        raise ConfigError(f"{key}: must be above 0 and below 1")


def _codes_by_rarity(cases: pl.DataFrame, unit_of_case: NDArray[np.int64], num_shares: int) -> NDArray[np.int64]:
    names = cases[Y_TRUE].unique().sort()
    codes = cases[Y_TRUE].cast(pl.Enum(names)).to_physical().to_numpy()
    num_units = np.array([pl.Series(unit_of_case[codes == code]).n_unique() for code in range(names.len())])
    rarest = int(num_units.argmin())
    if num_units[rarest] < num_shares:
        raise SchemaError(
            f"class {names[rarest]!r} has {num_units[rarest]} patients (identical cases counted once), fewer than the "
            f"{num_shares} splits that each need one: join it with another class or ask for fewer splits"
        )
    rank = np.argsort(np.argsort(num_units, kind="stable"))
    by_rarity: NDArray[np.int64] = rank[codes]
    return by_rarity


def _lowest(codes: NDArray[np.int64], unit_of_case: NDArray[np.int64], num_units: int) -> NDArray[np.int64]:
    lowest = np.full(num_units, np.iinfo(np.int64).max)
    np.minimum.at(lowest, unit_of_case, codes)
    return lowest


def _counts(total: int, shares: Sequence[float]) -> NDArray[np.int64]:
    """Return whole numbers that add up to `total`, each nearest to its share, none 0 where `total` allows.

    >>> _counts(10, [0.7, 0.15, 0.15]).tolist(), _counts(3, [0.8, 0.1, 0.1]).tolist()
    ([7, 2, 1], [1, 1, 1])
    """
    exact = total * np.asarray(shares)
    counts: NDArray[np.int64] = np.floor(exact).astype(np.int64)
    most_missed = np.argsort(counts - exact, kind="stable")
    counts[most_missed[: total - counts.sum()]] += 1
    while total >= counts.size and (counts == 0).any():
        counts[counts.argmax()] -= 1
        counts[counts.argmin()] += 1
    return counts


def _interleaved(counts: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return each position as often as its count says, spread evenly.

    >>> _interleaved(np.array([4, 2])).tolist()
    [0, 1, 0, 0, 1, 0]
    """
    places = np.concatenate([(np.arange(count) + 0.5) / count for count in counts])
    in_turn: NDArray[np.int64] = np.repeat(np.arange(counts.size), counts)
    return in_turn[np.argsort(places, kind="stable")]
