"""A text in a row of numbers: how often it has the words that tell the classes apart.

Source: Salton, Buckley, Term-weighting approaches in automatic text retrieval, Inf Process Manag 1988;24:513
(TF-IDF), https://doi.org/10.1016/0306-4573(88)90021-0; as scikit-learn computes it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from reprodx.errors import SchemaError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray
    from sklearn.feature_extraction.text import TfidfVectorizer

    from reprodx.inputs import Inputs

MAX_TERMS = 1500
"""Words and pairs of words that are kept, those that most depend on the class by the chi-squared statistic."""
MIN_TEXTS = 2
"""Training texts in which a term must stand."""
TYPICAL_SIZE = 0.1
"""Root mean square of the numbers: at 1, as of standardised features, gradient descent overfits within an epoch, and at
that of texts of length 1 it takes more than a hundred."""


@dataclass(frozen=True)
class TextSummary:
    """TF-IDF of chosen terms."""

    terms: tuple[str, ...]
    """Words and pairs of words, sorted."""
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
            targets: Shape (cases,), the class; or shape (cases, labels), 0 and 1.

        Returns:
            The summary by `MAX_TERMS` terms at most.

        Raises:
            SchemaError: If no word stands in `MIN_TEXTS` texts.
        """
        from sklearn.feature_selection import SelectKBest, chi2

        vectorizer = _vectorizer(min_df=min(MIN_TEXTS, len(train)))
        try:
            counted = vectorizer.fit_transform(train)
        except ValueError:
            raise SchemaError(f"no word stands in {MIN_TEXTS} training texts: look at data.text") from None
        kept = SelectKBest(chi2, k=min(MAX_TERMS, counted.shape[1])).fit(counted, targets).get_support()
        names = vectorizer.get_feature_names_out()[kept]
        return cls(tuple(names.tolist()), tuple(vectorizer.idf_[kept].tolist()))

    def apply(self, raw: Inputs) -> NDArray[np.float32]:
        """Return the numbers of each case.

        Args:
            raw: Texts.

        Returns:
            Shape (cases, names): the same length, with a root mean square of `TYPICAL_SIZE`, for each text that has
            one of the terms; 0 throughout for others.
        """
        scale = TYPICAL_SIZE * np.sqrt(len(self.terms))
        return np.asarray(self._loaded.transform(raw).toarray() * scale, dtype=np.float32)

    def to_json(self) -> dict[str, Any]:
        """Return the summary as JSON."""
        return {"terms": list(self.terms), "weights": list(self.weights)}

    @classmethod
    def from_json(cls, content: Mapping[str, Any]) -> Self:
        """Return the summary that `to_json` made `content` from."""
        return cls(tuple(content["terms"]), tuple(content["weights"]))

    @cached_property
    def _loaded(self) -> TfidfVectorizer:
        vectorizer = _vectorizer(vocabulary=self.terms)
        vectorizer.idf_ = np.array(self.weights)
        return vectorizer


def _vectorizer(**settings: Any) -> TfidfVectorizer:
    from sklearn.feature_extraction.text import TfidfVectorizer

    return TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, **settings)
