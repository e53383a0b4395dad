"""What identifies a run and how to repeat it, and what its numbers cannot tell."""

from __future__ import annotations

import json
import platform
import shlex
from importlib.metadata import version
from pathlib import PurePath
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

import reprodx
from reprodx.reporting.page import Bullets, Commands, Facts, Folded, Paragraph, Section, Table
from reprodx.reporting.wording import NOTHING, counted
from reprodx.schemas import Task

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from reprodx.artifacts.openings import Ledger, Opening
    from reprodx.reporting.evaluation import Evaluation
    from reprodx.reporting.page import Block

PACKAGES = ("numpy", "polars", "scikit-learn", "scipy", "statsmodels", "torch")
"""Those whose version can change a number."""
ENOUGH_CASES = 100
"""Of the rarest class, to judge a model on: Vergouwe et al, J Clin Epidemiol 2005;58:475."""
SPLITS_BY_SITE = ("LeaveSiteOut", "BySite")
"""Splits whose test cases come from sites that training has not seen."""
SHORT_HASH = 12
"""Digits that are shown of a hash in a table."""
NOT_NOTED = "How often this test split has been looked at before is not recorded here."


class Judged(Protocol):
    """What is told of where a result comes from, of a model that diagnoses and of one that makes cases."""

    @property
    def metadata(self) -> Mapping[str, Any]:
        """`config_hash split_hash cv_hash seed`."""
        ...

    @property
    def manifest(self) -> Mapping[str, Any]:
        """Of the prepared cases."""
        ...

    @property
    def config(self) -> Mapping[str, Any]:
        """The sections that decide the result."""
        ...

    @property
    def task_name(self) -> str:
        """What the model does."""
        ...

    @property
    def bootstrap_seed(self) -> int:
        """Of intervals."""
        ...

    @property
    def ledger(self) -> Ledger | None:
        """What was noted of the test split; None where nobody noted it."""
        ...

    @property
    def overrides(self) -> Sequence[str] | None:
        """What `reprodx run` takes; None where unknown."""
        ...


def limits_section(evaluation: Evaluation) -> Section:
    """Return what a reader should keep in mind, as far as the files tell."""
    return Section("limits", "Limits", [Bullets(tuple(_limits(evaluation)))])


def provenance_section(evaluation: Judged) -> Section:
    """Return hashes, versions, settings, and how to make this report again."""
    settings = Table(
        key="settings",
        caption="Every setting that decides the result",
        columns=("Setting", "Value"),
        rows=tuple(flat_settings(evaluation.config)),
        text_columns=("Value",),
    )
    blocks: list[Block] = [
        Paragraph(
            "The settings below are all that a person can vary. With equal config, data and split hashes, equal code "
            "and versions, the same kind of machine gives the same results, byte by byte; with trainer.portable every "
            "Linux machine on x86-64 with AVX2 does."
        ),
        Facts(tuple(_identity(evaluation))),
        *_commands(evaluation),
        Folded("All settings", settings),
        *_openings(evaluation),
    ]
    return Section("provenance", "Provenance", blocks)


def experiment_record(evaluation: Judged) -> str:
    """Return what tells a machine which experiment a report is of, as JSON.

    Neither commit nor time is in it: the same experiment makes the same report.

    Args:
        evaluation: What the report is of.

    Returns:
        `config config_hash data_hash split_hash`; of a path that names the machine's folders, the file's name alone.
    """
    record = {
        "config": _portable(evaluation.config),
        "config_hash": evaluation.metadata["config_hash"],
        "data_hash": evaluation.manifest["data_hash"],
        "split_hash": evaluation.metadata["split_hash"],
    }
    return json.dumps(record, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def times_opened(evaluation: Judged) -> str:
    """Return how often the test split had been scored when this experiment first was."""
    if evaluation.ledger is None:
        return NOT_NOTED
    before = _others(evaluation)
    if not before:
        return "Nothing had been scored on this test split when this experiment first was."
    experiments = counted(len({opening.experiment for opening in before}), "other experiment")
    return (
        f"This test split had been scored by {experiments} when this one was first scored. Every experiment that is "
        "scored on the same test cases makes a lucky result more likely."
    )


def _others(evaluation: Judged) -> list[Opening]:
    """Return the openings of the test split by other experiments, before this one's."""
    own = evaluation.metadata["config_hash"]
    return [] if evaluation.ledger is None else [one for one in evaluation.ledger.openings if one.config_hash != own]


def _openings(evaluation: Judged) -> list[Block]:
    if evaluation.ledger is None or not evaluation.ledger.openings:
        return [Paragraph(times_opened(evaluation))]
    table = Table(
        key="openings",
        caption="Openings of the test split up to this experiment's first",
        columns=("Model", "Seed", "Margin", "Config hash"),
        rows=tuple(
            tuple(text or NOTHING for text in (one.name, one.seed, one.margin, one.config_hash[:SHORT_HASH]))
            for one in evaluation.ledger.openings
        ),
        text_columns=("Config hash",),
        notes=(
            f"Oldest first, of split hash {evaluation.ledger.split_hash}; later openings are left out. When each was, "
            "results/test_openings.csv says: this page is the same whenever it is made.",
        ),
    )
    return [Paragraph(times_opened(evaluation)), Folded("Every time that the test split was scored", table)]


def _commands(evaluation: Judged) -> list[Block]:
    """Return what makes the run again, in a clone of the project."""
    repro = Commands("To repeat it, in a clone of the project whose conf/ composes to these settings:", ("dvc repro",))
    if evaluation.overrides is None:
        by_hand = "Or with each setting that differs from conf/ as an override:"
        return [repro, Commands(by_hand, ("reprodx run KEY=VALUE ...",))]
    command = shlex.join(["reprodx", "run", *map(_without_folders, evaluation.overrides)])
    return [Commands("To repeat it, in a clone of the project, with conf/ as it is shipped:", (command,)), repro]


def _without_folders(override: str) -> str:
    """Return an override; of a path that names the machine's folders, the file's name alone."""
    key, equals, value = override.partition("=")
    path = value.strip("\"'")
    return f"{key}{equals}{PurePath(path).name}" if _is_of_machine(key, path) else override


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
    yield times_opened(evaluation)
    if evaluation.ledger and (change := evaluation.ledger.margin_change(evaluation.config["evaluation"]["margin"])):
        yield change
    yield (
        "Who was recruited, how the reference standard was set, and whether acting on the model does good are for "
        "people to judge; the card of the data says what is known of them."
    )


def _rarest(evaluation: Evaluation) -> tuple[int, str]:
    """Return the test cases of what has the fewest, and what it is."""
    targets = evaluation.test.targets()
    if evaluation.task == Task.MULTILABEL:
        return int(targets.sum(axis=0).min()), "label"
    return int(np.bincount(targets, minlength=len(evaluation.classes)).min()), "class"


def _identity(evaluation: Judged) -> Iterator[tuple[str, str]]:
    metadata, manifest = evaluation.metadata, evaluation.manifest
    yield "Config hash", metadata["config_hash"]
    if "modality" in manifest:
        yield "Modality", manifest["modality"]
    yield "Task", evaluation.task_name
    yield "Data hash", manifest["data_hash"]
    yield "Split hash", metadata["split_hash"]
    if metadata["cv_hash"]:
        yield "Cross-validation", f"{metadata['cv_hash']}, fold {manifest['fold']}, repeat {manifest['repeat']}"
    yield "Seed of training", str(metadata["seed"])
    if (seed := evaluation.config["split"].get("seed")) is not None:
        yield "Seed of the split", str(seed)
    yield "Seed of intervals", str(evaluation.bootstrap_seed)
    yield "Versions", ", ".join([f"reprodx {reprodx.__version__}", *versions()])
    yield "Machine", f"Python {platform.python_version()}, {platform.system()} {platform.machine()}"


def versions() -> Iterator[str]:
    """Yield each of `PACKAGES` with its version."""
    for package in PACKAGES:
        yield f"{package} {version(package)}"


def flat_settings(settings: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    """Yield each setting under its dotted key, which is how it is overridden on the command line.

    Args:
        settings: Nested by section.
        prefix: Before each key, with its dot.

    Yields:
        The key, and the value as JSON; of a path that names the machine's folders, the file's name alone.
    """
    for key, value in settings.items():
        if isinstance(value, dict) and value:
            yield from flat_settings(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", _shown(key, value)


def _portable(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Return settings without the machine's folders."""
    return {
        key: _portable(value)
        if isinstance(value, dict)
        else PurePath(value).name
        if _is_of_machine(key, value)
        else value
        for key, value in settings.items()
    }


def _shown(key: str, value: object) -> str:
    """Return a value as JSON; of a path that names the machine's folders, the file's name alone."""
    return PurePath(str(value)).name if _is_of_machine(key, value) else json.dumps(value, ensure_ascii=False)


def _is_of_machine(key: str, value: object) -> bool:
    return key.endswith(("path", "folder")) and isinstance(value, str) and PurePath(value).is_absolute()
