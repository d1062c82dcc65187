"""Every bench by name. A new one is a file with its `BENCHES` and one line here."""

from . import (
    ddp,
    decode,
    gpu,
    kills,
    memory,
    memory_phase_two,
    mirror_film,
    overlap,
    predict_field,
    read,
    rerun,
    resume,
    sync_cost,
    teacher,
    train,
    train_gpu,
    yards,
)
from .measure import Bench, Limit

BENCHES: dict[str, Bench | Limit] = {
    **decode.BENCHES,
    **teacher.BENCHES,
    **overlap.BENCHES,
    **rerun.BENCHES,
    **memory.BENCHES,
    **memory_phase_two.BENCHES,
    **gpu.BENCHES,
    **kills.BENCHES,
    **read.BENCHES,
    **train.BENCHES,
    **train_gpu.BENCHES,
    **resume.BENCHES,
    **ddp.BENCHES,
    **mirror_film.BENCHES,
    **sync_cost.BENCHES,
    **yards.BENCHES,
    **predict_field.BENCHES,
}
