"""The outcome is a table for people and a statement for machines, which names neither host nor path."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING

from reprodx.reproduction.comparison import Comparison, Equality, StageComparison
from reprodx.reproduction.outcome import Outcome
from reprodx.reproduction.recorded_run import RecordedRun
from reprodx.reproduction.verdict import Verdict, Word
from reprodx.tracking.environment_differences import Difference, Kind
from reprodx.tracking.record import METRICS, STAGES, WEIGHTS

if TYPE_CHECKING:
    from pathlib import Path


def outcome_of(folder: Path) -> Outcome:
    run = RecordedRun("a" * 32, "mlp", "heart", {}, {}, "c" * 40, False, "", None, None, {}, None, folder)
    stages = tuple(
        StageComparison(one, Equality.DIFFERENT, math.inf, "test/auroc value")
        if one == METRICS
        else StageComparison(one, Equality.SAME_BYTES, 0.0, "")
        for one in STAGES
    )
    torch = Difference(Kind.PACKAGE, "torch", "2.13.0", "2.14.0")
    hashes = {WEIGHTS: {"best.safetensors": "d" * 64}, METRICS: {"metrics.json": "e" * 64}}
    verdict = Verdict(Word.DRIFTED, "because \N{EN DASH} so")
    return Outcome(
        run, [torch], Comparison(stages, None, 0.001), {METRICS: "package torch " * 9}, verdict, hashes, ["Note."]
    )


def test_the_table_has_a_row_for_every_stage_and_fits_a_terminal(tmp_path: Path) -> None:
    lines = outcome_of(tmp_path).lines()
    assert [line.split()[0] for line in lines if line[:1].isalpha()][1:8] == list(STAGES)
    assert max(map(len, lines)) <= 100
    assert "".join(lines).isascii()
    assert lines[-2:] == ["drifted: because - so", "Note."]


def test_the_statement_is_of_the_reruns_files_and_is_json(tmp_path: Path) -> None:
    text = json.dumps(outcome_of(tmp_path).statement(), allow_nan=False)
    statement = json.loads(text)
    assert statement["_type"] == "https://in-toto.io/Statement/v1"
    assert statement["subject"] == [
        {"name": "weights/best.safetensors", "digest": {"sha256": "d" * 64}},
        {"name": "metrics/metrics.json", "digest": {"sha256": "e" * 64}},
    ]
    assert statement["predicate"]["verdict"] == "drifted"
    assert statement["predicate"]["stages"][STAGES.index(METRICS)]["largest_difference"] is None
    assert str(tmp_path) not in text
