"""Some sites train, others test."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl
import pytest

from reprodx.errors import ConfigError, SchemaError
from reprodx.splits.by_site import BySite

if TYPE_CHECKING:
    from collections.abc import Callable

SETTINGS: dict[str, Any] = {"train": ["east"], "test": ["north"], "val": 0.25, "seed": 0}


def test_a_site_that_is_not_named_is_left_out(make_cases: Callable[..., pl.DataFrame]) -> None:
    cases = make_cases()
    split = BySite(**SETTINGS).assign(cases, np.arange(120)).split
    sites = cases["site"].to_numpy()
    assert set(split[sites == "west"]) == {""}
    assert set(split[sites == "north"]) == {"test"}
    assert set(split[sites == "east"]) == {"train", "val"}


def test_a_patient_of_two_sites_is_tested_as_a_whole() -> None:
    cases = pl.DataFrame({"y_true": ["a", "b"] * 4, "site": ["east", "north", *["east"] * 6]})
    split = BySite(**SETTINGS).assign(cases, np.array([0, 0, 1, 2, 3, 4, 5, 6])).split
    assert set(split[:2]) == {"test"}


@pytest.mark.parametrize(
    ("settings", "key"),
    [
        ({"train": []}, r"split\.train"),
        ({"test": []}, r"split\.test"),
        ({"test": ["east"]}, r"'east' is in split\.train too"),
        ({"val": 0}, r"split\.val"),
    ],
)
def test_settings_that_contradict_themselves_are_refused(settings: dict[str, Any], key: str) -> None:
    with pytest.raises(ConfigError, match=key):
        BySite(**{**SETTINGS, **settings})


@pytest.mark.parametrize("key", ["train", "test"])
def test_an_unknown_site_is_named_with_its_key(make_cases: Callable[..., pl.DataFrame], key: str) -> None:
    with pytest.raises(SchemaError, match=rf"split\.{key}: there is no site 'wst': did you mean 'west'"):
        BySite(**{**SETTINGS, key: ["wst"]}).assign(make_cases(), np.arange(120))
