"""McNemar's test in its forms."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import norm
from statsmodels.stats.contingency_tables import mcnemar as statsmodels_mcnemar

from reprodx.metrics.mcnemar import mcnemar

COUNTS = st.integers(0, 60)


def test_agresti_approval():
    """Agresti, Categorical Data Analysis, 2002, table 10.1: 794, 150, 86, 570."""
    test = mcnemar(150, 86)
    assert test.z**2 == pytest.approx(17.355932, abs=5e-7)
    assert 2 * norm.sf(test.z) == pytest.approx(3.099293e-05, rel=5e-7)
    assert test.exact_p == pytest.approx(3.715936e-05, rel=5e-7)
    corrected = statsmodels_mcnemar([[794, 150], [86, 570]], exact=False, correction=True)
    assert corrected.statistic == pytest.approx(16.817797, abs=5e-7)
    assert (abs(test.z) - 1 / (150 + 86) ** 0.5) ** 2 == pytest.approx(corrected.statistic)


@pytest.mark.parametrize(
    ("b", "c", "exact", "mid"),
    [
        (1, 8, 0.0390625, 0.0214843750),
        # Fagerland et al., BMC Med Res Methodol 2013;13:91, airway hyper-responsiveness of 21 children: 1, 1, 7, 12.
        (1, 7, 0.0703, 0.0391),
        (0, 5, 0.0625, 0.03125),
        (0, 0, 1.0, 1.0),
        (1, 1, 1.0, 0.75),
    ],
)
def test_exact_and_mid_p(b, c, exact, mid):
    test = mcnemar(b, c)
    assert test.exact_p == pytest.approx(exact, abs=5e-5 if exact == 0.0703 else 1e-12)
    assert test.mid_p == pytest.approx(mid, abs=5e-5 if exact == 0.0703 else 1e-12)


@given(COUNTS, COUNTS)
def test_exact_p_is_that_of_statsmodels_and_exchanging_models_changes_the_sign_of_z_alone(b, c):
    one, other = mcnemar(b, c), mcnemar(c, b)
    assert (one.z, one.exact_p, one.mid_p) == (
        pytest.approx(-other.z),
        *(pytest.approx(p) for p in (other.exact_p, other.mid_p)),
    )
    assert 0 < one.mid_p <= one.exact_p <= 1
    if b + c:
        assert one.exact_p == pytest.approx(statsmodels_mcnemar([[5, b], [c, 5]], exact=True).pvalue)


@pytest.mark.simulation
@pytest.mark.parametrize("disagreement", [0.1, 0.2, 0.4])
def test_size_under_the_null(disagreement):
    """Two equally good models on 200 cases, of which a share is right in one of them alone."""
    rng = np.random.default_rng(0)
    num_repeats = 20_000
    tables = rng.multinomial(200, [disagreement / 2, disagreement / 2, 1 - disagreement], size=num_repeats)
    tests = {(b, c): mcnemar(b, c) for b, c in {(int(b), int(c)) for b, c, _ in tables}}
    exact, mid = (
        np.mean([getattr(tests[int(b), int(c)], name) < 0.05 for b, c, _ in tables]) for name in ("exact_p", "mid_p")
    )
    assert exact <= 0.05
    assert 0.035 <= mid <= 0.065
    assert exact < mid
