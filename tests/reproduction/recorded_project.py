"""A small project in git whose runs are logged without having been made, to be told apart and handed on."""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import polars as pl

from reprodx.artifacts.predictions import Predictions, write_predictions
from reprodx.hashing import sha256_of_path

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from tests.tracking.conftest import RunLogger

TABLE, CARD = "data/raw/clinic/table.csv", "data/raw/clinic/card.md"
LEFT = {
    "config.yaml": "model: {name: mlp}\nseed: 3\n",
    "environment.txt": "# python 3.11\nnumpy==2.0\n",
    "environment.json": '{"threads": 1}',
    "hashes.json": '{"split": {"membership": "e"}}',
    "changes.diff": "diff --git a/src/a.py b/src/a.py\n",
    "metrics.json": "{}",
    "prepared/manifest.json": '{"num_cases": 4}',
}
"""Files that a run left, by name."""
CASES = ["P-4711/2", "P-0815/1", "P-4711/1", "P-2000/1"]


@dataclass(frozen=True)
class RecordedProject:
    """A project in git, and what logs runs that were made in it."""

    root: Path
    log: RunLogger

    def git(self, *arguments: str) -> str:
        """Run git in the project; return what it prints."""
        identity = ("-c", "user.name=Ann", "-c", "user.email=ann@example.org")
        command = ["git", "-C", str(self.root), *identity, *arguments]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()

    def write(self, **files: str) -> None:
        """Write files, and commit the project as it stands."""
        for name, text in files.items():
            path = self.root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        self.git("add", "-A")
        self.git("commit", "-qm", "as it stands")

    def run(
        self,
        *,
        shift: float = 0.0,
        splits: tuple[str, ...] = ("val", "test", "test", "test"),
        settings: Mapping[str, Any] | None = None,
        files: Mapping[str, str] | None = None,
        path: str = TABLE,
        **tags: str | None,
    ) -> str:
        """Log a run of the commit that the project stands on; return its id.

        Args:
            shift: Makes the predictions another model's.
            splits: Of the four cases.
            settings: Beside those of data and model.
            files: Further artifacts.
            path: Of the data.
            **tags: Further `reprodx.` tags.

        Returns:
            MLflow's id.
        """
        table = pl.DataFrame(
            {
                "case_id": CASES,
                "patient_id": [name.partition("/")[0] for name in CASES],
                "split": splits,
                "y_true": ["yes", "no", "yes", "no"],
                "prob_no": [0.25, 0.5 + shift, 0.1, 0.9],
                "prob_yes": [0.75, 0.5 - shift, 0.9, 0.1],
            }
        )
        predictions = self.root.parent / "predictions.parquet"
        write_predictions(predictions, Predictions(table, {"classes": ["no", "yes"], "task": "binary"}))
        raw = {name: sha256_of_path(self.root / name) for name in (path, CARD) if (self.root / name).is_file()}
        sections = {"data": {"name": "clinic", "path": path}, "model": {"name": "mlp"}, **(settings or {})}
        left = {
            "config.yaml": json.dumps(sections),
            "environment.txt": "# python 3.11.2 on Linux x86_64\nnumpy==2.1.0\n",
            "environment.json": json.dumps({"threads": 1, "packages": {"numpy": "2.1.0"}}),
            "hashes.json": json.dumps({"raw": raw, "split": {"membership": "e"}}),
            "metrics.json": json.dumps({"test": {"auroc": {"value": 0.5 - shift}, "brier": {"value": 0.25}}}),
            "explanations.json": json.dumps({"failures": [{"case_id": CASES[0]}]}),
            "report.html": f'<body><section id="failures"><td>{CASES[0]}</td></section>\n<p>kept</p></body>',
            "prepared/manifest.json": '{"num_cases": 4}',
            **(files or {}),
        }
        known = {"git_commit": self.git("rev-parse", "HEAD"), "git_dirty": "false", "split_hash": "e" * 64, **tags}
        run_id = self.log(files=left, predictions=False, **known)
        self.log.store.client.log_artifact(run_id, str(predictions))
        return run_id
