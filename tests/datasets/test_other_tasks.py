"""What is no diagnosis."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from reprodx.datasets.other_tasks import is_graded, is_measurement, refuse_other_tasks, refuse_paths, refuse_survival
from reprodx.errors import SchemaError

if TYPE_CHECKING:
    from pathlib import Path


def numbered(num: int, count: int = 1, *, step: float = 1) -> dict[str, int]:
    return {f"{place * step:g}": count for place in range(num)}


@pytest.mark.parametrize(
    ("num_rows", "expected"),
    [
        (numbered(60, 9), True),
        (numbered(30, 9), True),
        (numbered(30, 10), False),
        (numbered(12, 5), False),
        (numbered(12), True),
        (numbered(11, 9, step=0.5), True),
        (numbered(6, 9, step=0.5), False),
        (numbered(30, 20, step=2), True),
        (numbered(5), False),
        ({f"{place},5": 9 for place in range(12)}, True),
        ({"low": 1, "high": 1, **numbered(40)}, False),
    ],
)
def test_many_numbers_are_a_measurement(num_rows: dict[str, int], expected: bool) -> None:
    assert is_measurement(num_rows) is expected


@pytest.mark.parametrize(
    ("values", "column", "reason"),
    [
        (numbered(60), "age", "is a measurement .60 different numbers.*no regression"),
        (numbered(60), "time_to_event", "no survival analysis"),
        (numbered(60), "Duration", "no survival analysis"),
        ({f"masks/{place}.png": 1 for place in range(9)}, "mask", "no segmentation"),
        ({f"masks\\{place}": 1 for place in range(9)}, "mask", "no segmentation"),
        ({"a.nii.gz": 1, "b.nii.gz": 2, "none": 3}, "mask", "no segmentation"),
        ({f"word {place} of {place}": 1 for place in range(51)}, "y", "51 different values, too many for classes"),
    ],
)
def test_other_tasks_are_refused_in_one_line_that_says_what_this_is_for(
    values: dict[str, int], column: str, reason: str
) -> None:
    with pytest.raises(SchemaError, match=f"^table.csv: the target.*{reason}") as caught:
        refuse_other_tasks(values, column, "table.csv: the target")
    assert "reprodx predicts a class, a grade or labels" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_classes_are_not_refused() -> None:
    refuse_other_tasks({f"class {place}": 1 for place in range(50)}, "y", "")
    refuse_other_tasks(numbered(5, 9), "grade", "")
    refuse_other_tasks({"grade 2/3": 1, "grade 1/3": 1}, "grade", "")


def test_a_time_beside_its_event_is_refused() -> None:
    for target, feature in (("event", "time"), ("Status", "survival_days"), ("censored", "Time to event")):
        with pytest.raises(SchemaError, match=r"as survival data have.*data.drop"):
            refuse_survival([target], ["age", feature], "table.csv")
    refuse_survival(["status"], ["age", "reaction time"], "table.csv")
    refuse_survival(["DEATH_EVENT"], ["time"], "table.csv")


def test_grades_are_whole_numbers_without_a_gap() -> None:
    assert is_graded(["grade 2"], ["grade 1", "grade 0"])
    assert not is_graded([], ["0"])
    assert not is_graded(["0"], ["1", "2"])
    assert not is_graded(["1.5"], ["0.5"])


def test_a_file_or_folder_is_no_column(tmp_path: Path) -> None:
    for name in (str(tmp_path), "mask.png"):
        with pytest.raises(SchemaError, match=r"is no column of table\.csv but a file or folder"):
            refuse_paths([name], ["y"], "table.csv")
    refuse_paths(["y", "typo"], ["y"], "table.csv")
