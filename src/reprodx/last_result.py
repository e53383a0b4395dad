"""What `make run` says in the end: the result of the last `dvc repro`, and where to look.

When DVC restores every stage no code of ours runs, and no run is tracked: then this says how to log one.
"""

from __future__ import annotations

import json
import sys

from reprodx.artifacts.files import read_json
from reprodx.artifacts.locations import DVC_OUTS, home
from reprodx.artifacts.predictions import read_predictions
from reprodx.config.composition import read_params, validate
from reprodx.config.identity import config_hash
from reprodx.metrics.asked import Asked, Key, View, main_view, written_names
from reprodx.metrics.catalogue import key_metrics
from reprodx.reporting.swapped_classes import QUESTION, seem_swapped
from reprodx.schemas import TEST, Estimate, Task
from reprodx.start import start
from reprodx.tracking.committed_result import comparison

OF_GENERATORS = (
    "perplexity",
    "two_sample_auroc",
    "tstr_auroc",
    "trtr_auroc",
    "copied_share",
    "membership_auroc",
)
"""What is printed of a model that writes or draws, where it has it."""


def lines() -> list[str]:
    """Return the result in words, one line each.

    Returns:
        Metrics of the test split with their intervals, then where report, plots and runs are.

    Raises:
        ArtifactMissingError: If nothing has been evaluated yet.
    """
    scores = read_json(DVC_OUTS.metrics, made_by="evaluate")[TEST]
    config = validate(read_params(), components=())
    names = [name for name in (*_key_names(), *OF_GENERATORS) if name in scores]
    width = max(12, *map(len, names))
    found = [f"  {name:<{width}} {_interval(scores[name])}" for name in names]
    if "sensitivity" in scores and seem_swapped(Estimate(**scores["auroc"])):
        found.append(f"  {QUESTION.capitalize()} The AUROC is worse than chance.")
    pointer = home() / ".cache" / "tracking" / config_hash(config)
    run = json.loads(pointer.read_text(encoding="utf-8"))["run_id"] if pointer.is_file() else None
    return [
        f"{config.model['name']} on {config.data['name']}, {_num_cases(scores)} test cases:",
        *found,
        f"  {'report':<{width}} {DVC_OUTS.report}",
        f"  {'plots':<{width}} dvc plots show",
        f"  {'tracked run':<{width}} {run or 'none of this result; `reprodx track` logs one'} (look with: make ui)",
        f"  {'committed':<{width}} {comparison(config)}",
    ]


def _key_names() -> list[str]:
    """Return the names under which the numbers to be seen at a glance are written."""
    task = read_predictions(DVC_OUTS.predictions).task
    asked = [Asked(main_view(task)), *([Asked(View.REFERABLE)] if task == Task.ORDINAL else [])]
    shown = [Key(one.name, each) for each in asked for one in key_metrics(each.view)]
    return list(written_names(shown).values())


def _num_cases(scores: dict[str, dict[str, int]]) -> int:
    """Return how many real cases were tested, by the model or by what learnt from a generator's."""
    return scores["auroc" if "auroc" in scores else "tstr_auroc"]["n"]


def _interval(entry: dict[str, float | None]) -> str:
    if entry["value"] is None:
        return str(entry["reason"])
    if entry["ci_low"] is None or entry["ci_high"] is None:
        return f"{entry['value']:.3f} ({entry['reason']})"
    return f"{entry['value']:.3f} ({entry['ci_low']:.3f} to {entry['ci_high']:.3f})"


if __name__ == "__main__":
    start()
    sys.stdout.write("\n".join(lines()) + "\n")
