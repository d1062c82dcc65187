"""Who takes part: our default, the systems before it, other objectives and students, and controls that do not pretrain.

Predecessors meet us on equal terms: the same cache, windows, augmentation, heads, steps and batch. Only what each is
known for differs. Overlapping windows stay out of InfoNCE's denominators as they stay out of ours, to its advantage.
"""

from dataclasses import dataclass
from typing import Literal

DEFAULT = "default"
COMODO, IMU2CLIP, SKETCH = "comodo", "imu2clip", "sketch"
PREDECESSORS = (COMODO, IMU2CLIP, SKETCH)

SKETCHED = "name: siglip, weight: 0.0078125"
"""The sketch takes the mean over all B x B pairs where SigLIP divides their sum by B: 1 / B, of batches of 128."""


@dataclass(frozen=True)
class Contender:
    """One way of telling gaits."""

    what: str
    """In a few words, for tables."""
    kind: Literal["pretrained", "control"] = "pretrained"
    """Whether a student is pretrained, or a control of the evaluation answers."""
    settings: tuple[str, ...] = ()
    """What differs from the data set's recipe."""
    queued: bool = False
    """Whether the objective has a queue, whose size the data set decides."""
    needs_film: bool = True
    """Whether it learns from film; others take part where there is none."""

    def overrides(self, *, queue: int) -> tuple[str, ...]:
        """Its settings on a data set with queues of this size."""
        return (*self.settings, f"objective.size={queue}") if self.queued else self.settings


CONTENDERS: dict[str, Contender] = {
    DEFAULT: Contender("SigLIP, patch transformer"),
    COMODO: Contender(
        "COMODO's queue distillation, patch transformer", settings=("objective={name: queue}",), queued=True
    ),
    IMU2CLIP: Contender(
        "IMU2CLIP's convolution-GRU encoder and InfoNCE",
        settings=("student={name: conv-gru}", "objective={name: infonce, form: sum}"),
    ),
    SKETCH: Contender(
        "the sketch's sigmoid loss, temperature 1, no bias, neither learned",
        settings=(f"objective={{{SKETCHED}, scale_init: 1.0, bias_init: 0.0, learn: false, ignore_overlap: false}}",),
    ),
    "infonce": Contender("InfoNCE, patch transformer", settings=("objective={name: infonce}",)),
    "regression": Contender("regression, patch transformer", settings=("objective={name: regression}",)),
    "masked": Contender(
        "masked patches, sensors alone", settings=("objective={name: masked}", "student.pool=mean"), needs_film=False
    ),
    "siglip+masked": Contender(
        "SigLIP and half the masked patches",
        settings=("objective={name: sum, terms: [{name: siglip}, {name: masked, weight: 0.5}]}",),
    ),
    "siglip+per-site": Contender(
        "SigLIP, of all sensors and of one at a time",
        settings=("objective={name: sum, terms: [{name: siglip}, {name: per-site, sites: 1}]}",),
    ),
    "conv-gru": Contender("SigLIP, convolutions and GRU", settings=("student={name: conv-gru}",)),
    "deepconvlstm": Contender("SigLIP, DeepConvLSTM", settings=("student={name: deepconvlstm}",)),
    "patchtst": Contender("SigLIP, PatchTST", settings=("student={name: patchtst}",)),
    **{
        name: Contender(what, kind="control", needs_film=name == "teacher")
        for name, what in {
            "random-init": "the same student, untrained",
            "spectral": "spectral features, logistic regression",
            "spectral-svm": "spectral features, Gaussian kernel",
            "supervised": "the same student, from scratch on all labels",
            "teacher": "the film's teacher itself",
        }.items()
    },
}
