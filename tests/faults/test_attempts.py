"""What was attempted is not attempted again, more kills add to those that were made, and what is lost is told."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from tests.faults.attempts import Attempts
from tests.faults.random_kills import kills
from tests.faults.scenarios import SCENARIOS

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


def test_an_attempt_is_made_once_whoever_asks(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "attempts.json"
    results = iter(["", "a run doubled"])
    for _ in range(2):
        for name in ("1", "2"):
            Attempts(path).make("run: kill", name, lambda: next(results))
    assert Attempts(path).lost() == ["run: kill, 2: a run doubled"]
    assert Attempts(path).table(Counter({"run: kill": 300}))[1].split()[2:] == ["1", "/", "2", "(300)"]
    assert capsys.readouterr().out.splitlines() == ["run: kill, 1: survived", "run: kill, 2: a run doubled"]


def test_more_kills_are_those_of_before_and_others() -> None:
    few, many = list(kills(300)), list(kills(1000))
    assert many[:300] == few
    assert len(set(many)) == 1000
    assert {name for name, _ in few} == set(SCENARIOS)
