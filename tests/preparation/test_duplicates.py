"""The list of cases with the same inputs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from reprodx.preparation.duplicates import duplicates_table
from reprodx.preparation.units import IdenticalInputs

if TYPE_CHECKING:
    from collections.abc import Callable

    from reprodx.schemas import RawCases


def test_each_group_is_listed_with_its_first_case(placed: Callable[..., RawCases]) -> None:
    alike = np.arange(120)
    alike[[8, 50]], alike[7] = 3, 2
    found = duplicates_table(placed(split=["train"] * 120), IdenticalInputs(alike))
    assert found.columns == ["group", "case_id", "same_as", "patient_id", "split", "y_true", "is_kept_together"]
    assert found["group"].to_list() == [1, 1, 2, 2, 2]
    assert found["case_id"].to_list() == ["c2", "c7", "c3", "c8", "c50"]
    assert found["same_as"].to_list() == [None, "c2", None, "c3", "c3"]
    assert found["is_kept_together"].all()
    apart = duplicates_table(placed(split=["train"] * 5 + ["test"] * 115), IdenticalInputs(alike))
    assert apart["is_kept_together"].to_list() == [False] * 5
    coarse = duplicates_table(placed(), IdenticalInputs(alike, is_by_chance=True))
    assert not coarse["is_kept_together"].any()
    assert duplicates_table(placed(), IdenticalInputs(np.arange(120))).is_empty()
