"""Settings of phase two beside student and objective: heads, augmentation, training. Light to import."""

from typing import Annotated, Literal

from pydantic import Field

from ..data.settings import Settings

Count = Annotated[int, Field(ge=1)]
Positive = Annotated[float, Field(gt=0)]
NotNegative = Annotated[float, Field(ge=0)]
Share = Annotated[float, Field(ge=0, lt=1)]


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


class AugmentSettings(Settings):
    """How much each window of a training batch is disturbed; 0 leaves that disturbance out."""

    noise_m_s2: NotNegative = 0.1
    """Standard deviation of white noise on specific force, m/s^2."""
    noise_rad_s: NotNegative = 0.02
    """Standard deviation of white noise on angular rate, rad/s."""
    scale: NotNegative = 0.05
    """Standard deviation of each site's gain about 1, one for specific force and one for angular rate."""
    rotation_degrees: NotNegative = 8.0
    """Standard deviation of each mount's rotation about a random axis, in degrees; horses differ by about 8."""
    shift_steps: Annotated[int, Field(ge=0)] = 5
    """Largest shift of a window in time, in steps, all sites together; the edge sample fills what moves in. With
    `jitter_steps`, which takes true neighbours instead, set it to 0."""
    site_dropout: Share = 0.0
    """Probability that a site falls silent: all its channels at their training mean. An only site never does."""
    mirror: Annotated[float, Field(ge=0, le=1)] = 0.0
    """Probability that a window shows the horse's mirror image, sites and axes changed over; not where leads matter."""
    time_warp: NotNegative = 0.0
    """Standard deviation of the logarithm of the speed at which a window is gone through, at each knot; 0.1 is much."""
    magnitude_warp: NotNegative = 0.0
    """Standard deviation of each site's gain about 1 at each knot, one for specific force and one for angular rate."""
    warp_knots: Annotated[int, Field(ge=2)] = 6
    """Points of a window, its ends among them, between which speed and gain of the two warps run smoothly."""
    jitter_steps: Annotated[int, Field(ge=0)] = 0
    """Largest step by which a window is cut earlier or later from its recording, as far as its own film reaches."""
    film_swap: Annotated[float, Field(ge=0, le=1)] = 0.0
    """Probability that a window's film takes the look of another training recording: its own recording's mean feature
    is taken out and the other's put in, so that coat and scenery cannot stand for the horse's way of going."""


class TrainSettings(Settings):
    """How pretraining goes: length, optimiser, validation, checkpoints, machine."""

    steps: Count = 3000
    """Optimiser steps."""
    batch: Annotated[int, Field(ge=2)] = 256
    """Windows a step; a smaller training set makes smaller batches."""
    learning_rate: Positive = 5e-4
    """Peak of AdamW's learning rate."""
    warmup_steps: Annotated[int, Field(ge=0)] = 150
    """Steps in which the learning rate rises from zero to its peak."""
    final_share: Annotated[float, Field(ge=0, le=1)] = 0.01
    """Learning rate at the last step over its peak, after a half cosine."""
    weight_decay: NotNegative = 0.05
    """AdamW's decoupled weight decay, on matrices only: never on biases, norms, positions, CLS, scale and bias."""
    clip_norm: Positive = 1.0
    """Bound on the norm of the gradient."""
    validate_every: Count = 100
    """Steps between two retrievals on the validation horses."""
    save_every: Count = 100
    """Steps between two saved states: what a killed run loses at most."""
    validation_windows: Count = 20
    """With fewer validation windows the last checkpoint counts, and training never stops early. From so many on it is
    the last one that is within a standard error of the best."""
    patience: Count | None = None
    """Validations without a better one after which training stops; null never stops early."""
    memory_gib: Positive = 8.0
    """Memory for windows, in GiB. Where the cache holds more (some 260,000 windows of five sites fill 8), recordings
    are read from it over and over, and their windows mixed in a buffer of this size. A sample of at most 10,000 windows
    (300 MB) stands beside it."""
    tensorboard: bool = False
    """Whether the log's rows go to TensorBoard files in RUN/tensorboard as well; needs the extra `tensorboard`."""
    device: str = "auto"
    """`auto` takes a CUDA device where there is one; else a torch device name."""
    threads: Count | None = None
    """CPU threads of torch; null leaves them as they are."""
    precision: Literal["float32", "bfloat16"] = "float32"
    """Arithmetic of the student's matrix products in training; weights and loss stay float32."""
    compile: bool = False
    """Compile the student with torch.compile: a minute at the start, for a faster step on a GPU. On a CPU a step was
    seen to take half as long again."""
