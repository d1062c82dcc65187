"""The trained model: student, heads and objective as one module that can be rebuilt from its own settings."""

import torch
from jaxtyping import Float32
from torch import Tensor, nn

from ...data.settings import Settings
from ..datasets.film_features import StoredFilm
from ..datasets.window_dataset import WindowDataset
from ..objectives.heads import Heads
from ..objectives.objective import Shape
from ..objectives.settings import HeadSettings, ObjectiveSettings
from ..objectives.table import build_objective
from ..runtime.seeds import seed_for
from ..students.embedding import WindowSequence
from ..students.settings import StudentSettings
from ..students.table import build_student
from .settings import TrainingSettings

CHUNK_WINDOWS = 512
"""Windows embedded at once outside training."""


class ModelSpec(Settings):
    """The settings and sizes that determine a model's parameters."""

    student: StudentSettings
    heads: HeadSettings
    objective: ObjectiveSettings
    channels: int
    """Channels of a window: six for each site."""
    steps: int
    """Steps of a window."""
    film_dim: int
    """Length of the teacher's features."""
    batch: int
    """Windows of a training batch, from which the objective takes its starting bias."""


class Model(nn.Module):
    """Student, heads and objective at the random initialisation of a seed."""

    def __init__(self, spec: ModelSpec, *, seed: int = 0) -> None:
        super().__init__()
        self.spec = spec
        student_seed = seed_for("student", seed)
        self.student = build_student(spec.student, channels=spec.channels, steps=spec.steps, seed=student_seed)
        with torch.random.fork_rng(devices=[]):
            torch.default_generator.manual_seed(seed_for("heads", seed))
            self.heads = Heads(spec.heads, embedding=spec.student.embedding, film_dim=spec.film_dim)
            self.objective = build_objective(spec.objective, shape=self._shape())

    def fit_standardisation(self, train: WindowDataset) -> None:
        """Set the scaling statistics of both sides from these windows with film, of training horses."""
        self.student.fit_standardisation(train.imu)
        self.heads.fit_standardisation(train.film[:])

    def _shape(self) -> Shape:
        spec = self.spec
        return Shape(
            batch=spec.batch,
            channels=spec.channels,
            steps=spec.steps,
            shared=spec.heads.dim,
            token_width=self.student.token_width,
        )

    @torch.no_grad()
    def shared(
        self, imu: WindowSequence, *, film: Float32[Tensor, "windows dim"] | StoredFilm
    ) -> tuple[Float32[Tensor, "windows shared"], Float32[Tensor, "windows shared"]]:
        """Unit vectors of both sides in the shared space, without dropout, chunk by chunk on the model's device."""
        training, device = self.training, next(self.parameters()).device
        self.eval()
        starts = range(0, max(len(imu), 1), CHUNK_WINDOWS)
        sensors = [self.heads.project_imu(self.student(imu[s : s + CHUNK_WINDOWS].to(device))) for s in starts]
        if isinstance(film, StoredFilm):
            films = [self.heads.project_film(film[s : s + CHUNK_WINDOWS].to(device)) for s in starts]
        else:
            films = [self.heads.project_film(film.to(device))]
        self.train(training)
        return torch.cat(sensors), torch.cat(films)


def model_for(windows: WindowDataset, *, settings: TrainingSettings, batch: int) -> Model:
    """A model for windows and features of this shape, at the settings' seed."""
    _, channels, steps = windows.imu.shape
    spec = ModelSpec(
        student=settings.student,
        heads=settings.heads,
        objective=settings.objective,
        channels=channels,
        steps=steps,
        film_dim=windows.film.shape[1],
        batch=batch,
    )
    return Model(spec, seed=settings.seed)
