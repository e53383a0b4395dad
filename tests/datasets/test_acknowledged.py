"""What may be acknowledged."""

from __future__ import annotations

from typing import Any

import pytest

from reprodx.datasets.acknowledged import Acknowledged
from reprodx.errors import ConfigError

NOTHING: dict[str, Any] = {"features": [], "duplicates": [], "patients": False}


def test_case_ids_are_text() -> None:
    found = Acknowledged.from_config({**NOTHING, "duplicates": [405, "406"], "patients": True})
    assert found == Acknowledged((), ("405", "406"), patients=True)


@pytest.mark.parametrize(
    "content",
    [
        {},
        {**NOTHING, "feature": []},
        {**NOTHING, "features": "age"},
        {**NOTHING, "patients": "no"},
        {**NOTHING, "patients": 1},
    ],
)
def test_anything_else_is_refused(content: dict[str, Any]) -> None:
    with pytest.raises(ConfigError, match=r"data\.acknowledge"):
        Acknowledged.from_config(content)


def test_columns_that_identify_may_be_named_or_left_out() -> None:
    known = {"features": [], "duplicates": [], "patients": False}
    assert Acknowledged.from_config(known).identifying == ()
    assert Acknowledged.from_config({**known, "identifying": ["zip"]}).identifying == ("zip",)
