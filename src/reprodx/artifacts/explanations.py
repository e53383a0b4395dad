"""The explanations file: which cases a model gets most confidently wrong, and what its answers rest on.

It holds case ids, probabilities and attributions, and no value, picture or word of a case. An attribution is not
anonymous for all that: with the weights of a linear model at hand, the value behind it can be computed.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from reprodx.artifacts.files import read_json, write_json
from reprodx.errors import ArtifactCorruptError
from reprodx.inputs import Modality

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

Named = tuple[tuple[str, float], ...]
"""Numbers of features or channels, by name, largest absolute value first."""
Grid = tuple[tuple[float, ...], ...]
"""Rows of numbers; empty where there are none."""


class FailureKind(StrEnum):
    """How a model is wrong about a case."""

    FALSE_NEGATIVE = "false negative"
    FALSE_POSITIVE = "false positive"
    WRONG_CLASS = "wrong class"
    """Of several classes that exclude each other, the most probable one is not the true one."""


@dataclass(frozen=True)
class Failure:
    """A case that the model gets wrong."""

    case_id: str
    question: str
    """What was asked for, in words: the positive class, a label, the referable grades, or the class that was called."""
    kind: FailureKind
    probability: float
    """Predicted for the question's yes, in [0, 1]."""
    threshold: float | None
    """At or above it the answer is yes; None where the most probable class is called."""
    true_class: str
    """As the reference standard has it; of labels all that the case has."""
    site: str | None
    fold: int | None


@dataclass(frozen=True)
class FailureCount:
    """How many cases a model gets wrong in one way."""

    question: str | None
    """None where it is about all classes."""
    kind: FailureKind
    num_failures: int | None
    """None where no threshold says what is wrong."""
    num_cases: int
    """Cases that could go wrong so: positive ones, negative ones, or all."""
    reason: str | None = None
    """Why there is no number."""


@dataclass(frozen=True)
class Attribution:
    """What the model's log odds for one case rest on: positive numbers speak for yes, negative ones against it."""

    case_id: str
    question: str
    kind: FailureKind
    log_odds: float
    """Of yes, as the model gave them."""
    features: Named = ()
    """The strongest features of a table, of a summary, or beside a signal or series."""
    grid: Grid = ()
    """Picture: coarse cells from the top left. Signal, series: channels by windows of time. Text: a row of tokens."""
    num_steps: int | None = None
    """Of a signal, series or text: steps that the grid's columns divide up."""
    convergence_delta: float | None = None
    """Sum of all attributions minus the difference of the log odds from the baseline's; None for Grad-CAM."""
    rank_correlation: float | None = None
    """Spearman's, of absolute attributions with those of networks with random parameters, in [-1, 1]."""


@dataclass(frozen=True)
class Randomisation:
    """Whether attributions depend on what the model learned.

    Source: Adebayo et al., Sanity checks for saliency maps, NeurIPS 2018, section 3 (all layers re-initialised).
    """

    correlation: float | None
    """Mean of the cases' rank correlations, in [-1, 1]: near 0 they depend on it, near 1 they do not."""
    num_cases: int
    num_networks: int
    """Networks with random parameters, over which a case's rank correlation is averaged."""
    reason: str | None = None
    """Why there is no correlation."""


@dataclass(frozen=True)
class Explanations:
    """Everything in the file."""

    modality: Modality
    counts: tuple[FailureCount, ...]
    failures: tuple[Failure, ...]
    attributions: tuple[Attribution, ...]
    """Of the first failures of each kind."""
    randomisation: Randomisation
    method: str | None
    """How attributions were made; None without any."""
    baseline: str | None = None
    """What the case is compared with, in words; None where there is no such thing."""
    channels: tuple[str, ...] = ()
    """Names of the grids' rows, of signals and series."""
    mean_absolute: Named = ()
    """Of features and channels, over the cases with an attribution."""
    mean_grid: Grid = ()
    """Of pictures: mean absolute attribution of each cell."""
    reason: str | None = None
    """Why there are no attributions."""

    @classmethod
    def from_dict(cls, content: Mapping[str, Any]) -> Explanations:
        """Return what `dataclasses.asdict` made `content` from, perhaps read again from JSON."""
        return cls(
            **{
                **content,
                "modality": Modality(content["modality"]),
                "counts": tuple(FailureCount(**_kind(entry)) for entry in content["counts"]),
                "failures": tuple(Failure(**_kind(entry)) for entry in content["failures"]),
                "attributions": tuple(_attribution(entry) for entry in content["attributions"]),
                "randomisation": Randomisation(**content["randomisation"]),
                "channels": tuple(content["channels"]),
                "mean_absolute": _pairs(content["mean_absolute"]),
                "mean_grid": _grid(content["mean_grid"]),
            }
        )


def write_explanations(path: Path, explanations: Explanations) -> None:
    """Write the explanations file; equal content gives equal bytes."""
    write_json(path, asdict(explanations))


def read_explanations(path: Path) -> Explanations:
    """Read the explanations file.

    Args:
        path: What `write_explanations` wrote.

    Returns:
        Its content.

    Raises:
        ArtifactMissingError: If there is no such file.
        ArtifactCorruptError: If it is not JSON, or something else than explanations.
    """
    content = read_json(path, made_by="evaluate")
    try:
        return Explanations.from_dict(content)
    except (KeyError, TypeError, ValueError) as error:
        raise ArtifactCorruptError(f"{path} holds no explanations ({error}): run `reprodx evaluate` again") from error


def _kind(entry: Mapping[str, Any]) -> dict[str, Any]:
    return {**entry, "kind": FailureKind(entry["kind"])}


def _attribution(entry: Mapping[str, Any]) -> Attribution:
    return Attribution(**{**_kind(entry), "features": _pairs(entry["features"]), "grid": _grid(entry["grid"])})


def _pairs(entries: list[tuple[str, float]]) -> Named:
    return tuple((name, value) for name, value in entries)


def _grid(rows: list[list[float]]) -> Grid:
    return tuple(tuple(row) for row in rows)
