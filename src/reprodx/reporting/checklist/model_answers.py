"""What a run says of its model: what it is, how it was made, and how its answers came about."""

from __future__ import annotations

from typing import TYPE_CHECKING

import reprodx
from reprodx.metrics.failures import count_failures
from reprodx.reporting.checklist.answer import Answer, Answers, filled, needs_human, not_applicable
from reprodx.reporting.wording import counted

if TYPE_CHECKING:
    from reprodx.reporting.evaluation import Evaluation

PLACE = "provenance"
"""The section with every setting."""
PLAIN = ("shuffled", None)
"""Sampling that takes each case as often as any other."""


def _model(evaluation: Evaluation) -> Answer:
    config = evaluation.config["model"]
    target = str(config.get("_target_", "")).rpartition(".")[2]
    return filled(f"The model {config['name']}{f' ({target})' if target else ''}, with all its settings.", PLACE)


def _training(evaluation: Evaluation) -> Answer:
    named = {section: evaluation.config.get(section) or {} for section in ("optimizer", "scheduler", "augmentation")}
    told = ", ".join(f"{section} {settings['name']}" for section, settings in named.items() if "name" in settings)
    return filled(f"{told[:1].upper()}{told[1:]}." if told else "Every setting of training.", PLACE)


def _model_selection(evaluation: Evaluation) -> Answer:
    rule = (evaluation.config.get("trainer") or {}).get("select") or {}
    if "monitor" not in rule:
        return filled("One model was fitted with the settings shown; none was selected among several here.", PLACE)
    return filled(f"Of one training, the epoch with the best {rule['monitor']}, if it has epochs.", PLACE)


def _initialisation(evaluation: Evaluation) -> Answer:
    return filled(f"At random or fixed, by the seed {evaluation.predictions.metadata['seed']} of training.", PLACE)


def _imbalance(evaluation: Evaluation) -> Answer:
    trainer = evaluation.config.get("trainer")
    if trainer is None:
        return needs_human()
    weights = (trainer.get("loss") or {}).get("class_weights")
    if weights is None and trainer.get("sampling") in PLAIN:
        return not_applicable("cases were neither weighted nor sampled by class")
    return filled(f"Sampling {trainer.get('sampling')}, class weights {weights or 'none'}.", PLACE, "calibration")


def _ensembling(evaluation: Evaluation) -> Answer:
    return not_applicable(f"the predictions are those of one fitted model, {evaluation.config['model']['name']}")


def _software(_: Evaluation) -> Answer:
    return filled(f"Versions of reprodx ({reprodx.__version__}) and of what can change a number.", PLACE)


def _prediction(evaluation: Evaluation) -> Answer:
    return filled(f"By {evaluation.config['model']['name']}, and the commands to do it again are given.", PLACE)


def _specification(_: Evaluation) -> Answer:
    return needs_human("Settings, seeds and commands that make it anew are given.", PLACE)


def _devices(_: Evaluation) -> Answer:
    return needs_human("The software of the test is named with its versions.", PLACE)


def _audit(_: Evaluation) -> Answer:
    return filled("Every prediction is kept in results/predictions.parquet, under the hashes shown.", PLACE)


def _indeterminate(_: Evaluation) -> Answer:
    return not_applicable("the model gives every case a probability, and a case without a true class is excluded")


def _explanation(evaluation: Evaluation) -> Answer:
    explanations = evaluation.explanations
    if explanations is None:
        return not_applicable("no attributions were made")
    if explanations.reason is not None:
        return not_applicable(f"no attributions were made: {explanations.reason}")
    cases = counted(len(explanations.attributions), "answer")
    return filled(f"{cases} by {explanations.method}, with a parameter-randomisation check.", "failures")


def _failures(evaluation: Evaluation) -> Answer:
    counts = count_failures(evaluation.test, evaluation.settings.ordinal_cut)
    known = [one.num_failures for one in counts if one.num_failures is not None]
    if not known:
        return needs_human()
    wrong = counted(sum(known), "wrong call")
    return filled(f"{wrong} among the test cases, the worst of them listed.", "failures", "decisions")


ANSWERS: Answers[Evaluation] = {
    "model": _model,
    "training": _training,
    "model_selection": _model_selection,
    "initialisation": _initialisation,
    "imbalance": _imbalance,
    "ensembling": _ensembling,
    "software": _software,
    "prediction": _prediction,
    "specification": _specification,
    "devices": _devices,
    "audit": _audit,
    "indeterminate": _indeterminate,
    "explanation": _explanation,
    "failures": _failures,
}
