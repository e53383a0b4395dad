"""How good generated cases are, whose they might be, and what neither can show."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reprodx.inputs import Modality
from reprodx.reporting.generation.measures import PRIVACY, QUALITY, measured
from reprodx.reporting.page import Bullets, Notice, Paragraph, Section
from reprodx.reporting.provenance import times_opened
from reprodx.reporting.wording import count, counted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reprodx.reporting.generation.evaluation import GeneratorEvaluation
    from reprodx.reporting.page import Block

SMALLEST_P = 0.001
"""Below, a p value is said to be so."""
LIKENESS = {
    Modality.IMAGE: (
        "Pictures are held against each other after being averaged down to 32 x 32 pixels at most: a copy that is "
        "shifted, mirrored or recoloured, or one of a small detail, goes unnoticed."
    ),
    Modality.TEXT: (
        "Texts are held against each other by their tokens and letter by letter: a patient's story in other words "
        "goes unnoticed."
    ),
}
"""What distances do not see."""


def quality_section(evaluation: GeneratorEvaluation) -> Section:
    """Return how real, useful, fluent and diverse the generated cases are."""
    kind = evaluation.kind
    introduction = (
        f"{count(evaluation.num_generated)} generated {kind} were held against real ones of patients that the "
        f"generator has not seen. The classifiers take summary features, {_summary(evaluation)}."
    )
    table = measured(evaluation, QUALITY, "measures", f"How good the generated {kind} are")
    return Section("quality", "Quality", [Paragraph(introduction), *table, *map(Paragraph, _notes(evaluation))])


def privacy_section(evaluation: GeneratorEvaluation) -> Section:
    """Return how near generated cases come to patients, and what that cannot show."""
    kind = evaluation.kind
    blocks: list[Block] = [
        Paragraph(
            f"A generator may learn patients by heart and hand them out. So generated {kind} are held against those "
            "that it was trained on and against those of other patients, from whom it cannot have copied."
        )
    ]
    if evaluation.copies:
        blocks.append(
            Notice(
                "Verdict: it gives training patients away",
                f"{_sentence(evaluation.copies)} Treat it as patients' data.",
                True,
            )
        )
    else:
        blocks.append(Paragraph("Verdict: it is not shown that the generator gives training patients away."))
    blocks += [
        *measured(evaluation, PRIVACY, "privacy-measures", "How near generated cases come to patients"),
        *map(Paragraph, _duplicates(evaluation)),
        Paragraph("What these numbers cannot show:"),
        Bullets(tuple(_blind_spots(evaluation))),
    ]
    return Section("privacy", "Privacy", blocks)


def limits_section(evaluation: GeneratorEvaluation) -> Section:
    """Return what a reader should keep in mind."""
    return Section("limits", "Limits", [Bullets(tuple(_limits(evaluation)))])


def _summary(evaluation: GeneratorEvaluation) -> str:
    if evaluation.modality == Modality.TEXT:
        return "how often words and pairs of words occur; they see no grammar and no sense"
    return "colour, texture, spots and coarse layout; they do not see whether anatomy is right"


def _notes(evaluation: GeneratorEvaluation) -> Iterator[str]:
    p_value = evaluation.test.p_value
    if p_value is not None:
        told = f"p < {SMALLEST_P}" if p_value < SMALLEST_P else f"p = {p_value:.3f}"
        yield f"Told from real test {evaluation.kind} more often than by guessing: {told}, one-sided."
    if not evaluation.is_of_classes:
        yield f"The {evaluation.kind} are of no class in particular, so nothing can be learnt from them about classes."


def _duplicates(evaluation: GeneratorEvaluation) -> Iterator[str]:
    num = evaluation.test.num_duplicates
    if num is not None:
        equal = counted(num, "generated case equals", "generated cases equal")
        yield f"{equal} a training case as far as distances see."


def _blind_spots(evaluation: GeneratorEvaluation) -> Iterator[str]:
    yield "They are of the average case: a single patient with something rare may be given away where most are not."
    yield LIKENESS[evaluation.modality]
    yield "The attack is a simple one; whoever has the generator's weights, or knows more of a patient, can do better."
    yield f"Only {count(evaluation.num_generated)} generated cases were looked at; others may be copies."
    yield "They are measurements and no guarantee, such as differential privacy would be."


def _limits(evaluation: GeneratorEvaluation) -> Iterator[str]:
    kind = evaluation.kind
    yield f"Whether the {kind} are medically right is for people who know the field to judge; no number here says so."
    yield (
        "What the training cases lack, generated ones lack too: a generator adds no observation, and it repeats what "
        "is wrong with its data."
    )
    yield "Intervals show the chance of drawing these cases; not that of training anew, which may go otherwise."
    if evaluation.modality == Modality.TEXT:
        temperature = evaluation.config["evaluation"]["temperature"]
        yield f"Texts were drawn at a temperature of {temperature:g}; at another they are more or less like real ones."
    yield times_opened(evaluation)


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:].rstrip('.')}."
