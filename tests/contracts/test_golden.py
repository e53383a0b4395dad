"""Values that were frozen before each metric became one object: no change of code may move them."""

from __future__ import annotations

import math

import pytest

from reprodx.metrics.asked import written_names
from reprodx.metrics.scorecard import score
from reprodx.schemas import Task
from tests.golden import golden_predictions, golden_values
from tests.settings import score_settings

FROZEN = golden_values()


@pytest.mark.parametrize("is_clustered", [False, True], ids=["alone", "clustered"])
@pytest.mark.parametrize("task", list(Task))
def test_values_of_every_task_are_those_that_were_frozen(task: Task, *, is_clustered: bool) -> None:
    settings = score_settings(prevalence=0.1)
    scores = score(golden_predictions(task, is_clustered=is_clustered), settings)
    for split in ("val", "test"):
        names = written_names(scores[split])
        found = {names[key]: estimate.value for key, estimate in scores[split].items()}
        for name, value in FROZEN[task.value][split].items():
            if value is None:
                assert found[name] is None
            else:
                assert math.isclose(found[name], value, rel_tol=1e-8, abs_tol=1e-10), (split, name, found[name], value)
