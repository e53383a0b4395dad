"""Every key of every option that ships, given what it may be given by mistake, is taken or refused in one line."""

from __future__ import annotations

import copy
import functools
import math
import zlib
from typing import TYPE_CHECKING, Any

import pytest
import torch

from reprodx.config import instantiate
from reprodx.config.composition import COMPONENTS, compose, validate
from reprodx.config.targets import NAME, TARGET, accepted
from reprodx.errors import ConfigError
from tests.contracts.test_conf import CHOICES, NEEDS, RECIPES

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from reprodx.config import Config

BAD: tuple[Any, ...] = (
    math.nan, math.inf, -1, 0, 2**70, 1e9, 1.5, True, "text", "", "e\u0301\n", None,
    [], [1], [-1], [[1]], ["a", "a"], [math.nan], {}, {"a": 1},
)  # fmt: skip
"""What a key may be given by mistake."""
TRIED = 2
"""Of these for each key, others for each; all of them take minutes."""
WEIGHTS = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=0.1)
GIVEN = {
    "model": {
        **{"num_features": 3, "num_outputs": 1, "num_channels": 1, "image_size": (64, 64), "num_steps": 50},
        **{"vocabulary_size": 10, "seed": 0, "in_channels": 1, "out_channels": 1, "spatial_dims": 2},
    },
    "augmentation": {"num_classes": 2},
    "optimizer": {"params": WEIGHTS.param_groups[0]["params"]},
    "scheduler": {"optimizer": WEIGHTS},
}
"""What training adds to some sections."""


@pytest.mark.parametrize("choice", CHOICES[len(RECIPES) :], ids=lambda choice: choice[0])
def test_a_bad_value_is_taken_or_refused_in_one_line(choice: Sequence[str | None]) -> None:
    options = [option for option in choice if option is not None]
    plain = compose([*options, *(need for option in options for need in NEEDS.get(option, []))])
    num_refused = 0
    for path in (path for path in keys_below(plain, []) if path[0] in {option.split("=")[0] for option in options}):
        for value in bad_values(f"{choice} {path}"):
            changed = copy.deepcopy(plain)
            functools.reduce(lambda node, key: node[key], path[:-1], changed)[path[-1]] = value
            refusal = refusal_of(changed, path, value)
            assert "\n" not in refusal.strip(), f"{path}={value!r}: {refusal}"
            assert refusal or not isinstance(value, float) or math.isfinite(value), f"{path}={value!r} passed"
            num_refused += bool(refusal)
    assert num_refused > 10


def keys_below(node: Any, path: list[str]) -> Iterator[list[str]]:
    """Yield the way to each key, at any depth; `_target_` has tests of its own."""
    for key, value in node.items() if isinstance(node, dict) else ():
        if key not in (NAME, TARGET):
            yield [*path, key]
        yield from keys_below(value, [*path, key])


def bad_values(key: str) -> Iterator[Any]:
    first = zlib.crc32(key.encode())
    return (BAD[(first + 7 * number) % len(BAD)] for number in range(TRIED))


def refusal_of(plain: dict[str, Any], path: list[str], value: object) -> str:
    """Return why a configuration is refused, nothing where it is not; any other error fails the test."""
    try:
        make(validate(plain, components=()), path[0])
    except ConfigError as error:
        return str(error)
    except Exception as error:
        raise AssertionError(f"{path}={value!r}") from error
    return ""


def make(config: Config, section: str) -> None:
    """Make what a section describes, where that needs little."""
    node = getattr(config, section)
    if section in COMPONENTS:
        instantiate(node, section, **accepted(node, GIVEN.get(section, {}), section))
    elif section == "evaluation":
        instantiate(node.threshold, "evaluation.threshold")
    elif section == "trainer":
        for rule in ("early_stopping", "select"):
            if getattr(node, rule) is not None:
                instantiate(getattr(node, rule), f"trainer.{rule}")
