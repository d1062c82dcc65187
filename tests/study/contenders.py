"""Who takes part: the default, the systems before it, and what does without pretraining.

All see the same windows, and few labels are the same windows for each; no side has validation horses or unlabelled
windows to fit with. Predecessors differ from the default in what each is known for alone: cache, augmentation, heads,
steps, batch and probe are the same. Overlapping windows stay out of InfoNCE's denominators as they stay out of ours.
"""

from dataclasses import dataclass

DEFAULT, UNTRAINED, SPECTRAL, MINIROCKET, SCRATCH, TEACHER = (
    *("default", "untrained", "spectral", "minirocket", "scratch", "teacher"),
)
COMODO, IMU2CLIP, SKETCH = "comodo", "imu2clip", "sketch"
PREDECESSORS = (COMODO, IMU2CLIP, SKETCH)
RIVALS = (UNTRAINED, SCRATCH, SPECTRAL)
"""Of whom the best may not be better than the default."""


@dataclass(frozen=True)
class Contender:
    """One way to classify windows."""

    what: str
    """In a few words, for tables."""
    classifier: str = "linear-probe"
    """Name in the table of classifiers; the linear probe is the one that needs a pretrained student."""
    settings: tuple[str, ...] = ()
    """What differs from the set's recipe."""
    tasks: tuple[str, ...] = ()
    """The tasks that it takes part in; none named: all of a set's."""

    @property
    def pretrained(self) -> bool:
        """Whether a student is pretrained for it."""
        return self.classifier == "linear-probe"

    @property
    def sees_film(self) -> bool:
        """Whether its figures depend on the teacher."""
        return self.pretrained or self.classifier == "teacher"


CONTENDERS = {
    DEFAULT: Contender("the recipe as it is, pretrained, and its probe"),
    UNTRAINED: Contender("the same student and probe, untrained", "random-init"),
    SPECTRAL: Contender("spectral features, logistic regression", "spectral"),
    MINIROCKET: Contender("MiniRocket, logistic regression", "minirocket"),
    SCRATCH: Contender("the same student, from scratch on the same labels", "supervised", tasks=("all", "ten", "one")),
    TEACHER: Contender("the film's teacher itself", "teacher", tasks=("all",)),
    COMODO: Contender(
        "COMODO's queue distillation", settings=("objective={name: queue, size: 256}",), tasks=("all", "ten", "one")
    ),
    IMU2CLIP: Contender(
        "IMU2CLIP's encoder and InfoNCE",
        settings=("student={name: conv-gru}", "objective={name: infonce, form: sum}"),
        tasks=("all", "ten", "one"),
    ),
    SKETCH: Contender(
        "the sketch's sigmoid loss, temperature 1, no bias, neither learned",
        settings=(
            "objective={name: siglip, weight: 0.0078125, scale_init: 1.0, bias_init: 0.0, learn: false, "
            "ignore_overlap: false}",
        ),
        tasks=("all", "ten", "one"),
    ),
}
