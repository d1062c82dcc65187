"""equigait: a wearable-only gait model that learns from film without labels.

The names below are the package's stable Python interface; each is imported when it is first used, so that
`import equigait` itself loads neither NumPy nor torch.

`open_cache(path)` reads a cache as arrays; `load_student(folder_or_hub_id)` gives a frozen student that embeds rides;
`predict(recordings, run=..., out=...)` writes gait tables; `synchronise(manifest)` finds the clock of a recording.
"""

from importlib import import_module
from os import PathLike
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from .cache.view import open_cache
    from .data.errors import BadInput
    from .data.sync import SyncResult, SyncSpec
    from .pipeline.export import load_student
    from .pipeline.inference.pretrained_student import PretrainedStudent
    from .pipeline.predict import Prediction

__version__ = "0.1.0"
__all__ = ["BadInput", "PretrainedStudent", "load_student", "open_cache", "predict", "synchronise"]

_PLACES = {
    "BadInput": (".data.errors", "BadInput"),
    "PretrainedStudent": (".pipeline.inference.pretrained_student", "PretrainedStudent"),
    "load_student": (".pipeline.export", "load_student"),
    "open_cache": (".cache.view", "open_cache"),
}
"""Public name -> the module that defines it, and its name there."""


def predict(
    recordings: str | PathLike[str],
    *,
    run: str | PathLike[str],
    out: str | PathLike[str],
    format: Literal["csv", "parquet"] = "csv",
    allow_missing: bool = False,
) -> "Prediction":
    """Predicts the gaits of every recording below a folder with a run's student and probe; writes tables to `out`.

    `run` may be `field-student`, the model that comes with the package. The result names the tables and holds each
    recording's windows, probabilities and bouts. A recording without all of the run's sites is left out with its
    reason, unless `allow_missing`; where none can be used, BadInput is raised.
    """
    from pathlib import Path

    from .pipeline.inference.shipped_models import run_folder
    from .pipeline.predict import predict as predict_gaits

    return predict_gaits(
        Path(recordings), run=run_folder(run), out=Path(out), format=format, allow_missing=allow_missing
    )


def synchronise(recording: str | PathLike[str], *, spec: "SyncSpec | None" = None, force: bool = False) -> "SyncResult":
    """Finds the clock of a recording, given its folder or its `recording.yaml`, and writes it there when it is sure.

    The result has `offset_s`, `drift_ppm`, `verdict` and `reasons`. `spec` narrows the search or brings known events;
    `force` replaces a clock that was set by hand. A recording without film raises BadInput.
    """
    from pathlib import Path

    from .data.sync.recording import sync_recording
    from .data.sync.settings import SyncSpec

    path = Path(recording)
    manifest = path / "recording.yaml" if path.is_dir() else path
    return sync_recording(manifest, spec=spec or SyncSpec(), force=force)


def __getattr__(name: str) -> Any:
    """Imports a public name when it is first asked for (PEP 562)."""
    if name not in _PLACES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module, attribute = _PLACES[name]
    globals()[name] = value = getattr(import_module(module, __name__), attribute)
    return value


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
