"""Every option that ships composes, fits its class, has a name of its own, and is told by overrides that compose it."""

from __future__ import annotations

from itertools import zip_longest
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import yaml

from reprodx.config.composition import compose, read_params, validate
from reprodx.config.identity import config_hash
from reprodx.config.overrides import overrides_of

if TYPE_CHECKING:
    from collections.abc import Sequence

GROUPS = (
    "data", "split", "model", "optimizer", "scheduler", "augmentation", "trainer", "trainer/loss", "evaluation",
    "evaluation/threshold", "tracking", "experiment", "sweep",
)  # fmt: skip
FILE, FILES = "conf/config.yaml", "conf/data"
"""A path counts by what it leads to, so that there must be something; nothing reads it here."""
RECORDS = [f"data.path={FILE}", f"data.folder={FILES}", f"data.statements_path={FILE}"]
SERIES = [f"data.{key}={FILE}" for key in ("path", "static_path", "outcome_path")]
NEEDS = {
    "data=csv_table": ["data.path=data/raw/heart_disease/heart_disease_uci.csv", "data.target=num"],
    "data=image_table": [f"data.path={FILE}", f"data.folder={FILES}", "data.image=image", "data.target=grade"],
    "data=medmnist": [f"data.path={FILE}"],
    "data=ptbxl": RECORDS,
    "data=text_table": [f"data.path={FILE}", "data.text=text", "data.target=label"],
    "data=time_series_table": [*SERIES, "data.id=stay", "data.hour=hour", "data.target=died"],
    "data=wfdb_beats": [f"data.folder={FILES}"],
    "data=wfdb_records": [*RECORDS, "data.record=file", "data.target=label"],
    "split=leave_site_out": ["split.site=va"],
    "split=by_site": ["split.train=[cleveland]", "split.test=[va]"],
    "split=predefined": ["split.column=dataset", "split.map={Cleveland: train, Hungary: test}"],
    "experiment=abstracts_lstm": [f"data.path={FILE}"],
    "experiment=abstracts_transformer": [f"data.path={FILE}"],
    "experiment=idrid_cnn": [f"data.path={FILE}", f"data.folder={FILES}"],
    "experiment=mimic_lstm": SERIES,
    "experiment=mimic_transformer": SERIES,
    "experiment=mitbih_baseline": [f"data.folder={FILES}"],
    "experiment=mitbih_resnet1d": [f"data.folder={FILES}"],
    "experiment=ptbxl_baseline": RECORDS,
    "experiment=ptbxl_lstm": RECORDS,
    "experiment=ptbxl_resnet1d": RECORDS,
}
"""What options with a ??? need besides, and recipes whose files the user has."""
OPTIONS = {group: [f"{group}={file.stem}" for file in sorted(Path("conf", group).glob("*.yaml"))] for group in GROUPS}
RECIPES = OPTIONS.pop("experiment")
CHOICES = [*([recipe] for recipe in RECIPES), *zip_longest(*OPTIONS.values())]
"""Each recipe, which chooses of all groups; and the options of all other groups, one of each at a time to save time."""


@pytest.mark.parametrize("choice", CHOICES, ids=lambda choice: choice[0])
def test_every_option_composes_fits_its_class_and_is_told_by_its_overrides(choice: Sequence[str | None]) -> None:
    options = [option for option in choice if option is not None]
    config = validate(compose([*options, *(need for option in options for need in NEEDS.get(option, []))]))
    assert len(config_hash(config)) == 64
    # None is what it says when they compose to anything else.
    assert overrides_of(config) is not None


@pytest.mark.parametrize("group", ["data", "model"])
def test_names_differ_within_ten_characters(group: str) -> None:
    files = list(Path("conf", group).glob("*.yaml"))
    names = {str(yaml.safe_load(file.read_text(encoding="utf-8"))["name"])[:10] for file in files}
    assert len(names) == len(files)


def test_the_committed_params_are_the_composed_conf() -> None:
    assert read_params() == compose()
