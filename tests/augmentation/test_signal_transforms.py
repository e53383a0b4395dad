"""Signals that are changed by the generator alone, within the configured bounds."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from reprodx.augmentation.signal_transforms import SignalTransforms, shifted
from reprodx.errors import ConfigError

OFF = {"amplitude": 0.0, "time_shift": 0.0, "baseline_wander": 0.0, "noise_std": 0.0, "lead_dropout": 0.0}
ALL = {"amplitude": 0.2, "time_shift": 0.1, "baseline_wander": 0.1, "noise_std": 0.05, "lead_dropout": 0.3}


@pytest.fixture
def signals():
    return torch.randn(40, 50, 3, generator=torch.Generator().manual_seed(3))


def changed(signals, seed=0, **settings):
    targets = torch.arange(len(signals))
    generator = torch.Generator().manual_seed(seed)
    result, same_targets = SignalTransforms(**{**OFF, **settings})(signals, targets, generator)
    assert same_targets is targets
    assert result.shape == signals.shape
    return result


def test_nothing_asked_nothing_changed(signals):
    assert torch.equal(changed(signals), signals)


def test_the_generator_decides_and_the_global_one_is_untouched(signals):
    state = torch.get_rng_state()
    first = changed(signals, seed=1, **ALL)

    assert torch.equal(changed(signals, seed=1, **ALL), first)
    assert not torch.equal(changed(signals, seed=2, **ALL), first)
    assert torch.equal(torch.get_rng_state(), state)


def test_amplitude_is_one_factor_a_signal(signals):
    factors = changed(signals, amplitude=0.2) / signals

    assert torch.allclose(factors, factors[:, :1, :1].expand_as(factors), atol=1e-4)
    assert factors.min() >= 0.8 - 1e-4
    assert factors.max() <= 1.2 + 1e-4
    assert factors[:, 0, 0].std() > 0.05


def test_time_shift_goes_both_ways_and_no_further_than_configured():
    ramps = torch.arange(50.0).reshape(1, 50, 1).expand(100, 50, 2)
    steps = ramps[:, 25, 0] - changed(ramps, time_shift=0.1)[:, 25, 0]

    assert steps.min() == -5
    assert steps.max() == 5


@given(st.integers(-12, 12))
def test_a_shift_and_its_opposite_give_back_the_middle(steps):
    signals = torch.arange(30.0).reshape(1, 30, 1)
    there = shifted(signals, torch.tensor([steps]))
    back = shifted(there, torch.tensor([-steps]))

    assert torch.equal(back[:, 12:18], signals[:, 12:18])


def test_noise_and_baseline_have_their_size():
    silence = torch.zeros(50, 200, 2)
    noise = changed(silence, noise_std=0.5)
    wander = changed(silence, baseline_wander=0.5)

    # Six standard errors of 20,000 draws.
    assert abs(noise.std().item() - 0.5) < 6 * 0.5 / (2 * 20_000) ** 0.5
    assert 0.3 < wander.abs().max() <= 0.5
    # At most three waves in 200 samples.
    assert wander.diff(dim=1).abs().max() <= 0.5 * 2 * torch.pi * 3 / 199


def test_leads_are_dropped_whole_and_never_all_of_them(signals):
    result = changed(signals.repeat(25, 1, 1), lead_dropout=0.5)
    is_dropped = (result == 0).all(dim=1)

    assert ((result == 0) == is_dropped[:, None]).all()
    assert not is_dropped.all(dim=1).any()
    # Half of the leads, less the eighth of the signals that would have lost all three; four standard errors.
    expected = 0.5 - 0.125
    assert abs(is_dropped.float().mean().item() - expected) < 4 * 0.5 / 3_000**0.5


@pytest.mark.parametrize(("key", "value"), [("lead_dropout", 1.0), ("amplitude", -0.1), ("noise_std", -1.0)])
def test_refuses_what_is_out_of_range(key, value):
    with pytest.raises(ConfigError, match=rf"augmentation\.{key}"):
        SignalTransforms(**{**OFF, key: value})
