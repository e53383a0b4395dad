"""Losses: a network's outputs and the truth in, the mean over cases out.

The truth is a class number a case, or a share of each class (soft targets, as mixing cases makes them); in a
multi-label task it is 0 or 1 for each label, or something between. Each case's loss is multiplied by the weight of its
class and the mean is taken over cases, so that a mini-batch's loss is an unbiased estimate of the whole split's.
"""

from collections.abc import Sequence
from typing import ClassVar, Literal

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn
from torch.nn import functional

from reprodx.errors import ConfigError
from reprodx.schemas import Task
from reprodx.training.links import Link

ClassWeights = Literal["balanced"] | Sequence[float] | None
Targets = Int[Tensor, " batch"] | Float[Tensor, "batch classes"]
"""Class numbers, or a share of each class or label."""


class ClassificationLoss(nn.Module):
    """Base of the losses: holds the class weights."""

    class_weights: Tensor | None
    tasks: ClassVar[tuple[Task, ...]] = tuple(Task)
    """What the loss can be used for."""

    def __init__(self, *, task: Task, class_counts: Sequence[int], num_cases: int, class_weights: ClassWeights) -> None:
        """Turn the setting into one weight a class.

        Args:
            task: What is predicted.
            class_counts: Training cases of each class or label, each at least 1.
            num_cases: Training cases, more than any label has.
            class_weights: null weighs all cases alike; "balanced" weighs each class by n / (classes x its cases), whose
                mean over the training cases is 1; a list gives the weights, in the order of the classes. In a
                multi-label task a weight is that of a case with the label, "balanced" its odds against the label.

        Raises:
            ConfigError: If the loss is not meant for the task, a list has another length than there are classes, or a
                weight is not above 0.
        """
        super().__init__()
        if task not in self.tasks:
            raise ConfigError(f"trainer.loss: {type(self).__name__} is for {self.tasks[0]} tasks, this one is {task}")
        self.task = task
        counts = torch.tensor(list(class_counts), dtype=torch.float32)
        if class_weights is None:
            weights = None
        elif isinstance(class_weights, str):
            is_multilabel = task == Task.MULTILABEL
            weights = (num_cases - counts) / counts if is_multilabel else counts.sum() / (len(counts) * counts)
        else:
            weights = torch.tensor(list(class_weights), dtype=torch.float32)
            if len(weights) != len(counts) or not bool((weights > 0).all()):
                raise ConfigError(
                    f"trainer.loss.class_weights: {list(class_weights)}; give {len(counts)} numbers above 0"
                )
        self.register_buffer("class_weights", weights, persistent=False)

    @property
    def link(self) -> Link:
        """How the network's outputs become probabilities."""
        return Link.SIGMOID if self.task == Task.MULTILABEL else Link.SOFTMAX

    def weigh(
        self, losses: Float[Tensor, "batch classes"], shares: Float[Tensor, "batch classes"]
    ) -> Float[Tensor, ""]:
        """Return the mean over cases of the loss that each class would bring, weighed by its share and its weight."""
        weighted = shares * losses if self.class_weights is None else shares * self.class_weights * losses
        return weighted.sum(dim=1).mean()

    def weigh_labels(
        self, with_label: Float[Tensor, "batch labels"], without: Float[Tensor, "batch labels"], targets: Targets
    ) -> Float[Tensor, ""]:
        """Return the mean over cases and labels of the losses that having and lacking the label would bring."""
        weights = 1.0 if self.class_weights is None else self.class_weights
        return (targets * weights * with_label + (1 - targets) * without).mean()


class CrossEntropy(ClassificationLoss):
    """Negative log likelihood: of the softmax over classes, or of the sigmoid of each label."""

    def forward(self, outputs: Float[Tensor, "batch outputs"], targets: Targets) -> Float[Tensor, ""]:
        """Return the mean loss in nats; with labels the mean over them too."""
        if self.task == Task.MULTILABEL:
            return functional.binary_cross_entropy_with_logits(
                outputs, targets.to(outputs.dtype), pos_weight=self.class_weights
            )
        if targets.ndim > 1:
            log_probs = class_log_probs(outputs)
            return self.weigh(-log_probs, class_shares(targets, log_probs))
        weights = None if self.class_weights is None else self.class_weights[targets]
        if outputs.shape[1] == 1:
            weights = None if weights is None else weights[:, None]
            return functional.binary_cross_entropy_with_logits(
                outputs, targets[:, None].to(outputs.dtype), weight=weights
            )
        if weights is None:
            return functional.cross_entropy(outputs, targets)
        return (weights * functional.cross_entropy(outputs, targets, reduction="none")).mean()


class CumulativeLink(ClassificationLoss):
    """Negative log likelihood of grades under proportional odds, with the distances between grades learned.

    Source: McCullagh, J R Stat Soc B 1980;42:109; `links.class_logits` says how outputs become grades.
    """

    tasks: ClassVar[tuple[Task, ...]] = (Task.ORDINAL,)

    @property
    def link(self) -> Link:
        """How the network's outputs become probabilities."""
        return Link.CUMULATIVE

    def forward(self, outputs: Float[Tensor, "batch outputs"], targets: Targets) -> Float[Tensor, ""]:
        """Return the mean loss in nats."""
        log_probs = cumulative_log_probs(outputs)
        return self.weigh(-log_probs, class_shares(targets, log_probs))


class Focal(ClassificationLoss):
    """Cross-entropy that fades for cases which are already told well: mean of -(1 - p)^gamma log p.

    Source: Lin et al., Focal loss for dense object detection, ICCV 2017, equation 4; class weights are its alpha.
    """

    def __init__(
        self,
        *,
        task: Task,
        class_counts: Sequence[int],
        num_cases: int,
        class_weights: ClassWeights,
        gamma: float,
    ) -> None:
        """Keep the focus.

        Args:
            task: What is predicted.
            class_counts: Training cases of each class or label.
            num_cases: Training cases.
            class_weights: As in `ClassificationLoss`.
            gamma: How fast the loss fades, at least 0; 0 is cross-entropy.

        Raises:
            ConfigError: If `gamma` is negative.
        """
        super().__init__(task=task, class_counts=class_counts, num_cases=num_cases, class_weights=class_weights)
        if gamma < 0:
            raise ConfigError(f"trainer.loss.gamma: {gamma} is below 0")
        self.gamma = gamma

    def forward(self, outputs: Float[Tensor, "batch outputs"], targets: Targets) -> Float[Tensor, ""]:
        """Return the mean loss in nats; soft targets weigh what each class would bring."""
        if self.task == Task.MULTILABEL:
            present, absent = functional.logsigmoid(outputs), functional.logsigmoid(-outputs)
            return self.weigh_labels(self._faded(present, absent), self._faded(absent, present), targets)
        log_probs = class_log_probs(outputs)
        return self.weigh(self._faded(log_probs, log_misses(log_probs)), class_shares(targets, log_probs))

    def _faded(self, log_prob: Tensor, log_miss: Tensor) -> Tensor:
        return -torch.exp(self.gamma * log_miss) * log_prob


class MeanSquaredError(ClassificationLoss):
    """The Brier score: squared distance between the probabilities and the truth, summed over classes.

    With two classes it is the squared error of the positive class's probability alone, half of that sum; with labels
    the mean of that over labels.
    Source: Brier, Monthly Weather Review 78, 1950.
    """

    def forward(self, outputs: Float[Tensor, "batch outputs"], targets: Targets) -> Float[Tensor, ""]:
        """Return the mean loss, in [0, 1] for two classes or labels and [0, 2] for several, without class weights."""
        if self.task == Task.MULTILABEL:
            probs = torch.sigmoid(outputs)
            return self.weigh_labels((probs - targets) ** 2, (probs - targets) ** 2, targets)
        probs = torch.exp(class_log_probs(outputs))
        shares = class_shares(targets, probs)
        # With shares that are not 0 and 1 this is the distance to the shares, weighed as the classes are.
        distance = ((probs - shares) ** 2).sum(dim=1, keepdim=True) / (2 if outputs.shape[1] == 1 else 1)
        return self.weigh(distance.expand_as(shares), shares)


def class_log_probs(outputs: Float[Tensor, "batch outputs"]) -> Float[Tensor, "batch classes"]:
    """Return the log probability of every class; one output is the logit of the second of two."""
    if outputs.shape[1] == 1:
        return functional.logsigmoid(torch.cat([-outputs, outputs], dim=1))
    return functional.log_softmax(outputs, dim=1)


def cumulative_log_probs(outputs: Float[Tensor, "batch outputs"]) -> Float[Tensor, "batch classes"]:
    """Return the log probability of every grade, as `links.class_logits` does and with finite gradients."""
    steps = functional.pad(functional.softplus(outputs[:, 1:]).cumsum(dim=1), (1, 0))
    beyond = outputs[:, :1] - steps
    reached = functional.pad(functional.logsigmoid(beyond), (1, 0))
    not_passed = functional.pad(functional.logsigmoid(-beyond), (0, 1))
    return reached + not_passed + functional.pad(functional.logsigmoid(outputs[:, 1:]), (1, 1))


def log_misses(log_probs: Float[Tensor, "batch classes"]) -> Float[Tensor, "batch classes"]:
    """Return log(1 - p) of every class, from the other classes.

    A power of 1 - p itself has no finite gradient where p rounds to 1.
    """
    num_classes = log_probs.shape[1]
    is_own = torch.eye(num_classes, dtype=torch.bool, device=log_probs.device)
    others = log_probs[:, None, :].expand(-1, num_classes, -1).masked_fill(is_own, -torch.inf)
    return others.logsumexp(dim=2)


def class_shares(targets: Targets, like: Float[Tensor, "batch classes"]) -> Float[Tensor, "batch classes"]:
    """Return the share of each class in each case: 1 for the class that is numbered, or the soft targets as given.

    Args:
        targets: Class numbers or soft targets.
        like: Has the classes and the type of the result.

    Returns:
        In [0, 1], summing to 1 in each case.
    """
    if targets.ndim > 1:
        return targets.to(like.dtype)
    return functional.one_hot(targets, like.shape[1]).to(like.dtype)


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
