"""What is said first: the result in words, and every reason for doubt."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from reprodx.reporting.generation.headline import headline, key_numbers, notices
from reprodx.schemas import TEST, VAL, Estimate

if TYPE_CHECKING:
    from collections.abc import Callable

    from reprodx.metrics.generation.scorecard import GeneratorScores
    from reprodx.reporting.generation.evaluation import GeneratorEvaluation

    Evaluated = Callable[..., GeneratorEvaluation]
    Scored = Callable[..., GeneratorScores]

PERFECT = Estimate(1.0, None, None, 100, None, "none", "the classes are separated without error")


def of_test(
    evaluated: Evaluated, scored: Scored, *, is_text: bool = False, **estimates: Estimate
) -> GeneratorEvaluation:
    return evaluated(is_text=is_text, scores={VAL: scored(is_text), TEST: scored(is_text, **estimates)})


def headings(evaluation: GeneratorEvaluation) -> list[str]:
    return [notice.heading for notice in notices(evaluation)]


def test_pictures_are_told_apart_and_learnt_from(evaluated: Evaluated) -> None:
    assert headline(evaluated()) == (
        "A classifier tells its pictures from real ones with an AUROC of 0.900 (95%\N{NO-BREAK SPACE}CI 0.850 to "
        "0.950). Learning to diagnose from generated pictures alone reaches 0.700 on real ones, where real pictures "
        "teach 0.850 (difference \N{MINUS SIGN}0.150, 95%\N{NO-BREAK SPACE}CI \N{MINUS SIGN}0.200 to "
        "\N{MINUS SIGN}0.100)."
    )


def test_texts_begin_with_their_perplexity(evaluated: Evaluated) -> None:
    said = headline(evaluated(is_text=True))
    assert said.startswith("Perplexity 12.0 (95%\N{NO-BREAK SPACE}CI 11.9 to 12.1) per token of real test texts;")
    assert "counting pairs of tokens gives 30.0." in said


@pytest.mark.parametrize(
    ("estimate", "expected"),
    [
        (PERFECT, "A classifier tells every one of its pictures from real ones (AUROC 1)."),
        (
            Estimate(0.52, 0.45, 0.6, 100, None, "b"),
            "It is not shown that generated pictures can be told from real ones:",
        ),
        (Estimate.undefined("too few", n=2), "cannot be estimated on the test split: too few."),
    ],
)
def test_what_cannot_be_told_is_said_otherwise(
    evaluated: Evaluated, scored: Scored, estimate: Estimate, expected: str
) -> None:
    assert expected in headline(of_test(evaluated, scored, two_sample_auroc=estimate))


def test_nothing_is_said_of_learning_where_there_are_no_classes(evaluated: Evaluated, scored: Scored) -> None:
    unknown = Estimate.undefined("of no class", n=9)
    assert "diagnose" not in headline(of_test(evaluated, scored, tstr_auroc=unknown, tstr_minus_trtr=unknown))


def test_one_that_copies_says_so_first_and_alarms(evaluated: Evaluated, scored: Scored) -> None:
    copying = replace(scored(is_text=False), copies="23% of the generated cases are copies")
    evaluation = evaluated(scores={VAL: scored(is_text=False), TEST: copying})
    assert headline(evaluation).startswith("The generator gives training patients away")
    (notice,) = [one for one in notices(evaluation) if one.is_alarming]
    assert notice.text.startswith("23% of the generated cases are copies. ")
    said_of_cases = [one.text for each in (evaluation, evaluated()) for one in notices(each)[-1:]]
    assert ["of no patient" in text for text in said_of_cases] == [False, True]
    assert headings(evaluated())[-1] == "Generated, not observed"
    assert not [one for one in notices(evaluated()) if one.is_alarming]


def test_doubts_about_data_and_training_are_notices(evaluated: Evaluated) -> None:
    doubtful = evaluated(warnings=("mode collapse from epoch 40",), manifest={"is_synthetic": True, "leaky": True})
    assert headings(doubtful) == [
        "Synthetic data",
        "Leaky: do not use this result",
        "Training did not go well",
        "Generated, not observed",
    ]
    assert "Mode collapse from epoch 40. " in notices(doubtful)[2].text
    assert headings(evaluated(manifest={"has_patients": False})) == [
        "Independence is assumed",
        "Generated, not observed",
    ]


def test_pictures_that_are_always_told_apart_or_all_alike_are_notices(evaluated: Evaluated, scored: Scored) -> None:
    alike = Estimate(0.006, 0.005, 0.007, 100, None, "b")
    evaluation = of_test(evaluated, scored, two_sample_auroc=PERFECT, diversity=alike)
    assert headings(evaluation)[:2] == ["Told apart from real ones always", "All much the same"]
    assert "by 0.6% of what real ones do" in notices(evaluation)[1].text


@pytest.mark.parametrize(("is_text", "num"), [(False, 5), (True, 7)])
def test_key_numbers_are_those_that_were_made(evaluated: Evaluated, is_text: bool, num: int) -> None:
    items = key_numbers(evaluated(is_text=is_text)).items
    assert len(items) == num
    assert items[0].value == "0.900"
    assert items[0].interval == "95%\N{NO-BREAK SPACE}CI 0.850 to 0.950"
