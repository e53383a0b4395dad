"""Weka's files."""

from __future__ import annotations

import pytest

from reprodx.datasets.arff_file import read_arff
from reprodx.errors import SchemaError

HEAD = "% note\n@RELATION x\n\n@attribute 'age (years)' numeric\n@ATTRIBUTE sex {m, f}\n@data\n"


def test_attributes_are_columns_and_a_question_mark_is_null() -> None:
    table = read_arff((HEAD + "63,m\n% note\n?, 'f, m'\n").encode(), None, "t")
    assert table.to_dict(as_series=False) == {"age (years)": ["63", None], "sex": ["m", "f, m"]}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("@relation x\n", "not an ARFF file"),
        (HEAD, "no rows"),
        (HEAD + "{0 63}\n", "sparse"),
        (HEAD + "63\n1,2\n1,2,3\n", "rows 2, 4 below @data.*not 2 cells"),
    ],
)
def test_what_is_no_such_file_is_refused(text: str, message: str) -> None:
    with pytest.raises(SchemaError, match=message):
        read_arff(text.encode(), None, "t")
