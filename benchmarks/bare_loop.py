"""The baseline of `training_speed.py`: a training loop in bare PyTorch, as one writes it by hand.

The same network, optimizer, index batches and number of steps as reprodx has, and nothing else: no seeds per epoch, no
checks, no validation, no checkpoint, no tracking. `validates` adds the validation loss after each epoch.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import nn
from torch.nn import functional

if TYPE_CHECKING:
    from torch import Tensor


def bare_network(num_features: int) -> nn.Module:
    """Return the 64-32 perceptron for two classes."""
    return nn.Sequential(
        nn.Linear(num_features, 64), nn.ReLU(), nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 1), nn.Flatten(0)
    )


def bare_loop(
    train: tuple[Tensor, Tensor],
    val: tuple[Tensor, Tensor],
    *,
    batch_size: int,
    num_epochs: int,
    validates: bool,
) -> None:
    """Train a network.

    Args:
        train: Features, shape (cases, features), and labels 0 and 1, both float32.
        val: The same of the validation cases.
        batch_size: Cases of a mini-batch.
        num_epochs: Passes over the training cases.
        validates: Whether the validation loss is computed after each epoch.
    """
    torch.manual_seed(0)
    features, labels = train
    network = bare_network(features.shape[1])
    optimizer = torch.optim.Adam(network.parameters(), lr=0.001)
    for _ in range(num_epochs):
        for rows in torch.randperm(len(labels)).split(batch_size):
            optimizer.zero_grad()
            loss = functional.binary_cross_entropy_with_logits(network(features[rows]), labels[rows])
            loss.backward()
            optimizer.step()
        if validates:
            network.eval()
            with torch.inference_mode():
                float(functional.binary_cross_entropy_with_logits(network(val[0]), val[1]))
            network.train()
