"""What a run says of its cases, without the names of cases and patients, for those who do not have the data.

Cases are numbered in the order of the predictions file, patients in the order of their first case. Whoever has the data
can say which case is which by making the run again; nobody else can, as it would be with hashes of the ids, which are
found out by hashing every possible id.
"""

from __future__ import annotations

import html
import re
from collections.abc import Set as AbstractSet
from typing import TYPE_CHECKING

import polars as pl

from reprodx.artifacts.prediction_metadata import HASHED_WITH
from reprodx.artifacts.predictions import Predictions, read_predictions, write_predictions
from reprodx.schemas import CASE_ID, PATIENT_ID, TIME
from reprodx.tracking.case_names import TOKEN, is_telling, ways_to_say
from reprodx.tracking.patient_ids import key_of
from reprodx.tracking.patient_key import find_own

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from reprodx.tracking.patient_key import PatientKey


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
    metadata = {name: value for name, value in predictions.metadata.items() if name != HASHED_WITH}
    write_predictions(target, Predictions(numbered, metadata))


class HashedIds(AbstractSet[str]):
    """Ids of which the hashes alone are known, and the key."""

    def __init__(self, hashes: AbstractSet[str], key: PatientKey) -> None:
        """Take the hashes, and the key that made them."""
        self._hashes, self._key = hashes, key

    def __contains__(self, name: object) -> bool:
        """Tell whether a word is one of the ids, and can be told from other words."""
        return isinstance(name, str) and is_telling(name) and self._key.hash_of(name) in self._hashes

    def __iter__(self) -> Iterator[str]:
        """Yield nothing: what the ids are is not known."""
        return iter(())

    def __len__(self) -> int:
        """Return the number of ids."""
        return len(self._hashes)


def ids_of(predictions: Path) -> AbstractSet[str] | None:
    """Return the ids that can be told from other words: of a file also its name.

    Args:
        predictions: The file.

    Returns:
        None where they are hashed with a key that is not here, so that nobody knows them.
    """
    read = read_predictions(predictions)
    columns = [name for name in (CASE_ID, PATIENT_ID) if name in read.table.columns]
    found = frozenset(str(name) for column in columns for name in read.table[column].unique())
    if (fingerprint := key_of(read)) is not None:
        key = find_own(fingerprint)
        return None if key is None else HashedIds(found, key)
    return frozenset(said for name in found for said in ways_to_say(name) if is_telling(said))


def names_cases(text: str, ids: AbstractSet[str]) -> bool:
    """Tell whether a text holds one of these ids as a word or as a row of words, however a page or JSON writes it."""
    said = " ".join(html.unescape(text).split())
    if any(token.strip(".-") in ids or token in ids for token in TOKEN.findall(said)):
        return True
    rows = [" ".join(name.split()) for name in ids if not TOKEN.fullmatch(name)]
    return any(row in said and re.search(rf"(?<!\w){re.escape(row)}(?!\w)", said) for row in rows)
