"""Missing sensors: what the same student and probe score without each site, and with each site alone.

Nothing is fitted again: this is what happens when a unit fails or is left at home. A dropped site shows its training
mean in every channel, as a student treats what is missing.
"""

from collections.abc import Collection, Sequence

import torch
from jaxtyping import Float32
from torch import Tensor, nn

from ....data.sites import CHANNELS
from ...datasets.window_dataset import WindowDataset
from ...probing.linear import LinearClassifier
from ...students.embedding import embed
from ..scores import MethodScores, SiteScores
from ..scoring import Sampling, predictions_of, score


def score_missing_sensors(
    test: WindowDataset,
    *,
    network: nn.Module,
    classifier: LinearClassifier,
    sites: Sequence[str],
    sampling: Sampling,
) -> dict[str, SiteScores]:
    """Every site left out, and every site alone; nothing of a single site. `network` gives the features."""
    if len(sites) < 2:
        return {}
    found = {}
    for number, site in enumerate(sites):
        others = [other for other in range(len(sites)) if other != number]
        without, alone = (
            _score(test, dropped=dropped, network=network, classifier=classifier, sampling=sampling)
            for dropped in ([number], others)
        )
        found[site] = SiteScores(
            without.macro_f1, without.intervals["macro_f1"], alone.macro_f1, alone.intervals["macro_f1"]
        )
    return found


def drop_sites(
    imu: Float32[Tensor, "windows channels steps"], *, dropped: Collection[int]
) -> Float32[Tensor, "windows channels steps"]:
    """A copy in which all channels of these sites (by number) are missing (NaN)."""
    of_site = torch.arange(imu.shape[1]) // len(CHANNELS)
    is_dropped = torch.isin(of_site, torch.tensor(sorted(dropped), dtype=of_site.dtype))
    return torch.where(is_dropped[:, None].to(imu.device), torch.nan, imu)


def _score(
    test: WindowDataset,
    *,
    dropped: Collection[int],
    network: nn.Module,
    classifier: LinearClassifier,
    sampling: Sampling,
) -> MethodScores:
    features = embed(network, test.imu, transform=lambda imu: drop_sites(imu, dropped=dropped))
    probability = classifier.probabilities(features)
    return score(predictions_of(test, probability=probability), note="", sampling=sampling)
