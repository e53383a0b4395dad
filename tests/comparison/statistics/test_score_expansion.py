"""The expanded score of a logistic model, beside statsmodels."""

import numpy as np
import pytest
from scipy.special import expit
from statsmodels.genmod.families import Binomial
from statsmodels.genmod.generalized_linear_model import GLM

from reprodx.comparison.statistics.score_expansion import derivative, expanded_root, expansion, solved

N = 4000
RNG = np.random.default_rng(0)
PREDICTOR = RNG.normal(size=N)
TARGETS = (RNG.random(N) < expit(0.8 * PREDICTOR - 0.5)).astype(float)


def fit(design, weights=None):
    return GLM(TARGETS, design, family=Binomial(), freq_weights=weights).fit(tol=1e-12).params


@pytest.mark.parametrize("degree", [0, 1])
def test_the_root_is_the_change_of_the_fit(degree):
    design = np.column_stack([PREDICTOR**power for power in range(degree + 1)])
    weights = RNG.integers(0, 3, (4, N)).astype(float)
    of_all = fit(design)
    changes = np.stack([fit(design, row) for row in weights]) - of_all
    found = expanded_root(weights @ expansion(PREDICTOR, TARGETS, design @ of_all, degree))
    assert np.abs(changes).max() > 0.01
    assert found == pytest.approx(changes, abs=1e-5)


def test_steps_that_do_not_settle_give_no_root():
    sums = np.ones((1, N)) @ expansion(PREDICTOR, TARGETS, np.full(N, -9.0), 0)
    assert np.isnan(expanded_root(sums)).all()
    near = np.ones((1, N)) @ expansion(PREDICTOR, TARGETS, np.full(N, -0.5), 0)
    assert np.isfinite(expanded_root(near)).all()


def test_a_step_solves_the_information():
    information, score = np.array([[3.0, 1.0, 2.0]]), np.array([[1.0, 4.0]])
    assert solved(information, score)[0] == pytest.approx(np.linalg.solve([[3.0, 1.0], [1.0, 2.0]], score[0]))


def test_the_derivative_is_steepest_at_one_half():
    assert derivative(np.array([0.0, 0.5, 1.0])).tolist() == [0, 0.25, 0]
