"""What a person named to be compared: a tracked run, a registered model's run, or a file of predictions."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    import polars as pl

    from reprodx.artifacts.predictions import Predictions


@dataclass(frozen=True)
class TrackedRun:
    """What the tracking store knows of a run, beside its predictions."""

    run_id: str
    name: str
    """As the store's pages list it."""
    experiment: str
    tags: Mapping[str, str]
    params: Mapping[str, str]
    """Flat settings by dotted key, see `tracking.names.flat_params`."""
    code_hash: str | None = None
    """Of the code that made it; None of a run from before it was recorded."""
    config: Mapping[str, Any] = field(default_factory=dict)
    """The sections that decide a result, as logged; empty where none were."""
    manifest: Mapping[str, Any] | None = None
    """Of the prepared cases; None where it was not logged."""
    table_one: pl.DataFrame | None = None
    """`variable level unit train val test smd_val smd_test`; None where it was not logged."""
    explanations: Mapping[str, Any] | None = None
    """The content of `explanations.json`; None where it was not logged."""


@dataclass(frozen=True)
class Source:
    """The predictions of one run or file."""

    label: str
    """How the person named it, or the run's name: without a machine's folders."""
    predictions: Predictions
    """Of every split that the file holds."""
    run: TrackedRun | None = None
    """None for a file of predictions."""
    name: str | None = None
    """What its contender is called; None calls it by its model."""

    @property
    def code_hash(self) -> str | None:
        """Of the code that made it; None of a file, which does not say."""
        return self.run.code_hash if self.run else None
