"""What no value of a configuration may be, whatever it is for."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from reprodx.errors import ConfigError
from reprodx.redaction import has_secret

if TYPE_CHECKING:
    from collections.abc import Sequence

SEED = "seed"
"""How the keys end whose numbers start generators of random numbers."""
NUM_SEEDS = 2**32
"""Seeds that torch, NumPy and scikit-learn all take."""
OF_DATA = ("data.", "split.")
"""Sections whose lists of text name columns and values, each once."""
LARGEST = 2**63
"""From which on whole numbers fit no array."""


def refuse_secret(text: str, where: str) -> None:
    """Refuse a setting that holds a password or a key: files of settings, DVC and Hydra would keep it.

    Args:
        text: The value, or the whole override.
        where: Its key, or file and line, for the message, which does not repeat the value.

    Raises:
        ConfigError: If there is one.
    """
    if has_secret(text):
        raise ConfigError(
            f"{where}: holds a password or key, which git, DVC and Hydra would keep in files: leave it out, and set "
            "MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD, or MLFLOW_TRACKING_URI, in the environment"
        )


def check_values(node: object, path: str = "") -> None:
    """Refuse numbers that are none, endless or in no array, seeds that no generator takes, names twice, and passwords.

    Args:
        node: Containers of any depth.
        path: Where the node stands in the configuration.

    Raises:
        ConfigError: If a number is not finite, a whole number is 2**63 or more, a seed is not in [0, 2**32), a list
            of columns or values of the data names one twice, or a text holds a password.
    """
    if isinstance(node, dict):
        for key, value in node.items():
            check_values(value, f"{path}.{key}" if path else f"{key}")
    elif isinstance(node, list | tuple):
        _check_names(node, path)
        for position, value in enumerate(node):
            check_values(value, f"{path}[{position}]")
    elif isinstance(node, str):
        refuse_secret(node, path)
    elif isinstance(node, float) and not math.isfinite(node):
        # JSON, by which configurations are told apart, has no word for it.
        raise ConfigError(f"{path}: {node} is no finite number; give one, or null where the setting may be absent")
    elif isinstance(node, int) and not isinstance(node, bool):
        _check_whole(node, path)


def _check_names(names: Sequence[object], path: str) -> None:
    twice = [name for position, name in enumerate(names) if isinstance(name, str) and name in names[:position]]
    if twice and path.startswith(OF_DATA):
        raise ConfigError(f"{path}: {twice[0]!r} stands there twice; name it once")


def _check_whole(number: int, path: str) -> None:
    if path.rpartition(".")[2].endswith(SEED) and not 0 <= number < NUM_SEEDS:
        raise ConfigError(f"{path}: {number} is no seed; give a whole number from 0 to {NUM_SEEDS - 1}")
    if abs(number) >= LARGEST:
        raise ConfigError(f"{path}: {number} is too large for a whole number; give one below 2**63")
