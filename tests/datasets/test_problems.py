"""Problems of a table, all in one message."""

from __future__ import annotations

import pytest

from reprodx.datasets.problems import MAX_PROBLEMS, Problems
from reprodx.errors import SchemaError


def test_problems_are_collected_counted_and_capped() -> None:
    problems = Problems("t.csv")
    problems.refuse()
    with problems.noted():
        raise SchemaError("t.csv, row 3: bad")
    with pytest.raises(SchemaError, match=r"^t\.csv: row 3: bad$"):
        problems.refuse()
    problems.found += ["worse"] * MAX_PROBLEMS
    with pytest.raises(SchemaError, match=r"13 problems: \(1\) row 3: bad; \(2\) worse.*; and 1 more$"):
        problems.refuse()
