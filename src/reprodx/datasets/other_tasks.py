"""What is no diagnosis: measurements, times to an event and outlines in pictures, refused as targets in one line."""

from __future__ import annotations

import re
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

from reprodx.datasets.column_meanings import is_event, is_time
from reprodx.datasets.written_values import graded_numbers
from reprodx.errors import SchemaError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

SCOPE = "reprodx predicts a class, a grade or labels of each case"
"""What it is for."""
MAX_CLASSES = 50
"""More different values than this are no classes."""
MAX_GRADES, MAX_FRACTIONS = 20, 10
"""More different whole numbers or fractions than this are a measurement."""
MIN_CASES_OF_GRADE = 10
"""Whole numbers without a gap between them may be more, if half of them have so many cases."""
FEW = 5
"""Up to so many different numbers are classes however few cases they have."""
FILE = re.compile(
    r"\.(png|jpe?g|tiff?|bmp|gif|webp|dcm|nii|gz|np[yz]|mh[ad]|nrrd|svs|h5|hdf5|json|xml)$", re.IGNORECASE
)
"""How the name of a picture or mask ends."""
MIN_FILE_SHARE = 0.5


def refuse_other_tasks(num_rows: Mapping[str, int], column: str, where: str) -> None:
    """Refuse a target that no class can be made of.

    Args:
        num_rows: Rows by value.
        column: Its name.
        where: What the target is called in messages.

    Raises:
        SchemaError: If it is a measurement, a time to an event, names files, or has more than `MAX_CLASSES` texts.
    """
    values = set(num_rows)
    num_files = sum(FILE.search(value) is not None for value in values)
    are_folders = 2 * sum(count == 1 for count in num_rows.values()) > len(values) > FEW and all(
        re.search(r"[/\\]", value) for value in values
    )
    if are_folders or num_files > MIN_FILE_SHARE * len(values):
        raise SchemaError(f"{where} names files or folders: {SCOPE} and outlines nothing in pictures (no segmentation)")
    if is_measurement(num_rows):
        kind = f"is a measurement ({len(values)} different numbers)"
        if is_time(column):
            raise SchemaError(
                f"{where} {kind}, a time as it seems: {SCOPE}, not when something comes (no survival analysis, no "
                "regression): make a column of whether it came by a fixed time, of cases that were followed so long"
            )
        raise SchemaError(
            f"{where} {kind}: {SCOPE}, no numbers (no regression): cut it into classes in the table, or look at "
            "data.target"
        )
    if len(values) > MAX_CLASSES:
        raise SchemaError(
            f"{where} has {len(values)} different values, too many for classes: {SCOPE}: look at data.target, or say "
            "in data.positive and data.negative which mean disease and which do not"
        )


def is_measurement(num_rows: Mapping[str, int]) -> bool:
    """Return whether values are numbers of a scale rather than codes of classes or grades.

    Args:
        num_rows: Rows by value.

    Returns:
        True for more than `MAX_FRACTIONS` fractions, more than `MAX_GRADES` whole numbers, and more than `FEW` numbers
        most of which occur once.

    >>> is_measurement({str(number): 9 for number in range(30)}), is_measurement({"0": 9, "1": 9, "2": 1})
    (True, False)
    """
    try:
        numbers = [float(value.replace(",", ".")) for value in num_rows]
    except ValueError:
        return False
    if len(numbers) <= FEW:
        return False
    if 2 * sum(count == 1 for count in num_rows.values()) > len(numbers):
        return True
    if not all(number.is_integer() for number in numbers):
        return len(numbers) > MAX_FRACTIONS
    is_dense = max(numbers) - min(numbers) == len(numbers) - 1
    is_scale = is_dense and len(numbers) <= MAX_CLASSES and median(num_rows.values()) >= MIN_CASES_OF_GRADE
    return len(numbers) > MAX_GRADES and not is_scale


def is_graded(positive: Sequence[str], others: Sequence[str]) -> bool:
    """Return whether values mean disease from some grade on: whole numbers without a gap, the others all below.

    >>> is_graded(["2", "3"], ["0", "1"]), is_graded(["1"], ["0", "9"]), is_graded(["1"], ["0", "-1"])
    (True, False, False)
    """
    numbers = graded_numbers({*positive, *others})
    if (
        not positive
        or not others
        or numbers is None
        or any(number < 0 or not number.is_integer() for number in numbers.values())
    ):
        return False
    is_dense = max(numbers.values()) - min(numbers.values()) == len(numbers) - 1
    return is_dense and max(numbers[value] for value in others) < min(numbers[value] for value in positive)


def refuse_survival(targets: Sequence[str], features: Sequence[str], where: str) -> None:
    """Refuse a time to an event beside the column that says whether it came.

    Args:
        targets: The columns to predict.
        features: The columns to learn from.
        where: What the table is called in messages.

    Raises:
        SchemaError: If there is such a pair.
    """
    events = [name for name in targets if is_event(name)]
    times = [name for name in (*targets, *features) if is_time(name)]
    if events and times:
        raise SchemaError(
            f"{where} has the time {times[0]!r} beside the target {events[0]!r}, as survival data have: {SCOPE}, not "
            f"when something comes (no survival analysis): if every case was followed equally long, name {times[0]!r} "
            "in data.drop"
        )


def refuse_paths(targets: Sequence[str], columns: Sequence[str], where: str) -> None:
    """Refuse a folder or file where a column must be named.

    Args:
        targets: The columns to predict.
        columns: Those that the table has.
        where: What the table is called in messages.

    Raises:
        SchemaError: If a target is no column but a folder or a file.
    """
    for name in targets:
        if name not in columns and (FILE.search(name) or Path(name).is_dir()):
            raise SchemaError(
                f"data.target: {name!r} is no column of {where} but a file or folder: {SCOPE} and outlines nothing in "
                "pictures (no segmentation): name a column"
            )
