"""Ranges of a network's settings, refused in one line where they are left."""

from reprodx.errors import ConfigError


def check_counts(low: int = 1, **settings: int) -> None:
    """Refuse counts and sizes that are too small.

    Args:
        low: The smallest allowed.
        **settings: Values by the key of `model` in the config.

    Raises:
        ConfigError: If a value is below `low`.
    """
    for key, value in settings.items():
        if value < low:
            raise ConfigError(f"model.{key}: {value} is below {low}")


def check_shares(**settings: float) -> None:
    """Refuse shares of units to drop outside [0, 1).

    Args:
        **settings: Values by the key of `model` in the config.

    Raises:
        ConfigError: If a value lies outside [0, 1).
    """
    for key, value in settings.items():
        if not 0 <= value < 1:
            raise ConfigError(f"model.{key}: {value} is not in [0, 1)")


def check_heads(num_heads: int, **settings: int) -> None:
    """Refuse a size that the heads of attention cannot share evenly.

    Args:
        num_heads: Heads, at least 1.
        **settings: The size by its key of `model` in the config.

    Raises:
        ConfigError: If `num_heads` is below 1 or does not divide the size.
    """
    check_counts(num_heads=num_heads, **settings)
    for key, value in settings.items():
        if value % num_heads:
            raise ConfigError(f"model.{key}: {value} is not divisible by model.num_heads ({num_heads})")
