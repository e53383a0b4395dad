"""The small types that rooms hand to each other."""

from __future__ import annotations

from dataclasses import replace

import polars as pl
import pytest

from reprodx.schemas import ClassValue, Estimate, RawCases, Task


def test_an_undefined_estimate_says_why_and_a_defined_one_has_no_reason() -> None:
    undefined = Estimate.undefined("one class only", n=3, n_events=0)
    assert undefined.as_dict()["value"] is None
    assert undefined.as_dict()["reason"] == "one class only"
    assert "reason" not in Estimate(0.5, 0.4, 0.6, 10, 5, "Wilson").as_dict()


@pytest.mark.parametrize(("classes", "task"), [(("well", "sick"), Task.BINARY), (("a", "b", "c"), Task.MULTICLASS)])
def test_two_classes_are_binary(classes: tuple[str, ...], task: Task) -> None:
    assert RawCases(pl.DataFrame(), pl.DataFrame(), classes, 0, (), False, "").task == task


def test_values_of_classes_follow_the_order_of_the_classes() -> None:
    values = (ClassValue("x", "b", 1), ClassValue("", None, 2), ClassValue("y", "a", 3))
    cases = pl.DataFrame({"y_true": ["a", "b", "a"]})
    raw = RawCases(cases, pl.DataFrame(), ("a", "b"), 3, (), False, "", class_values=values)
    assert raw.values_of_classes == (values[2], values[0], values[1])
    assert replace(raw, class_values=()).values_of_classes == (ClassValue("a", "a", 2), ClassValue("b", "b", 1))
