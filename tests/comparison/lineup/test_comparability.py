"""Sources that nothing may be compared with, each beside one that may be."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from reprodx.comparison.lineup.comparability import refuse_unfit, threshold_entries
from reprodx.comparison.source import Source, TrackedRun
from reprodx.errors import ConfigError, IncomparableError, ReprodxError, SchemaError

Make = Callable[..., Source]


def tracked(run_id: str) -> TrackedRun:
    return TrackedRun(run_id, "mlp", "heart", {}, {})


def entry(chosen_on: str | None) -> dict[str, object]:
    return {"value": 0.4, "rule": "largest Youden index", "chosen_on": chosen_on}


@pytest.mark.parametrize(
    ("wrong", "right", "reason"),
    [
        ({"task": "generation"}, {"task": "binary"}, "b is a generator's run"),
        ({"leaky": True}, {"leaky": False}, "b is marked leaky"),
        ({"threshold": entry("test")}, {"threshold": entry("val")}, "b chose its threshold on the test split"),
        ({"thresholds": {"x": entry("test")}}, {"thresholds": {"x": entry(None)}}, "chose its threshold on the test"),
        ({"columns": {"split": ["val"] * 4}}, {}, "b has no case of the split 'test': it holds 'val'"),
    ],
)
def test_what_must_not_be_believed_is_refused(
    make_source: Make, wrong: dict[str, object], right: dict[str, object], reason: str
) -> None:
    refuse_unfit([make_source("a"), make_source("b", **right)], "test")
    with pytest.raises(IncomparableError, match=reason) as refusal:
        refuse_unfit([make_source("a"), make_source("b", **wrong)], "test")
    assert refusal.value.exit_code == 3
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize("broken", [0.4, {"value": 0.4}])
def test_a_threshold_must_say_where_it_comes_from(make_source: Make, broken: object) -> None:
    with pytest.raises(SchemaError, match="b: a threshold of its metadata lacks"):
        refuse_unfit([make_source("a"), make_source("b", threshold=broken)], "test")


@pytest.mark.parametrize("number", [0, 1])
def test_one_run_is_no_comparison(make_source: Make, number: int) -> None:
    with pytest.raises(ConfigError, match="give two runs or more"):
        refuse_unfit([make_source("a")][:number], "test")


def test_a_run_is_named_once(make_source: Make) -> None:
    one, other, copy = (
        make_source(label, run=tracked(run_id)) for label, run_id in (("a", "1"), ("b", "2"), ("c", "1"))
    )
    refuse_unfit([one, other], "test")
    with pytest.raises(ConfigError, match="c is given twice"):
        refuse_unfit([one, other, copy], "test")


def test_a_file_is_named_once(make_source: Make) -> None:
    """Files of one name may lie in two folders; equal ones under two names are no mistake, and one model later."""
    refuse_unfit([make_source("a"), make_source("b")], "test")
    refuse_unfit([make_source("a"), make_source("a", columns={"patient_id": ["p"] * 4})], "test")
    refuse_unfit([make_source("a"), replace(make_source("a"), run=tracked("1"))], "test")
    with pytest.raises(ReprodxError, match="a is given twice") as refusal:
        refuse_unfit([make_source("a"), make_source("a")], "test")
    assert refusal.value.exit_code == 2


def test_entries_are_one_or_one_a_label() -> None:
    assert list(threshold_entries({"threshold": {"value": 1}})) == [{"value": 1}]
    assert list(threshold_entries({"thresholds": {"x": 1, "y": 2}})) == [1, 2]
    assert list(threshold_entries({"threshold": None})) == []
