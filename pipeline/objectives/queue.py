"""The queue: sensors shall find the films of a queue as alike as the film itself finds them (COMODO: Chen et al. 2025,
"COMODO: cross-modal video-to-IMU distillation for efficient egocentric human activity recognition").

For unit vectors z1 (sensors) and z2 (film) and a queue of film embeddings, Q = [queue, z2], nothing flowing into Q:

    loss = -mean_b sum_j softmax(z2 Q' / tau_T)[b, j] * log_softmax(z1 Q' / tau_S)[b, j]

Then the batch's films join the queue and the oldest leave. The film's side is a target and gets no gradient: its
head stays the random projection that it was (as COMODO's does), unless another term of a sum trains it. Overlapping
windows need no exception here: how alike they are is what the film says.
"""

import torch
from jaxtyping import Float32
from torch import Tensor

from .objective import Objective, Shape
from .settings import QueueSettings
from .training_batch import Lesson


class Queue(Objective):
    """The loss with its queue, a buffer: it is saved with the run and resumes with it."""

    queue: Tensor

    def __init__(self, settings: QueueSettings, *, shape: Shape) -> None:
        super().__init__(settings)
        self.teacher_temperature, self.student_temperature = settings.teacher_temperature, settings.student_temperature
        self.register_buffer("queue", torch.full((settings.size, shape.shared), torch.nan))  # a loss before `fill`: NaN

    @torch.no_grad()
    def fill(self, film: Float32[Tensor, "size shared"]) -> None:
        """Starts the queue with these unit vectors."""
        self.queue.copy_(film)

    def judge(self, lesson: Lesson) -> Float32[Tensor, ""]:
        """Whole windows against the queue."""
        loss: Tensor = self(lesson.imu, lesson.film)
        return loss

    def forward(
        self, imu: Float32[Tensor, "batch shared"], film: Float32[Tensor, "batch shared"]
    ) -> Float32[Tensor, ""]:
        """The loss of unit vectors whose rows belong together."""
        target = film.detach()
        candidates = torch.cat([self.queue, target])
        wanted = torch.softmax(target @ candidates.T / self.teacher_temperature, dim=1)
        found = torch.log_softmax(imu @ candidates.T / self.student_temperature, dim=1)
        return -(wanted * found).sum(1).mean()

    @torch.no_grad()
    def after_step(self, lesson: Lesson) -> None:
        """The batch's films join, the oldest leave."""
        self.queue.copy_(torch.cat([self.queue, lesson.film])[-len(self.queue) :])
