"""What every classifying network that ships promises for every modality that it names."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import torch
import yaml
from torch import nn

from reprodx.inputs import Modality
from reprodx.models.foreign import sizes_for
from reprodx.training.determinism import reproducible

if TYPE_CHECKING:
    from collections.abc import Iterator

    from torch import Tensor

NUM_CASES, NUM_STEPS, NUM_FEATURES, NUM_CLASSES, VOCABULARY_SIZE = 8, 40, 12, 3, 20
LENGTHS = torch.tensor([40, 33, 7, 40, 1, 19, 26, 12])
SEQUENCES = {Modality.SIGNAL, Modality.SERIES, Modality.TEXT}


def read(option: str) -> tuple[type, dict[str, Any]]:
    settings = yaml.safe_load(Path("conf/model", f"{option}.yaml").read_text())
    module, _, name = settings.pop("_target_").rpartition(".")
    settings.pop("name")
    return getattr(importlib.import_module(module), name), settings


def own_networks() -> Iterator[tuple[str, Modality]]:
    for file in sorted(Path("conf/model").glob("*.yaml")):
        network = read(file.stem)[0] if "_target_: reprodx." in file.read_text() else object
        if issubclass(network, nn.Module) and not getattr(network, "generates", False):
            yield from ((file.stem, modality) for modality in network.modalities)


NETWORKS = list(own_networks())
every_network = pytest.mark.parametrize(("option", "modality"), NETWORKS)
every_sequence_network = pytest.mark.parametrize(
    ("option", "modality"), [each for each in NETWORKS if each[1] in SEQUENCES]
)


@pytest.fixture(autouse=True)
def fixed_threads_and_seed() -> Iterator[None]:
    with reproducible(1):
        torch.manual_seed(0)
        yield


def build(option: str, modality: Modality, **changes: Any) -> nn.Module:
    target, settings = read(option)
    sizes = {
        "num_outputs": NUM_CLASSES,
        "num_features": NUM_FEATURES,
        "num_channels": 0 if modality == Modality.TEXT else 3,
        "image_size": (16, 18),
        "vocabulary_size": VOCABULARY_SIZE if modality == Modality.TEXT else None,
    }
    settings |= {key: value for key, value in changes.items() if key in settings}
    return target(**settings, **sizes_for(target, modality, sizes, settings))


def without_dropout(option: str, modality: Modality) -> nn.Module:
    network = build(option, modality)
    for layer in network.modules():
        if isinstance(layer, nn.Dropout):
            layer.p = 0.0
        elif isinstance(layer, nn.MultiheadAttention):
            layer.dropout = 0.0
    return network


def make_cases(modality: Modality, dtype: torch.dtype = torch.float32) -> tuple[dict[str, Tensor], Tensor]:
    """Return what a network is given, and classes that it can learn from it."""
    random = torch.Generator().manual_seed(7)
    targets = torch.arange(NUM_CASES) % NUM_CLASSES
    features = torch.randn(NUM_CASES, NUM_FEATURES, generator=random, dtype=dtype)
    if modality == Modality.TABLE:
        return {"features": features}, targets
    if modality == Modality.IMAGE:
        noise = torch.randn(NUM_CASES, 3, 16, 18, generator=random, dtype=dtype)
        return {"images": noise + targets.view(-1, 1, 1, 1)}, targets
    if modality == Modality.TEXT:
        tokens = torch.randint(1, VOCABULARY_SIZE // NUM_CLASSES, (NUM_CASES, NUM_STEPS), generator=random)
        values = tokens + targets.view(-1, 1) * (VOCABULARY_SIZE // NUM_CLASSES)
    else:
        values = torch.randn(NUM_CASES, NUM_STEPS, 3, generator=random, dtype=dtype) + targets.view(-1, 1, 1)
    padding = torch.arange(NUM_STEPS) >= LENGTHS.view(-1, 1)
    values[padding] = 0
    return {"values": values, "lengths": LENGTHS, "features": features}, targets


def with_more_padding(given: dict[str, Tensor], *, fill: int) -> dict[str, Tensor]:
    """Return the same cases with other numbers in the padding and 9 more steps of it."""
    values = given["values"].clone()
    values[torch.arange(NUM_STEPS) >= LENGTHS.view(-1, 1)] = fill
    more = torch.full_like(values[:, :9], fill)
    return {**given, "values": torch.cat([values, more], dim=1)}


@every_network
def test_gives_a_row_of_logits_per_case(option: str, modality: Modality) -> None:
    given, _ = make_cases(modality)

    assert build(option, modality)(**given).shape == (NUM_CASES, NUM_CLASSES)


@every_network
def test_the_same_seed_gives_the_same_bytes(option: str, modality: Modality) -> None:
    def trained_weights() -> list[Tensor]:
        torch.manual_seed(1)
        network = build(option, modality)
        given, targets = make_cases(modality)
        nn.functional.cross_entropy(network(**given), targets).backward()
        return [part for parameter in network.parameters() for part in (parameter, parameter.grad)]

    assert all(map(torch.equal, trained_weights(), trained_weights()))


@every_network
def test_every_weight_learns(option: str, modality: Modality) -> None:
    network, (given, targets) = without_dropout(option, modality), make_cases(modality)

    nn.functional.cross_entropy(network(**given), targets).backward()

    assert not [name for name, parameter in network.named_parameters() if not parameter.grad.count_nonzero()]


@every_network
def test_a_case_is_judged_by_itself(option: str, modality: Modality) -> None:
    network, (given, _) = build(option, modality).double().eval(), make_cases(modality, torch.float64)
    alone = [network(**{key: values[[case]] for key, values in given.items()}) for case in range(NUM_CASES)]

    torch.testing.assert_close(network(**given), torch.cat(alone), atol=1e-10, rtol=0)


@every_network
def test_prediction_does_not_depend_on_gradients_being_kept(option: str, modality: Modality) -> None:
    network, (given, _) = build(option, modality).eval(), make_cases(modality)
    with_gradients = network(**given)

    with torch.inference_mode():
        torch.testing.assert_close(network(**given), with_gradients, atol=1e-6, rtol=1e-6)


@every_network
def test_learns_its_own_batch(option: str, modality: Modality) -> None:
    network, (given, targets) = without_dropout(option, modality), make_cases(modality)
    optimizer = torch.optim.Adam(network.parameters(), lr=0.01)
    losses = []
    for _ in range(40):
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(network(**given), targets)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())

    assert losses[-1] < losses[0] / 2
    assert len(network(**given).argmax(1).unique()) == NUM_CLASSES


@every_sequence_network
@pytest.mark.parametrize("is_training", [True, False])
def test_padding_is_not_read(option: str, modality: Modality, is_training: bool) -> None:
    network = without_dropout(option, modality).double().train(is_training)
    given, _ = make_cases(modality, torch.float64)

    for fill in (0, 5):
        again = with_more_padding(given, fill=fill)
        torch.testing.assert_close(network(**again), network(**given), atol=1e-10, rtol=0)


@every_sequence_network
def test_the_last_own_step_is_read(option: str, modality: Modality) -> None:
    network = build(option, modality).double().eval()
    given, _ = make_cases(modality, torch.float64)
    changed = given["values"].clone()
    changed[torch.arange(NUM_CASES), LENGTHS - 1] += 1

    difference = network(**{**given, "values": changed}) - network(**given)

    assert (difference.abs().amax(1) > 1e-9).all()


@every_sequence_network
def test_lengths_may_be_left_out_where_all_steps_count(option: str, modality: Modality) -> None:
    network = build(option, modality).double().eval()
    given, _ = make_cases(modality, torch.float64)
    given["lengths"] = torch.full((NUM_CASES,), NUM_STEPS)

    assert torch.equal(network(given["values"], None, given["features"]), network(**given))


@every_sequence_network
def test_a_case_without_steps_has_finite_logits(option: str, modality: Modality) -> None:
    given, _ = make_cases(modality)
    given["lengths"] = LENGTHS * (torch.arange(NUM_CASES) != 3)

    assert build(option, modality).eval()(**given).isfinite().all()


@every_sequence_network
def test_features_beside_the_sequence_are_used(option: str, modality: Modality) -> None:
    network, (given, _) = build(option, modality).eval(), make_cases(modality)

    assert not torch.equal(network(**given), network(**{**given, "features": given["features"] + 1}))
