"""What the first rows of a text file say of how it is written: separator, comments, and whether it has a header."""

from __future__ import annotations

import contextlib
import csv
import io
import itertools
import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from reprodx.datasets.missing_words import MISSING_IN_NUMBERS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

COMMA = ","
SEPARATORS = {COMMA: "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}
"""What a table may be separated by."""
SAMPLE_LENGTH = 65_536
"""Letters that are looked at."""
NUM_SAMPLED = 200
"""Rows that are looked at."""
MIN_POSITIONS = 3
"""From so many names on, 0, 1, 2 ... are positions that a program wrote for want of names."""
MIN_ASCENDING = 8
"""From so many names on, ascending numbers are names, such as the wavelengths of a spectrum."""
MIN_REPEATED_SHARE = 0.5
"""Share of cells of a first row of text that stand again below it, from which on it is no row of names."""
EXCEL_HINT = re.compile(r"sep=(.)\r?\n", flags=re.IGNORECASE)
"""The line by which a file tells a spreadsheet its separator."""


@dataclass(frozen=True)
class Preamble:
    """What stands above the header of a text file."""

    num_lines: int
    """Lines to pass over."""
    separator: str | None
    """What a `sep=` among them says."""


def find_preamble(text: str) -> Preamble:
    r"""Return what stands above the header.

    Lines that begin with # are comments, but for a last one with as many cells as the line below it: that is a header.

    Args:
        text: The begin of the file.

    Returns:
        What to pass over.

    >>> find_preamble("# exported 2021\nage,y\n1,0\n")
    Preamble(num_lines=1, separator=None)
    """
    hint = EXCEL_HINT.match(text)
    lines = text.splitlines()
    first = 1 if hint else 0
    num_lines = first + sum(1 for _ in itertools.takewhile(lambda line: line.startswith("#"), lines[first:]))
    if first < num_lines < len(lines):
        last, below = lines[num_lines - 1], lines[num_lines]
        num_lines -= any(0 < last.count(sign) == below.count(sign) for sign in SEPARATORS)
    return Preamble(num_lines, hint[1] if hint else None)


def find_separator(text: str) -> str:
    """Return what separates the cells: that by which most rows have as many cells as the first, and more than one.

    Args:
        text: The begin of the file, from its header on.

    Returns:
        One of `SEPARATORS`; a comma where none divides the first row.
    """

    def fit(sign: str) -> tuple[bool, float, int, bool]:
        rows = sample_rows(text, sign)
        width = len(rows[0]) if rows else 0
        # Where several fit, commas are those of decimals or of text.
        return width > 1, sum(len(row) == width for row in rows) / max(len(rows), 1), width, sign != COMMA

    best = max(SEPARATORS, key=fit)
    return best if fit(best)[0] else COMMA


def sample_rows(text: str, separator: str) -> list[list[str]]:
    """Return the first rows of a text file that are not blank.

    Args:
        text: The begin of the file, from its header on; what follows `SAMPLE_LENGTH` letters is not looked at.
        separator: The sign between cells.

    Returns:
        Up to `NUM_SAMPLED` rows; a last one that the sample's end may have cut off is left out.
    """
    rows = list(_rows_until_damage(text[:SAMPLE_LENGTH], separator))
    rows = rows[:-1] if len(text) > SAMPLE_LENGTH and len(rows) > 1 else rows
    return [row for row in rows if any(cell.strip() for cell in row)][:NUM_SAMPLED]


def is_header_missing(rows: Sequence[Sequence[str]]) -> bool:
    """Return whether the first row is a case like those below it.

    It is if every column of numbers has a number or nothing in the first row, unless these are positions or ascend;
    or if half of the first row's cells stand again below them in their columns.

    Args:
        rows: The first rows of a table, at least one.

    Returns:
        False where there is nothing to judge by.

    >>> is_header_missing([["63", "m"], ["41", "f"]]), is_header_missing([["age", "sex"], ["63", "m"]])
    (True, False)
    """
    first, *below = rows
    columns = list(zip(*(row for row in below if len(row) == len(first)), strict=True))
    if not columns or len(columns) != len(first):
        return False
    numeric = [(cell.strip(), _is_numeric(column)) for cell, column in zip(first, columns, strict=True)]
    cells = [cell for cell, is_numeric in numeric if is_numeric]
    numbers = [float(cell.replace(",", ".")) for cell in cells if _is_number(cell)]
    if numbers and all(_is_number(cell) or _is_nothing(cell) for cell in cells) and not _are_names(numbers):
        return True
    texts = [(cell, set(column)) for (cell, is_number), column in zip(numeric, columns, strict=True) if not is_number]
    found = Counter(cell.strip() != "" and any(cell == value.strip() for value in column) for cell, column in texts)
    return found[True] > 1 and found[True] >= MIN_REPEATED_SHARE * len(first)


def _rows_until_damage(text: str, separator: str) -> Iterator[list[str]]:
    with contextlib.suppress(csv.Error):
        yield from csv.reader(io.StringIO(text, newline=""), delimiter=separator)


def _are_names(numbers: Sequence[float]) -> bool:
    are_positions = len(numbers) >= MIN_POSITIONS and list(numbers) == [
        numbers[0] + step for step in range(len(numbers))
    ]
    return (are_positions and numbers[0] in (0, 1)) or (
        len(numbers) >= MIN_ASCENDING and all(low < high for low, high in itertools.pairwise(numbers))
    )


def _is_numeric(column: Sequence[str]) -> bool:
    values = [cell.strip() for cell in column if not _is_nothing(cell.strip())]
    return bool(values) and sum(map(_is_number, values)) > len(values) / 2


def _is_number(cell: str) -> bool:
    return re.fullmatch(r"[+-]?(\d+([.,]\d*)?|[.,]\d+)([eE][+-]?\d+)?", cell) is not None


def _is_nothing(cell: str) -> bool:
    return cell.lower() in MISSING_IN_NUMBERS
