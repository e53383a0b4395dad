"""The card of a generator: what it makes, how good that is, and whose it might be, in the form of the Hugging Face hub.

Source: Mitchell et al, Model cards for model reporting, FAT* 2019;220; https://huggingface.co/docs/hub/model-cards.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from reprodx.inputs import Modality
from reprodx.reporting.generation.headline import headline, notices
from reprodx.reporting.generation.judgement import limits_section, privacy_section, quality_section
from reprodx.reporting.markdown import as_markdown, escaped, write_markdown
from reprodx.reporting.page import Facts, Table
from reprodx.reporting.provenance import flat_settings, provenance_section
from reprodx.reporting.wording import counted

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from reprodx.reporting.generation.evaluation import GeneratorEvaluation

logger = logging.getLogger(__name__)

PIPELINES = {Modality.IMAGE: "unconditional-image-generation", Modality.TEXT: "text-generation"}
"""What the hub calls what it does."""
MADE_WITH = ("model", "optimizer", "scheduler", "trainer", "split", "seed")
"""Sections of the settings that training follows."""


def write_generator_card(path: Path, evaluation: GeneratorEvaluation) -> None:
    """Write the card as Markdown with its metadata as YAML; equal arguments and versions give equal bytes.

    Args:
        path: Of the file, replaced as a whole or not at all.
        evaluation: Of the generator; neither a sample nor a value of a case is shown.
    """
    write_markdown(path, "generator_card.md.j2", _content(evaluation))
    logger.info("wrote the model card %s", path)


def metadata(evaluation: GeneratorEvaluation) -> dict[str, Any]:
    """Return what the hub reads of a card; the licence is left out, because nobody stated one."""
    doubts = {
        "synthetic-data": evaluation.manifest.get("is_synthetic"),
        "leaky": evaluation.manifest["leaky"],
        "copies-training-cases": evaluation.copies,
    }
    return {
        "tags": ["reprodx", "generation", evaluation.modality.value, *(tag for tag, holds in doubts.items() if holds)],
        "library_name": "reprodx",
        "pipeline_tag": PIPELINES[evaluation.modality],
        "datasets": [evaluation.config["data"]["name"]],
    }


def _content(evaluation: GeneratorEvaluation) -> dict[str, Any]:
    import yaml

    chosen = {section: evaluation.config[section] for section in MADE_WITH if section in evaluation.config}
    settings = Table("settings", "Settings of training", ("Setting", "Value"), tuple(flat_settings(chosen)))
    identity = [block for block in provenance_section(evaluation).blocks if isinstance(block, Facts)]
    return {
        "front_matter": yaml.safe_dump(metadata(evaluation), sort_keys=False, allow_unicode=True, width=10**6),
        "title": escaped(evaluation.title),
        "headline": escaped(headline(evaluation)),
        "notices": [as_markdown(notice) for notice in notices(evaluation)],
        "description": as_markdown(Facts(tuple(_description(evaluation)))),
        "quality": [as_markdown(block) for block in quality_section(evaluation).blocks],
        "privacy": [as_markdown(block) for block in privacy_section(evaluation).blocks],
        "limits": [as_markdown(block) for block in limits_section(evaluation).blocks],
        "settings": as_markdown(settings),
        "identity": [as_markdown(block) for block in identity],
    }


def _description(evaluation: GeneratorEvaluation) -> Iterator[tuple[str, str]]:
    model, names = evaluation.config["model"], evaluation.samples.names
    yield "Model type", f"{model['name']}, {model['_target_']}" if "_target_" in model else model["name"]
    yield (
        "Makes",
        f"{evaluation.kind} of {counted(len(names), 'class', 'classes')}: {', '.join(names)}"
        if (evaluation.is_of_classes)
        else evaluation.kind,
    )
    yield "Training", f"{counted(len(evaluation.history), 'epoch')}"
    yield "Trained on", counted(evaluation.manifest["splits"]["train"]["cases"], "case")
