"""Refusals of settings out of their range."""

import pytest

from reprodx.errors import ConfigError
from reprodx.models.setting_ranges import check_counts, check_heads, check_shares


def test_counts_start_at_one_or_where_told():
    check_counts(width=1, stride=3)
    check_counts(0, width=0)

    with pytest.raises(ConfigError, match=r"model\.stride: 0 is below 1"):
        check_counts(width=1, stride=0)


@pytest.mark.parametrize("share", [-0.1, 1.0])
def test_shares_lie_between_none_and_all(share):
    check_shares(dropout=0.0)
    check_shares(dropout=0.99)

    with pytest.raises(ConfigError, match=r"model\.dropout: .* is not in \[0, 1\)"):
        check_shares(dropout=share)


@pytest.mark.parametrize("num_heads", [0, 3])
def test_heads_share_a_size_evenly(num_heads):
    check_heads(4, size=8)

    with pytest.raises(ConfigError, match="num_heads"):
        check_heads(num_heads, size=8)
