"""The table on the terminal: narrow, plain, and with every verdict."""

from dataclasses import replace

import pytest

from reprodx.metrics.difference import Difference
from reprodx.reporting.comparison_table import WIDTH, comparison_table
from reprodx.schemas import Estimate, Task
from tests.comparisons import make_comparison, make_selection, with_cases


@pytest.mark.parametrize("task", list(Task))
@pytest.mark.parametrize("num_contenders", [2, 7, 50])
def test_it_fits_an_ascii_terminal_of_a_hundred_columns(task: Task, num_contenders: int) -> None:
    text = comparison_table(make_comparison(task, num_contenders))
    assert text.isascii()
    assert all(len(line) <= WIDTH for line in text.splitlines())
    assert text.endswith("\n")


def test_each_model_has_value_difference_p_and_verdict() -> None:
    lines = comparison_table(make_comparison(num_contenders=3)).splitlines()
    assert lines[0] == "3 models on the test split: 240 patients. Reference: logistic."
    assert lines[3].split() == ["model", "AUROC", "difference", "p", "(Holm)", "verdict"]
    assert lines[5].split()[:2] + lines[5].split()[-1:] == ["logistic", "0.800", "reference"]
    assert lines[6].split() == [
        *("forest", "0.853", "(0.823", "to", "0.883)", "+0.053", "(+0.023", "to", "+0.083)", "0.0008", "superior")
    ]


def test_p_of_one_pair_is_not_called_adjusted() -> None:
    text = comparison_table(make_comparison())
    assert "Holm" not in text
    header, _, _, forest = text.splitlines()[3:7]
    assert header.split() == ["model", "AUROC", "difference", "p", "verdict"]
    assert forest.split()[-2:] == ["0.0004", "superior"]


def test_what_it_would_take_stands_after_the_reason() -> None:
    comparison = make_comparison()
    text = " ".join(comparison_table(comparison).split())
    assert "would show a true difference from 0.031 on with 80% power. About 1,234 patients would be needed to" in text
    lacking = replace(comparison.verdicts[0], patients_needed=None, seeds_floor=0.025, seeds_needed=True)
    text = " ".join(comparison_table(replace(comparison, verdicts=(lacking,))).split())
    assert "More seeds are needed to tell a difference of the margin from none" in text
    assert "hides any under 0.025, whatever the number of patients." in text
    assert "would be needed" not in text


def test_other_metrics_are_shown_of_few_pairs_alone() -> None:
    assert "Brier score" in comparison_table(make_comparison())
    assert "Brier score" not in comparison_table(make_comparison(num_contenders=7))


def test_pairs_without_the_reference_and_what_is_undefined_have_their_lines() -> None:
    comparison = make_comparison(num_contenders=3)
    undefined = Difference(Estimate.undefined("one class only", n=9), None, None)
    between = replace(comparison.primary.pairs[0], first=2, second=1, difference=undefined, p_holm=None)
    primary = replace(comparison.primary, pairs=(*comparison.primary.pairs, between))
    lines = comparison_table(replace(comparison, metrics=(primary,))).splitlines()
    (line,) = [line for line in lines if line.startswith("mlp - forest")]
    assert line.split()[3:] == ["not", "estimable", "-"]


def test_selection_unnamed_patients_notes_and_long_or_foreign_names_are_told() -> None:
    comparison = make_comparison()
    first, second = comparison.cases.contenders
    named = replace(second, name="réseau" + "x" * 40)
    told = with_cases(comparison, has_patients=False, notes=("Sites differ.",), contenders=(first, named))
    text = comparison_table(replace(told, selection=make_selection(told, 0.02)))
    assert text.startswith("2 models on the test split: 240 cases. Reference: logistic.")
    assert "looks 0.020 better than it is by the luck of being the best of 2" in " ".join(text.split())
    assert "Sites differ." in text
    assert "r?seau~" + "x" * 13 in text
