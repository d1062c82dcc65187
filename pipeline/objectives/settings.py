"""Settings of the objectives, light to import.

One objective is a section with its name; a weighted sum names its terms:

    objective: {name: infonce, form: sum}
    objective: {name: sum, terms: [{name: siglip}, {name: masked, weight: 0.5}]}
"""

from typing import Annotated, Literal

from pydantic import Field, Tag, field_validator

from ...data.settings import Settings, by_name
from ...data.types import Count, OpenShare, Positive, Share


class AnyObjective(Settings):
    """What the settings of every objective have."""

    name: str
    """Which objective: a name of `objectives.table.OBJECTIVES`."""
    weight: Positive = 1.0
    """What its loss is multiplied by."""

    @property
    def needs_film(self) -> bool:
        """Whether it compares sensors with film; if not, windows without film are used too."""
        return True

    @property
    def needs_views(self) -> bool:
        """Whether it takes a second augmentation of each window."""
        return False

    def check_window(self, steps: int) -> None:
        """Refuses with a ValueError a window length (in steps) that this objective cannot use."""


class AnyPair(AnyObjective):
    """What the settings of every pair objective have (`objective.PairObjective`)."""

    ignore_overlap: bool = True
    """Leave out the pairs of two different windows of one recording that overlap in time: they share film."""


class SigLipSettings(AnyPair):
    """SigLIP: where its scale and bias start, and whether they are learned."""

    name: Literal["siglip"] = "siglip"
    scale_init: Positive = 10.0
    """exp(t) at the start, the inverse temperature (Zhai et al. 2023, section 3.2)."""
    bias_init: float | Literal["auto"] = "auto"
    """b at the start: -10 in the paper, whose batch is 22,000 and more; `auto` is -log(batch - 1), where the loss of
    unrelated embeddings has its minimum."""
    learn: bool = True
    """Whether scale and bias are learned; false leaves both as they start, to compare with losses that do so."""


class InfoNceSettings(AnyPair):
    """InfoNCE with a learned temperature: each side retrieves its partner among the batch."""

    name: Literal["infonce"] = "infonce"
    temperature_init: Positive = 0.07
    """Temperature at the start (Radford et al. 2021, section 2.5)."""
    form: Literal["mean", "sum"] = "mean"
    """The two directions' losses averaged, as CLIP does, or added, as IMU2CLIP does."""


class QueueSettings(AnyObjective):
    """COMODO's distillation: sensors should rank the films of a queue as the film itself does."""

    name: Literal["queue"] = "queue"
    size: Count = 1024
    """Film embeddings that the queue holds; as many training windows fill it and are left out of the first epoch."""
    teacher_temperature: Positive = 0.1
    """tau_T (Chen et al. 2025)."""
    student_temperature: Positive = 0.05
    """tau_S; lower than tau_T, so that the sensors' similarities are sharper than the film's."""


class RegressionSettings(AnyObjective):
    """Regression: the sensors' unit vector approaches its film's."""

    name: Literal["regression"] = "regression"


class MaskedSettings(AnyObjective):
    """Masked reconstruction: hidden patches are predicted from the rest. Film is not used.

    Alone it trains tokens and never CLS: set `student.pool=mean` then.
    """

    name: Literal["masked"] = "masked"
    share: OpenShare = 0.4
    """Share of a window's patches that is hidden (Nie et al. 2023, section 4.2)."""
    patch_steps: Count = 10
    """Steps of one patch. The window must be a whole number of patches."""

    @property
    def needs_film(self) -> bool:
        """It uses sensors alone."""
        return False

    def check_window(self, steps: int) -> None:
        """A window is a whole number of patches, two or more."""
        if steps % self.patch_steps or steps == self.patch_steps:
            raise ValueError(f"windows.steps {steps} is not two or more times objective.patch_steps {self.patch_steps}")


class TwoViewSettings(AnyObjective):
    """Two views: the student's embeddings of two augmentations of a window retrieve each other. Film is not used."""

    name: Literal["two-view"] = "two-view"
    temperature: Positive = 0.1
    """tau, by which cosines are divided (Chen et al. 2020, table 5)."""

    @property
    def needs_film(self) -> bool:
        """It uses sensors alone."""
        return False

    @property
    def needs_views(self) -> bool:
        """It compares two of them."""
        return True


class NeighboursSettings(AnyObjective):
    """Neighbours: sensors approach those of another recording whose film is most alike. Meant as a term of a sum."""

    name: Literal["neighbours"] = "neighbours"
    size: Count = 1024
    """Windows of earlier batches among which neighbours are sought."""
    temperature: Positive = 0.1
    """tau, by which cosines are divided (Dwibedi et al. 2021, section 4.1)."""


PairSettings = Annotated[
    Annotated[SigLipSettings, Tag("siglip")] | Annotated[InfoNceSettings, Tag("infonce")], by_name(default="siglip")
]
"""The settings of an objective that can compare a single sensor with film."""


class PerSiteSettings(AnyObjective):
    """Per site: the student's embedding of one sensor alone is compared with film. Meant as a term of a sum."""

    name: Literal["per-site"] = "per-site"
    pair: PairSettings = SigLipSettings()
    """The comparison of a single sensor with film; its own scale is learned."""
    sites: Count | None = None
    """How many random sites are encoded alone each step; null takes every one, at that many times the cost."""


Term = Annotated[
    Annotated[SigLipSettings, Tag("siglip")]
    | Annotated[InfoNceSettings, Tag("infonce")]
    | Annotated[QueueSettings, Tag("queue")]
    | Annotated[RegressionSettings, Tag("regression")]
    | Annotated[MaskedSettings, Tag("masked")]
    | Annotated[TwoViewSettings, Tag("two-view")]
    | Annotated[NeighboursSettings, Tag("neighbours")]
    | Annotated[PerSiteSettings, Tag("per-site")],
    by_name(default="siglip"),
]


class SumSettings(AnyObjective):
    """A weighted sum of other objectives, each with its own `weight`."""

    name: Literal["sum"] = "sum"
    terms: Annotated[tuple[Term, ...], Field(min_length=1)]
    """What is added up; no objective twice."""

    @field_validator("terms")
    @classmethod
    def _no_term_twice(cls, terms: tuple[Term, ...]) -> tuple[Term, ...]:
        names = [term.name for term in terms]
        if len(set(names)) < len(names):
            raise ValueError(f"one term of each name at most, not {', '.join(names)}")
        return terms

    @property
    def needs_film(self) -> bool:
        """Whether one of its terms does."""
        return any(term.needs_film for term in self.terms)

    @property
    def needs_views(self) -> bool:
        """Whether one of its terms does."""
        return any(term.needs_views for term in self.terms)

    def check_window(self, steps: int) -> None:
        """Every term's own check."""
        for term in self.terms:
            term.check_window(steps)


ObjectiveSettings = Annotated[
    Annotated[SigLipSettings, Tag("siglip")]
    | Annotated[InfoNceSettings, Tag("infonce")]
    | Annotated[QueueSettings, Tag("queue")]
    | Annotated[RegressionSettings, Tag("regression")]
    | Annotated[MaskedSettings, Tag("masked")]
    | Annotated[TwoViewSettings, Tag("two-view")]
    | Annotated[NeighboursSettings, Tag("neighbours")]
    | Annotated[PerSiteSettings, Tag("per-site")]
    | Annotated[SumSettings, Tag("sum")],
    by_name(default="siglip"),
]
"""The settings of any objective: the class that its `name` says."""


class HeadSettings(Settings):
    """The two projections into the space in which sensors and film are compared."""

    kind: Literal["mlp", "linear"] = "mlp"
    """One hidden layer with GELU, or a matrix alone."""
    hidden: Count = 512
    """Width of the hidden layer."""
    dim: Count = 256
    """Dimensions of the shared space."""
    dropout: Share = 0.0
    """Share of the standardised features and hidden activations that training drops."""
