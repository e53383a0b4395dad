"""Checks of what a person wrote under `augmentation` in the configuration."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reprodx.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Mapping


def require_settings_below(limit: float, settings: Mapping[str, float]) -> None:
    """Refuse settings outside [0, limit).

    Args:
        limit: What every setting must be below.
        settings: Values by key.

    Raises:
        ConfigError: If one is negative, or not below the limit; the message names its key.

    >>> require_settings_below(1.0, {"scale": 0.1})
    """
    for key, value in settings.items():
        if not 0 <= value < limit:
            bounds = "at least 0" if limit == float("inf") else f"at least 0 and below {limit:g}"
            raise ConfigError(f"augmentation.{key}: {value} must be {bounds}")
