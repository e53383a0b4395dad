"""The section on when not to trust the model."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import pytest

from reprodx.reporting.page import Gallery, Table
from reprodx.reporting.reliability_block import reliability_section

if TYPE_CHECKING:
    from reprodx.reporting.evaluation import Evaluation


@pytest.mark.parametrize("kind", ["binary", "multiclass", "ordinal", "multilabel"])
def test_every_task_has_sets_and_selective_prediction(kind: str, request: pytest.FixtureRequest) -> None:
    evaluation: Evaluation = request.getfixturevalue(kind)
    section = reliability_section(evaluation)
    figures = [figure for block in section.blocks if isinstance(block, Gallery) for figure in block.figures]
    assert [figure.key for figure in figures] == ["coverage", "risk-coverage"]
    keys = [figure.data.key for figure in figures] + [one.key for one in section.blocks if isinstance(one, Table)]
    assert len(keys) == len(set(keys))
    for figure in figures:
        assert figure.summary
        assert all(len(row) == len(figure.data.columns) for row in figure.data.rows)
    for table in (block for block in section.blocks if isinstance(block, Table)):
        assert set(map(len, table.rows)) == {len(table.columns)}
        assert not any("nan" in cell for cell in itertools.chain(*table.rows))
