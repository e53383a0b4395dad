"""A text in a row of numbers: how often it has each word of the training texts, rare words counting more.

Source: Salton, Buckley, Term-weighting approaches in automatic text retrieval, Inf Process Manag 1988;24:513
(TF-IDF), https://doi.org/10.1016/0306-4573(88)90021-0; as scikit-learn computes it with `sublinear_tf`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Self

import numpy as np
import polars as pl
from scipy.sparse import csr_array, vstack

from reprodx.errors import SchemaError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from reprodx.inputs import Inputs

UNSPACED = r"\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}"
"""Scripts that put no spaces between words."""
TERM = rf"[{UNSPACED}]|[\w--[{UNSPACED}]]{{2,}}"
"""A word of two signs or more, its accents and vowel signs included; of scripts without spaces a single sign."""
MIN_TEXTS = 2
"""Training texts in which a term must stand."""
MAX_TERMS = 50_000
"""Terms that are kept, those of most training texts."""
TEXT, WORD, COUNT = "text", "term", "count"
"""Columns of the tables below: the number of a text, a term, and how often."""


@dataclass(frozen=True)
class TextSummary:
    """TF-IDF of words."""

    terms: tuple[str, ...]
    """Those first that depend most on the class of training texts, by the chi-squared statistic."""
    weights: tuple[float, ...]
    """Inverse document frequency of each term among training texts."""

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the numbers."""
        return self.terms

    @classmethod
    def fit(cls, train: Inputs, targets: NDArray[np.int64]) -> Self:
        """Return the summary of these training cases.

        Args:
            train: Their texts.
            targets: Shape (cases,), the class; or shape (cases, labels), 0 and 1. They decide the order alone.

        Returns:
            The summary by all words that are not too rare, `MAX_TERMS` at most.

        Raises:
            SchemaError: If no word stands in `MIN_TEXTS` texts.
        """
        counted = pl.DataFrame(schema={WORD: pl.String, COUNT: pl.UInt32})
        for block in train.blocks():
            counted = pl.concat([counted, _counts(block).select(WORD, pl.lit(1, pl.UInt32).alias(COUNT))])
            counted = counted.group_by(WORD).sum()
        frequent = counted.filter(pl.col(COUNT) >= min(MIN_TEXTS, len(train)))
        kept = frequent.sort(COUNT, WORD, descending=[True, False]).head(MAX_TERMS)
        if kept.is_empty():
            raise SchemaError(f"no word stands in {MIN_TEXTS} training texts: look at data.text")
        weights = np.log((1 + len(train)) / (1 + kept[COUNT].to_numpy())) + 1
        return cls(tuple(kept[WORD]), tuple(weights.tolist()))._ordered(train, targets)

    def apply(self, raw: Inputs) -> csr_array[np.float32]:
        """Return the numbers of each case.

        Args:
            raw: Texts.

        Returns:
            Shape (cases, names), sparse: of length 1 for each text that has one of the terms; 0 throughout for others.
        """
        return csr_array(vstack([self._rows(block) for block in raw.blocks()] or [self._rows(raw)], format="csr"))

    def to_json(self) -> dict[str, Any]:
        """Return the summary as JSON."""
        return {"terms": list(self.terms), "weights": list(self.weights)}

    @classmethod
    def from_json(cls, content: Mapping[str, Any]) -> Self:
        """Return the summary that `to_json` made `content` from."""
        return cls(tuple(content["terms"]), tuple(content["weights"]))

    def _ordered(self, train: Inputs, targets: NDArray[np.int64]) -> Self:
        from sklearn.feature_selection import chi2

        order = np.argsort(-chi2(self.apply(train), targets)[0], kind="stable")
        terms, weights = (tuple(each[place] for place in order) for each in (self.terms, self.weights))
        return type(self)(terms, weights)

    @cached_property
    def _vocabulary(self) -> pl.DataFrame:
        columns = pl.int_range(len(self.terms), dtype=pl.Int32, eager=True)
        return pl.DataFrame({WORD: self.terms, "column": columns, "weight": self.weights})

    def _rows(self, texts: Inputs) -> csr_array[np.float32]:
        """Return the numbers of a few cases."""
        known = _counts(texts).join(self._vocabulary, on=WORD).sort(TEXT, "column")
        rows = known[TEXT].to_numpy()
        numbers = (1 + np.log(known[COUNT].to_numpy())) * known["weight"].to_numpy()
        lengths = np.sqrt(np.bincount(rows, numbers**2, minlength=len(texts)))
        places = (rows, known["column"].to_numpy())
        shape = (len(texts), len(self.terms))
        return csr_array(((numbers / lengths[rows]).astype(np.float32), places), shape=shape)


def _counts(texts: Inputs) -> pl.DataFrame:
    """Return `text term count` of a few texts, a row for each term of a text, in no order."""
    words = pl.col(WORD).str.normalize("NFKC").str.to_lowercase().str.extract_all(TERM)
    table = pl.DataFrame({WORD: pl.Series(list(texts), dtype=pl.String)}).with_row_index(TEXT)
    found = table.select(TEXT, words).explode(WORD).drop_nulls()
    return found.group_by(TEXT, WORD).agg(pl.len().alias(COUNT))
