"""A search with pruning beside the full grid: how much of the grid's time, and what is lost in AUROC.

A perceptron on heart disease. The search draws from the intervals that the grid's lists span. Both are whole commands
in fresh copies of the project, with the start of the process and the report of the winner; both score validation alone
before they choose, so that neither is ahead by what it leaves out. `python -m benchmarks.search_against_grid`; with
`--trials 2 --quick` it is a smoke test.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from benchmarks.comparison import Comparison, Scale
from benchmarks.projects import fresh_copy, time_command

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.comparison import Timing

SHARE_OF_TIME = Scale(lambda ours, bare: 100 * ours / bare, "%", "<=")
LIMIT, MOST_LOST = 40, 0.005
"""Of the share, and of what the search may lose in AUROC on validation."""
NUM_TRIALS = 40
GRID = (
    "optimizer.lr=3e-4,1e-3,3e-3,1e-2,3e-2",
    "model.dropout=0,0.15,0.3,0.5",
    "optimizer.weight_decay=1e-5,1e-4,1e-3",
    "model.hidden_sizes=[32],[64,32]",
)
"""120 combinations."""
SPACE = (
    "optimizer.lr=tag(log,interval(3e-4,3e-2))",
    "model.dropout=interval(0.0,0.5)",
    "optimizer.weight_decay=tag(log,interval(1e-5,1e-3))",
    "model.hidden_sizes=[32],[64,32]",
)
QUICK_GRID = ("model.dropout=0,0.5",)
SHARED = ("sweep.score_test=winner", "model=mlp")
QUICK = ("trainer=smoke", "evaluation.num_resamples=100", "evaluation.num_null_draws=100")


class Sweep(NamedTuple):
    """What one of the two took, and what its winner does."""

    time: Timing
    num_scored: int
    """Trials that ran to their end."""
    validation: float
    """The highest AUROC."""
    test: float
    """Of the winner, for which alone the test split is opened."""


def measure(num_trials: int = NUM_TRIALS, *, is_quick: bool = False) -> list[Comparison]:
    """Run the grid and the search, once each: together they take minutes."""
    shared = (*SHARED, *(QUICK if is_quick else ()))
    grid = run([*shared, *(QUICK_GRID if is_quick else GRID)])
    of_search = ("hydra/sweeper=optuna", f"hydra.sweeper.n_trials={num_trials}", "hydra.sweeper.pruner=median")
    search = run([*of_search, *shared, *SPACE])
    lost = grid.validation - search.validation
    notes = {
        "trials run to their end": f"{search.num_scored} of {num_trials}; the grid's {grid.num_scored}",
        "AUROC on validation": f"{search.validation:.4f}; the grid's {grid.validation:.4f}",
        "lost on validation": f"{lost:.4f}, {'met' if lost <= MOST_LOST else 'missed'} (<= {MOST_LOST:g})",
        "AUROC of winners on test": f"{search.test:.4f}; the grid's {grid.test:.4f}",
    }
    what = f"search of {num_trials} trials; full grid"
    return [Comparison(what, [search.time], [grid.time], SHARE_OF_TIME, LIMIT, notes)]


def run(arguments: Sequence[str]) -> Sweep:
    """Run a sweep in a fresh copy of the project."""
    with tempfile.TemporaryDirectory() as name:
        folder = fresh_copy(Path(name) / "project")
        took = time_command([sys.executable, "-m", "reprodx", "run", "-m", *arguments], folder)
        found = [json.loads(path.read_text()) for path in sorted(folder.glob("outputs/*/results/metrics.json"))]
    (opened,) = (one for one in found if "test" in one)
    return Sweep(took, len(found), max(map(validation_auroc, found)), opened["test"]["auroc"]["value"])


def validation_auroc(metrics: dict[str, dict[str, dict[str, float]]]) -> float:
    return metrics["val"]["auroc"]["value"]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--trials", type=int, default=NUM_TRIALS, help="of the search")
    parser.add_argument("--quick", action="store_true", help="two epochs and a grid of two, to see that it runs")
    asked = parser.parse_args()
    print(measure(asked.trials, is_quick=asked.quick)[0].details())
