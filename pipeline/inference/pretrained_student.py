"""A frozen student on its own: embeds rides given as arrays or data frames; saved to a folder, shared by the Hub."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from huggingface_hub import PyTorchModelHubMixin
from jaxtyping import Bool, Float32, Float64
from numpy import ndarray as Array
from pydantic import TypeAdapter
from torch import Tensor, nn

from ...data.errors import BadInput
from ...data.resample import GridSpec
from ...data.settings import read_yaml
from ...data.sites import CHANNELS, channel_names, resolve_sites
from ...data.windows import WindowSpec
from ..students.embedding import embed
from ..students.settings import StudentSettings
from ..students.table import build_student
from ..training.checkpoint import load_model
from ..training.run import Run
from .card_file import write_card
from .shipped_models import run_folder


@dataclass(frozen=True)
class RideEmbedding:
    """The embeddings of one ride's valid windows, in order of time."""

    start_seconds: Float64[Array, "windows"]
    """When each window starts, counted from the ride's first sample."""
    embedding: Float32[Array, "windows dim"]
    """The student's embedding of each window: 256 values by default."""


class PretrainedStudent(
    nn.Module,
    PyTorchModelHubMixin,
    library_name="equigait",
    tags=["accelerometer", "gyroscope", "gait", "horse"],
):
    """A student and what its windows are: which sites, how many samples a second, how long, how far apart.

    `save_pretrained(folder)`, `PretrainedStudent.from_pretrained(folder_or_hub_id)` and `push_to_hub(id)` are those of
    huggingface_hub: `config.json` holds the arguments below, `model.safetensors` weights and scaling statistics. The
    model card `card` (Markdown) goes with them as README.md; a student without one gets that library's short card.
    """

    def __init__(
        self, *, student: dict[str, Any], sites: list[str], rate_hz: float, window_steps: int, hop_steps: int
    ) -> None:
        super().__init__()
        settings: StudentSettings = TypeAdapter(StudentSettings).validate_python(student)
        self.sites, self.rate_hz, self.window_steps, self.hop_steps = tuple(sites), rate_hz, window_steps, hop_steps
        self.student = build_student(settings, channels=len(self.channels), steps=window_steps, seed=0)
        self.card: str | None = None
        self.eval()

    @classmethod
    def from_run(cls, run: Path) -> "PretrainedStudent":
        """The best student of a run's folder, on the CPU."""
        model, recipe = load_model(run), dict(read_yaml(Run(run).recipe))  # type: ignore[call-overload]  # sections
        grid, windows = GridSpec.model_validate(recipe["grid"]), WindowSpec.model_validate(recipe["windows"])
        pretrained = cls(
            student=model.spec.student.model_dump(mode="json"),
            sites=list(resolve_sites(grid.sites)),
            rate_hz=grid.rate_hz,
            window_steps=windows.steps,
            hop_steps=windows.hop_steps,
        )
        pretrained.student.load_state_dict(model.student.state_dict())
        return pretrained

    @property
    def channels(self) -> tuple[str, ...]:
        """The channels in order, site by site, such as `withers.ax`: also the column names of a data frame."""
        return channel_names(self.sites)

    def _save_pretrained(self, save_directory: Path) -> None:
        """Called by `save_pretrained`, which afterwards writes a short README.md unless there is one."""
        super()._save_pretrained(save_directory)
        if self.card is not None:
            write_card(self.card, folder=save_directory, otherwise="MODEL_CARD.md")

    def forward(self, imu: Float32[Tensor, "batch channels steps"]) -> Float32[Tensor, "batch dim"]:
        """One embedding a window; windows in SI units, NaN where a sample is missing."""
        embedding: Tensor = self.student(imu)
        return embedding

    def embed(self, ride: Any, *, allow_missing: bool = False) -> RideEmbedding:
        """Cuts one ride into windows and embeds those without a missing sample.

        `ride` is an array `[samples, channels]` in the order of `channels`, or a data frame with exactly these columns
        in any order, sampled at `rate_hz`: m/s^2 (x forward, y left, z up; +9.81 on z at rest) and rad/s. A site that
        is NaN all through is refused unless `allow_missing`. Shape, names, or a ride shorter than a window that do not
        fit raise BadInput.
        """
        imu = self._samples(ride)
        missing = self._missing_sites(imu, allowed=allow_missing)
        if len(imu) < self.window_steps:
            raise self._unfit(
                f"{len(imu)} samples",
                expected=f"at least one window of {self.window_steps} samples at {self.rate_hz:g} Hz",
                remedy="Pass a longer ride.",
            )
        views = np.lib.stride_tricks.sliding_window_view(imu, self.window_steps, axis=0)[:: self.hop_steps]
        present = np.repeat([site not in missing for site in self.sites], len(CHANNELS))
        valid: Bool[Array, windows] = ~np.isnan(views[:, present]).any(axis=(1, 2))
        start = np.flatnonzero(valid) * self.hop_steps / self.rate_hz
        windows = torch.from_numpy(np.ascontiguousarray(views[valid]))
        dim = self.student.embedding
        embedding = embed(self.student, windows) if len(windows) else np.zeros((0, dim), np.float32)
        return RideEmbedding(start_seconds=start.astype(np.float64), embedding=embedding)

    def _samples(self, ride: Any) -> Float32[Array, "samples channels"]:
        """A ride as an array whose columns are the channels in order, NaN for what is not finite."""
        if hasattr(ride, "columns") and hasattr(ride, "to_numpy"):
            self._check_columns([str(name) for name in ride.columns])
            ride = ride[list(self.channels)].to_numpy()
        imu = np.asarray(ride, np.float32)
        if imu.ndim != 2 or imu.shape[1] != len(self.channels):
            raise self._unfit(
                f"an array of shape {list(imu.shape)}",
                expected=f"[samples, {len(self.channels)}]: {', '.join(self.sites)}, each {' '.join(CHANNELS)}",
                remedy="Give one row a sample; `student.channels` names the columns.",
            )
        return np.where(np.isfinite(imu), imu, np.float32(np.nan))

    def _check_columns(self, columns: Sequence[str]) -> None:
        lacking = [name for name in self.channels if name not in columns]
        extra = [name for name in columns if name not in self.channels]
        if lacking or extra or len(columns) != len(self.channels):
            found = [f"no column {', '.join(lacking)}"] * bool(lacking)
            found += [f"unknown columns {', '.join(extra)}"] * bool(extra)
            raise self._unfit(
                "; ".join(found) or "a column twice",
                expected=f"exactly the columns {', '.join(self.channels)}",
                remedy="Rename the columns, and pass frame[list(student.channels)].",
            )

    def _missing_sites(self, imu: Float32[Array, "samples channels"], *, allowed: bool) -> tuple[str, ...]:
        """Sites without a single sample; all of them is never allowed."""
        empty = np.isnan(imu).all(axis=0).reshape(len(self.sites), len(CHANNELS)).all(axis=1)
        missing = tuple(site for site, is_empty in zip(self.sites, empty, strict=True) if is_empty)
        if missing and (not allowed or missing == self.sites):
            raise self._unfit(
                f"no sample at {', '.join(missing)}",
                expected=f"sensors at {', '.join(self.sites)}",
                remedy="Pass all sites, or allow_missing=True to embed without those.",
            )
        return missing

    @staticmethod
    def _unfit(found: str, *, expected: str, remedy: str) -> BadInput:
        return BadInput("ride", found=found, expected=expected, remedy=remedy)


def load_pretrained(source: str | Path) -> PretrainedStudent:
    """The student of a run's folder, of a folder that `save_pretrained` wrote, of the name of one that comes with the
    package, or of a Hugging Face Hub id.

    A local folder is read without network. Anything else that does not name a Hub repository raises BadInput.
    """
    folder = run_folder(source)
    if Run(folder).recipe.is_file():
        return PretrainedStudent.from_run(folder)
    if not (folder / "config.json").is_file() and (folder.exists() or len(folder.parts) > 2 or folder.is_absolute()):
        raise BadInput(
            source,
            found="no student",
            expected="a run's folder, a folder that save_pretrained wrote, or a Hub id such as owner/name",
            remedy="Run `equigait-cli pretrain` into this folder first, or check the path.",
        )
    student = PretrainedStudent.from_pretrained(str(source))
    if (folder / "README.md").is_file():
        student.card = (folder / "README.md").read_text(encoding="utf-8")
    return student
