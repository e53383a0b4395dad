"""Quality, privacy and limits in words."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from reprodx.reporting.generation.judgement import limits_section, privacy_section, quality_section
from reprodx.reporting.page import Bullets, Notice, Paragraph
from reprodx.schemas import TEST, VAL

if TYPE_CHECKING:
    from collections.abc import Callable

    from reprodx.artifacts.samples import Samples
    from reprodx.metrics.generation.scorecard import GeneratorScores
    from reprodx.reporting.generation.evaluation import GeneratorEvaluation
    from reprodx.reporting.page import Section

    Evaluated = Callable[..., GeneratorEvaluation]


def words(section: Section) -> str:
    """Return paragraphs and lists as text."""
    texts = [block.text for block in section.blocks if isinstance(block, (Paragraph, Notice))]
    return "\n".join(
        [*texts, *(item for block in section.blocks if isinstance(block, Bullets) for item in block.items)]
    )


def test_quality_says_what_classifiers_see_and_whether_it_is_chance(
    evaluated: Evaluated, scored: Callable[..., GeneratorScores]
) -> None:
    said = words(quality_section(evaluated()))
    assert "they do not see whether anatomy is right" in said
    assert "p < 0.001, one-sided" in said
    guessing = replace(scored(is_text=False), p_value=0.25)
    assert "p = 0.250" in words(quality_section(evaluated(scores={VAL: guessing, TEST: guessing})))
    unknown = replace(scored(is_text=False), p_value=None)
    assert "one-sided" not in words(quality_section(evaluated(scores={VAL: unknown, TEST: unknown})))


def test_cases_of_no_class_teach_nothing(evaluated: Evaluated, sampled: Callable[..., Samples]) -> None:
    assert "of no class in particular" not in words(quality_section(evaluated()))
    assert "of no class in particular" in words(quality_section(evaluated(samples=sampled(False, names=("",)))))


def test_privacy_has_a_verdict_and_says_what_it_cannot_show(
    evaluated: Evaluated, scored: Callable[..., GeneratorScores]
) -> None:
    clean = privacy_section(evaluated())
    assert "it is not shown that the generator gives training patients away" in words(clean)
    assert "0 generated cases equal a training case" in words(clean)
    assert "no guarantee" in words(clean)
    assert not [block for block in clean.blocks if isinstance(block, Notice)]
    copying = replace(scored(is_text=False), copies="23% are copies", num_duplicates=1)
    accused = privacy_section(evaluated(scores={VAL: copying, TEST: copying}))
    (notice,) = [block for block in accused.blocks if isinstance(block, Notice)]
    assert notice.is_alarming
    assert notice.text.startswith("23% are copies. ")
    assert "1 generated case equals a training case" in words(accused)


def test_blind_spots_and_limits_are_those_of_the_kind(evaluated: Evaluated) -> None:
    of_pictures, of_texts = (
        words(privacy_section(one)) + words(limits_section(one)) for one in (evaluated(), evaluated(is_text=True))
    )
    assert "32 x 32 pixels" in of_pictures
    assert "32 x 32 pixels" not in of_texts
    assert "temperature of 0.8" in of_texts
    assert "temperature" not in of_pictures
    assert "How often this test split has been looked at before is not recorded here." in of_pictures
