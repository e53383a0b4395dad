"""The share of MLflow in a run that trains for two minutes, the creation of the store apart.

Two trainings of two minutes differ by more than the promised 3 % by chance. So the same run is its own baseline: ours
is the whole tracked run, bare is what is left of it without the time inside the calls of `reprodx.tracking`, which is
all that `tracking=none` leaves out. Importing MLflow and logging results and model count as tracking.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.comparison import NUM_PAIRS, PERCENT_MORE, Comparison, medians
from benchmarks.projects import Measured, fresh_copy, time_parts
from benchmarks.random_table import TARGET, write_random_table

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

LIMIT = 3
SECONDS = 120
NUM_CASES = 33_333
"""Of which 20,000 train."""
CALIBRATION_EPOCHS = 50
PARTS = {
    "start": [
        "reprodx.tracking.store:open_store",
        "reprodx.tracking.description:describe",
        "reprodx.tracking.runs:start_run",
    ],
    "curves": ["reprodx.tracking.run:Run.log_epoch", "reprodx.tracking.run:Run.log_metrics"],
    "results and model": ["reprodx.tracking.results:log_results"],
    "end": ["reprodx.tracking.run:Run.__exit__"],
}
EPOCHS = {"epochs": ["reprodx.training.epochs:run_epochs"]}


def measure(seconds: float = SECONDS) -> list[Comparison]:
    """Time tracked runs that train for about `seconds`."""
    with tempfile.TemporaryDirectory() as name:
        folder, table = fresh_copy(Path(name) / "project"), Path(name) / "table.csv"
        write_random_table(table, NUM_CASES)
        calibration = run(EPOCHS, table, folder, CALIBRATION_EPOCHS, "none").parts["epochs"]
        num_epochs = round(seconds * CALIBRATION_EPOCHS / calibration.clock)
        run(PARTS, table, folder, 1, "mlflow")
        runs = [run(PARTS, table, folder, num_epochs, "mlflow") for _ in range(NUM_PAIRS)]
    ours, bare = [each.total for each in runs], [each.without(*PARTS) for each in runs]
    notes = {**medians([each.parts for each in runs]), "epochs": str(num_epochs)}
    what = f"tracked training of {seconds:.0f} s; the same without tracking"
    return [Comparison(what, ours, bare, PERCENT_MORE, LIMIT, notes)]


def run(parts: Mapping[str, Sequence[str]], table: Path, folder: Path, num_epochs: int, tracking: str) -> Measured:
    """Run `reprodx run` with batches of 64 for so many epochs."""
    data = ["data=csv_table", f"data.path={table}", f"data.target={TARGET}"]
    trainer = [f"trainer.max_epochs={num_epochs}", "trainer.batch_size=64", "trainer.early_stopping=null"]
    return time_parts(parts, ["run", *data, *trainer, f"tracking={tracking}"], folder)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=SECONDS, help="of training, about")
    print(measure(parser.parse_args().seconds)[0].details())
