"""Large arrays lie in files: what is read, resampled and measured is the same, byte for byte, and memory is let go."""

import errno
import os
from pathlib import Path

import numpy as np
import pytest
from equigait.data import large_arrays
from equigait.data.errors import BadInput
from equigait.data.large_arrays import finite_rows, kept_rows, lengths, new_array, release_large, row_blocks
from equigait.data.manifest.load import load_sensors
from equigait.data.recording import Bout
from equigait.data.resample import GridSpec, to_grid
from equigait.data.simulate import YardSpec, simulate_yard
from equigait.pipeline.inference.stride_analysis import analyse_bouts


@pytest.fixture
def all_are_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(large_arrays, "LARGE_BYTES", 1)
    monkeypatch.setattr(large_arrays, "BLOCK_BYTES", 7777)


@pytest.fixture(scope="module")
def ride(tmp_path_factory: pytest.TempPathFactory) -> Path:
    spec = YardSpec(horses=1, seconds=20.0, seed=3, film=False)
    return simulate_yard(tmp_path_factory.mktemp("yard"), spec=spec)[0]


def grid_and_strides(ride: Path) -> tuple[bytes, list[bytes]]:
    """The grid of a ride, and the strides of a bout in it."""
    recording = load_sensors(ride)
    bouts = analyse_bouts(recording.streams, clock=recording.clock, bouts=[Bout(5.0, 15.0, "trot")])
    return to_grid(recording, spec=GridSpec()).imu.tobytes(), [each.strides.start_seconds.tobytes() for each in bouts]


def test_a_recording_in_files_gives_the_grid_and_strides_of_one_in_memory(
    ride: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_memory = grid_and_strides(ride)
    monkeypatch.setattr(large_arrays, "LARGE_BYTES", 1)
    assert isinstance(load_sensors(ride).streams[0].specific_force.base, np.memmap)
    assert grid_and_strides(ride) == in_memory


@pytest.mark.usefixtures("all_are_large")
def test_what_is_in_a_large_array_stays_when_its_memory_is_let_go() -> None:
    array = new_array(5000, 3)
    array[:] = np.arange(15000.0).reshape(5000, 3)
    view = array[100:]
    release_large()
    np.testing.assert_array_equal(view, np.arange(300.0, 15000.0).reshape(-1, 3))


@pytest.mark.usefixtures("all_are_large")
def test_blocks_cover_each_row_once() -> None:
    values = np.random.default_rng(0).normal(size=(5000, 3))
    values[[17, 4999], [0, 2]] = np.nan
    blocks = list(row_blocks(values))
    assert len(blocks) > 10
    np.testing.assert_array_equal(np.concatenate([np.arange(5000)[rows] for rows in blocks]), np.arange(5000))
    whole = finite_rows(values)
    np.testing.assert_array_equal(np.flatnonzero(~whole), [17, 4999])
    np.testing.assert_array_equal(kept_rows(values, whole), values[np.isfinite(values).all(axis=1)])
    np.testing.assert_allclose(lengths(values), np.linalg.norm(values, axis=1))


@pytest.mark.usefixtures("all_are_large")
def test_a_full_disk_is_refused_in_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "posix_fallocate", full)
    with pytest.raises(BadInput, match=r"No space left on device: 1.0 GB more are needed.*TMPDIR"):
        new_array(125_000_000)
