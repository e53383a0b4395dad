"""Sites by name."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from reprodx.errors import SchemaError
from reprodx.splits.sites import is_at

if TYPE_CHECKING:
    from collections.abc import Callable

    import polars as pl


def test_cases_of_sites_are_found(make_cases: Callable[..., pl.DataFrame]) -> None:
    cases = make_cases(6)
    assert is_at(cases, ["east", "west"], "split.site").tolist() == (cases["site"] != "north").to_list()


def test_an_unknown_site_is_named_with_the_nearest(make_cases: Callable[..., pl.DataFrame]) -> None:
    with pytest.raises(SchemaError, match=r"split\.site: there is no site 'nrth': did you mean 'north'\?"):
        is_at(make_cases(), ["nrth"], "split.site")


def test_data_without_sites_say_so(make_cases: Callable[..., pl.DataFrame]) -> None:
    with pytest.raises(SchemaError, match=r"data\.site"):
        is_at(make_cases().drop("site"), ["east"], "split.site")
