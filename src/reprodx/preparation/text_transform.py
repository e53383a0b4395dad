"""From texts to the token numbers that a network takes; the tokenizer learns from training cases only.

Source: Sennrich, Haddow, Birch, Neural machine translation of rare words with subword units, ACL 2016, algorithm 1
(byte pair encoding), https://doi.org/10.18653/v1/P16-1162.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np

from reprodx.datasets.text_settings import TextSettings
from reprodx.inputs import Inputs, Modality
from reprodx.preparation.file_cells import text_cells

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import polars as pl
    from numpy.typing import NDArray
    from tokenizers import Tokenizer

PADDING, UNKNOWN = "<padding>", "<unknown>"
"""Tokens 0 and 1: nothing, and a letter that no training text has."""
PADDING_TOKEN, UNKNOWN_TOKEN = 0, 1
LONGEST_WORD = 100
"""Letters of a word at most: what is longer, such as a file that got into a cell, is cut, or it would take hours."""
EXAMPLE = "no abnormality found"
"""A text that belongs to no patient."""


@dataclass(frozen=True)
class TextTransform:
    """The transform of texts."""

    columns: ClassVar[tuple[str, ...]] = ("text",)
    """What a new case gives: its text."""

    tokenizer: str
    """The tokenizer as JSON of the tokenizers library."""
    settings: TextSettings
    share_cut: float
    """Share of training texts that have more than `max_tokens` tokens."""

    @classmethod
    def fit(cls, train: Inputs, targets: NDArray[np.int64] | None = None) -> Self:
        """Return the transform of these training cases.

        Args:
            train: Their texts; the settings say how large the vocabulary is, and how long a text.
            targets: Not used.

        Returns:
            The transform, the same for the same texts in the same order.
        """
        settings = TextSettings(**train.settings)
        tokenizer = _new_tokenizer()
        tokenizer.train_from_iterator(train, _trainer(settings.vocabulary_size), length=len(train))
        unmeasured = cls(tokenizer.to_str(), settings, 0.0)
        num_cut = sum(int((lengths > settings.max_tokens).sum()) for _, lengths in unmeasured._encoded(train))
        return cls(unmeasured.tokenizer, settings, num_cut / max(len(train), 1))

    @property
    def vocabulary_size(self) -> int:
        """Number of tokens, padding and unknown among them."""
        return int(self._loaded.get_vocab_size())

    def apply(self, raw: Inputs) -> Inputs:
        """Return token numbers.

        Args:
            raw: Texts.

        Returns:
            int32, shape (tokens of all,), each of `max_tokens` tokens at most and of one at least: a text without any
            is one unknown token. None is padding.
        """
        cut = [(tokens, np.minimum(lengths, self.settings.max_tokens)) for tokens, lengths in self._encoded(raw)]
        parts = [row[:length] for tokens, lengths in cut for row, length in zip(tokens, lengths, strict=True)]
        values = np.concatenate([np.zeros(0, dtype=np.int32), *parts])
        lengths = np.concatenate([np.zeros(0, dtype=np.int64), *(lengths for _, lengths in cut)])
        return Inputs.of_steps(Modality.TEXT, values, lengths, settings=raw.settings)

    def read_raw(self, table: pl.DataFrame) -> Inputs:
        """Return the texts of new cases.

        Args:
            table: The column `text`.

        Returns:
            Texts, one per row.

        Raises:
            SchemaError: If the column is absent or a text is empty.
        """
        texts = np.array([*text_cells(table, self.columns[0]), None], dtype=object)[:-1]
        return Inputs.of_rows(Modality.TEXT, texts, settings=self.settings.as_dict())

    def example(self) -> dict[str, str]:
        """Return a row that belongs to no patient."""
        return {self.columns[0]: EXAMPLE}

    def scaling(self) -> None:
        """Return None: tokens have no scale."""

    def description(self) -> dict[str, Any]:
        """Return what is worth knowing of the transform, as JSON."""
        return {
            "vocabulary_size": self.vocabulary_size,
            "max_tokens": self.settings.max_tokens,
            "share_of_training_texts_cut": self.share_cut,
        }

    def to_json(self) -> dict[str, Any]:
        """Return the transform as JSON."""
        tokenizer = json.loads(self.tokenizer)
        return {"tokenizer": tokenizer, "settings": self.settings.as_dict(), "share_cut": self.share_cut}

    @classmethod
    def from_json(cls, content: Mapping[str, Any]) -> Self:
        """Return the transform that `to_json` made `content` from."""
        tokenizer = json.dumps(content["tokenizer"], ensure_ascii=False)
        return cls(tokenizer, TextSettings(**content["settings"]), content["share_cut"])

    @cached_property
    def _loaded(self) -> Tokenizer:
        _quieten()
        from tokenizers import Tokenizer

        return Tokenizer.from_str(self.tokenizer)

    def _encoded(self, texts: Inputs) -> Iterator[tuple[list[NDArray[np.int32]], NDArray[np.int64]]]:
        """Yield the tokens of each text and their number, a block of texts at a time."""
        for block in texts.blocks():
            encodings = self._loaded.encode_batch_fast(list(block), add_special_tokens=False)
            tokens = [np.array(encoding.ids or [UNKNOWN_TOKEN], dtype=np.int32) for encoding in encodings]
            # A text that spells the padding token out is not padding.
            tokens = [np.where(row == PADDING_TOKEN, np.int32(UNKNOWN_TOKEN), row) for row in tokens]
            yield tokens, np.array([len(row) for row in tokens], dtype=np.int64)


def _new_tokenizer() -> Tokenizer:
    _quieten()
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers

    tokenizer = Tokenizer(models.BPE(unk_token=UNKNOWN))
    tokenizer.normalizer = normalizers.Sequence([normalizers.NFKC(), normalizers.Lowercase()])
    whole = (pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Punctuation(), pre_tokenizers.Metaspace())
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([*whole, pre_tokenizers.FixedLength(LONGEST_WORD)])
    return tokenizer


def _trainer(vocabulary_size: int) -> Any:
    from tokenizers import trainers

    return trainers.BpeTrainer(
        vocab_size=vocabulary_size, min_frequency=2, special_tokens=[PADDING, UNKNOWN], show_progress=False
    )


def _quieten() -> None:
    # Several processes load cases: the library warns when a process is copied after it has used threads.
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
