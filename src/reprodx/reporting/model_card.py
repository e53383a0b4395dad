"""The model card: what a model is, what it is for, and how well it does, in the form of the Hugging Face hub.

Source: Mitchell et al, Model cards for model reporting, FAT* 2019;220; the hub's template of model cards and the
metadata that its `model-index` takes, https://huggingface.co/docs/hub/model-cards.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

import reprodx
from reprodx.inputs import Modality
from reprodx.metrics.failures import count_failures
from reprodx.reporting.checklist.data_answers import modality
from reprodx.reporting.checklist.guideline import questions
from reprodx.reporting.evaluation import SPLIT_NAMES
from reprodx.reporting.generated_block import generated_blocks
from reprodx.reporting.headline import headline, notices
from reprodx.reporting.markdown import as_markdown, escaped, write_markdown
from reprodx.reporting.metric_tables import group_tables, metric_tables
from reprodx.reporting.page import Facts, Table
from reprodx.reporting.participants import class_values
from reprodx.reporting.provenance import flat_settings, limits_section, provenance_section
from reprodx.reporting.wording import count, counted, number, with_interval
from reprodx.schemas import SPLITS, Task

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from reprodx.artifacts.explanations import FailureCount
    from reprodx.metrics.asked import Asked
    from reprodx.metrics.metric import Metric
    from reprodx.reporting.evaluation import Evaluation
    from reprodx.reporting.page import Block
    from reprodx.schemas import Estimate

logger = logging.getLogger(__name__)

PIPELINES = {
    Modality.TABLE: "tabular-classification",
    Modality.IMAGE: "image-classification",
    Modality.TEXT: "text-classification",
}
"""What the hub calls a task, by modality; signals and series have no name there."""
NO_PIPELINE = "time-series-classification"
"""Of the results of signals and series."""
MADE_WITH = ("model", "optimizer", "scheduler", "augmentation", "trainer", "split", "seed")
"""Sections of the settings that training follows."""
CALIBRATION = {
    "calibration_slope": "slope (1 is ideal)",
    "calibration_in_the_large": "in the large (0 is ideal)",
    "ici": "mean error, ICI",
}


def write_model_card(path: Path, evaluation: Evaluation) -> None:
    """Write the card as Markdown with its metadata as YAML; equal arguments and versions give equal bytes.

    Args:
        path: Of the file, replaced as a whole or not at all.
        evaluation: Of the model; no id and no value of a case is shown.

    Raises:
        MetricError: If a threshold was chosen on the test split, or a probability is not a number.
    """
    write_markdown(path, "model_card.md.j2", _content(evaluation))
    logger.info("wrote the model card %s", path)


def metadata(evaluation: Evaluation) -> dict[str, Any]:
    """Return what the hub reads of a card: tags, data, and results with their intervals.

    Args:
        evaluation: Of the model.

    Returns:
        Plain values; the licence is left out, because nobody stated one.
    """
    kind = modality(evaluation)
    pipeline = PIPELINES.get(Modality(kind))
    results = [_result(*one, evaluation) for one in evaluation.key_numbers]
    found = [result for result in results if result]
    doubts = [tag for tag, holds in _doubts(evaluation).items() if holds]
    return {
        "tags": ["reprodx", "diagnosis", evaluation.task.value, kind, *doubts],
        "library_name": "reprodx",
        **({"pipeline_tag": pipeline} if pipeline else {}),
        "datasets": [evaluation.config["data"]["name"]],
        "metrics": list(dict.fromkeys(result["type"] for result in found)),
        "model-index": [
            {
                "name": evaluation.config["model"]["name"],
                "results": [
                    {
                        "task": {"type": pipeline or NO_PIPELINE, "name": f"{evaluation.task.value} diagnosis"},
                        "dataset": {
                            "type": evaluation.config["data"]["name"],
                            "name": evaluation.config["data"]["name"],
                            "split": "test",
                            "revision": evaluation.manifest["data_hash"],
                        },
                        "metrics": found,
                    }
                ],
            }
        ],
    }


def _doubts(evaluation: Evaluation) -> dict[str, bool]:
    return {
        "synthetic-data": bool(evaluation.manifest.get("is_synthetic")),
        "leaky": bool(evaluation.manifest["leaky"]),
    }


def _result(metric: Metric, asked: Asked, estimate: Estimate, evaluation: Evaluation) -> dict[str, Any] | None:
    if estimate.value is None:
        return None
    details: dict[str, Any] = {"n": estimate.n, "method": estimate.method}
    if estimate.ci_low is not None and estimate.ci_high is not None:
        level = evaluation.settings.confidence_level
        details |= {"confidence_level": level, "ci_low": float(estimate.ci_low), "ci_high": float(estimate.ci_high)}
    return {
        "type": metric.hub_name or metric.name,
        "name": metric.label_of(asked),
        "value": float(estimate.value),
        "args": details,
    }


def _content(evaluation: Evaluation) -> dict[str, Any]:
    import yaml

    front = yaml.safe_dump(metadata(evaluation), sort_keys=False, allow_unicode=True, width=10**6)
    identity = [block for block in provenance_section(evaluation).blocks if isinstance(block, Facts)]
    return {
        "front_matter": front,
        "title": escaped(f"{evaluation.config['model']['name']} on {evaluation.config['data']['name']}"),
        "headline": escaped(headline(evaluation)),
        "notices": [as_markdown(notice) for notice in notices(evaluation)],
        "description": as_markdown(Facts(tuple(_description(evaluation)))),
        "limits": [as_markdown(block) for block in limits_section(evaluation).blocks],
        "cases": [as_markdown(block) for block in _data(evaluation)],
        "settings": as_markdown(_settings(evaluation)),
        "metrics": [as_markdown(table) for table in metric_tables(evaluation)],
        "calibration": _calibration(evaluation),
        "groups": [as_markdown(table) for table in group_tables(evaluation)],
        "failures": _failures(evaluation),
        "identity": [as_markdown(block) for block in identity],
        "config_hash": evaluation.predictions.metadata["config_hash"],
        "inputs": _inputs(evaluation),
        "version": reprodx.__version__,
        "ask": questions(),
    }


def _data(evaluation: Evaluation) -> list[Block]:
    return [_cases(evaluation), *class_values(evaluation.manifest), *generated_blocks(evaluation)]


def _description(evaluation: Evaluation) -> Iterator[tuple[str, str]]:
    model = evaluation.config["model"]
    yield "Model type", f"{model['name']}, {model['_target_']}" if "_target_" in model else model["name"]
    yield "Task", f"{evaluation.task.value}: {', '.join(evaluation.classes)}"
    yield "Input", modality(evaluation)
    yield "Output", "a probability for each " + ("label" if evaluation.task == Task.MULTILABEL else "class")
    yield "Reference standard", evaluation.manifest["reference_standard"] or "not stated"
    yield "Sampling", evaluation.predictions.sampling.in_words


def _cases(evaluation: Evaluation) -> Table:
    has_patients = evaluation.manifest["has_patients"]
    rows = []
    for split in SPLITS:
        counts = evaluation.manifest["splits"][split]
        by_class = (count(counts["classes"][name]) for name in evaluation.classes)
        patients = [count(counts["patients"])] if has_patients else []
        rows.append((SPLIT_NAMES[split].capitalize(), count(counts["cases"]), *patients, *by_class))
    columns = ("Partition", "Cases", *(["Patients"] if has_patients else []), *evaluation.classes)
    return Table("cases", "Cases of each partition", columns, tuple(rows))


def _settings(evaluation: Evaluation) -> Table:
    chosen = {section: evaluation.config[section] for section in MADE_WITH if section in evaluation.config}
    return Table("settings", "Settings of training", ("Setting", "Value"), tuple(flat_settings(chosen)))


def _calibration(evaluation: Evaluation) -> str:
    if evaluation.question is None:
        return "By class or label where the tables above have it; curves are in the report."
    asked = evaluation.question.asked
    scores = {label: one for name, label in CALIBRATION.items() if (one := evaluation.of(name, asked))}
    told = [f"{label} {_told(estimate)}" for label, estimate in scores.items()]
    return escaped(f"Test, {evaluation.confidence}: {'; '.join(told)}.") if told else "Not estimated."


def _told(estimate: Estimate) -> str:
    """Return a value, with its limits where it has them; the tables say why there are none."""
    return with_interval(estimate) if estimate.value is None or estimate.ci_low is not None else number(estimate.value)


def _failures(evaluation: Evaluation) -> str:
    counts = count_failures(evaluation.test, evaluation.settings.ordinal_cut)
    has_several = len({one.question for one in counts}) > 1
    return "\n".join(f"- {escaped(_failure(one, has_several=has_several))}" for one in counts)


def _failure(one: FailureCount, *, has_several: bool) -> str:
    about = f"{one.question}, " if has_several else ""
    if one.num_failures is None:
        return f"{about}{one.kind.value}: {one.reason}"
    return f"{about}{one.kind.value}: {count(one.num_failures)} of {counted(one.num_cases, 'case')}"


def _inputs(evaluation: Evaluation) -> str:
    """Return the columns that a table of new cases must have."""
    kind = modality(evaluation)
    columns = dict.fromkeys(feature["column"] for feature in evaluation.manifest.get("features", []))
    own = [] if kind == Modality.TABLE else [kind]
    return escaped(", ".join([*own, *columns]))
