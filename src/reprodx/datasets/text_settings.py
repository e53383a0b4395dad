"""How texts become tokens, as a dataset's YAML says it."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from reprodx.errors import ConfigError

MIN_VOCABULARY = 2
"""Padding and unknown. Every letter of the training texts is a token as well, so that this leaves letters alone."""


READABLE = r"[\p{L}\p{N}]"
"""What a text must have to say anything: a letter or digit of any script."""


@dataclass(frozen=True, kw_only=True)
class TextSettings:
    """Size of the vocabulary and of what a network is given."""

    vocabulary_size: int
    """Tokens that the tokenizer learns from the training cases, padding and unknown among them."""
    max_tokens: int
    """Tokens of a text that a network is given; what is beyond is cut off."""

    def __post_init__(self) -> None:
        """Check the ranges.

        Raises:
            ConfigError: If one is out of its range.
        """
        if self.vocabulary_size < MIN_VOCABULARY:
            raise ConfigError(f"data.vocabulary_size: must be at least {MIN_VOCABULARY}")
        if self.max_tokens < 1:
            raise ConfigError("data.max_tokens: must be at least 1")

    def as_dict(self) -> dict[str, Any]:
        """Return the settings as JSON."""
        return asdict(self)
