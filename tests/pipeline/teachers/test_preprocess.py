"""What happens to frames: sizes, and the settings that are refused."""

from pathlib import Path

import pytest
from checkpoints import write_preprocessor
from equigait.data.errors import BadInput
from equigait.data.video.pixels import scaled_size
from equigait.pipeline.teachers.preprocess import Preprocessing


@pytest.mark.parametrize(
    ("height", "width", "expected"),
    [(480, 640, (224, 298)), (640, 480, (298, 224)), (1080, 1920, (224, 398)), (500, 500, (224, 224))],
)
def test_the_long_side_keeps_its_proportion_rounded_down(height: int, width: int, expected: tuple[int, int]) -> None:
    assert scaled_size(width, height, short_side=224) == (expected[1], expected[0])


def test_settings_come_from_the_checkpoint_never_from_a_default(tmp_path: Path) -> None:
    write_preprocessor(tmp_path, image_mean=[0.1, 0.2, 0.3], size={"shortest_edge": 40})
    stated = Preprocessing.of_snapshot(tmp_path)
    assert (stated.short_side, stated.crop, stated.mean) == (40, 32, (0.1, 0.2, 0.3))


@pytest.mark.parametrize(
    "changes",
    [
        {"image_mean": None},
        {"image_std": [0.5, 0.5]},
        {"resample": 3},
        {"size": {"height": 32, "width": 32}},
        {"crop_size": {"height": 32, "width": 30}},
        {"crop_size": 64},
        {"do_normalize": False},
        {"rescale_factor": 1.0},
    ],
)
def test_preprocessing_of_another_kind_is_refused(tmp_path: Path, changes: dict[str, object]) -> None:
    write_preprocessor(tmp_path, **changes)
    with pytest.raises(BadInput, match=r"preprocessor_config\.json"):
        Preprocessing.of_snapshot(tmp_path)
