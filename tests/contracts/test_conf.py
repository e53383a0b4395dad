"""Every option that ships composes, fits its class, and has a name of its own."""

from __future__ import annotations

from pathlib import Path

import pytest

from reprodx.config.composition import compose, read_params, validate
from reprodx.config.identity import config_hash

GROUPS = (
    "data", "split", "model", "optimizer", "scheduler", "augmentation", "trainer", "trainer/loss", "evaluation",
    "evaluation/threshold", "tracking", "experiment", "sweep",
)  # fmt: skip
NEEDS = {
    "data=csv_table": ["data.path=data/raw/heart_disease/heart_disease_uci.csv", "data.target=num"],
    "split=leave_site_out": ["split.site=va"],
    "split=by_site": ["split.train=[cleveland]", "split.test=[va]"],
    "split=predefined": ["split.column=dataset", "split.map={Cleveland: train, Hungary: test}"],
}
"""What options with a ??? need besides."""
OPTIONS = [f"{group}={file.stem}" for group in GROUPS for file in sorted(Path("conf", group).glob("*.yaml"))]


@pytest.mark.parametrize("option", OPTIONS)
def test_every_option_composes_and_fits_its_class(option: str) -> None:
    config = validate(compose([option, *NEEDS.get(option, [])]))
    assert len(config_hash(config)) == 64


@pytest.mark.parametrize("group", ["data", "model"])
def test_names_differ_within_ten_characters(group: str) -> None:
    names = [
        compose([f"{group}={file.stem}", *NEEDS.get(f"{group}={file.stem}", [])])[group]["name"][:10]
        for file in Path("conf", group).glob("*.yaml")
    ]
    assert len(names) == len(set(names))


def test_the_committed_params_are_the_composed_conf() -> None:
    assert read_params() == compose()
