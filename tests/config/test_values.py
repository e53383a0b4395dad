"""Values that no setting can be."""

from __future__ import annotations

import pytest

from reprodx.config.values import check_values
from reprodx.errors import ConfigError


@pytest.mark.parametrize(
    ("node", "words"),
    [
        ({"optimizer": {"lr": float("nan")}}, r"^optimizer\.lr: nan is no finite number"),
        ({"a": [{"b": [0.0, float("-inf")]}]}, r"^a\[0\]\.b\[1\]: -inf is no finite number"),
        ({"split": {"seed": -1}}, r"^split\.seed: -1 is no seed"),
        ({"evaluation": {"bootstrap_seed": 2**32}}, r"^evaluation\.bootstrap_seed: 4294967296 is no seed"),
        ({"trainer": {"max_epochs": 2**63}}, r"^trainer\.max_epochs: .* is too large"),
        ({"x": -(2**70)}, "^x: .* is too large"),
        ({"data": {"target": ["num", "num"]}}, r"^data\.target: 'num' stands there twice"),
        ({"split": {"train": ["a", "b", "a"]}}, r"^split\.train: 'a' stands there twice"),
    ],
)
def test_what_no_setting_can_be_is_named_by_its_path(node: object, words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        check_values(node)


def test_other_values_pass() -> None:
    check_values(
        {
            "seed": 0,
            "b_seed": 2**32 - 1,
            "seed_of": None,
            "x": [-1e300, True, "nan", 2**62],
            "y": {"seed": True},
            "model": {"z": ["a", "a"]},
            "data": {"size": [64, 64]},
        }
    )


@pytest.mark.parametrize(
    "address", ["http://ann:hunter2@host", "https://host/?token=hunter2", "s3://key:hunter2@bucket"]
)
def test_a_setting_holds_no_password(address: str) -> None:
    with pytest.raises(ConfigError, match=r"^tracking\.uri: holds a password") as refused:
        check_values({"tracking": {"uri": address}})
    assert "hunter2" not in str(refused.value)
