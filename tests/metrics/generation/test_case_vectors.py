"""Cases as vectors, with their patients."""

import numpy as np

from reprodx.metrics.generation.case_vectors import CaseVectors, drawn_patients, drawn_rows


def test_all_cases_of_the_drawn_patients_come_in_their_order():
    patients = np.array([9, 4, 4, 7, 9, 2])
    drawn = drawn_patients(CaseVectors(np.arange(6.0)[:, None], patients), 2, seed=1)
    assert np.unique(drawn.patients).size == 2
    assert drawn.vectors[:, 0].tolist() == np.flatnonzero(np.isin(patients, drawn.patients)).tolist()


def test_seed_alone_decides_who_is_drawn():
    patients = np.arange(100)
    rows = [drawn_rows(patients, 10, seed=seed).tolist() for seed in (0, 0, 1)]
    assert rows[0] == rows[1] != rows[2]


def test_at_picks_rows_and_their_patients():
    cases = CaseVectors(np.array([[1.0], [2.0], [3.0]]), np.array([5, 6, 7])).at(np.array([2, 0]))
    assert (cases.vectors[:, 0].tolist(), cases.patients.tolist()) == ([3.0, 1.0], [7, 5])
