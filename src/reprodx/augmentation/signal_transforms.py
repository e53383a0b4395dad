"""Random changes of amplitude, time, leads and noise to training signals."""

import math
from typing import ClassVar

import torch
from jaxtyping import Float, Int
from torch import Generator, Tensor

from reprodx.augmentation.settings import require_settings_below
from reprodx.inputs import Modality

MIN_WAVES, MAX_WAVES = 0.5, 3.0
"""How often the baseline goes up and down in a signal; breathing does so about thrice in ten seconds."""


class SignalTransforms:
    """Scales, shifts, and disturbs each signal of a batch by itself.

    A setting of 0 turns its change off.

    Source: Iwana, Uchida, An empirical survey of data augmentation for time series classification with neural
    networks, PLOS ONE 16, 2021: jittering and scaling; leads are dropped as in Oh et al., Lead-agnostic self-supervised
    learning for local and global representations of electrocardiogram, CHIL 2022.
    """

    modalities: ClassVar[tuple[Modality, ...]] = (Modality.SIGNAL,)

    def __init__(
        self, *, amplitude: float, time_shift: float, baseline_wander: float, noise_std: float, lead_dropout: float
    ) -> None:
        """Keep what is to be changed.

        Args:
            amplitude: Multiplies by a factor from 1 - amplitude to 1 + amplitude, the same for all leads; below 1.
            time_shift: Shifts by up to this share of the signal's length, to either side; below 1.
            baseline_wander: Largest amplitude of a slow wave that is added to each lead, in the signal's unit.
            noise_std: Standard deviation of normal noise, in the signal's unit.
            lead_dropout: Probability that a lead becomes 0, below 1; a signal never loses all of them.

        Raises:
            ConfigError: If a setting is out of range.
        """
        shares = {"amplitude": amplitude, "time_shift": time_shift, "lead_dropout": lead_dropout}
        require_settings_below(1.0, shares)
        require_settings_below(float("inf"), {"baseline_wander": baseline_wander, "noise_std": noise_std})
        self.amplitude, self.time_shift, self.baseline_wander = amplitude, time_shift, baseline_wander
        self.noise_std, self.lead_dropout = noise_std, lead_dropout

    def __call__(
        self, signals: Float[Tensor, "batch time leads"], targets: Tensor, generator: Generator
    ) -> tuple[Float[Tensor, "batch time leads"], Tensor]:
        """Change the signals.

        Args:
            signals: A training batch, in physical units.
            targets: Its targets.
            generator: Where all randomness comes from, on the signals' device.

        Returns:
            The changed signals and the same targets.
        """
        batch, time, leads = signals.shape

        def uniform(*shape: int) -> Tensor:
            return torch.rand(shape, generator=generator, dtype=signals.dtype, device=signals.device)

        if self.time_shift:
            most = round(self.time_shift * time)
            signals = shifted(signals, ((2 * uniform(batch) - 1) * most).round().long())
        if self.amplitude:
            signals = signals * (1 + self.amplitude * (2 * uniform(batch, 1, 1) - 1))
        if self.baseline_wander:
            waves = MIN_WAVES + (MAX_WAVES - MIN_WAVES) * uniform(batch, 1, 1)
            moments = torch.linspace(0, 1, time, dtype=signals.dtype, device=signals.device)[:, None]
            phases = 2 * math.pi * (waves * moments + uniform(batch, 1, 1))
            signals = signals + self.baseline_wander * uniform(batch, 1, leads) * torch.sin(phases)
        if self.noise_std:
            noise = torch.randn(signals.shape, generator=generator, dtype=signals.dtype, device=signals.device)
            signals = signals + self.noise_std * noise
        if self.lead_dropout:
            is_kept = uniform(batch, 1, leads) >= self.lead_dropout
            signals = signals * (is_kept | ~is_kept.any(dim=2, keepdim=True))
        return signals, targets


def shifted(
    signals: Float[Tensor, "batch time leads"], steps: Int[Tensor, " batch"]
) -> Float[Tensor, "batch time leads"]:
    """Return each signal later by its own number of steps; what enters repeats the first or last value.

    >>> shifted(torch.tensor([[[1.0], [2.0], [3.0]]]), torch.tensor([1])).ravel().tolist()
    [1.0, 1.0, 2.0]
    """
    time = signals.shape[1]
    sources = (torch.arange(time, device=signals.device) - steps[:, None]).clamp(0, time - 1)
    return signals.gather(1, sources[..., None].expand_as(signals))
