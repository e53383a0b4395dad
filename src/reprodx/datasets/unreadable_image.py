"""The one error of a file that cannot be decoded, which a reader counts and serving reports with its row."""

from __future__ import annotations

import struct
import zlib

DECODER_ERRORS = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    BufferError,
    EOFError,
    LookupError,
    MemoryError,
    OSError,
    RuntimeError,
    SyntaxError,
    TypeError,
    ValueError,
    struct.error,
    zlib.error,
)
"""What decoders of other people raise on damaged files, which is nearly everything that Python knows."""


class UnreadableImageError(Exception):
    """A file that is no picture that can be used."""

    def __init__(self, reason: str) -> None:
        """Keep the reason.

        Args:
            reason: Ends the sentence "the image is ...", such as "truncated"; it holds nothing of the content.
        """
        super().__init__(f"the image is {reason}")
        self.reason = reason
