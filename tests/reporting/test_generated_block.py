"""Who was made by a generator is said in report and model card, and nothing is said where nobody was."""

import dataclasses
from collections.abc import Callable
from pathlib import Path

import pytest

from reprodx.reporting.evaluation import Evaluation
from reprodx.reporting.generated_block import copies_notice, generated_blocks
from reprodx.reporting.headline import notices
from reprodx.reporting.model_card import write_model_card
from reprodx.reporting.page import Bullets, Table
from reprodx.schemas import Estimate

ADDED = {
    "num_generated": {"disease": 30},
    "num_real": {"healthy": 50, "disease": 20},
    "generator_hash": "9" * 64,
    "num_epochs": 60,
    "warnings": ["mode collapse from epoch 40"],
    "privacy": {
        "copied_share": Estimate(0.02, 0.01, 0.04, 30, 1, "Wilson").as_dict(),
        "membership_auroc": Estimate.undefined("too few patients", n=30).as_dict(),
    },
    "copies": None,
}


@pytest.fixture
def with_added(binary: Evaluation) -> Callable[..., Evaluation]:
    """Return a function that adds generated cases to the training of a model."""

    def make(**changes: object) -> Evaluation:
        metadata = {**binary.predictions.metadata, "generated_cases": {**ADDED, **changes}}
        return dataclasses.replace(binary, predictions=dataclasses.replace(binary.predictions, metadata=metadata))

    return make


def test_a_model_without_generated_cases_says_nothing_of_them(binary: Evaluation) -> None:
    assert generated_blocks(binary) == []
    assert copies_notice(binary) is None


def test_real_and_generated_cases_are_counted_apart(with_added: Callable[..., Evaluation]) -> None:
    paragraph, counts, *_ = generated_blocks(with_added())
    assert paragraph.text.startswith("30 cases beside 70 real training cases were made by a generator")
    assert counts.rows == (("healthy", "50", "0", "0.0%"), ("disease", "20", "30", "60.0%"))


def test_privacy_and_health_are_told_with_intervals_and_reasons(with_added: Callable[..., Evaluation]) -> None:
    blocks = generated_blocks(with_added())
    (privacy,) = (block for block in blocks if isinstance(block, Table) and block.key == "generated-privacy")
    (health,) = (block for block in blocks if isinstance(block, Bullets))
    assert [row[:2] for row in privacy.rows] == [
        ("Copies", "0.020 (0.010 to 0.040)"),
        ("Membership attack, AUROC", "not estimable"),
    ]
    assert privacy.notes == (
        "Verdict: the generator does not count as one that copies.",
        "Membership attack, AUROC: too few patients.",
    )
    assert health.items == ("mode collapse from epoch 40",)
    assert not any(isinstance(block, Bullets) for block in generated_blocks(with_added(warnings=[])))


def test_a_copying_generator_that_was_used_stands_before_the_result(with_added: Callable[..., Evaluation]) -> None:
    told = [notice.heading for notice in notices(with_added(copies="23 % are copies"))]
    assert "The generator copies its training cases" in told
    assert "The generator copies its training cases" not in [notice.heading for notice in notices(with_added())]


def test_report_and_model_card_show_it(with_added: Callable[..., Evaluation], written, tmp_path: Path) -> None:
    evaluation = with_added(copies="23 % are copies")
    report = written(tmp_path / "report.html", evaluation).read_text(encoding="utf-8")
    write_model_card(tmp_path / "card.md", evaluation)
    card = (tmp_path / "card.md").read_text(encoding="utf-8")
    for text in (report, card):
        assert "Generated training cases" in text
        assert "23 % are copies" in text


def test_too_few_patients_to_know_are_no_verdict(with_added: Callable[..., Evaluation]) -> None:
    unknown = Estimate.undefined("fewer than 10 patients", n=30).as_dict()
    blocks = generated_blocks(with_added(privacy={**ADDED["privacy"], "copied_share": unknown}))
    (privacy,) = (block for block in blocks if isinstance(block, Table) and block.key == "generated-privacy")
    assert privacy.notes[0] == "Verdict: whether the generator copies is not known: fewer than 10 patients."
