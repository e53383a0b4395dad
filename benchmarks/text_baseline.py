"""Logistic regression on texts beside scikit-learn's, on the same training, validation and test texts.

Ours is the summary of all texts and the whole `fit`; bare is `TfidfVectorizer` and `LogisticRegression` as they come,
fitted on the training texts, and the features of the others. Both are scored on the test texts.

`python -m benchmarks.text_baseline` takes ICD-10-CM; further arguments are other texts, each the overrides of one:
`"data=text_table data.path=notes.csv data.text=note data.target=class"`.
"""

from __future__ import annotations

import sys
import tempfile
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score, log_loss, roc_auc_score

from benchmarks.comparison import NUM_PAIRS, TIMES_AS_LONG, Comparison, time_work
from benchmarks.modality_training import fit_ours
from reprodx.artifacts.prepared import read_prepared
from reprodx.config import instantiate
from reprodx.config.composition import compose, validate
from reprodx.preparation.summaries.text import TextSummary
from reprodx.schemas import CASE_ID, TEST, TRAIN
from reprodx.stages.prepare import find_or_prepare
from reprodx.training.links import probabilities
from reprodx.training.model_folder import load_scorer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from reprodx.artifacts.prepared import PreparedCases
    from reprodx.config import Config
    from reprodx.inputs import Inputs

TEXTS = ("data=icd10",)
TARGET = 1.5


def texts_of(prepared: PreparedCases, config: Config) -> Inputs:
    """Return the texts as they were read, in the order of the prepared cases."""
    raw = instantiate(config.data, "data").read(None)
    assert raw.inputs is not None, "texts"
    place = {case: row for row, case in enumerate(raw.cases[CASE_ID])}
    return raw.inputs.select(np.array([place[case] for case in prepared.cases[CASE_ID]]))


def ours(prepared: PreparedCases, texts: Inputs, config: Config, folder: Path) -> NDArray[np.float64]:
    """Return probabilities of the test cases."""
    train = prepared.rows(TRAIN)
    summary = TextSummary.fit(texts.select(train), prepared.targets[train])
    cases = replace(prepared, summary=summary.apply(texts), summary_names=summary.names)
    fit_ours(cases, config, folder)
    logits = load_scorer(folder / "models").logits(cases.model_inputs.select(cases.rows(TEST)))
    return probabilities(logits, prepared.task)


def bare(prepared: PreparedCases, texts: Inputs) -> NDArray[np.float64]:
    """Return probabilities of the test cases."""
    train, words = prepared.rows(TRAIN), list(texts)
    vectorizer = TfidfVectorizer()
    features = vectorizer.fit_transform([words[row] for row in train])
    model = LogisticRegression().fit(features, prepared.targets[train])
    others = np.setdiff1d(np.arange(len(words)), train)
    probs = model.predict_proba(vectorizer.transform([words[row] for row in others]))
    return probs[np.searchsorted(others, prepared.rows(TEST))]


def in_numbers(prepared: PreparedCases, probs: NDArray[np.float64]) -> str:
    """Return AUROC, accuracy and log loss on the test cases."""
    truth, names = prepared.targets[prepared.rows(TEST)], range(len(prepared.classes))
    auroc = roc_auc_score(truth, probs[:, 1] if len(names) == 2 else probs, multi_class="ovr", labels=names)
    return f"AUROC {auroc:.4f}, accuracy {accuracy_score(truth, probs.argmax(axis=1)):.4f}, log loss " + (
        f"{log_loss(truth, probs, labels=names):.4f}"
    )


def measure(texts: Sequence[str] = TEXTS) -> list[Comparison]:
    """Fit both in turn on each of the texts."""
    torch.set_num_threads(1)
    return [_compare(overrides) for overrides in texts]


def _compare(overrides: str) -> Comparison:
    config = validate(compose([*overrides.split(), "model=logistic", "trainer.num_threads=1"]))
    prepared = read_prepared(find_or_prepare(config))
    texts = texts_of(prepared, config)
    with tempfile.TemporaryDirectory() as name:
        contestants = {
            "ours": partial(ours, prepared, texts, config, Path(name)),
            "bare": partial(bare, prepared, texts),
        }
        notes = {f"{who}, test": in_numbers(prepared, work()) for who, work in contestants.items()}
        rounds = [{who: time_work(work) for who, work in contestants.items()} for _ in range(NUM_PAIRS)]
    what = f"logistic regression on {len(texts)} texts of {config.data['name']}, {len(prepared.classes)} classes"
    timings = ([each[who] for each in rounds] for who in contestants)
    return Comparison(what, *timings, TIMES_AS_LONG, TARGET, notes)


if __name__ == "__main__":
    for comparison in (found for one in sys.argv[1:] or TEXTS for found in measure([one])):
        print(comparison.details(), comparison.row(), sep="\n", flush=True)
