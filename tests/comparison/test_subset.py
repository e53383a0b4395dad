"""Some of the cases."""

import numpy as np
import pytest

from reprodx.comparison.subset import subset

ROWS = np.array([0, 2, 3])


@pytest.fixture
def cases(make_compared):
    called = [np.array([0, 1, 1, 0]), None]
    return make_compared(
        [0, 1, 0, 1],
        [[[0.1, 0.2, 0.3, 0.4]], [[0.5, 0.6, 0.7, 0.8]]],
        called=called,
        referable=called[::-1],
        patients=np.array([0, 0, 1, 1]),
        folds=np.array([0, 1, 0, 1]),
    )


def test_everything_that_is_by_case_is_kept_for_the_same_cases(cases):
    found = subset(cases, ROWS)
    assert found.table["case_id"].to_list() == ["c0000000", "c0000002", "c0000003"]
    assert found.targets.tolist() == [0, 0, 1]
    first, second = (one.members[0] for one in found.contenders)
    assert first.probs[:, 1].tolist() == [0.1, 0.3, 0.4]
    assert first.called.tolist() == [0, 1, 0]
    assert second.called is None
    assert second.called_referable.tolist() == [0, 1, 0]
    assert found.folds is None


def test_patients_are_numbered_from_0_and_forgotten_where_each_has_one_case(cases):
    assert subset(cases, ROWS).patients.tolist() == [0, 1, 1]
    assert subset(cases, np.array([2, 3])).patients.tolist() == [0, 0]
    assert subset(cases, np.array([0, 2])).patients is None
