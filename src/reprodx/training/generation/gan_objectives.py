"""What generator and discriminator play for, on logits, so that no logarithm of 0 is taken.

With D = sigmoid(logit), the discriminator's belief that a picture is real: -log D = softplus(-logit) and
-log(1 - D) = softplus(logit).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from torch.nn.functional import relu, softplus

if TYPE_CHECKING:
    from torch import Tensor

Objective = Literal["minimax", "non_saturating", "hinge"]


def discriminator_loss(
    objective: Objective, real_logits: Tensor, generated_logits: Tensor, label_smoothing: float
) -> Tensor:
    """Return what the discriminator minimises.

    minimax and non_saturating: -E[(1 - s) log D(x) + s log(1 - D(x))] - E[log(1 - D(G(z)))].
    hinge: E[max(0, 1 - logit(x))] + E[max(0, 1 + logit(G(z)))].

    Source: Goodfellow et al., Generative adversarial nets, NeurIPS 2014, equation 1; one-sided label smoothing s,
    Salimans et al., Improved techniques for training GANs, NeurIPS 2016, section 3.4; hinge, Miyato et al., Spectral
    normalization for generative adversarial networks, ICLR 2018, equation 16.

    Args:
        objective: Which of them.
        real_logits: Of real pictures, shape (batch,).
        generated_logits: Of generated pictures, shape (batch,).
        label_smoothing: s, in [0, 1); hinge has no labels and takes no notice.

    Returns:
        The mean over each batch, added: a number.
    """
    if objective == "hinge":
        return relu(1 - real_logits).mean() + relu(1 + generated_logits).mean()
    # (1 - s) softplus(-l) + s softplus(l), because softplus(l) = l + softplus(-l).
    real = softplus(-real_logits) + label_smoothing * real_logits
    return real.mean() + softplus(generated_logits).mean()


def generator_loss(objective: Objective, generated_logits: Tensor) -> Tensor:
    """Return what the generator minimises.

    minimax: E[log(1 - D(G(z)))]. non_saturating: -E[log D(G(z))]. hinge: -E[logit(G(z))].

    Source: Goodfellow et al., Generative adversarial nets, NeurIPS 2014, equation 1 and section 3 (the gradient of
    minimax vanishes where the discriminator is sure); hinge, Miyato et al., Spectral normalization for generative
    adversarial networks, ICLR 2018, equation 17.

    Args:
        objective: Which of them.
        generated_logits: Of generated pictures, shape (batch,).

    Returns:
        The mean over the batch: a number.
    """
    if objective == "hinge":
        return -generated_logits.mean()
    if objective == "minimax":
        return -softplus(generated_logits).mean()
    return softplus(-generated_logits).mean()
