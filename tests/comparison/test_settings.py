"""What a person may vary in a comparison, and what is taken where nobody does."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import yaml

from reprodx.comparison.request import DEFAULT_MARGIN
from reprodx.comparison.settings import DEFAULTS, ComparisonSettings

if TYPE_CHECKING:
    from collections.abc import Callable


def test_the_level_of_claims_is_what_intervals_leave_out(make_settings: Callable[..., ComparisonSettings]) -> None:
    assert make_settings().alpha == pytest.approx(0.05)
    assert make_settings(confidence_level=0.9).alpha == pytest.approx(0.1)


def test_resamples_are_drawn_and_read_as_set(make_settings: Callable[..., ComparisonSettings]) -> None:
    bootstrap = make_settings(num_resamples=300, bootstrap_seed=7, confidence_level=0.9).bootstrap
    assert (bootstrap.num_resamples, bootstrap.seed, bootstrap.confidence_level) == (300, 7, 0.9)


def test_every_setting_has_a_default_which_is_that_of_the_configuration() -> None:
    assert set(DEFAULTS) == {field.name for field in fields(ComparisonSettings)} - {"margin"}
    configured = yaml.safe_load(Path("conf/evaluation/default.yaml").read_text(encoding="utf-8"))
    shared = set(DEFAULTS) & set(configured)
    assert {"confidence_level", "num_resamples", "bootstrap_seed", "ordinal_cut"} <= shared
    assert {name: DEFAULTS[name] for name in shared} == {name: configured[name] for name in shared}
    assert configured["margin"] == DEFAULT_MARGIN
