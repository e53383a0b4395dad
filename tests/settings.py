"""How predictions are judged and compared in tests: as `conf/evaluation/` says, with fewer draws."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import yaml

from reprodx.comparison.settings import DEFAULTS, ComparisonSettings, Margin
from reprodx.config import Evaluation
from reprodx.metrics.settings import ScoreSettings
from tests.project import ROOT

FEW = {"num_resamples": 200, "num_null_draws": 100, "num_failures": 3, "num_generated": 20, "num_samples": 6}
"""Enough for intervals that are there, and soon drawn."""


def _configured(name: str) -> dict[str, Any]:
    content: dict[str, Any] = yaml.safe_load((ROOT / "conf/evaluation" / name).read_text(encoding="utf-8"))
    return content


def evaluation(**changes: Any) -> Evaluation:
    """Return the configured evaluation with few draws and the changes."""
    values = {**_configured("default.yaml"), "threshold": _configured("threshold/youden.yaml"), **FEW, **changes}
    del values["defaults"]
    return Evaluation(**values)


def score_settings(**changes: Any) -> ScoreSettings:
    """Return the configured settings of scoring with few draws and the changes."""
    values = {**_configured("default.yaml"), **FEW, **changes}
    return ScoreSettings(**{field.name: values[field.name] for field in fields(ScoreSettings)})


def comparison_settings(**changes: Any) -> ComparisonSettings:
    """Return the default settings of a comparison with the changes."""
    return ComparisonSettings(**{**DEFAULTS, "margin": Margin(0.02, "on the command line"), **changes})
