"""Networks, losses and optimizers as `conf/` ships them, in float64 and small."""

from __future__ import annotations

import copy
import functools
import importlib
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import torch
import yaml
from torch import nn

from reprodx.inputs import Inputs, Modality
from reprodx.models.foreign import sizes_for

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray
    from torch import Tensor

    from reprodx.schemas import Task
    from reprodx.training.losses import ClassificationLoss

NUM_CLASSES = 3
SIZES = {
    "num_outputs": NUM_CLASSES,
    "num_classes": NUM_CLASSES,
    "num_features": 2,
    "num_channels": 3,
    "image_size": (8, 7),
    "vocabulary_size": None,
}
"""What the data decide."""
SMALL = {
    "hidden_sizes": [5, 4],
    "filters": [4, 3],
    "width": 1,
    "embedding_size": 4,
    "hidden_size": 4,
    "model_size": 4,
    "token_size": 4,
    "feedforward_size": 5,
    "num_heads": 2,
}
"""Instead of the shipped widths; depth and every other setting stay as they ship."""
SEQUENCES = {Modality.SIGNAL, Modality.SERIES, Modality.TEXT}


@functools.cache
def _text(file: str) -> Any:
    return yaml.safe_load(Path("conf", f"{file}.yaml").read_text())


def read(file: str) -> tuple[type, dict[str, Any]]:
    """Return the class that an option of `conf/` names, and its settings."""
    settings = copy.deepcopy(_text(file))
    del settings["name"]
    module, _, name = settings.pop("_target_").rpartition(".")
    return getattr(importlib.import_module(module), name), settings


def own_classifiers() -> Iterator[tuple[str, Modality]]:
    """Yield every network of ours that diagnoses, with each modality that it takes."""
    for file in sorted(Path("conf/model").glob("*.yaml")):
        if "_target_: reprodx." not in file.read_text():
            continue
        network, _ = read(f"model/{file.stem}")
        if issubclass(network, nn.Module) and not getattr(network, "generates", False):
            yield from ((file.stem, modality) for modality in network.modalities)


NETWORKS = list(own_classifiers())
every_network = pytest.mark.parametrize(("option", "modality"), NETWORKS)
every_sequence_network = pytest.mark.parametrize(
    ("option", "modality"), [each for each in NETWORKS if each[1] in SEQUENCES]
)


def shipped(option: str, modality: Modality, *, seed: int = 0, **changes: Any) -> nn.Module:
    """Return a network of `conf/model` with small sizes; every weight and statistic is drawn, none left at 0 or 1."""
    target, settings = read(f"model/{option}")
    settings |= {key: value for key, value in SMALL.items() if key in settings}
    sizes = dict(SIZES, num_channels=0, vocabulary_size=9) if modality == Modality.TEXT else dict(SIZES)
    assert set(changes) <= {*settings, *sizes}, "a change that nothing would take"
    settings |= {key: value for key, value in changes.items() if key in settings}
    sizes |= {key: value for key, value in changes.items() if key in sizes}
    return drawn(target(**settings, **sizes_for(target, modality, sizes, settings)).double(), seed)


def drawn(network: nn.Module, seed: int = 0) -> nn.Module:
    """Draw all weights and statistics anew, so that a term of an equation that were left out would be missed."""
    random = torch.Generator().manual_seed(seed)
    for parameter in network.parameters():
        parameter.data = 0.6 * torch.randn(parameter.shape, generator=random, dtype=parameter.dtype)
    for name, values in network.named_buffers():
        if name.endswith("running_mean"):
            values.copy_(0.3 * torch.randn(values.shape, generator=random, dtype=values.dtype))
        elif name.endswith("running_var"):
            values.copy_(0.5 + torch.rand(values.shape, generator=random, dtype=values.dtype))
    return network


def without_dropout(network: nn.Module) -> nn.Module:
    for layer in network.modules():
        if isinstance(layer, nn.Dropout):
            layer.p = 0.0
        elif isinstance(layer, nn.MultiheadAttention | nn.RNNBase):
            layer.dropout = 0.0
    return network


def shipped_loss(option: str, task: Task, num_classes: int, **changes: Any) -> ClassificationLoss:
    """Return a loss of `conf/trainer/loss`."""
    target, settings = read(f"trainer/loss/{option}")
    sizes = {"task": task, "class_counts": [2] * num_classes, "num_cases": 5 * num_classes}
    return target(**sizes, **settings | changes).double()


def shipped_optimizer(option: str, network: nn.Module, **changes: Any) -> torch.optim.Optimizer:
    """Return an optimizer of `conf/optimizer`."""
    target, settings = read(f"optimizer/{option}")
    return target(network.parameters(), **settings | changes)


def shipped_trainer(**changes: Any) -> SimpleNamespace:
    """Return `conf/trainer/cpu.yaml` in float64."""
    return SimpleNamespace(**copy.deepcopy(_text("trainer/cpu")) | {"precision": "64-true"} | changes)


def cases(modality: Modality, *, num_cases: int = 4, num_steps: int = 7, seed: int = 3) -> dict[str, Tensor]:
    """Return what a network is called with; sequences have several lengths, one of them 1."""
    random = torch.Generator().manual_seed(seed)

    def normal(*shape: int) -> Tensor:
        return torch.randn(*shape, generator=random, dtype=torch.float64)

    features = normal(num_cases, SIZES["num_features"])
    if modality == Modality.TABLE:
        return {"features": features}
    if modality == Modality.IMAGE:
        return {"images": normal(num_cases, SIZES["num_channels"], *SIZES["image_size"])}
    lengths = torch.tensor([num_steps, 1, num_steps - 2, 3])[:num_cases]
    if modality == Modality.TEXT:
        values = torch.randint(1, 9, (num_cases, num_steps), generator=random)
    else:
        values = normal(num_cases, num_steps, SIZES["num_channels"])
    values[torch.arange(num_steps) >= lengths[:, None]] = 0
    return {"values": values, "lengths": lengths, "features": features}


def texts_of(*texts: list[int], **settings: Any) -> Inputs:
    """Return texts of token numbers."""
    lengths = np.array([len(text) for text in texts])
    return Inputs.of_steps(Modality.TEXT, np.concatenate(texts).astype(np.int32), lengths, settings=settings)


def arrays(given: dict[str, Tensor]) -> dict[str, NDArray[Any]]:
    return {name: values.numpy() for name, values in given.items()}


def weights_of(network: nn.Module) -> dict[str, NDArray[np.float64]]:
    """Return the numbers that a network holds, by their names."""
    return {name: values.numpy().astype(np.float64) for name, values in network.state_dict().items()}


def gradients_of(network: nn.Module, loss: Tensor) -> dict[str, NDArray[np.float64]]:
    """Return the gradient of a loss for each weight, by its name."""
    network.zero_grad()
    loss.backward()
    return {name: parameter.grad.numpy() for name, parameter in network.named_parameters()}


def assert_equal(found: Any, expected: Any, message: str = "") -> None:
    """Demand equality to a millionth of each number; 1e-12 of the largest stands for zero."""
    found, expected = (
        each.detach().numpy() if torch.is_tensor(each) else np.asarray(each) for each in (found, expected)
    )
    assert found.dtype == expected.dtype == np.float64, f"{message} is not in float64"
    zero = 1e-12 * max(1.0, np.abs(expected).max(initial=0.0))
    np.testing.assert_allclose(found, expected, rtol=1e-6, atol=zero, err_msg=message)
