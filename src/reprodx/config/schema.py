"""The validated configuration. No field has a default: `conf/` is the only place where settings have values."""

from dataclasses import asdict
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field
from pydantic.dataclasses import dataclass

type_rules = ConfigDict(extra="forbid", strict=True)
"""Unknown keys are errors, and text is not a number."""


@dataclass(frozen=True, config=type_rules)
class Trainer:
    """How a network is fitted."""

    name: str
    accelerator: Literal["cpu", "gpu", "auto"]
    devices: Annotated[int, Field(ge=1)]
    precision: Literal["32-true", "64-true", "16-mixed", "bf16-mixed"]
    max_epochs: Annotated[int, Field(ge=1)]
    epoch_limit: Annotated[int, Field(ge=1)] | None
    batch_size: Annotated[int, Field(ge=1)] | Literal["full"]
    num_threads: Annotated[int, Field(ge=1)]
    portable: bool
    loss: dict[str, Any]
    gradient_clip_norm: Annotated[float, Field(gt=0)] | None
    l1_penalty: Annotated[float, Field(ge=0)]
    l2_penalty: Annotated[float, Field(ge=0)]
    early_stopping: dict[str, Any] | None
    select: dict[str, Any]
    minibatches_per_step: Annotated[int, Field(ge=1)] | Literal["auto"]
    sampling: Literal["shuffled", "balanced"]
    accumulate_batches: Annotated[int, Field(ge=1)]
    compile: bool
    samples_every: Annotated[int, Field(ge=1)]

    @property
    def num_epochs(self) -> int:
        """Epochs at most: a limit holds whatever a recipe asks for."""
        return self.max_epochs if self.epoch_limit is None else min(self.max_epochs, self.epoch_limit)


@dataclass(frozen=True, config=type_rules)
class Evaluation:
    """How predictions are judged."""

    name: str
    threshold: dict[str, Any]
    confidence_level: Annotated[float, Field(gt=0.5, lt=1)]
    num_resamples: Annotated[int, Field(ge=100)]
    bootstrap_seed: int
    proportion_interval: Literal["wilson", "clopper_pearson"]
    min_group_size: Annotated[int, Field(ge=1)]
    min_group_events: Annotated[int, Field(ge=1)]
    num_calibration_bins: Annotated[int, Field(ge=2)]
    ordinal_cut: Annotated[int, Field(ge=1)]
    prevalence: Annotated[float, Field(gt=0, lt=1)] | None
    margin: Annotated[float, Field(gt=0, lt=1)]
    conformal_coverage: Annotated[float, Field(gt=0, lt=1)]
    num_null_draws: Annotated[int, Field(ge=100)]
    num_failures: Annotated[int, Field(ge=0)]
    num_attributed: Annotated[int, Field(ge=0)]
    num_generated: Annotated[int, Field(ge=2)]
    num_samples: Annotated[int, Field(ge=1)]
    temperature: Annotated[float, Field(ge=0)]
    sampling_seed: Annotated[int, Field(ge=0, lt=2**32)]


@dataclass(frozen=True, config=type_rules)
class Tracking:
    """Where runs are logged; never part of the hash."""

    name: Literal["mlflow", "none"]
    uri: str | None
    probe_seconds: Annotated[float, Field(gt=0)]
    log_model: bool
    patient_ids: Literal["hashed", "as_is", "none"]


@dataclass(frozen=True, config=type_rules)
class Sweep:
    """How the trials of a multirun, or of a recipe, are kept together; never part of the hash."""

    name: str
    trials: dict[str, list[str]] | None
    report: Literal["winner", "all"]
    """Which trials leave what people and servers read, beside their scores."""
    score_test: Literal["winner", "all"] | None
    """Which trials are scored on the test split; None: all of a grid, the winner alone of a search."""
    space: dict[str, Any] | None
    """What a search draws from, beside what the command line lists."""


@dataclass(frozen=True, config=type_rules)
class Config:
    """One experiment, complete and checked."""

    data: dict[str, Any]
    split: dict[str, Any]
    model: dict[str, Any]
    optimizer: dict[str, Any]
    scheduler: dict[str, Any]
    augmentation: dict[str, Any]
    trainer: Trainer
    evaluation: Evaluation
    tracking: Tracking
    sweep: Sweep
    seed: Annotated[int, Field(ge=0, lt=2**32)]

    def as_dict(self) -> dict[str, Any]:
        """Return plain containers, as in `params.yaml`."""
        return asdict(self)
