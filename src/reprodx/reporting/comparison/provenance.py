"""What identifies the comparison and each run, in what settings the runs differ, and how to repeat all of it."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

import reprodx
from reprodx.reporting.comparison.comparability import SHORT_HASH
from reprodx.reporting.comparison.folding import folded_if_long
from reprodx.reporting.page import Block, Commands, Facts, Paragraph, Section, Table
from reprodx.reporting.provenance import versions
from reprodx.reporting.wording import NOTHING, number

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from reprodx.comparison.source import TrackedRun
    from reprodx.reporting.comparison.evidence import Evidence

TAG_PREFIX = "reprodx."
"""Before the tags of a tracked run that identify it."""
HASHES = {"data_hash": "Data hash", "split_hash": "Split hash", "cv_hash": "Cross-validation hash"}
"""Keys of the predictions' metadata that all runs are expected to share."""
MAX_COMMANDS = 10
"""Runs whose command is written out open; more are left to the table of runs."""


def provenance_section(evidence: Evidence) -> Section:
    """Return hashes, versions and settings, the runs with what they differ in, and the commands to repeat them."""
    blocks: list[Block] = [Facts(tuple(_identity(evidence)))]
    if evidence.how_to_repeat:
        blocks.append(Commands("To repeat this comparison:", tuple(evidence.how_to_repeat)))
    blocks += _commands_of_runs(evidence)
    blocks.append(folded_if_long(_runs(evidence)))
    differing = differing_settings(evidence)
    if differing:
        blocks.append(folded_if_long(_differences(differing, evidence)))
    return Section("provenance", "Provenance", blocks)


def differing_settings(evidence: Evidence) -> dict[str, list[str]]:
    """Return the settings in which the contenders' runs differ.

    Args:
        evidence: The comparison.

    Returns:
        By dotted key the value of each contender, several joined where its own runs differ; empty without runs.
    """
    by_contender = [
        [source.run.params for member in each.members for source in member.sources if source.run]
        for each in evidence.comparison.cases.contenders
    ]
    keys = sorted({key for runs in by_contender for params in runs for key in params})
    values = {key: [_joined(runs, key) for runs in by_contender] for key in keys}
    return {key: row for key, row in values.items() if len(set(row)) > 1}


def _joined(runs: list[Mapping[str, str]], key: str) -> str:
    return ", ".join(dict.fromkeys(str(params.get(key, NOTHING)) for params in runs)) or NOTHING


def _identity(evidence: Evidence) -> Iterator[tuple[str, str]]:
    cases, settings = evidence.comparison.cases, evidence.comparison.settings
    yield "Task", cases.task.value
    yield "Split", cases.split
    for key, name in HASHES.items():
        found = {str(value) for *_, source, _ in evidence.sources if (value := source.predictions.metadata.get(key))}
        if found:
            yield name, ", ".join(sorted(found))
    yield "Primary metric", evidence.comparison.primary.metric.name
    yield "Margin", f"{settings.margin.value:g}, stated {settings.margin.origin}"
    yield "Confidence level", f"{settings.confidence_level:g}"
    yield "Power", f"{settings.power:g}"
    yield "Bootstrap", f"{settings.num_resamples} resamples, seed {settings.bootstrap_seed}"
    yield "Smallest subgroup", f"{settings.min_group_size} cases, {settings.min_group_events} of each class"
    yield "Versions", ", ".join([f"reprodx {reprodx.__version__}", *versions()])


def _runs(evidence: Evidence) -> Table:
    rows = []
    for name, member, source, threshold in evidence.sources:
        metadata, tags = source.predictions.metadata, source.run.tags if source.run else {}
        dirty = " with changes" if str(tags.get(f"{TAG_PREFIX}git_dirty")).lower() == "true" else ""
        commit = tags.get(f"{TAG_PREFIX}git_commit", "")[:SHORT_HASH]
        rows.append(
            (
                source.label,
                name,
                source.run.run_id if source.run else "file",
                NOTHING if member.seed is None else str(member.seed),
                str(member.repeat),
                number(threshold),
                str(metadata.get("config_hash") or NOTHING)[:SHORT_HASH],
                f"{commit}{dirty}" if commit else NOTHING,
            )
        )
    return Table(
        key="runs",
        caption="Runs and files that are compared",
        columns=("Run or file", "Model", "Run id", "Seed", "Repetition", "Threshold", "Config hash", "Commit"),
        rows=tuple(rows),
        text_columns=("Model", "Run id", "Config hash", "Commit"),
    )


def _differences(differing: Mapping[str, list[str]], evidence: Evidence) -> Table:
    return Table(
        key="differing-settings",
        caption="Settings in which the models differ",
        columns=("Setting", *evidence.names),
        rows=tuple((key, *row) for key, row in differing.items()),
        text_columns=evidence.names,
    )


def _commands_of_runs(evidence: Evidence) -> list[Block]:
    runs = [source.run for *_, source, _ in evidence.sources if source.run]
    if not runs:
        return [Paragraph("The predictions are files: how to make them again is known to those who made them.")]
    differing = {key for key in differing_settings(evidence) if not key.startswith("model.")}
    blocks: list[Block] = [
        Commands(
            "To train and score a run again, in a clone of the project at the run's commit; all its settings are in "
            "its artifact config.yaml:",
            tuple(_command(run, differing) for run in runs[:MAX_COMMANDS]),
        )
    ]
    if len(runs) > MAX_COMMANDS:
        blocks.append(Paragraph(f"Written out are {MAX_COMMANDS} of {len(runs)} runs."))
    return blocks


def _command(run: TrackedRun, differing: set[str]) -> str:
    """Return the command with the model, its settings, the seed, and what else the runs differ in."""
    params = dict(run.params)
    overrides = [f"model={name}"] if (name := params.pop("model.name", None)) else []
    kept = [key for key in params if key.startswith("model.") or key == "seed" or key in differing]
    overrides += [f"{key}={params[key]}" for key in kept]
    command = " ".join(["reprodx run", *map(shlex.quote, overrides)])
    commit = run.tags.get(f"{TAG_PREFIX}git_commit", "")[:SHORT_HASH]
    return f"{command}  # run {run.run_id}" + (f", commit {commit}" if commit else "")
