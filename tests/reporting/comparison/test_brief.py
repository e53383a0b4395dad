"""The questions of a hurried reader have answers."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from reprodx.artifacts.openings import Ledger
from reprodx.comparison.result import Comparison, Selection
from reprodx.comparison.settings import Margin
from reprodx.reporting.comparison.brief import brief, seeds_words, selection_words
from reprodx.reporting.comparison.evidence import Evidence
from reprodx.schemas import Estimate, Task


def answers(evidence: Evidence) -> dict[str, str]:
    return dict(brief(evidence).rows)


def test_every_question_of_a_reader_is_answered(
    two: Comparison, ledger: Ledger, evidence_of: Callable[..., Evidence]
) -> None:
    found = answers(evidence_of(two, ledger))
    assert found["Which model is better?"] == "forest is superior to logistic."
    assert "+0.040 (+0.010 to +0.070)" in found["By how much?"]
    for part in ("p < 0.001", "0.020: stated in the runs' configuration", "0.031 on with 80% power", "234 patients"):
        assert part in found["How sure is that?"]
    assert found["For whom?"].startswith("240 patients, 120 positive (disease). Of 4 groups compared")
    assert "forest at 0.400, sensitivity 0.800 and specificity 0.790" in found["At which threshold?"]
    assert "3 times" in found["How often were these cases looked at?"]
    assert found["How is it run again?"].startswith("reprodx compare run0 run1")


def test_thresholds_of_members_that_are_equal_are_several(
    two: Comparison, evidence_of: Callable[..., Evidence]
) -> None:
    first, *others = two.cases.contenders
    (member,) = first.members
    for values, words in (((0.4, 0.4, 0.4), "0.400 in each of 3 members"), ((0.4, 0.4, 0.3), "3 thresholds, one for")):
        members = tuple(replace(member, thresholds=(value,), seed=seed) for seed, value in enumerate(values))
        cases = replace(two.cases, contenders=(replace(first, members=members), *others))
        assert f"at {words}" in answers(evidence_of(replace(two, cases=cases)))["At which threshold?"]


def test_groups_in_which_the_difference_is_another_are_named(
    two: Comparison, evidence_of: Callable[..., Evidence]
) -> None:
    north, *others = two.groups
    groups = (replace(north, p_holm=0.01, interaction_p=0.02), *others)
    told = answers(evidence_of(replace(two, groups=groups)))["For whom?"]
    assert "a difference is shown in: site north. It is unlike that of the rest in: site north." in told
    assert "neither sites nor groups" in answers(evidence_of(replace(two, groups=())))["For whom?"]
    few = tuple(group for group in two.groups if group.group == "tiny")
    assert "No site or subgroup was large enough" in answers(evidence_of(replace(two, groups=few)))["For whom?"]


def test_a_margin_that_nobody_stated_is_none(two: Comparison, evidence_of: Callable[..., Evidence]) -> None:
    settings = replace(two.settings, margin=Margin(0.0, "by nobody for brier, so that none is assumed"))
    told = answers(evidence_of(replace(two, settings=settings)))["How sure is that?"]
    assert "There is no margin within which a model counts as no worse: stated by nobody for brier" in told


def test_the_luck_of_the_best_is_named_where_the_choice_was_made_on_the_same_cases(
    two: Comparison, selected: Callable[..., Selection], evidence_of: Callable[..., Evidence]
) -> None:
    names = evidence_of(two).names
    assert "the choice takes nothing from that number" in selection_words(selected(two), names)
    lucky = selection_words(selected(two, 0.02), names)
    assert lucky.endswith(
        "where it has 0.840 (0.810 to 0.870). That looks 0.020 better than it is by the luck of being the best of 2: "
        "corrected for it, the score is 0.840 (0.810 to 0.870)."
    )


@pytest.mark.parametrize("optimism", [-0.02, 0.0, 0.0004])
def test_a_winner_that_was_not_lucky_is_said_to_be_so(
    two: Comparison, selected: Callable[..., Selection], evidence_of: Callable[..., Evidence], optimism: float
) -> None:
    told = selection_words(selected(two, optimism), evidence_of(two).names)
    assert "No luck is seen in being the best of 2: corrected for it, the score is 0.840" in told
    assert "better than it is" not in told


def test_luck_that_cannot_be_estimated_is_not_called_none(
    two: Comparison, selected: Callable[..., Selection], evidence_of: Callable[..., Evidence]
) -> None:
    unknown = replace(selected(two, 0.02), optimism=None, score=Estimate.undefined("no resample leaves it out", n=9))
    told = selection_words(unknown, evidence_of(two).names)
    assert told.endswith(
        "How much of that is the luck of being the best of 2 is not estimable: no resample leaves it out."
    )
    assert "Scored once" not in told


def test_what_the_intervals_cover_is_said_of_every_comparison(
    two: Comparison, compared: Callable[..., Comparison], evidence_of: Callable[..., Evidence]
) -> None:
    assert "another seed" in answers(evidence_of(two))["What do the intervals cover?"]
    assert "other seeds" in answers(evidence_of(compared(seeds=2)))["What do the intervals cover?"]


def test_seeds_are_told_one_by_one_where_few_and_by_the_largest_where_many(
    compared: Callable[..., Comparison], seven: Comparison, two: Comparison, evidence_of: Callable[..., Evidence]
) -> None:
    assert seeds_words(evidence_of(two)) == ""
    assert "What do seeds change?" not in answers(evidence_of(two))
    told = answers(evidence_of(compared(seeds=2)))["What do seeds change?"]
    assert "forest: 2 members, standard deviation 0.010, their ensemble 0.900" in told
    assert answers(evidence_of(seven))["What do seeds change?"].startswith("7 models have several members")


def test_tasks_with_several_questions_say_how_cases_are_called(
    compared: Callable[..., Comparison], evidence_of: Callable[..., Evidence]
) -> None:
    classes = answers(evidence_of(compared(Task.MULTICLASS)))["At which threshold?"]
    assert classes == "Each case is called the class with the highest probability."
    labels = answers(evidence_of(compared(Task.MULTILABEL)))["At which threshold?"]
    assert labels.startswith("Each label has a threshold of its own")
