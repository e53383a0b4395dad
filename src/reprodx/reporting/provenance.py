"""What identifies a run and how to repeat it, and what its numbers cannot tell."""

from __future__ import annotations

import json
from importlib.metadata import version
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

import numpy as np

import reprodx
from reprodx.reporting.page import Bullets, Commands, Facts, Folded, Paragraph, Section, Table
from reprodx.reporting.wording import counted
from reprodx.schemas import Task

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from reprodx.reporting.evaluation import Evaluation
    from reprodx.reporting.page import Block

PACKAGES = ("numpy", "polars", "scikit-learn", "scipy", "statsmodels", "torch")
"""Those whose version can change a number."""
ENOUGH_CASES = 100
"""Of the rarest class, to judge a model on: Vergouwe et al, J Clin Epidemiol 2005;58:475."""
SPLITS_BY_SITE = ("LeaveSiteOut", "BySite")
"""Splits whose test cases come from sites that training has not seen."""


def limits_section(evaluation: Evaluation) -> Section:
    """Return what a reader should keep in mind, as far as the files tell."""
    return Section("limits", "Limits", [Bullets(tuple(_limits(evaluation)))])


def provenance_section(evaluation: Evaluation) -> Section:
    """Return hashes, versions, settings, and how to make this report again."""
    settings = Table(
        key="settings",
        caption="Every setting that decides the result",
        columns=("Setting", "Value"),
        rows=tuple(_flat(evaluation.config)),
        text_columns=("Value",),
    )
    blocks: list[Block] = [
        Paragraph(
            "The settings below are all that a person can vary. With equal config, data and split hashes, equal code "
            "and versions, the same kind of machine gives the same predictions, byte by byte."
        ),
        Facts(tuple(_identity(evaluation))),
        Commands("To repeat it, in a clone of the project whose conf/ composes to these settings:", ("dvc repro",)),
        Commands("Or with each setting that differs from conf/ as an override:", ("reprodx run KEY=VALUE ...",)),
        Folded("All settings", settings),
    ]
    return Section("provenance", "Provenance", blocks)


def _limits(evaluation: Evaluation) -> Iterator[str]:
    rarest, what = _rarest(evaluation)
    if rarest < ENOUGH_CASES:
        yield (
            f"The rarest {what} has {counted(rarest, 'test case')}; {ENOUGH_CASES} are advised to judge a model on "
            "(Vergouwe et al 2005). The intervals show what that costs."
        )
    if str(evaluation.config["split"]["_target_"]).endswith(SPLITS_BY_SITE):
        yield "Test cases come from sites that training has not seen; yet other sites may differ again."
    else:
        yield "Test cases come from the same sources as training cases; elsewhere the model may do worse."
    yield "Intervals show the chance of drawing these test cases; not that of splitting or of training anew."
    yield "Predictive values, net benefit and calibration depend on how frequent each class is, and change with it."
    yield "How often this test split has been looked at before is not recorded here."
    yield (
        "Who was recruited, how the reference standard was set, and whether acting on the model does good are for "
        "people to judge; data/prepared/card.md says what is known of the data."
    )


def _rarest(evaluation: Evaluation) -> tuple[int, str]:
    """Return the test cases of what has the fewest, and what it is."""
    targets = evaluation.test.targets()
    if evaluation.task == Task.MULTILABEL:
        return int(targets.sum(axis=0).min()), "label"
    return int(np.bincount(targets, minlength=len(evaluation.classes)).min()), "class"


def _identity(evaluation: Evaluation) -> Iterator[tuple[str, str]]:
    metadata, manifest = evaluation.predictions.metadata, evaluation.manifest
    yield "Config hash", metadata["config_hash"]
    if "modality" in manifest:
        yield "Modality", manifest["modality"]
    yield "Task", evaluation.task.value
    yield "Data hash", manifest["data_hash"]
    yield "Split hash", metadata["split_hash"]
    if metadata["cv_hash"]:
        yield "Cross-validation", f"{metadata['cv_hash']}, fold {manifest['fold']}, repeat {manifest['repeat']}"
    yield "Seed of training", str(metadata["seed"])
    yield "Versions", ", ".join([f"reprodx {reprodx.__version__}", *_versions()])


def _versions() -> Iterator[str]:
    for package in PACKAGES:
        yield f"{package} {version(package)}"


def _flat(settings: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    """Yield each setting under its dotted key, which is how it is overridden on the command line."""
    for key, value in settings.items():
        if isinstance(value, dict) and value:
            yield from _flat(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", _shown(key, value)


def _shown(key: str, value: object) -> str:
    """Return a value as JSON; of a path that names the machine's folders, the file's name alone."""
    if key.endswith(("path", "folder")) and isinstance(value, str) and PurePath(value).is_absolute():
        return PurePath(value).name
    return json.dumps(value, ensure_ascii=False)
