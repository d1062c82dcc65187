"""A weighted sum of objectives: loss = sum of weight * loss over its terms, each with what it learns itself."""

from collections.abc import Sequence

from jaxtyping import Float32
from torch import Tensor, nn

from .objective import Objective
from .settings import SumSettings
from .training_batch import Lesson


class WeightedSum(Objective):
    """Several objectives as one; each term's weighted loss is logged under its name."""

    def __init__(self, settings: SumSettings, *, terms: Sequence[Objective]) -> None:
        super().__init__(settings)
        self.names = [term.name for term in settings.terms]
        self.terms = nn.ModuleList(terms)
        self._last: dict[str, Tensor] = {}

    def judge(self, lesson: Lesson) -> Float32[Tensor, ""]:
        """The terms' losses, added."""
        losses = [term.loss(lesson) for term in self._each()]
        self._last = {name: loss.detach() for name, loss in zip(self.names, losses, strict=True)}
        total = losses[0]
        for loss in losses[1:]:
            total = total + loss
        return total

    def after_step(self, lesson: Lesson) -> None:
        """Each term's own."""
        for term in self._each():
            term.after_step(lesson)

    def state(self) -> dict[str, Tensor]:
        """The last batch's losses, and what each term has to say, as `siglip.scale`."""
        said = {
            f"{name}.{key}": value
            for name, term in zip(self.names, self._each(), strict=True)
            for key, value in term.state().items()
        }
        return self._last | said

    def _each(self) -> list[Objective]:
        return [term for term in self.terms if isinstance(term, Objective)]
