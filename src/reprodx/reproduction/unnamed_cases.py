"""What a run says of its cases, without the names of cases and patients, for those who do not have the data.

Cases are numbered in the order of the predictions file, patients in the order of their first case. Whoever has the data
can say which case is which by making the run again; nobody else can, as it would be with hashes of the ids, which are
found out by hashing every possible id.
"""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING

import polars as pl

from reprodx.artifacts.predictions import Predictions, read_predictions, write_predictions
from reprodx.schemas import CASE_ID, PATIENT_ID, TIME

if TYPE_CHECKING:
    from collections.abc import Set
    from pathlib import Path

ABOUT_CASES = re.compile(
    r'<section id="(?:failures|samples)".*?</section>\n|<li><a href="#(?:failures|samples)">.*?</li>\n', re.DOTALL
)
"""What a report shows of single cases, with the way to it: failures, and samples, which a generator may have copied."""
PICTURES = re.compile(r"<img\b[^>]*>", re.DOTALL)
"""What a report shows of cases that are pictures."""
TOKEN = re.compile(r"[\w.\-]+")
"""What an id may look like in a text."""
MIN_DIGITS = 5
"""Of an id that is a number: shorter ones are mistaken for counts."""


def write_numbered(source: Path, target: Path) -> None:
    """Write predictions with numbers in the place of ids, and without times; the order of the rows stays.

    Args:
        source: The predictions file.
        target: The new file; equal predictions give equal bytes.

    Raises:
        ArtifactError: If the file is absent or damaged.
    """
    predictions = read_predictions(source)
    table = predictions.table.with_row_index("case number", offset=1)
    columns = [pl.format("case {}", "case number").alias(CASE_ID)]
    if PATIENT_ID in table.columns:
        first = table.select(PATIENT_ID).unique(maintain_order=True).with_row_index("patient number", offset=1)
        table = table.join(first, on=PATIENT_ID, how="left", maintain_order="left")
        columns.append(pl.format("patient {}", "patient number").alias(PATIENT_ID))
    numbered = table.with_columns(columns).drop("case number", "patient number", TIME, strict=False)
    write_predictions(target, Predictions(numbered, predictions.metadata))


def without_cases(report: str) -> str:
    """Return a report without what it shows of single cases: ids, attributions and pictures."""
    return PICTURES.sub("", ABOUT_CASES.sub("", report))


def ids_of(predictions: Path) -> frozenset[str]:
    """Return the ids that can be told from other words: several words, or with a digit, and no short number."""
    table = read_predictions(predictions).table
    found = {name for column in (CASE_ID, PATIENT_ID) if column in table.columns for name in table[column].unique()}
    return frozenset(name for name in map(str, found) if _is_telling(name))


def names_cases(text: str, ids: Set[str]) -> bool:
    """Tell whether a text holds one of these ids as a word or as a row of words, however a page or JSON writes it."""
    said = " ".join(html.unescape(text).split())
    if any(token.strip(".-") in ids or token in ids for token in TOKEN.findall(said)):
        return True
    rows = [" ".join(name.split()) for name in ids if not TOKEN.fullmatch(name)]
    return any(row in said and re.search(rf"(?<!\w){re.escape(row)}(?!\w)", said) for row in rows)


def _is_telling(name: str) -> bool:
    if name.isdigit():
        return len(name) >= MIN_DIGITS
    return any(letter.isdigit() for letter in name) or len(name.split()) > 1
