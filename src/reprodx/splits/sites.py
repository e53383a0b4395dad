"""Which cases belong to which site, for the splits that ask for sites."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

import numpy as np

from reprodx.errors import SchemaError
from reprodx.schemas import SITE

if TYPE_CHECKING:
    from collections.abc import Sequence

    import polars as pl
    from numpy.typing import NDArray


def is_at(cases: pl.DataFrame, sites: Sequence[str], key: str) -> NDArray[np.bool_]:
    """Return which cases were seen at one of `sites`, shape (cases,).

    Args:
        cases: The column `site`.
        sites: Names of sites.
        key: The key of the configuration that names them.

    Returns:
        Shape (cases,).

    Raises:
        SchemaError: If the data name no sites, or not this one; with the nearest names there are.
    """
    if SITE not in cases.columns:
        raise SchemaError(f"{key}: the data name no sites: say in data.site which column does")
    known = sorted(cases[SITE].unique())
    for site in sites:
        if site not in known:
            near = difflib.get_close_matches(site, known, n=3, cutoff=0.4) or known[:20]
            raise SchemaError(f"{key}: there is no site {site!r}: did you mean {' or '.join(map(repr, near))}?")
    return cases[SITE].is_in(list(sites)).to_numpy()


def is_unit_of(units: NDArray[np.int64], is_case: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return which cases belong to a unit that has one of the cases, so that no unit is divided.

    Args:
        units: Shape (cases,), equal for cases that must stay together.
        is_case: Shape (cases,).

    Returns:
        Shape (cases,).

    >>> is_unit_of(np.array([7, 7, 8]), np.array([True, False, False])).tolist()
    [True, True, False]
    """
    return np.isin(units, units[is_case])
