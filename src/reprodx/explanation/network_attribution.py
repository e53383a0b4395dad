"""Attributions of a network's answers, by the method that fits what it is given."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import nn

from reprodx.errors import AttributionError
from reprodx.explanation.asked_case import asked_case, training_means
from reprodx.explanation.class_activation import grad_cam, last_maps
from reprodx.explanation.integrated_gradients import POINTS, integrated_gradients, layer_integrated_gradients
from reprodx.explanation.log_odds import log_odds
from reprodx.inputs import Modality
from reprodx.training.architecture import build_network

if TYPE_CHECKING:
    from torch import Tensor

    from reprodx.artifacts.prepared import PreparedCases
    from reprodx.explanation.contributions import Contributions
    from reprodx.training.model_folder import FittedNetwork

METHODS = {
    Modality.TABLE: "integrated gradients",
    Modality.IMAGE: "Grad-CAM",
    Modality.SIGNAL: "integrated gradients",
    Modality.SERIES: "integrated gradients",
    Modality.TEXT: "integrated gradients on the tokens' vectors",
}
"""By what a network is given."""
BASELINES = {
    Modality.IMAGE: None,
    Modality.TEXT: "a text of the same length whose tokens are empty vectors",
}
"""By what a network is given, where it is not the mean training case."""
MEAN_CASE = "the mean training case"


class NetworkAttribution:
    """A network whose answers are attributed."""

    def __init__(self, fitted: FittedNetwork, prepared: PreparedCases) -> None:
        """Look at the network.

        Args:
            fitted: The network as it was trained.
            prepared: All cases.
        """
        self._fitted, self._prepared = fitted, prepared
        interface = fitted.interface
        self._modality = Modality.TABLE if interface.takes_summary else interface.modality
        self._means = training_means(prepared, interface)
        self.method: str = METHODS[self._modality]
        self.baseline: str | None = BASELINES.get(self._modality, MEAN_CASE)
        if self._modality == Modality.IMAGE and self._maps(fitted.network) is None:
            self.method, self.baseline = METHODS[Modality.TABLE], MEAN_CASE

    def contributions(self, row: int, yes: tuple[int, ...], network: nn.Module | None = None) -> Contributions:
        """Attribute the log odds of one case.

        Args:
            row: Of the case among the prepared ones.
            yes: Positions of the classes in question.
            network: One of the same architecture; None takes the trained one.

        Returns:
            What each part of the case contributes.

        Raises:
            AttributionError: If captum or torch cannot take the network's gradients.
        """
        called, points = (self._fitted.network, POINTS) if network is None else (network, POINTS[:1])
        case = asked_case(self._prepared, row, self._fitted.interface, self._means, yes)

        def answer(*given: Tensor | None) -> Tensor:
            return log_odds(called(*given), self._fitted.link, yes)

        try:
            if self._modality == Modality.TEXT:
                return layer_integrated_gradients(answer, called, case, points)
            layer = last_maps(called, case.batch) if self._modality == Modality.IMAGE else None
            if layer is not None:
                return grad_cam(answer, layer, case.batch)
            return integrated_gradients(answer, case, self._modality, points)
        # What captum and torch raise where a layer has no gradient or they do not know it.
        except (AssertionError, NotImplementedError, RuntimeError) as error:
            name, reason = type(called).__name__, str(error).partition("\n")[0]
            raise AttributionError(f"captum cannot attribute the answers of {name} ({reason})") from error

    def random_network(self, seed: int) -> nn.Module:
        """Return a network of the same architecture whose parameters were drawn anew, all layers of them.

        What its constructor does not draw but sets to one number, such as the weights of a logistic regression, is
        drawn by Glorot's rule; biases and the scales of normalisations keep that number.

        Args:
            seed: Of the parameters.

        Returns:
            In float64, with dropout off.
        """
        interface = self._fitted.interface
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            network = build_network(self._fitted.architecture, interface.modality, interface.scaling)
            for parameter in network.parameters():
                if parameter.dim() > 1 and bool((parameter == parameter.flatten()[0]).all()):
                    nn.init.xavier_normal_(parameter)
        return network.double().eval()

    def _maps(self, network: nn.Module) -> nn.Module | None:
        case = asked_case(self._prepared, 0, self._fitted.interface, self._means, (0,))
        return last_maps(network, case.batch)
