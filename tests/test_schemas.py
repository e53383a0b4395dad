"""The small types that rooms hand to each other."""

from __future__ import annotations

import polars as pl
import pytest

from reprodx.schemas import Estimate, RawCases, Task


def test_an_undefined_estimate_says_why_and_a_defined_one_has_no_reason() -> None:
    undefined = Estimate.undefined("one class only", n=3, n_events=0)
    assert undefined.as_dict()["value"] is None
    assert undefined.as_dict()["reason"] == "one class only"
    assert "reason" not in Estimate(0.5, 0.4, 0.6, 10, 5, "Wilson").as_dict()


@pytest.mark.parametrize(("classes", "task"), [(("well", "sick"), Task.BINARY), (("a", "b", "c"), Task.MULTICLASS)])
def test_two_classes_are_binary(classes: tuple[str, ...], task: Task) -> None:
    assert RawCases(pl.DataFrame(), pl.DataFrame(), classes, 0, (), False, "").task == task
