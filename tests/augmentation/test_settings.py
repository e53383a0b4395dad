"""Settings within their bounds."""

import pytest

from reprodx.augmentation.settings import require_settings_below
from reprodx.errors import ConfigError


def test_takes_everything_from_0_to_below_the_limit():
    require_settings_below(1.0, {"scale": 0.0, "contrast": 0.999})
    require_settings_below(float("inf"), {"noise_std": 1e9})


@pytest.mark.parametrize("value", [-0.1, 1.0, float("nan")])
def test_names_the_setting_that_is_out_of_bounds(value):
    with pytest.raises(ConfigError, match=r"augmentation\.scale: .* at least 0 and below 1"):
        require_settings_below(1.0, {"contrast": 0.5, "scale": value})


def test_without_a_limit_only_negative_numbers_are_refused():
    with pytest.raises(ConfigError, match=r"augmentation\.noise_std: -1 must be at least 0$"):
        require_settings_below(float("inf"), {"noise_std": -1})
