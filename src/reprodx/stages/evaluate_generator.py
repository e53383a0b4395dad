"""Generator -> generated cases -> samples, metrics and report: are they real, useful, diverse, and nobody's."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from reprodx.artifacts.files import read_json, write_json
from reprodx.artifacts.openings import ledger_before, record_scored
from reprodx.artifacts.prepared import read_prepared
from reprodx.artifacts.samples import Samples, shown_rows, write_samples
from reprodx.artifacts.tokens import text_of
from reprodx.config.identity import HASHED, config_hash, recipe_hash
from reprodx.config.overrides import overrides_of
from reprodx.inputs import Inputs, Modality, ModelInputs
from reprodx.metrics.bootstrap import Bootstrap
from reprodx.metrics.generation.reduction import image_vectors, token_shares
from reprodx.metrics.generation.scorecard import GeneratorScores, MeasuredCases, Writing, score_generator
from reprodx.preparation.case_transform import CaseTransform
from reprodx.reporting.generation.card import write_generator_card
from reprodx.reporting.generation.evaluation import GeneratorEvaluation
from reprodx.reporting.generation.measures import told
from reprodx.reporting.generation.report import write_report
from reprodx.reporting.generation.training_health import write_curves
from reprodx.schemas import PATIENT_ID, SCORED_SPLITS, TEST, TRAIN, Task
from reprodx.training.determinism import reproducible
from reprodx.training.generation.fitted_generator import FittedGenerator, load_generator

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from reprodx.artifacts.locations import Locations
    from reprodx.artifacts.prepared import PreparedCases
    from reprodx.config import Config

logger = logging.getLogger(__name__)

CARRIED = ("data_hash", "split_hash", "cv_hash", "fold")
"""What the ledger of test openings takes over from the manifest."""
HEADLINE = ("two_sample_auroc", "perplexity", "tstr_minus_trtr", "copied_share")
"""Metrics that are logged."""


@dataclass(frozen=True)
class Generated:
    """What a generator made."""

    inputs: Inputs
    classes: NDArray[np.int64]
    """Shape (cases,): of the training cases, in their shares; all 0 where it makes cases of no class in particular."""
    names: tuple[str, ...]
    """Of the classes; a single empty one likewise."""


def evaluate_generator(config: Config, locations: Locations) -> None:
    """Make cases and hold them against those of training, validation and test.

    Args:
        config: The validated configuration.
        locations: Where prepared cases and generator are, and where the results go.

    Raises:
        ArtifactError: If the prepared cases or the generator are absent, damaged, or do not fit each other.
    """
    prepared = read_prepared(locations.prepared)
    transform = CaseTransform.from_json(read_json(locations.prepared / "transforms.json", made_by="prepare"))
    with reproducible(config.trainer.num_threads):
        generator = load_generator(locations.models)
        generated = generate(config, prepared, generator)
        scores = judge(config, generated, Measurement(prepared, generator, transform))
    samples, num_withheld = choose_samples(generated, prepared, config.evaluation.num_samples)
    write_samples(locations.samples, samples)
    write_json(
        locations.metrics,
        {split: {name: one.as_dict() for name, one in found.estimates.items()} for split, found in scores.items()},
    )
    metadata = _metadata(config, prepared.manifest)
    record_scored(metadata, locations.metrics)
    evaluation = GeneratorEvaluation(
        scores=scores,
        samples=samples,
        num_generated=len(generated.inputs),
        num_withheld=num_withheld,
        history=generator.history,
        warnings=generator.warnings,
        manifest=prepared.manifest,
        config={section: config.as_dict()[section] for section in HASHED},
        metadata=metadata,
        confidence_level=config.evaluation.confidence_level,
        bootstrap_seed=config.evaluation.bootstrap_seed,
        ledger=ledger_before(metadata["config_hash"], metadata["split_hash"]),
        overrides=overrides_of(config),
    )
    write_curves(locations.plots, generator.history)
    write_report(locations.report, evaluation)
    write_generator_card(locations.model_card, evaluation)
    for name in HEADLINE:
        if name in scores[TEST].estimates:
            logger.info("evaluate: test %s %s", name, told(scores[TEST].estimates[name]))


def generate(config: Config, prepared: PreparedCases, generator: FittedGenerator) -> Generated:
    """Make cases of the classes of training cases, no more than there are of these.

    Args:
        config: Its `evaluation` says how many, with which seed, and how texts are drawn.
        prepared: The cases.
        generator: The fitted generator.

    Returns:
        The cases.
    """
    settings, rows = config.evaluation, prepared.rows(TRAIN)
    drawn = np.random.default_rng(settings.sampling_seed).permutation(rows)[: settings.num_generated]
    is_of_classes = bool(config.model.get("conditional")) and prepared.task != Task.MULTILABEL
    classes = prepared.targets[drawn] if is_of_classes else np.zeros(len(drawn), np.int64)
    inputs = generator.sample(classes, seed=settings.sampling_seed, temperature=settings.temperature)
    return Generated(inputs, classes, prepared.classes if is_of_classes else ("",))


def choose_samples(generated: Generated, prepared: PreparedCases, num_samples: int) -> tuple[Samples, int]:
    """Return the cases to be shown, and how many more are not because they equal a training case: that is a patient's.

    Args:
        generated: What the generator made.
        prepared: The cases.
        num_samples: How many are chosen.

    Returns:
        The cases that may be shown, and the number of the others.
    """
    assert prepared.inputs is not None, "generators make pictures and texts"
    rows = shown_rows(generated.classes, num_samples)
    chosen, known = generated.inputs.select(rows), set(prepared.inputs.select(prepared.rows(TRAIN)).digests())
    is_new = np.array([digest not in known for digest in chosen.digests()], dtype=bool)
    shown = chosen.select(is_new)
    texts = tuple(text_of(prepared.tokens, text) for text in shown) if shown.modality == Modality.TEXT else ()
    return Samples(shown, generated.classes[rows][is_new], generated.names, texts), int((~is_new).sum())


@dataclass(frozen=True)
class Measurement:
    """How cases become numbers, generated and real ones alike."""

    prepared: PreparedCases
    generator: FittedGenerator
    transform: CaseTransform

    def of_split(self, split: str) -> MeasuredCases:
        """Return the real cases of a split."""
        prepared, rows = self.prepared, self.prepared.rows(split)
        assert prepared.inputs is not None, "generators make pictures and texts"
        real, targets = prepared.inputs.select(rows), prepared.targets[rows]
        classes = np.zeros(len(rows), np.int64) if prepared.task == Task.MULTILABEL else targets
        patients = prepared.cases[PATIENT_ID].rank("dense").cast(pl.Int64).to_numpy()[rows]
        if real.modality == Modality.IMAGE:
            numbers, _ = prepared.model_inputs.select(rows).arrays(takes_summary=True)
            summary = numbers[:, len(prepared.feature_names) :]
            return MeasuredCases(image_vectors(real), summary, classes, patients)
        return self._of_texts(real, classes, patients, self._losses(real, classes))

    def of_generated(self, generated: Generated) -> MeasuredCases:
        """Return what the generator made; each case is of a patient of its own, who does not exist."""
        inputs, classes, nobody = generated.inputs, generated.classes, np.arange(len(generated.classes))
        if inputs.modality == Modality.IMAGE:
            return MeasuredCases(image_vectors(inputs), self._summary(inputs), classes, nobody)
        return self._of_texts(inputs, classes, nobody, (np.zeros(0), np.zeros(0, np.int64)))

    def _of_texts(
        self,
        texts: Inputs,
        classes: NDArray[np.int64],
        patients: NDArray[np.int64],
        losses: tuple[NDArray[np.float64], NDArray[np.int64]],
    ) -> MeasuredCases:
        # Real texts too are summed up by their tokens, lest a classifier tells them by what tokens do not keep.
        words = [text_of(self.prepared.tokens, text) for text in texts]
        raw = Inputs.of_rows(Modality.TEXT, np.array([*words, None], dtype=object)[:-1])
        vectors = token_shares(texts, len(self.prepared.tokens))
        return MeasuredCases(vectors, self._summary(raw), classes, patients, Writing(list(texts), words, *losses))

    def _summary(self, inputs: Inputs) -> NDArray[np.float32]:
        assert self.transform.summary is not None, "pictures and texts are summed up"
        summary = self.transform.summary.apply(inputs)
        numbers, _ = ModelInputs(np.zeros((len(inputs), 0), np.float32), summary).arrays(takes_summary=True)
        return numbers

    def _losses(self, texts: Inputs, classes: NDArray[np.int64]) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
        from reprodx.training.generation.text_sampling import text_losses

        network: Any = self.generator.network
        return text_losses(network, texts, classes)


def judge(config: Config, generated: Generated, measurement: Measurement) -> dict[str, GeneratorScores]:
    """Return what each split of held-out cases says of a generator.

    Args:
        config: Its `evaluation` says how intervals are made.
        generated: What it made.
        measurement: How cases become numbers.

    Returns:
        Scores by split.
    """
    settings = config.evaluation
    bootstrap = Bootstrap(settings.num_resamples, settings.bootstrap_seed, settings.confidence_level)
    made, train = measurement.of_generated(generated), measurement.of_split(TRAIN)
    return {
        split: score_generator(
            made,
            train,
            measurement.of_split(split),
            num_classes=len(generated.names),
            vocabulary_size=len(measurement.prepared.tokens) or None,
            bootstrap=bootstrap,
        )
        for split in SCORED_SPLITS
    }


def _metadata(config: Config, manifest: Mapping[str, Any]) -> dict[str, Any]:
    identity = {"config_hash": config_hash(config), "recipe_hash": recipe_hash(config)}
    noted = {"margin": config.evaluation.margin, **{key: manifest[key] for key in CARRIED}}
    return {**identity, "name": config.model["name"], "seed": config.seed, **noted}
