"""Scores and samples of generators that never were."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from reprodx.artifacts.samples import Samples
from reprodx.inputs import Inputs, Modality
from reprodx.metrics.generation.scorecard import GeneratorScores
from reprodx.reporting.generation.evaluation import GeneratorEvaluation
from reprodx.schemas import TEST, VAL, Estimate

if TYPE_CHECKING:
    from collections.abc import Callable

VALUES = {
    "two_sample_auroc": 0.9,
    "two_sample_accuracy": 0.8,
    "tstr_auroc": 0.7,
    "trtr_auroc": 0.85,
    "tstr_minus_trtr": -0.15,
    "diversity": 0.8,
    "closer_to_train_share": 0.52,
    "distance_ratio": 0.98,
    "copied_share": 0.01,
    "membership_auroc": 0.53,
}
OF_TEXTS = {
    "perplexity": 12.0,
    "perplexity_unigram": 150.0,
    "perplexity_bigram": 30.0,
    "bits_per_character": 1.9,
    "distinct_trigrams": 0.7,
    "distinct_trigrams_heldout": 0.6,
    "verbatim_share": 0.02,
    "verbatim_share_heldout": 0.01,
}
NAMES = ("none", "mild", "severe")
GAN_HISTORY = tuple(
    {
        "train/generator_loss": 3.0 - epoch / 50,
        "train/discriminator_loss": 0.5 + epoch / 100,
        "train/accuracy_real": 0.9,
        "train/accuracy_generated": 0.8,
        "train/diversity": 0.5 + epoch / 200,
    }
    for epoch in range(60)
)
TEXT_HISTORY = tuple(
    {"train/loss": 4 - epoch, "val/loss": 4.2 - epoch, "val/perplexity": 60.0 - epoch} for epoch in range(3)
)


def make_scores(is_text: bool, offset: float = 0.0, **estimates: Estimate) -> GeneratorScores:
    """Return scores whose intervals reach 0.05 to both sides; those given replace them."""
    values = VALUES | OF_TEXTS if is_text else VALUES
    found = {
        name: Estimate(value + offset, value + offset - 0.05, value + offset + 0.05, 100, None, "bootstrap")
        for name, value in values.items()
    }
    if is_text:
        found["longest_verbatim_run"] = Estimate(41.0, None, None, 9, None, "none", "a maximum has no interval")
    return GeneratorScores({**found, **estimates}, None, 0, 0.0004)


def make_samples(is_text: bool, num: int = 30, names: tuple[str, ...] = NAMES) -> Samples:
    """Return noise, or texts of which some hold markup."""
    rng = np.random.default_rng(0)
    classes = np.sort(np.arange(num) % len(names))
    if not is_text:
        images = rng.integers(0, 256, size=(num, 32, 32, 3), dtype=np.uint8)
        return Samples(Inputs.of_rows(Modality.IMAGE, images), classes, names)
    tokens = Inputs.of_steps(Modality.TEXT, np.zeros(num, np.int32), np.ones(num, np.int64))
    return Samples(tokens, classes, names, tuple(f"no <b>pain</b> & no fever, visit {i}" for i in range(num)))


def make_manifest(is_text: bool) -> dict[str, Any]:
    """Return a manifest as preparation writes it."""
    splits = {
        split: {"cases": n, "patients": n, "classes": dict.fromkeys(NAMES, n // 3)}
        for split, n in (("train", 300), ("val", 60), ("test", 60))
    }
    return {
        "modality": "text" if is_text else "image",
        "num_cases": 420,
        "exclusions": [{"rule": "target is missing", "count": 2}],
        "splits": splits,
        "has_patients": True,
        "leaky": False,
        "acknowledged": {"features": [], "duplicates": [], "patients": 0},
        "data_hash": "d" * 64,
        "fold": 0,
        "repeat": 0,
    }


def make_evaluation(*, is_text: bool = False, manifest: dict[str, Any] | None = None, **changes: Any) -> Any:
    """Return an evaluation of which the given fields are replaced, and of its manifest the given keys."""
    fields: dict[str, Any] = {
        "scores": {VAL: make_scores(is_text, 0.01), TEST: make_scores(is_text)},
        "samples": make_samples(is_text),
        "num_generated": 300,
        "num_withheld": 0,
        "history": TEXT_HISTORY if is_text else GAN_HISTORY,
        "warnings": (),
        "manifest": {**make_manifest(is_text), **(manifest or {})},
        "config": {
            "data": {"name": "ward", "path": "/home/someone/secret/ward.csv"},
            "split": {"name": "patient"},
            "model": {"name": "char_rnn" if is_text else "dcgan", "_target_": "reprodx.models.X", "conditional": True},
            "evaluation": {"temperature": 0.8},
            "seed": 0,
        },
        "metadata": {"config_hash": "c" * 64, "split_hash": "5" * 64, "cv_hash": None, "seed": 0},
        "confidence_level": 0.95,
        "bootstrap_seed": 0,
    }
    return GeneratorEvaluation(**{**fields, **changes})


@pytest.fixture(scope="session")
def evaluated() -> Callable[..., GeneratorEvaluation]:
    """Return a function that makes evaluations; of pictures unless it is told `is_text`."""
    return make_evaluation


@pytest.fixture(scope="session")
def scored() -> Callable[..., GeneratorScores]:
    """Return a function that makes scores."""
    return make_scores


@pytest.fixture(scope="session")
def sampled() -> Callable[..., Samples]:
    """Return a function that makes samples."""
    return make_samples
