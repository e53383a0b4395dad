"""Batch normalisation of sequences whose padding is not data."""

from jaxtyping import Bool, Float
from torch import Tensor, nn


class MaskedBatchNorm(nn.BatchNorm1d):
    """Batch normalisation whose means and variances leave padding out, and whose padding stays zero.

    Source: Ioffe and Szegedy, Batch normalization, ICML 2015, algorithm 1, over the steps that are cases' own.
    """

    def forward(  # type: ignore[override]
        self, values: Float[Tensor, "batch size time"], own: Bool[Tensor, "batch time"] | None
    ) -> Float[Tensor, "batch size time"]:
        """Normalise each channel.

        Args:
            values: Steps.
            own: True for a case's own step; None where all are.

        Returns:
            The normalised steps; padding is zero.
        """
        if own is None:
            normalised: Tensor = super().forward(values)
            return normalised
        if not self.training:
            return super().forward(values).masked_fill(~own.unsqueeze(1), 0)
        steps = super().forward(values.transpose(1, 2)[own])
        return steps.new_zeros(*own.shape, steps.shape[1]).index_put((own,), steps).transpose(1, 2)
