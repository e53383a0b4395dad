"""The way of the cases."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from reprodx.preparation.participant_flow import participant_flow
from reprodx.schemas import Exclusion

if TYPE_CHECKING:
    from collections.abc import Callable

    from reprodx.schemas import RawCases


def test_everyone_who_was_read_is_somewhere(placed: Callable[..., RawCases]) -> None:
    raw = placed(20, patient_id=[f"p{row // 2}" for row in range(20)])
    raw = dataclasses.replace(raw, num_read=23, exclusions=(Exclusion("the target is missing", 3),))
    flow = participant_flow(raw)
    assert flow["read"] == flow["analysed"] + sum(exclusion["count"] for exclusion in flow["excluded"])
    assert flow["excluded"] == [{"rule": "the target is missing", "count": 3}]
    assert flow["splits"] == {
        "train": {"cases": 12, "patients": 6, "classes": {"well": 6, "ill": 6}},
        "val": {"cases": 4, "patients": 2, "classes": {"well": 2, "ill": 2}},
        "test": {"cases": 4, "patients": 2, "classes": {"well": 2, "ill": 2}},
    }
