"""One site tests."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import pytest

from reprodx.errors import ConfigError, SchemaError
from reprodx.splits.leave_site_out import LeaveSiteOut

if TYPE_CHECKING:
    from collections.abc import Callable


def test_the_site_tests_and_the_others_do_not(make_cases: Callable[..., pl.DataFrame]) -> None:
    cases = make_cases()
    split = LeaveSiteOut(site="north", val=0.25, seed=0).assign(cases, np.arange(120)).split
    np.testing.assert_array_equal(split == "test", (cases["site"] == "north").to_numpy())
    assert (split == "val").sum() == 20


def test_sites_may_be_numbers() -> None:
    cases = pl.DataFrame({"y_true": ["a", "b"] * 6, "site": ["1", "1", "1", "1", "2.0", "2.0"] * 2})
    for site in (1, 2.0):
        split = LeaveSiteOut(site=site, val=0.3, seed=0).assign(cases, np.arange(12)).split
        assert (split == "test").tolist() == (cases["site"] == str(site)).to_list()


def test_a_patient_of_two_sites_is_tested_as_a_whole() -> None:
    cases = pl.DataFrame({"y_true": ["a", "b"] * 4, "site": ["east", "west", *["east"] * 6]})
    split = LeaveSiteOut(site="west", val=0.3, seed=0).assign(cases, np.array([0, 0, 1, 2, 3, 4, 5, 6])).split
    assert set(split[:2]) == {"test"}
    assert "test" not in split[2:]


def test_the_other_sites_need_two_patients_of_a_class() -> None:
    cases = pl.DataFrame({"y_true": ["a", "a", "b", "b"], "site": ["west", "east", "east", "east"]})
    with pytest.raises(SchemaError, match="class 'a' has 1 patients"):
        LeaveSiteOut(site="west", val=0.5, seed=0).assign(cases, np.arange(4))


def test_the_share_is_checked() -> None:
    with pytest.raises(ConfigError, match=r"split\.val"):
        LeaveSiteOut(site="west", val=1.0, seed=0)
