"""Keys of a configuration are text, however YAML reads them."""

from __future__ import annotations

import json
from typing import Any


def with_text_keys(node: Any) -> Any:
    """Return plain containers whose keys are text, as JSON writes them: YAML's numbers and truths may be keys too.

    >>> with_text_keys({1: [{2.5: "train"}], "DS1": {True: 2}})
    {'1': [{'2.5': 'train'}], 'DS1': {'true': 2}}
    """
    if isinstance(node, dict):
        return {key if isinstance(key, str) else json.dumps(key): with_text_keys(value) for key, value in node.items()}
    return [with_text_keys(value) for value in node] if isinstance(node, list) else node
