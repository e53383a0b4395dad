"""What a network is called with for one case, and what that is compared with."""

import numpy as np
import torch

from reprodx.explanation.asked_case import asked_case, training_means
from reprodx.training.model_folder import load_network


def test_the_baseline_of_a_table_is_the_mean_training_case(stored):
    model = stored("mlp")
    interface = load_network(model.folder).interface
    means = training_means(model.prepared, interface)
    case = asked_case(model.prepared, 4, interface, means, (1,))
    expected = model.prepared.features[model.prepared.cases["split"].to_numpy() == "train"].mean(axis=0)
    np.testing.assert_allclose(case.baselines[0][0], expected, atol=1e-6)
    np.testing.assert_array_equal(case.batch[0][0], model.prepared.features[4])
    assert case.batch[0].dtype == torch.float64


def test_the_baseline_of_a_signal_is_the_mean_of_each_lead(stored):
    model = stored("resnet1d")
    interface = load_network(model.folder).interface
    case = asked_case(model.prepared, 4, interface, training_means(model.prepared, interface), (1,))
    values, lengths, features = case.batch
    assert (values.shape, lengths, features.shape) == ((1, 70, 2), None, (1, 5))
    assert case.baselines[0].unique(dim=1).tolist() == [[[0.25, 0.5]]]


def test_a_series_without_scaling_is_compared_with_zeros_of_its_own_length(stored):
    model = stored("lstm")
    interface = load_network(model.folder).interface
    case = asked_case(model.prepared, 7, interface, training_means(model.prepared, interface), (1,))
    assert case.batch[1].tolist() == [model.prepared.inputs.lengths[7]] == [case.batch[0].shape[1]]
    assert case.baselines[0].shape == case.batch[0].shape
    assert not case.baselines[0].any()
