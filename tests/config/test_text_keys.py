"""Keys are text, however YAML reads them."""

from __future__ import annotations

from reprodx.config.text_keys import with_text_keys


def test_numbers_and_truths_become_text_as_json_writes_them() -> None:
    assert with_text_keys({1: [{2.5: "train"}], "DS1": {True: 2}}) == {"1": [{"2.5": "train"}], "DS1": {"true": 2}}
