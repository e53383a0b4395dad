"""Mutants of every reader's source: none ends in a traceback, a hang, half a folder, or a value that it cannot mean."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from reprodx.errors import SchemaError
from tests.faults import readers
from tests.faults.judging import CLASS, Reading, as_one_of
from tests.faults.readers import OUTCOMES, READERS, Tally, Trial, try_reader

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from random import Random

FEW, MANY, BLOCKS = 6, 300, 4
"""Mutants of each reader: in `make test`; in `make test-slow`, and in how many parts."""


@pytest.mark.parametrize("reader", READERS)
def test_a_few_mutants(reader: str) -> None:
    assert_all_told(try_reader(reader, range(FEW)), FEW)


@pytest.mark.simulation
@pytest.mark.parametrize("block", range(BLOCKS))
@pytest.mark.parametrize("reader", READERS)
def test_many_mutants(reader: str, block: int) -> None:
    each = MANY // BLOCKS
    assert_all_told(try_reader(reader, range(block * each, (block + 1) * each)), each)


def assert_all_told(tally: Tally, number: int) -> None:
    assert not tally.faults, "\n".join(tally.faults)
    assert set(tally.counts) <= set(OUTCOMES)
    assert tally.counts.total() == number
    assert number == FEW or tally.counts["refused"] < number, "nothing was read"


def outcome_of(read: Callable[[], Reading], monkeypatch: pytest.MonkeyPatch, folder: Path | None = None) -> str:
    """Return what the harness says of a reader that does this."""

    def trial(made: Path, _random: Random) -> Trial:
        if folder is not None:
            folder.symlink_to(made)
        return Trial("a mutant", read, as_one_of({"a": {CLASS: ("yes",)}}), words=["P101"])

    monkeypatch.setitem(readers.READERS, "of the test", trial)
    return next(iter(try_reader("of the test", [0]).counts))


def test_the_harness_sees_each_fault(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def raises(error: Exception) -> Callable[[], Reading]:
        def read() -> Reading:
            raise error

        return read

    def writes() -> Reading:
        (tmp_path / "here" / "half").touch()
        raise SchemaError("row 3 is wrong")

    def hangs() -> Reading:
        while True:
            pass

    assert outcome_of(lambda: Reading({"a": {CLASS: "yes"}}), monkeypatch) == "read"
    assert outcome_of(lambda: Reading({"a": {CLASS: "no"}}), monkeypatch) == "read wrongly"
    assert outcome_of(lambda: Reading({}), monkeypatch) == "read wrongly"
    assert outcome_of(lambda: Reading({}, num_left_out=1), monkeypatch) == "read, some left out"
    assert outcome_of(lambda: Reading({"b": {CLASS: "yes"}}), monkeypatch) == "read wrongly"
    assert outcome_of(raises(KeyError("x")), monkeypatch) == "traceback"
    assert outcome_of(raises(SchemaError("row 3 is wrong")), monkeypatch) == "refused"
    assert outcome_of(raises(SchemaError("P101 is wrong")), monkeypatch) == "told an id"
    assert outcome_of(raises(SchemaError("wrong\nin two lines")), monkeypatch) == "not one line"
    assert outcome_of(writes, monkeypatch, tmp_path / "here") == "half-written"
    monkeypatch.setattr(readers, "SECONDS", 1)
    assert outcome_of(hangs, monkeypatch) == "hang"
