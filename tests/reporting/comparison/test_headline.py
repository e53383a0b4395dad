"""The opening says who is better, how sure that is, and what to distrust."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from reprodx.artifacts.openings import Ledger
from reprodx.comparison.result import Comparison, Word
from reprodx.metrics.difference import Difference
from reprodx.reporting.comparison.evidence import Evidence
from reprodx.reporting.comparison.headline import headline, key_numbers, notices, verdict_words
from reprodx.schemas import Estimate


def test_the_headline_holds_verdict_values_difference_p_and_cases(
    two: Comparison, evidence_of: Callable[..., Evidence]
) -> None:
    assert headline(evidence_of(two)).replace("\N{NO-BREAK SPACE}", " ") == (
        "forest is superior to logistic: AUROC 0.840 against 0.800, a difference of +0.040 (95% CI +0.010 to +0.070; "
        "p < 0.001), on the test split: 240 patients, 120 positive (disease)."
    )


def test_of_several_models_the_headline_counts_the_verdicts(
    seven: Comparison, evidence_of: Callable[..., Evidence]
) -> None:
    told = headline(evidence_of(seven))
    assert told.endswith("Of 6 models compared with logistic: 1 superior, 4 non-inferior, 1 inconclusive.")
    assert "Holm over 6 pairs" in told


def test_an_undefined_difference_is_said_with_its_reason(two: Comparison, evidence_of: Callable[..., Evidence]) -> None:
    undefined = Difference(Estimate.undefined("one class only: no positive case", n=240), None, None)
    pair = replace(two.primary.pairs[0], difference=undefined, p_holm=None, p_bh=None)
    comparison = replace(two, metrics=(replace(two.primary, pairs=(pair,)), *two.metrics[1:]))
    assert headline(evidence_of(comparison)).startswith("The difference in AUROC cannot be estimated on the test split")
    assert headline(evidence_of(comparison)).endswith("one class only: no positive case.")
    assert [item.value for item in key_numbers(evidence_of(comparison)).items][2] == "\N{EN DASH}"


def test_a_value_without_interval_says_why(two: Comparison, evidence_of: Callable[..., Evidence]) -> None:
    found = Difference(Estimate(0.1, None, None, 9, 4, "z", "interval not estimable: the variance is zero"), None, None)
    pair = replace(two.primary.pairs[0], difference=found, p_holm=None)
    comparison = replace(two, metrics=(replace(two.primary, pairs=(pair,)),))
    assert "a difference of +0.100 (interval not estimable: the variance is zero)" in headline(evidence_of(comparison))


@pytest.mark.parametrize(
    ("word", "words"),
    [
        (Word.SUPERIOR, "forest is superior to logistic"),
        (Word.INFERIOR, "forest is inferior to logistic"),
        (Word.NON_INFERIOR, "forest is non-inferior to logistic within the margin of 0.020 and not shown to be better"),
        (Word.INCONCLUSIVE, "Whether forest or logistic is better is not shown"),
    ],
)
def test_each_verdict_has_its_words(
    two: Comparison, evidence_of: Callable[..., Evidence], word: Word, words: str
) -> None:
    verdict = replace(two.verdicts[0], word=word)
    assert verdict_words(verdict, evidence_of(two)) == words


def test_key_numbers_are_both_values_the_difference_and_what_it_would_take(
    two: Comparison, evidence_of: Callable[..., Evidence]
) -> None:
    lacking = replace(two, verdicts=(replace(two.verdicts[0], patients_needed=None, seeds_needed=True),))
    items = {item.label: item.value for item in key_numbers(evidence_of(two)).items}
    assert key_numbers(evidence_of(lacking)).items[-1].value == "more seeds"
    assert items == {
        "AUROC, forest": "0.840",
        "AUROC, logistic": "0.800",
        "Difference": "+0.040",
        "Detectable": "0.031",
        "Patients needed": "1\N{NARROW NO-BREAK SPACE}234",
    }


def test_a_model_worse_than_chance_is_warned_of(two: Comparison, evidence_of: Callable[..., Evidence]) -> None:
    low = replace(two.primary, estimates=(two.primary.estimates[0], Estimate(0.2, 0.1, 0.3, 240, 120, "logit DeLong")))
    (found,) = notices(evidence_of(replace(two, metrics=(low,))))
    assert (found.heading, found.is_alarming) == ("Worse than chance", True)
    assert "AUROC of forest is 0.200" in found.text


def test_made_up_cases_unnamed_patients_lost_cases_and_old_test_cases_are_warned_of(
    compared: Callable[..., Comparison],
    changed: Callable[..., Comparison],
    evidence_of: Callable[..., Evidence],
    two: Comparison,
    ledger: Ledger,
) -> None:
    assert notices(evidence_of(two)) == []
    synthetic = changed(compared(is_synthetic=True), has_patients=False)
    first, second = synthetic.cases.contenders
    lost = changed(synthetic, contenders=(first, replace(second, num_lost=7)))
    found = notices(evidence_of(lost, ledger))
    assert [(notice.heading, notice.is_alarming) for notice in found] == [
        ("Synthetic data", True),
        ("Independence is assumed", False),
        ("Only the common cases are compared", False),
        ("Other experiments have opened the test split", False),
    ]
    assert "7 cases" in found[2].text
    assert "scored by 2 experiments, 3 times in all: a repeat is no new look. Not compared here: 1." in found[3].text


def test_repeats_of_what_is_compared_are_no_new_looks(
    two: Comparison, ledger: Ledger, evidence_of: Callable[..., Evidence]
) -> None:
    own = tuple(one for one in ledger.openings if one.name == "logistic")
    assert notices(evidence_of(two, replace(ledger, openings=own))) == []
    assert notices(evidence_of(two, replace(ledger, openings=own[:1]))) == []


def test_a_margin_that_changed_after_the_first_look_is_warned_of(
    two: Comparison, ledger: Ledger, evidence_of: Callable[..., Evidence]
) -> None:
    first, *others = (one for one in ledger.openings if one.name == "logistic")
    noted = replace(ledger, openings=(replace(first, margin="0.05"), *others))
    (warned,) = notices(evidence_of(two, noted))
    assert warned.text == "The margin was 0.05 at the first opening of this test split and is 0.02 now."
    brier = replace(two, settings=replace(two.settings, metric="brier"))
    assert notices(evidence_of(brier, noted)) == []
