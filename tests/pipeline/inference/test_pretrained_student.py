"""A student on its own: from a run, to a folder and back, on arrays and data frames."""

from pathlib import Path

import equigait
import numpy as np
import pytest
import torch
from equigait.data.errors import BadInput
from equigait.pipeline.inference.pretrained_student import PretrainedStudent, load_pretrained
from rides import ride_cache, ride_run, ride_segment, ride_signal


@pytest.fixture(scope="module")
def student() -> PretrainedStudent:
    return load_pretrained(ride_run())


@pytest.fixture
def ride() -> np.ndarray:
    return ride_signal(np.arange(1500) / 50.0, horse="h5").astype(np.float32)


class Frame:
    """As much of a data frame as is asked for: named columns, chosen by name, as an array."""

    def __init__(self, values: np.ndarray, columns: list[str]) -> None:
        self.values, self.columns = values, columns

    def __getitem__(self, names: list[str]) -> "Frame":
        return Frame(self.values[:, [self.columns.index(name) for name in names]], names)

    def to_numpy(self) -> np.ndarray:
        return self.values


def test_a_ride_becomes_one_embedding_a_window_with_its_start(student: PretrainedStudent, ride: np.ndarray):
    found = student.embed(ride)
    assert found.embedding.shape == (11, student.student.embedding)
    assert found.start_seconds.tolist() == [2.5 * number for number in range(11)]


def test_the_embeddings_are_those_of_the_same_windows_in_the_cache(student: PretrainedStudent):
    cached = equigait.open_cache(ride_cache())["h5-ride"]
    with torch.no_grad():
        expected = student(torch.from_numpy(np.ascontiguousarray(cached.windows))).numpy()
    found = student.embed(ride_segment("h5").grid.imu)
    np.testing.assert_array_equal(found.start_seconds, cached.start_seconds)
    np.testing.assert_allclose(found.embedding, expected, atol=1e-5)


def test_a_saved_student_gives_equal_embeddings(student: PretrainedStudent, ride: np.ndarray, tmp_path: Path):
    student.save_pretrained(tmp_path)
    again = PretrainedStudent.from_pretrained(str(tmp_path))
    np.testing.assert_array_equal(again.embed(ride).embedding, student.embed(ride).embedding)
    assert (again.sites, again.rate_hz, again.hop_steps) == (student.sites, student.rate_hz, student.hop_steps)
    assert type(load_pretrained(tmp_path)) is PretrainedStudent


def test_the_columns_of_a_data_frame_may_stand_in_any_order(student: PretrainedStudent, ride: np.ndarray):
    names = list(student.channels)
    turned = Frame(ride[:, ::-1], names[::-1])
    np.testing.assert_array_equal(student.embed(turned).embedding, student.embed(ride).embedding)


@pytest.mark.parametrize(("name", "reason"), [("withers.accx", "no column withers.ax"), ("time", "unknown columns")])
def test_unfit_column_names_are_refused(student: PretrainedStudent, ride: np.ndarray, name: str, reason: str):
    names = [name, *student.channels[1:]]
    with pytest.raises(BadInput, match=reason):
        student.embed(Frame(ride, names))


def test_an_array_of_another_width_or_too_short_a_ride_is_refused(student: PretrainedStudent, ride: np.ndarray):
    with pytest.raises(BadInput, match=r"shape \[1500, 11\]"):
        student.embed(ride[:, 1:])
    with pytest.raises(BadInput, match="249 samples"):
        student.embed(ride[:249])


def test_windows_with_a_missing_sample_are_left_out(student: PretrainedStudent, ride: np.ndarray):
    ride[130, 4] = np.nan
    assert student.embed(ride).start_seconds.tolist() == [2.5 * number for number in range(2, 11)]


def test_a_missing_site_needs_leave(student: PretrainedStudent, ride: np.ndarray):
    ride[:, 6:] = np.nan
    with pytest.raises(BadInput, match="no sample at sacrum"):
        student.embed(ride)
    assert np.isfinite(student.embed(ride, allow_missing=True).embedding).all()
    ride[:] = np.nan
    with pytest.raises(BadInput, match="no sample at withers, sacrum"):
        student.embed(ride, allow_missing=True)


def test_a_folder_without_a_student_is_refused(tmp_path: Path):
    with pytest.raises(BadInput, match="no student"):
        load_pretrained(tmp_path)
