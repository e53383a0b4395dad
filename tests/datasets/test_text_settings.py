"""The settings that turn texts into tokens."""

import pytest

from reprodx.datasets.text_settings import TextSettings
from reprodx.errors import ConfigError


def test_settings_are_json() -> None:
    settings = TextSettings(vocabulary_size=100, max_tokens=1)
    assert settings.as_dict() == {"vocabulary_size": 100, "max_tokens": 1}
    assert TextSettings(**settings.as_dict()) == settings


@pytest.mark.parametrize(
    ("vocabulary_size", "max_tokens", "key"), [(1, 8, r"data\.vocabulary_size"), (100, 0, r"data\.max_tokens")]
)
def test_what_leaves_no_words_is_refused(vocabulary_size: int, max_tokens: int, key: str) -> None:
    with pytest.raises(ConfigError, match=key):
        TextSettings(vocabulary_size=vocabulary_size, max_tokens=max_tokens)
