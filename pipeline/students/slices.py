"""Networks that process series one by one, over more series than fit in memory."""

from collections.abc import Callable

import torch
from torch import Tensor
from torch.utils.checkpoint import checkpoint


def in_slices(network: Callable[[Tensor], Tensor], rows: Tensor, *, most: int) -> Tensor:
    """The network's outputs of the rows, each independent of the others, computed for `most` rows at a time.

    Up to `most` rows it is the network alone. Of more, training keeps no activations: each slice is computed again
    in the backward pass (Chen et al. 2016, "Training deep nets with sublinear memory cost"), with the same
    dropout. That takes a third more time, and memory no longer grows with the rows.
    """
    if torch.compiler.is_exporting() or len(rows) <= most:  # a number of rows would be fixed in what is exported
        return network(rows)
    if not torch.is_grad_enabled():
        return torch.cat([network(part) for part in torch.split(rows, most)])
    read: list[Tensor] = [checkpoint(network, part, use_reentrant=False) for part in torch.split(rows, most)]
    return torch.cat(read)
