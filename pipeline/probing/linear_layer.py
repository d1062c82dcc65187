"""The linear classifier as a layer of a network."""

import torch
from torch import nn

from .linear import LinearClassifier


def linear_layer(classifier: LinearClassifier) -> nn.Linear:
    """The classifier as a layer whose softmax gives the same probabilities: an export appends it to the student."""
    classes, dim = classifier.weight.shape
    layer: nn.Linear = nn.Linear(dim, classes, device="meta").to_empty(device="cpu")  # draws no random numbers
    with torch.no_grad():
        layer.weight.copy_(torch.from_numpy(classifier.weight))
        layer.bias.copy_(torch.from_numpy(classifier.bias))
    return layer
