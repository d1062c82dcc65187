"""Missing sensors: exactly the sites named fall silent, and what they tell is lost."""

from dataclasses import replace

import numpy as np
import torch
from equigait.pipeline.datasets.dataset_split import WindowDataset, windows_of_classes
from equigait.pipeline.datasets.sensor_windows import SensorWindows
from equigait.pipeline.evaluation.protocols.missing_sensors import drop_sites, score_missing_sensors
from equigait.pipeline.evaluation.scoring import Sampling
from equigait.pipeline.probing.linear import LinearClassifier
from equigait.pipeline.students.student import Student
from rides import GAITS
from synthetic_corpus import SITES, synthetic_corpus
from torch import Tensor


class Loudness(Student):
    """An embedding that is the first site's standardised ax at the first step, and nothing of the second site."""

    def __init__(self) -> None:
        super().__init__(channels=12, steps=250, embedding=1, token_width=1)
        self.anchor = torch.nn.Parameter(torch.zeros(1))

    def encode(self, standardised: Tensor) -> Tensor:
        return standardised[:, :1, 0] + 0 * self.anchor

    def tokens(self, standardised: Tensor) -> Tensor:
        return standardised[:, :1, :1]


def told_by_first_site() -> tuple[WindowDataset, Student, LinearClassifier]:
    windows = windows_of_classes(synthetic_corpus(horses=4, windows=24), classes=GAITS, horses=("h00", "h01", "h02"))
    imu = windows.imu[:]
    imu[:, 0] = torch.from_numpy(windows.label).float()[:, None] - 1.0
    windows = replace(windows, imu=SensorWindows.of(imu))
    student = Loudness()
    student.fit_standardisation(windows.imu)
    centres = (np.array([[-1.0], [0.0], [1.0]], np.float32) - float(student.mean[0])) / float(student.std[0])
    # the nearest centre c of x: 2 c x - c^2 is largest
    bias = -20 * centres[:, 0] ** 2
    return windows, student, LinearClassifier(GAITS, 40 * centres, bias.astype(np.float32), 1.0, 1.0, ("h09",))


def test_the_channels_of_the_dropped_sites_are_missing_and_no_others() -> None:
    imu = torch.randn(5, 18, 7)
    quiet = drop_sites(imu, dropped=[0, 2])
    assert torch.equal(quiet[:, 6:12], imu[:, 6:12])
    for channel in (*range(6), *range(12, 18)):
        assert bool(quiet[:, channel].isnan().all())
    assert torch.equal(drop_sites(imu, dropped=[]), imu)


def test_a_site_that_tells_everything_is_missed_and_one_that_tells_nothing_is_not() -> None:
    windows, student, classifier = told_by_first_site()
    sampling = Sampling(resamples=200)
    found = score_missing_sensors(windows, network=student, classifier=classifier, sites=SITES, sampling=sampling)
    first, second = found["withers"], found["sacrum"]
    assert (first.alone, second.without) == (1.0, 1.0)
    assert first.without == second.alone < 0.5  # every window looks the same
    assert second.without_interval[0] < 1.0


def test_of_one_site_there_is_nothing_to_leave_out() -> None:
    windows, student, classifier = told_by_first_site()
    sampling = Sampling(resamples=200)
    assert score_missing_sensors(windows, network=student, classifier=classifier, sites=["a"], sampling=sampling) == {}


def test_a_dead_site_is_to_a_student_what_a_missing_one_is() -> None:
    windows, student, _ = told_by_first_site()
    dead = windows.imu[:]
    dead[:, :6] = 3.0  # no live sensor shows one value for a whole window
    torch.testing.assert_close(student(dead), student(drop_sites(windows.imu[:], dropped=[0])))
