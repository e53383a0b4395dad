"""All that the report of one generator is made from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from reprodx.artifacts.prediction_metadata import GENERATION
from reprodx.inputs import Modality
from reprodx.schemas import TEST

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from reprodx.artifacts.openings import Ledger
    from reprodx.artifacts.samples import Samples
    from reprodx.metrics.generation.scorecard import GeneratorScores

KINDS = {Modality.IMAGE: "pictures", Modality.TEXT: "texts"}
"""What a generator makes, in words."""


@dataclass(frozen=True)
class GeneratorEvaluation:
    """One generator's scores, with some of what it made."""

    scores: Mapping[str, GeneratorScores]
    """By split: what its held-out cases say."""
    samples: Samples
    """What is shown."""
    num_generated: int
    """Cases that it was judged by."""
    num_withheld: int
    """Of the cases to be shown, those that are not, because they equal a training case."""
    history: Sequence[Mapping[str, float]]
    """The metrics of each epoch of training."""
    warnings: Sequence[str]
    """What the health of the training gave cause to say."""
    manifest: Mapping[str, Any]
    """Of the prepared cases."""
    config: Mapping[str, Any]
    """The sections that decide the result."""
    metadata: Mapping[str, Any]
    """`config_hash split_hash cv_hash seed`, among others."""
    confidence_level: float
    """Of every interval."""
    bootstrap_seed: int
    """Of intervals."""
    ledger: Ledger | None = None
    """What was noted of the test split up to and with this experiment's first look; None where nobody noted it."""
    overrides: Sequence[str] | None = None
    """What `reprodx run` takes to compose `config` from `conf/` as it is shipped; None where unknown."""

    @property
    def task_name(self) -> str:
        """What the model does."""
        return GENERATION

    @property
    def modality(self) -> Modality:
        """What the cases are."""
        return Modality(self.manifest["modality"])

    @property
    def kind(self) -> str:
        """What it makes, in words."""
        return KINDS[self.modality]

    @property
    def is_of_classes(self) -> bool:
        """Whether it was told which class to make a case of."""
        return len(self.samples.names) > 1

    @property
    def title(self) -> str:
        """Of the report."""
        return f"{self.config['model']['name']} on {self.config['data']['name']}"

    @property
    def test(self) -> GeneratorScores:
        """What the test cases say."""
        return self.scores[TEST]

    @property
    def confidence(self) -> str:
        """The level of every interval in words, such as "95% CI"."""
        return f"{100 * self.confidence_level:g}%\N{NO-BREAK SPACE}CI"

    @property
    def copies(self) -> str | None:
        """Why it counts as one that gives training patients away, by the test split or else by validation."""
        return next((scores.copies for scores in (self.test, *self.scores.values()) if scores.copies), None)
