"""What a person may write under `data`."""

from __future__ import annotations

import pytest

from reprodx.datasets.keys import checked_names, checked_numbers, refuse_split_column, require_columns
from reprodx.errors import ConfigError, SchemaError


@pytest.mark.parametrize("value", ["name", None, {"a": 1}, 3])
def test_a_list_must_be_a_list(value: object) -> None:
    with pytest.raises(ConfigError, match=r"data\.drop: must be a list"):
        checked_names("data.drop", value)
    assert checked_names("data.drop", ["name", 7]) == ("name", "7")


@pytest.mark.parametrize("value", [[], "1,2", [1, "2"], [2, 1], [1, 1], [True, 2], None])
def test_numbers_must_be_ascending_numbers(value: object) -> None:
    with pytest.raises(ConfigError, match=r"data\.ranges\.age"):
        checked_numbers("data.ranges.age", value)
    assert checked_numbers("data.ranges.age", [0, 1.5]) == (0.0, 1.5)


def test_an_unknown_column_is_refused_with_the_nearest() -> None:
    with pytest.raises(SchemaError, match=r"data\.site: t\.csv has no column 'hosptial': did you mean 'hospital'\?"):
        require_columns(["age", "hospital"], {"data.site": ["hosptial"]}, "t.csv")
    with pytest.raises(SchemaError, match="it has age, hospital"):
        require_columns(["age", "hospital"], {"data.site": ["zzz"]}, "t.csv")
    require_columns(["age", "hospital"], {"data.site": ["hospital"], "data.drop": []}, "t.csv")


def test_data_without_a_split_column_refuse_one() -> None:
    with pytest.raises(ConfigError, match=r"split\.column: icd10 has no column 'fold': take another split"):
        refuse_split_column("fold", "icd10")
    refuse_split_column(None, "icd10")
