"""Texts with a label each in a CSV file, such as reports, letters or abstracts."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

import polars as pl

from reprodx.datasets.case_columns import CaseColumns
from reprodx.datasets.case_table import read_card
from reprodx.datasets.text_settings import READABLE, TextSettings
from reprodx.datasets.typed_file import read_text_table
from reprodx.errors import SchemaError
from reprodx.inputs import Inputs, Modality

if TYPE_CHECKING:
    from reprodx.schemas import RawCases

logger = logging.getLogger(__name__)

EMPTY, WORDLESS = "the text is empty", "the text has no letter or digit"
"""The rules that leave out cases without words."""


@dataclass(frozen=True, kw_only=True)
class TextTable(CaseColumns):
    """A comma-separated table with a header, a column of text, and one row per case."""

    modality: ClassVar[Modality] = Modality.TEXT
    """What kind of measurement a case is judged by."""

    path: str
    """The CSV file; a `card.md` beside it says where the data come from."""
    text: str
    """The column of text."""
    vocabulary_size: int
    """Words and pieces of words that the tokenizer learns from the training cases."""
    max_tokens: int
    """Tokens of a text that a network is given; what is beyond is cut off."""

    def __post_init__(self) -> None:
        """Check what can be checked without the file.

        Raises:
            ConfigError: If a key holds what it cannot.
        """
        super().__post_init__()
        TextSettings(vocabulary_size=self.vocabulary_size, max_tokens=self.max_tokens)

    def read(self, split_column: str | None, *, scratch: Path | None = None) -> RawCases:
        """Return the cases of the file.

        Args:
            split_column: The column that a predefined split is read from, if any.
            scratch: Not used: texts fit into memory.

        Returns:
            The cases that have a target and a text, in the order of the file.

        Raises:
            DatasetNotFoundError: If there is no such file.
            SchemaError: If the file is not what the configuration says; the message names column and row.
        """
        logger.info("reading %s", self.path)
        path = Path(self.path)
        table = read_text_table(path, self.layout)
        found = self.read_cases(table, split_column, path.name, others={"data.text": [self.text]})
        texts = table[self.text].gather(found.rows)
        is_empty = texts.is_null() | texts.str.strip_chars().is_in(["", *self.missing_values.of(self.text)])
        is_wordless = ~is_empty & ~texts.str.contains(READABLE)
        left_out = is_empty | is_wordless
        if left_out.all():
            raise SchemaError(f"{path.name}: column {self.text!r} holds no text: look at data.text")
        reasons = pl.select(pl.when(is_empty).then(pl.lit(EMPTY)).when(is_wordless).then(pl.lit(WORDLESS))).to_series()
        found = found.leave_out(reasons.to_list())
        settings = TextSettings(vocabulary_size=self.vocabulary_size, max_tokens=self.max_tokens).as_dict()
        inputs = Inputs.of_rows(Modality.TEXT, texts.filter(~left_out).to_numpy().astype(object), settings=settings)
        return found.as_raw_cases(inputs, read_card(path))
