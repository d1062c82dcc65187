"""The film with the prediction drawn in: every frame at its own time, with the gait of that moment."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from equigait.data.video.decode import decode_frames
from equigait.data.video.probe import probe_film
from equigait.pipeline.inference.bouts import PredictedBout
from equigait.pipeline.inference.prediction import RecordingPrediction
from equigait.pipeline.reporting.charts import SERIES
from equigait.pipeline.reporting.overlay_film import draw_prediction, write_overlay
from films import number_of
from reviewed import FRAME_SECONDS, make_reviewed

WALK, TROT, UNKNOWN = (tuple(bytes.fromhex(SERIES[k][1:])) for k in (0, 1, 4))


@pytest.fixture(scope="module")
def prediction(tmp_path_factory: pytest.TempPathFactory) -> RecordingPrediction:
    """Walk from 2 to 8 s, trot to 14 s, unknown to 20 s."""
    return make_reviewed(tmp_path_factory.mktemp("mare"), film=None).prediction


def colour_at(picture: np.ndarray, *, column: int) -> tuple[int, ...]:
    """The ribbon's colour there."""
    return tuple(int(value) for value in picture[-2, column])


def test_the_ribbon_shows_ten_seconds_before_and_after_the_frame(prediction: RecordingPrediction) -> None:
    drawn = draw_prediction(np.full((180, 201, 3), 200, np.uint8), seconds=8.0, prediction=prediction)
    assert colour_at(drawn, column=99 - 5) == WALK  # a tenth of a second a column
    assert colour_at(drawn, column=101 + 5) == TROT
    assert colour_at(drawn, column=39) == (89, 89, 89)  # 1.9 s: nothing is predicted before 2 s
    assert colour_at(drawn, column=41) == WALK
    assert colour_at(drawn, column=159) == TROT
    assert colour_at(drawn, column=161) == UNKNOWN
    assert colour_at(drawn, column=100) == (255, 255, 255)


def test_the_name_changes_with_the_gait_and_the_picture_above_stays(prediction: RecordingPrediction) -> None:
    frame = np.full((180, 320, 3), 200, np.uint8)
    drawn = {at: draw_prediction(frame, seconds=at, prediction=prediction) for at in (1.0, 3.0, 7.0, 9.0, 15.0)}
    letters = {at: picture[160:170, :160] for at, picture in drawn.items()}
    assert np.array_equal(letters[3.0], letters[7.0])
    assert not np.array_equal(letters[3.0], letters[9.0])
    assert not np.array_equal(letters[9.0], letters[15.0])
    assert len(np.unique(letters[1.0])) == 1
    assert letters[3.0].max() > 240
    assert all(np.array_equal(picture[:160], frame[:160]) for picture in drawn.values())
    assert (frame == 200).all()


def test_a_film_smaller_than_its_caption_is_drawn_all_the_same(prediction: RecordingPrediction) -> None:
    long = replace(prediction, bouts=(PredictedBout(0.0, 9.0, "extended tölt " * 9, 0.5),))
    for shape in ((16, 16, 3), (40, 9, 3), (64, 640, 3)):
        assert draw_prediction(np.zeros(shape, np.uint8), seconds=3.0, prediction=long).shape == shape


def test_each_frame_keeps_its_time_and_carries_what_is_predicted_then(tmp_path: Path) -> None:
    mare = make_reviewed(tmp_path)
    assert mare.recording.video is not None
    out = write_overlay(mare.recording.video, mare.prediction, tmp_path / "new" / "out.mp4")
    film = probe_film(out)
    assert film.frame_seconds - film.frame_seconds[0] == pytest.approx(FRAME_SECONDS - 1.5, abs=1e-4)
    frames = dict(decode_frames(film, frame_index=np.arange(100)))
    assert [number_of(frames[k][:48]) for k in (0, 7, 50, 99)] == [0, 7, 50, 99]
    middle = frames[50][-2, 40].astype(int)  # 11.58 s less 1.7 s: trot
    assert middle == pytest.approx(np.array(TROT), abs=25)
    assert [path.name for path in out.parent.iterdir()] == ["out.mp4"]


def test_a_film_that_fails_leaves_nothing_behind(tmp_path: Path) -> None:
    mare = make_reviewed(tmp_path)
    assert mare.recording.video is not None
    gone = replace(mare.recording.video, path=tmp_path / "gone.mp4")
    with pytest.raises(Exception, match=r"gone\.mp4"):
        write_overlay(gone, mare.prediction, tmp_path / "new" / "out.mp4")
    assert list((tmp_path / "new").iterdir()) == []
