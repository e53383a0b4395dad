"""The error of a file that is no picture."""

from reprodx.datasets.unreadable_image import UnreadableImageError


def test_the_message_is_a_sentence_that_the_reason_ends() -> None:
    error = UnreadableImageError("truncated")
    assert error.reason == "truncated"
    assert str(error) == "the image is truncated"
