"""Missing sensors: what the same student and probe score when a site falls silent, or when one is all there is.

Nothing is fitted again: this is what happens when a unit fails or is left at home. A silent site shows its training
mean in every channel, as a student treats what is missing.
"""

from collections.abc import Collection, Sequence

import torch
from jaxtyping import Float32
from torch import Tensor

from ....data.sites import CHANNELS
from ...datasets.window_dataset import WindowDataset
from ...probing.linear import LinearClassifier
from ...students.embedding import embed
from ...students.student import Student
from ..scores import Outcome, SiteScores
from ..scoring import Sampling, predictions_of, score


def score_missing_sensors(
    test: WindowDataset,
    *,
    student: Student,
    classifier: LinearClassifier,
    sites: Sequence[str],
    sampling: Sampling,
) -> dict[str, SiteScores]:
    """Every site left out, and every site alone; nothing of a single site."""
    if len(sites) < 2:
        return {}
    found = {}
    for number, site in enumerate(sites):
        others = [other for other in range(len(sites)) if other != number]
        without, alone = (
            _score(test, silent=silent, student=student, classifier=classifier, sampling=sampling)
            for silent in ([number], others)
        )
        found[site] = SiteScores(
            without.macro_f1, without.intervals["macro_f1"], alone.macro_f1, alone.intervals["macro_f1"]
        )
    return found


def silenced(
    imu: Float32[Tensor, "windows channels steps"], *, silent: Collection[int], mean: Float32[Tensor, "channels"]
) -> Float32[Tensor, "windows channels steps"]:
    """A copy in which all channels of these sites (by number) stand at the mean."""
    of_site = torch.arange(imu.shape[1]) // len(CHANNELS)
    quiet = torch.isin(of_site, torch.tensor(sorted(silent), dtype=of_site.dtype))
    return torch.where(quiet[:, None], mean.to(imu.device)[:, None], imu)


def _score(
    test: WindowDataset,
    *,
    silent: Collection[int],
    student: Student,
    classifier: LinearClassifier,
    sampling: Sampling,
) -> Outcome:
    embedding = embed(student, test.imu, transform=lambda imu: silenced(imu, silent=silent, mean=student.mean))
    probability = classifier.probabilities(embedding)
    return score(predictions_of(test, probability=probability), note="", sampling=sampling)
