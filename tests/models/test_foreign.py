"""Networks of other libraries."""

import subprocess
import sys

import pytest
import torch
from torch import nn

from reprodx.errors import ConfigError
from reprodx.inputs import Modality
from reprodx.models.cnn import CNN
from reprodx.models.foreign import ForeignNetwork, sizes_for

SIZES = {"num_outputs": 2, "num_features": 5, "num_channels": 3, "image_size": (32, 40), "vocabulary_size": None}


class Sequences(nn.Module):
    def __init__(self, *, in_channels: int, num_classes: int, spatial_dims: int) -> None:
        super().__init__()
        self.conv = nn.Conv1d(in_channels, num_classes, spatial_dims)

    def forward(self, values):
        return self.conv(values).mean(2)


@pytest.mark.parametrize(("modality", "spatial_dims"), [(Modality.IMAGE, 2), (Modality.SIGNAL, 1)])
def test_monai_s_network_gets_its_sizes_and_gives_logits(modality, spatial_dims):
    from monai.networks.nets import DenseNet121

    settings = {"init_features": 4, "growth_rate": 2}
    sizes = sizes_for(DenseNet121, modality, SIZES, settings)
    values = torch.randn(2, 3, 32, 40) if modality == Modality.IMAGE else torch.randn(2, 64, 3)

    logits = ForeignNetwork(network=DenseNet121(**settings, **sizes), modality=modality)(values)

    assert sizes == {"spatial_dims": spatial_dims, "in_channels": 3, "out_channels": 2}
    assert logits.shape == (2, 2)


def test_sizes_that_the_config_holds_stay():
    assert sizes_for(nn.Linear, Modality.TABLE, SIZES, {"in_features": 9}) == {"out_features": 2}


def test_our_own_networks_get_theirs_by_our_names():
    assert sizes_for(CNN, Modality.IMAGE, SIZES, {}) == {
        "num_channels": 3,
        "image_size": (32, 40),
        "num_outputs": 2,
    }


def test_tables_have_no_spatial_axes():
    sizes = sizes_for(Sequences, Modality.TABLE, SIZES, {})

    assert sizes == {"in_channels": 3, "num_classes": 2}


@pytest.mark.parametrize("modality", [Modality.SIGNAL, Modality.SERIES])
def test_channels_stand_before_time(modality):
    inner = Sequences(**sizes_for(Sequences, modality, SIZES, {}))
    values = torch.randn(4, 7, 3)

    logits = ForeignNetwork(network=inner, modality=modality)(values, torch.full((4,), 7), torch.zeros(4, 5))

    assert torch.equal(logits, inner(values.transpose(1, 2)))


def test_other_values_are_left_as_they_are():
    inner = nn.Linear(5, 2)
    features = torch.randn(4, 5)

    assert torch.equal(ForeignNetwork(network=inner, modality=Modality.TABLE)(features), inner(features))


def test_refuses_padding():
    network = ForeignNetwork(network=nn.Identity(), modality=Modality.SERIES)

    with pytest.raises(ConfigError, match="Identity cannot tell padding from measurements"):
        network(torch.randn(2, 7, 3), torch.tensor([7, 6]))


@pytest.mark.parametrize("inner", [nn.Identity(), nn.LSTM(7, 2)])
def test_refuses_what_is_no_row_of_logits(inner):
    network = ForeignNetwork(network=inner, modality=Modality.SERIES)

    with pytest.raises(ConfigError, match=f"{type(inner).__name__} does not give one row of logits"):
        network(torch.randn(2, 7, 3))


def test_monai_is_not_imported_before_it_is_used():
    command = "import sys, reprodx.models.foreign; sys.exit('monai' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", command], check=False).returncode == 0
