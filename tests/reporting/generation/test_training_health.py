"""The health of training: its warnings, its curves, and the numbers of both."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl
import pytest

from reprodx.reporting.generation.training_health import CURVES_FILE, MAX_ROWS, health_section, write_curves
from reprodx.reporting.page import Bullets, Gallery, Paragraph

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from reprodx.reporting.generation.evaluation import GeneratorEvaluation
    from reprodx.reporting.page import Figure, Section


def figures(section: Section) -> tuple[Figure, ...]:
    (gallery,) = [block for block in section.blocks if isinstance(block, Gallery)]
    return gallery.figures


@pytest.mark.parametrize(
    ("is_text", "keys"),
    [
        (False, ["adversarial-losses", "discriminator", "epoch-diversity"]),
        (True, ["text-losses", "epoch-perplexity"]),
    ],
)
def test_the_curves_are_those_that_training_kept(
    evaluated: Callable[..., GeneratorEvaluation], is_text: bool, keys: list[str]
) -> None:
    found = figures(health_section(evaluated(is_text=is_text)))
    assert [figure.key for figure in found] == keys
    for figure in found:
        assert figure.summary in figure.svg
        assert figure.summary.startswith("From the first to the last epoch: ")


def test_a_figure_tells_its_ends_and_keeps_its_numbers(evaluated: Callable[..., GeneratorEvaluation]) -> None:
    losses = figures(health_section(evaluated()))[0]
    assert "generator 3.000 to 1.820, discriminator 0.500 to 1.090." in losses.summary
    assert losses.data.columns == ("epoch", "generator", "discriminator")
    assert len(losses.data.rows) == MAX_ROWS
    assert (losses.data.rows[0], losses.data.rows[-1]) == (("1", "3.000", "0.500"), ("60", "1.820", "1.090"))
    assert losses.data.notes == ("50 of 60 epochs; all are in results/plots/.",)


def test_warnings_are_listed_and_health_is_said(evaluated: Callable[..., GeneratorEvaluation]) -> None:
    warned = health_section(evaluated(warnings=("mode collapse from epoch 40", "divergence")))
    (listed,) = [block for block in warned.blocks if isinstance(block, Bullets)]
    assert listed.items == ("mode collapse from epoch 40", "divergence")
    healthy = health_section(evaluated()).blocks[0]
    assert isinstance(healthy, Paragraph)
    assert healthy.text == "Training took 60 epochs. Nothing was found wrong with it."


def test_one_epoch_and_a_gap_can_be_drawn(evaluated: Callable[..., GeneratorEvaluation]) -> None:
    one = figures(health_section(evaluated(history=({"train/diversity": 0.5},))))
    assert [figure.data.rows for figure in one] == [(("1", "0.500"),)]
    gap = ({"train/loss": 2.0}, {"train/loss": 1.0, "val/loss": 1.5})
    assert figures(health_section(evaluated(history=gap)))[0].data.rows[0] == ("1", "2.000", "\N{EN DASH}")


def test_training_without_metrics_has_no_gallery(evaluated: Callable[..., GeneratorEvaluation]) -> None:
    assert not [block for block in health_section(evaluated(history=({},))).blocks if isinstance(block, Gallery)]


def test_curves_are_written_with_a_row_per_epoch(tmp_path: Path) -> None:
    (tmp_path / "plots").mkdir()
    (tmp_path / "plots" / "roc.csv").touch()
    write_curves(tmp_path / "plots", ({"train/loss": 2.0}, {"train/loss": 1.5, "val/loss": 1.25}))
    assert [file.name for file in (tmp_path / "plots").iterdir()] == [CURVES_FILE]
    assert pl.read_csv(tmp_path / "plots" / CURVES_FILE).to_dicts() == [
        {"epoch": 1, "train/loss": 2.0, "val/loss": None},
        {"epoch": 2, "train/loss": 1.5, "val/loss": 1.25},
    ]
