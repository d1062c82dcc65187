"""equigait: a wearable-only gait model that learns from film without labels.

The names below are the package's stable Python interface; each is imported when it is first used, so that
`import equigait` itself loads neither NumPy nor torch.

`open_cache(path)` reads a cache as arrays; `load_student(folder_or_hub_id)` gives a frozen student that embeds rides;
`predict(recordings, run=..., out=...)` writes gait tables; `synchronise(manifest)` finds the clock of a recording.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .cache.view import open_cache
    from .data.errors import BadInput
    from .data.sync.recording import sync_recording as synchronise
    from .pipeline.inference.pretrained_student import PretrainedStudent, load_student
    from .pipeline.predict import predict

__version__ = "0.1.0"
__all__ = ["BadInput", "PretrainedStudent", "load_student", "open_cache", "predict", "synchronise"]

_PLACES = {
    "BadInput": (".data.errors", "BadInput"),
    "PretrainedStudent": (".pipeline.inference.pretrained_student", "PretrainedStudent"),
    "load_student": (".pipeline.inference.pretrained_student", "load_student"),
    "open_cache": (".cache.view", "open_cache"),
    "predict": (".pipeline.predict", "predict"),
    "synchronise": (".data.sync.recording", "sync_recording"),
}
"""Public name -> the module that defines it, and its name there."""


def __getattr__(name: str) -> Any:
    """Imports a public name when it is first asked for (PEP 562)."""
    if name not in _PLACES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module, attribute = _PLACES[name]
    globals()[name] = value = getattr(import_module(module, __name__), attribute)
    return value


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
