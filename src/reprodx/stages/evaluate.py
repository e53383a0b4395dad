"""Model -> predictions file -> metrics, plots and report. Everything after the files is computed from the files."""

from __future__ import annotations

import logging
import shutil
from dataclasses import fields, replace
from typing import TYPE_CHECKING

import polars as pl

from reprodx.artifacts.duplicates import read_duplicates
from reprodx.artifacts.explanations import read_explanations, write_explanations
from reprodx.artifacts.files import write_json
from reprodx.artifacts.openings import ledger_before, openings, record_opening
from reprodx.artifacts.predictions import GENERATED_CASES, Predictions, read_predictions, write_predictions
from reprodx.artifacts.prepared import PreparedCases, read_manifest, read_prepared
from reprodx.config import instantiate
from reprodx.config.identity import HASHED, config_hash, recipe_hash
from reprodx.config.overrides import overrides_of
from reprodx.explanation.explain import explain
from reprodx.metrics.asked import told_of
from reprodx.metrics.chosen_threshold import choose_thresholds
from reprodx.metrics.novelty import OOD_SCORE
from reprodx.metrics.scorecard import TRANSPORT_GAP, ScoreSettings, score, score_groups
from reprodx.reporting.evaluation import Evaluation
from reprodx.reporting.headline import leak_hints
from reprodx.reporting.model_card import write_model_card
from reprodx.reporting.plot_files import write_plot_files
from reprodx.reporting.report import write_report
from reprodx.schemas import (
    CARD,
    FOLD,
    LOGIT_PREFIX,
    PROB_PREFIX,
    REPEAT,
    SAMPLING,
    SCORED_SPLITS,
    SPLIT,
    TRAIN,
    VAL,
    Extent,
    Sampling,
)
from reprodx.training.determinism import reproducible
from reprodx.training.links import probabilities
from reprodx.training.mahalanobis import novelty_scores
from reprodx.training.model_folder import load_scorer, read_generated

if TYPE_CHECKING:
    from collections.abc import Sequence

    from reprodx.artifacts.locations import Locations
    from reprodx.config import Config
    from reprodx.schemas import Estimate
    from reprodx.training.scorer import Scorer

logger = logging.getLogger(__name__)

CARRIED = (
    "classes",
    "task",
    "data_hash",
    "split_hash",
    "cv_hash",
    "leaky",
    "has_patients",
    "reference_standard",
    "is_synthetic",
    "modality",
)
"""What the predictions file takes over from the manifest; `data_hash` is the version of the labels too."""


def evaluate(config: Config, locations: Locations, *, extent: Extent = Extent.REPORTED) -> None:
    """Predict the validation cases, and those of test unless they stay closed, then judge the file.

    Args:
        config: The validated configuration.
        locations: Where prepared cases and model are, and where the results go.
        extent: How far it is judged.

    Raises:
        ArtifactError: If the prepared cases, the model or the ledger of test openings are absent, damaged, or do not
            fit each other.
    """
    prepared = read_prepared(locations.prepared)
    # A damaged ledger must stop the look before it is taken, since it could not be noted.
    openings(prepared.manifest["split_hash"])
    with reproducible(config.trainer.num_threads):
        splits = (VAL,) if extent < Extent.SCORED else SCORED_SPLITS
        predictions = predict(config, prepared, load_scorer(locations.models), splits)
        if generated := read_generated(locations.models):
            predictions = replace(predictions, metadata={**predictions.metadata, GENERATED_CASES: generated})
    if extent < Extent.REPORTED:
        # Of an earlier evaluation, whose scores would not be these.
        _remove_report(locations)
    write_predictions(locations.predictions, predictions)
    record_opening(predictions, locations.predictions)
    evaluation = judge(config, locations)
    write_json(
        locations.metrics,
        {split: {name: one.as_dict() for name, one in block.items()} for split, block in evaluation.written.items()},
    )
    if extent >= Extent.REPORTED:
        _report(config, locations, prepared, evaluation)
    if extent >= Extent.SCORED:
        _log_headline(evaluation)


def report(config: Config, locations: Locations) -> None:
    """Explain failures, and write plots, report and model card of an evaluation that left its scores alone.

    Args:
        config: As it was evaluated with.
        locations: Where prepared cases, model and predictions are, and where the results go.

    Raises:
        ArtifactError: If any of them is absent or damaged.
    """
    _report(config, locations, read_prepared(locations.prepared), judge(config, locations))


def _report(config: Config, locations: Locations, prepared: PreparedCases, evaluation: Evaluation) -> None:
    with reproducible(config.trainer.num_threads):
        explanations = explain(evaluation.predictions, prepared, locations.models, config.evaluation)
    write_explanations(locations.explanations, explanations)
    evaluation = replace(evaluation, explanations=read_explanations(locations.explanations))
    write_plot_files(locations.plots, evaluation)
    write_report(locations.report, evaluation)
    write_model_card(locations.model_card, evaluation)


def _remove_report(locations: Locations) -> None:
    for path in (locations.report, locations.model_card, locations.explanations):
        path.unlink(missing_ok=True)
    if locations.plots.exists():
        shutil.rmtree(locations.plots)


def predict(
    config: Config, prepared: PreparedCases, scorer: Scorer, splits: Sequence[str] = SCORED_SPLITS
) -> Predictions:
    """Return what the model says of the cases of some splits.

    Args:
        config: Its threshold rule is applied to the validation cases.
        prepared: The prepared cases.
        scorer: The fitted model.
        splits: Validation, or validation and test.

    Returns:
        Probabilities in float64, computed from the logits in float64.
    """
    kept = prepared.cases[SPLIT].is_in(splits)
    logits = scorer.logits(prepared.model_inputs.select(kept.to_numpy()))
    probs = probabilities(logits, prepared.task)
    scores = {PROB_PREFIX + name: probs[:, column] for column, name in enumerate(prepared.classes)}
    scores |= {LOGIT_PREFIX + name: logits[:, column] for column, name in enumerate(prepared.classes)}
    scores[OOD_SCORE] = novelty_scores(prepared, splits)
    manifest = prepared.manifest
    table = prepared.cases.filter(kept).with_columns(
        pl.lit(manifest["fold"]).alias(FOLD), pl.lit(manifest["repeat"]).alias(REPEAT), **scores
    )
    metadata = {
        "name": config.model["name"],
        "data": config.data["name"],
        "config_hash": config_hash(config),
        "recipe_hash": recipe_hash(config),
        "seed": config.seed,
        "margin": config.evaluation.margin,
        "num_train": manifest["splits"][TRAIN]["cases"],
        **{key: manifest[key] for key in CARRIED},
        SAMPLING: manifest.get(SAMPLING, Sampling.COHORT),
    }
    predictions = Predictions(table, metadata)
    rule = instantiate(config.evaluation.threshold, "evaluation.threshold")
    metadata |= choose_thresholds(rule, predictions.of(VAL), config.evaluation.ordinal_cut)
    return predictions


def judge(config: Config, locations: Locations) -> Evaluation:
    """Score what was predicted, from the files alone.

    Args:
        config: Its `evaluation` section is used, and shown in the report.
        locations: Where the predictions and the prepared cases are.

    Returns:
        All that a report is made from, but the explanations.
    """
    predictions = read_predictions(locations.predictions)
    settings = score_settings(config)
    return Evaluation(
        predictions=predictions,
        scores=score(predictions, settings),
        groups=score_groups(predictions, settings),
        table_one=pl.read_csv(locations.prepared / "table_one.csv", infer_schema=False),
        manifest=read_manifest(locations.prepared),
        card=(locations.prepared / CARD).read_text(encoding="utf-8"),
        config={section: config.as_dict()[section] for section in HASHED},
        settings=settings,
        duplicates=read_duplicates(locations.prepared),
        ledger=ledger_before(predictions.metadata["config_hash"], predictions.metadata["split_hash"]),
        overrides=overrides_of(config),
    )


def score_settings(config: Config) -> ScoreSettings:
    """Return the part of the `evaluation` section that scoring needs."""
    return ScoreSettings(**{field.name: getattr(config.evaluation, field.name) for field in fields(ScoreSettings)})


def _log_headline(evaluation: Evaluation) -> None:
    for metric, asked, found in evaluation.key_numbers:
        if asked.view in metric.leads_in:
            logger.info("evaluate: test %s, %d cases", told_of(metric.label_of(asked), _in_words(found)), found.n)
    for hint in leak_hints(evaluation):
        logger.warning("evaluate: %s", hint)
    if gap := evaluation.of(TRANSPORT_GAP):
        logger.info("evaluate: transport gap, validation minus test AUROC, %s", _in_words(gap))


def _in_words(estimate: Estimate) -> str:
    value = "undefined" if estimate.value is None else f"{estimate.value:.3f}"
    limits = estimate.reason if estimate.ci_low is None else f"{estimate.ci_low:.3f} to {estimate.ci_high:.3f}"
    return f"{value} ({limits})"
