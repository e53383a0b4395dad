"""Losses: logits and class numbers in, the mean over cases out.

Each case's loss is multiplied by the weight of its class and the mean is taken over cases, so that a mini-batch's loss
is an unbiased estimate of the whole split's.
"""

from collections.abc import Sequence
from typing import Literal

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn
from torch.nn import functional

from reprodx.errors import ConfigError

ClassWeights = Literal["balanced"] | Sequence[float] | None


class ClassificationLoss(nn.Module):
    """Base of the losses: holds the class weights."""

    class_weights: Tensor | None

    def __init__(self, *, class_counts: Sequence[int], class_weights: ClassWeights) -> None:
        """Turn the setting into one weight a class.

        Args:
            class_counts: Training cases of each class, each at least 1.
            class_weights: null weighs all cases alike; "balanced" weighs each class by n / (classes x its cases), whose
                mean over the training cases is 1; a list gives the weights, in the order of the classes.

        Raises:
            ConfigError: If a list has another length than there are classes, or a weight is not above 0.
        """
        super().__init__()
        counts = torch.tensor(list(class_counts), dtype=torch.float32)
        if class_weights is None:
            weights = None
        elif isinstance(class_weights, str):
            weights = counts.sum() / (len(counts) * counts)
        else:
            weights = torch.tensor(list(class_weights), dtype=torch.float32)
            if len(weights) != len(counts) or not bool((weights > 0).all()):
                raise ConfigError(
                    f"trainer.loss.class_weights: {list(class_weights)}; give {len(counts)} numbers above 0"
                )
        self.register_buffer("class_weights", weights, persistent=False)

    def weights_of(self, targets: Int[Tensor, " batch"]) -> Float[Tensor, " batch"] | None:
        """Return the weight of each case, None where all weigh alike."""
        return None if self.class_weights is None else self.class_weights[targets]


class CrossEntropy(ClassificationLoss):
    """Negative log likelihood: of the sigmoid for one output, of the softmax for several."""

    def forward(self, logits: Float[Tensor, "batch outputs"], targets: Int[Tensor, " batch"]) -> Float[Tensor, ""]:
        """Return the mean loss in nats."""
        weights = self.weights_of(targets)
        if logits.shape[1] == 1:
            weights = None if weights is None else weights[:, None]
            return functional.binary_cross_entropy_with_logits(
                logits, targets[:, None].to(logits.dtype), weight=weights
            )
        if weights is None:
            return functional.cross_entropy(logits, targets)
        return (weights * functional.cross_entropy(logits, targets, reduction="none")).mean()


class Focal(ClassificationLoss):
    """Cross-entropy that fades for cases which are already told well: mean of -(1 - p)^gamma log p.

    Source: Lin et al., Focal loss for dense object detection, ICCV 2017, equation 4; class weights are its alpha.
    """

    def __init__(self, *, class_counts: Sequence[int], class_weights: ClassWeights, gamma: float) -> None:
        """Keep the focus.

        Args:
            class_counts: Training cases of each class.
            class_weights: As in `ClassificationLoss`.
            gamma: How fast the loss fades, at least 0; 0 is cross-entropy.

        Raises:
            ConfigError: If `gamma` is negative.
        """
        super().__init__(class_counts=class_counts, class_weights=class_weights)
        if gamma < 0:
            raise ConfigError(f"trainer.loss.gamma: {gamma} is below 0")
        self.gamma = gamma

    def forward(self, logits: Float[Tensor, "batch outputs"], targets: Int[Tensor, " batch"]) -> Float[Tensor, ""]:
        """Return the mean loss in nats."""
        log_probs = class_log_probs(logits)
        log_prob = log_probs.gather(1, targets[:, None])[:, 0]
        # log(1 - p) from the other classes: a power of 1 - p has no finite gradient where p rounds to 1.
        log_miss = log_probs.scatter(1, targets[:, None], -torch.inf).logsumexp(dim=1)
        losses = -torch.exp(self.gamma * log_miss) * log_prob
        weights = self.weights_of(targets)
        return (losses if weights is None else weights * losses).mean()


class MeanSquaredError(ClassificationLoss):
    """The Brier score: squared distance between the probabilities and the truth, summed over classes.

    With two classes it is the squared error of the positive class's probability alone, half of that sum.
    Source: Brier, Monthly Weather Review 78, 1950.
    """

    def forward(self, logits: Float[Tensor, "batch outputs"], targets: Int[Tensor, " batch"]) -> Float[Tensor, ""]:
        """Return the mean loss, in [0, 1] for two classes and [0, 2] for several, without class weights."""
        if logits.shape[1] == 1:
            losses = (torch.sigmoid(logits[:, 0]) - targets) ** 2
        else:
            truth = functional.one_hot(targets, logits.shape[1])
            losses = ((torch.softmax(logits, dim=1) - truth) ** 2).sum(dim=1)
        weights = self.weights_of(targets)
        return (losses if weights is None else weights * losses).mean()


def class_log_probs(logits: Float[Tensor, "batch outputs"]) -> Float[Tensor, "batch classes"]:
    """Return the log probability of every class; one output is the logit of the second of two."""
    if logits.shape[1] == 1:
        return functional.logsigmoid(torch.cat([-logits, logits], dim=1))
    return functional.log_softmax(logits, dim=1)


def weight_penalty(network: nn.Module, *, l1: float, l2: float) -> Tensor | None:
    """Compute l1 * sum |w| + l2 / 2 * sum w^2.

    Only weights count: matrices and filters. Biases and the scales of batch normalisation are free.

    Args:
        network: Whose weights.
        l1: At least 0.
        l2: At least 0; half the square, so that its gradient equals that of an optimizer's `weight_decay`.

    Returns:
        The penalty, None where both factors are 0.
    """
    if not l1 and not l2:
        return None
    weights = [parameter for parameter in network.parameters() if parameter.ndim > 1]
    terms = [l1 * weight.abs().sum() + l2 / 2 * weight.square().sum() for weight in weights]
    return torch.stack(terms).sum()
