"""The tokens of prepared texts, by number, and the way back from numbers to words."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from reprodx.artifacts.files import read_json

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

WORD_START = "\N{LOWER ONE EIGHTH BLOCK}"
"""Begins a token at the start of a word, as the tokenizers library writes it."""
CLOSING = re.compile(r" ([.,;:!?%)\]])")
"""Punctuation that stands close to the word before it."""


def read_tokens(folder: Path) -> tuple[str, ...]:
    """Return the tokens of prepared texts.

    Args:
        folder: The prepared folder.

    Returns:
        Every token at the place that is its number; the first two stand for padding and for unknown letters.

    Raises:
        ArtifactMissingError: If `prepare` has not run.
    """
    vocabulary: dict[str, int] = read_json(folder / "transforms.json", made_by="prepare")["inputs"]["tokenizer"][
        "model"
    ]["vocab"]
    return tuple(sorted(vocabulary, key=lambda token: vocabulary[token]))


def text_of(tokens: Sequence[str], numbers: Iterable[int]) -> str:
    r"""Return token numbers as words.

    Args:
        tokens: As `read_tokens` returns them.
        numbers: Of one text.

    Returns:
        The text, in the lower case that tokens are in.

    >>> text_of(["<padding>", "<unknown>", "\u2581no", "\u2581pa", "in", "\u2581."], [2, 3, 4, 5])
    'no pain.'
    """
    words = "".join(tokens[number] for number in numbers).replace(WORD_START, " ").strip()
    return CLOSING.sub(r"\1", words)
