"""Rules are told apart by their words."""

from __future__ import annotations

import copy

from reprodx.datasets import unusable_signal
from reprodx.datasets.unusable_signal import UNREADABLE, FaultyRecordError


def test_each_rule_has_its_own_words_and_is_copied_with_them() -> None:
    rules = [rule for name, rule in vars(unusable_signal).items() if name.isupper()]
    assert len(rules) == len(set(rules))
    again = copy.copy(FaultyRecordError(UNREADABLE))
    assert isinstance(again, FaultyRecordError)
    assert str(again) == UNREADABLE
