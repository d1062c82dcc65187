"""A weighted sum of objectives."""

from collections.abc import Sequence

from jaxtyping import Float32
from torch import Tensor, nn

from .forward_pass import ForwardPass
from .objective import Objective
from .settings import SumSettings


class WeightedSum(Objective):
    """Several objectives as one; each term's weighted loss is logged under its name.

    loss = sum over terms of weight * loss of the term

    >>> from .table import Shape, build_objective
    >>> shape = Shape(batch=2, channels=6, steps=250, shared=8, token_width=16)
    >>> settings = SumSettings(terms=({"name": "siglip"}, {"name": "regression", "weight": 0.5}))
    >>> objective = build_objective(settings, shape=shape)
    >>> [term.weight for term in objective.terms]
    [1.0, 0.5]
    """

    def __init__(self, settings: SumSettings, *, terms: Sequence[Objective]) -> None:
        super().__init__(settings)
        self.names = [term.name for term in settings.terms]
        self.terms = nn.ModuleList(terms)
        self._last: dict[str, Tensor] = {}

    def compute_loss(self, forward: ForwardPass) -> Float32[Tensor, ""]:
        """The sum of the terms' losses."""
        losses = [term.loss(forward) for term in self._each()]
        self._last = {name: loss.detach() for name, loss in zip(self.names, losses, strict=True)}
        total = losses[0]
        for loss in losses[1:]:
            total = total + loss
        return total

    def after_step(self, forward: ForwardPass) -> None:
        """That of each term."""
        for term in self._each():
            term.after_step(forward)

    def state(self) -> dict[str, Tensor]:
        """The last batch's losses by term, and each term's learned numbers, such as `siglip.scale`."""
        learned = {
            f"{name}.{key}": value
            for name, term in zip(self.names, self._each(), strict=True)
            for key, value in term.state().items()
        }
        return self._last | learned

    def _each(self) -> list[Objective]:
        return [term for term in self.terms if isinstance(term, Objective)]
