"""What a generator added to the training cases, and whether it gives them back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from reprodx.artifacts.predictions import GENERATED_CASES
from reprodx.reporting.generation.measures import PRIVACY, told
from reprodx.reporting.page import Block, Bullets, Facts, Notice, Paragraph, Table
from reprodx.reporting.wording import count, counted, percent
from reprodx.schemas import Estimate

if TYPE_CHECKING:
    from collections.abc import Mapping

    from reprodx.reporting.evaluation import Evaluation
    from reprodx.reporting.provenance import Judged


def generated_blocks(evaluation: Evaluation) -> list[Block]:
    """Return which cases were generated, how the generator was, and whether it copies; nothing where none were."""
    added = evaluation.predictions.metadata.get(GENERATED_CASES)
    if not added:
        return []
    num_generated, num_real = (sum(added[key].values()) for key in ("num_generated", "num_real"))
    who = (
        f"{counted(num_generated, 'case')} beside {counted(num_real, 'real training case')} were made by a generator "
        "that learnt the training cases alone. All validation and test cases are real, and counts elsewhere in this "
        "report leave generated cases out."
    )
    return [
        Paragraph(who),
        _counts(added, evaluation),
        _privacy(added),
        *_health(added),
        Facts((("Generator", added["generator_hash"]), ("Epochs of the generator", count(added["num_epochs"])))),
    ]


def copies_notice(evaluation: Judged) -> Notice | None:
    """Return that the generator copies its training cases and was used all the same; None where it does not."""
    copies = evaluation.metadata.get(GENERATED_CASES, {}).get("copies")
    if not copies:
        return None
    return Notice(
        "The generator copies its training cases",
        f"Generated training cases may show real patients: {copies}. This was let through by "
        "augmentation.acknowledge_copies.",
    )


def _counts(added: Mapping[str, Any], evaluation: Evaluation) -> Table:
    rows = []
    for name in evaluation.classes:
        real, generated = added["num_real"].get(name, 0), added["num_generated"].get(name, 0)
        rows.append((name, count(real), count(generated), percent(generated, real + generated)))
    columns = ("Class", "Real", "Generated", "Share that is generated")
    return Table("generated-cases", "Generated training cases", columns, tuple(rows))


def _privacy(added: Mapping[str, Any]) -> Table:
    found = {name: Estimate(**{"reason": None, **entry}) for name, entry in added["privacy"].items()}
    made = [measure for measure in PRIVACY if measure.name in found]
    return Table(
        key="generated-privacy",
        caption="Do generated cases give training cases back? (95%\N{NO-BREAK SPACE}CI)",
        columns=("Measure", "Training against validation", "How to read it"),
        rows=tuple((one.label, told(found[one.name]), one.meaning.format(kind="cases")) for one in made),
        text_columns=("How to read it",),
        notes=(
            f"Verdict: {_verdict(added['copies'], found['copied_share'])}.",
            *(f"{one.label}: {found[one.name].reason}." for one in made if found[one.name].reason),
        ),
    )


def _verdict(copies: str | None, copied: Estimate) -> str:
    if copies or copied.value is not None:
        return copies or "the generator does not count as one that copies"
    return f"whether the generator copies is not known: {copied.reason}"


def _health(added: Mapping[str, Any]) -> list[Block]:
    if not added["warnings"]:
        return []
    return [Paragraph("Found while the generator was trained:"), Bullets(tuple(added["warnings"]))]
