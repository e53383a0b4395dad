"""All that a generator is judged by, on one split of held-out cases."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from reprodx.metrics.generation.case_vectors import CaseVectors
from reprodx.metrics.generation.diversity import distinct_trigrams, diversity
from reprodx.metrics.generation.membership import membership_auroc, membership_scores
from reprodx.metrics.generation.memorisation import copies, memorisation
from reprodx.metrics.generation.perplexity import bigram_losses, bits_per_character, perplexity, unigram_losses
from reprodx.metrics.generation.two_sample import two_sample_test
from reprodx.metrics.generation.utility import Utility, train_on_generated
from reprodx.metrics.generation.verbatim import characters, verbatim
from reprodx.schemas import Estimate

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from reprodx.metrics.bootstrap import Bootstrap

VERBATIM_WINDOW = 50
"""Characters that stand word for word in a training text, some eight words, before they count as shared."""
OF_NETWORK = "the attack needs the network"
NO_CLASS = "the generator makes cases of no class in particular"


@dataclass(frozen=True)
class Writing:
    """What is measured of texts alone."""

    tokens: Sequence[NDArray[np.int32]]
    """Of each text, without begin and end."""
    words: Sequence[str]
    """The texts."""
    losses: NDArray[np.float64]
    """Shape (texts,): how little the generator foresees each, in nats; empty for texts that it made itself."""
    num_predicted: NDArray[np.int64]
    """Shape (texts,): tokens that each loss is the sum of."""


@dataclass(frozen=True)
class MeasuredCases:
    """Some cases, generated or real, as numbers."""

    vectors: NDArray[np.float32]
    """Shape (cases, numbers): their distance says how alike cases are, see `reduction`."""
    summary: NDArray[np.float32]
    """Shape (cases, summary features): what classifiers are given."""
    classes: NDArray[np.int64]
    """Shape (cases,): of each case, of a generated one that which it was made as; all 0 where cases have labels."""
    patients: NDArray[np.int64]
    """Shape (cases,)."""
    writing: Writing | None = None
    """None for pictures."""

    @property
    def of_patients(self) -> CaseVectors:
        """The vectors with the patients whom they are of."""
        return CaseVectors(self.vectors, self.patients)


@dataclass(frozen=True)
class GeneratorScores:
    """What one split of held-out cases says of a generator."""

    estimates: Mapping[str, Estimate]
    """By their names in `metrics.json`."""
    copies: str | None
    """Why it counts as one that gives its training cases back; None where it does not."""
    num_duplicates: int | None
    """Generated cases that equal a training case in every number; None where nothing could be held against it."""
    p_value: float | None
    """That generated cases are told from real ones by guessing alone; None where undefined."""


def score_generator(
    generated: MeasuredCases,
    train: MeasuredCases,
    heldout: MeasuredCases,
    *,
    num_classes: int,
    vocabulary_size: int | None,
    bootstrap: Bootstrap,
) -> GeneratorScores:
    """Judge a generator by what it made, what it was trained on, and what it has not seen.

    Args:
        generated: What it made.
        train: What it was trained on.
        heldout: Cases of other patients.
        num_classes: That it was told apart; 1 where it makes cases of no class in particular.
        vocabulary_size: Of texts.
        bootstrap: How intervals are made; its seed also draws cases where sides must be of one size.

    Returns:
        The scores.
    """
    seed = bootstrap.seed
    real = CaseVectors(heldout.summary, heldout.patients)
    told_apart = two_sample_test(real, generated.summary, seed=seed, bootstrap=bootstrap)
    kept = memorisation(generated.vectors, train.of_patients, heldout.of_patients, seed=seed, bootstrap=bootstrap)
    membership = _membership(generated, train, heldout, bootstrap)
    # Of texts the attack is on the network itself, and not on what it wrote.
    by_samples = membership if generated.writing is None else Estimate.undefined(OF_NETWORK, n=membership.n)
    estimates = {
        **told_apart.estimates(),
        **_utility(generated, train, heldout, num_classes, bootstrap).estimates(),
        "diversity": diversity(
            generated.vectors,
            _classes(generated, num_classes),
            heldout.of_patients,
            _classes(heldout, num_classes),
            seed=seed,
            bootstrap=bootstrap,
        ),
        **kept.estimates(),
        "membership_auroc": membership,
    }
    if generated.writing and train.writing and heldout.writing:
        assert vocabulary_size is not None, "texts have a vocabulary"
        estimates |= _fluency(train.writing, heldout, vocabulary_size, bootstrap)
        estimates |= _originality(generated.writing, train.writing, heldout.writing, bootstrap)
    return GeneratorScores(estimates, copies(kept, by_samples), kept.num_duplicates, told_apart.p_value)


def _classes(cases: MeasuredCases, num_classes: int) -> NDArray[np.int64]:
    return cases.classes if num_classes > 1 else np.zeros(len(cases.classes), np.int64)


def _utility(
    generated: MeasuredCases, train: MeasuredCases, heldout: MeasuredCases, num_classes: int, bootstrap: Bootstrap
) -> Utility:
    if num_classes < 2:
        unknown = Estimate.undefined(NO_CLASS, n=len(heldout.classes))
        return Utility(unknown, unknown, unknown)
    return train_on_generated(
        generated.summary,
        generated.classes,
        train.summary,
        train.classes,
        CaseVectors(heldout.summary, heldout.patients),
        heldout.classes,
        num_classes=num_classes,
        seed=bootstrap.seed,
        bootstrap=bootstrap,
    )


def _membership(
    generated: MeasuredCases, train: MeasuredCases, heldout: MeasuredCases, bootstrap: Bootstrap
) -> Estimate:
    """Attack by the generator's own losses where it gives them, else by distances to what it made."""
    train_scores, heldout_scores = (
        membership_scores(cases.vectors, generated.vectors)
        if cases.writing is None
        else -cases.writing.losses / cases.writing.num_predicted
        for cases in (train, heldout)
    )
    return membership_auroc(
        train_scores,
        train.patients,
        heldout_scores,
        heldout.patients,
        seed=bootstrap.seed,
        confidence_level=bootstrap.confidence_level,
    )


def _fluency(train: Writing, heldout: MeasuredCases, vocabulary_size: int, bootstrap: Bootstrap) -> dict[str, Estimate]:
    writing, patients = heldout.writing, heldout.patients
    assert writing is not None, "these are texts"
    found = {"perplexity": perplexity(writing.losses, writing.num_predicted, patients, bootstrap=bootstrap)}
    for name, baseline in (("unigram", unigram_losses), ("bigram", bigram_losses)):
        losses, num_predicted = baseline(train.tokens, writing.tokens, vocabulary_size=vocabulary_size)
        found[f"perplexity_{name}"] = perplexity(losses, num_predicted, patients, bootstrap=bootstrap)
    num_characters = np.array([len(text) for text in writing.words], dtype=np.int64)
    bits = bits_per_character(writing.losses, num_characters, patients, bootstrap=bootstrap)
    return {**found, "bits_per_character": bits}


def _originality(generated: Writing, train: Writing, heldout: Writing, bootstrap: Bootstrap) -> dict[str, Estimate]:
    # The more texts, the more of their trigrams have been there before: as many of each kind are compared.
    num, level = min(len(generated.tokens), len(heldout.tokens)), bootstrap.confidence_level
    sides = ([characters(text) for text in side.words] for side in (generated, train, heldout))
    return {
        "distinct_trigrams": distinct_trigrams(generated.tokens[:num], confidence_level=level),
        "distinct_trigrams_heldout": distinct_trigrams(heldout.tokens[:num], confidence_level=level),
        **verbatim(*sides, window=VERBATIM_WINDOW, bootstrap=bootstrap).estimates(),
    }
