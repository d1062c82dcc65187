"""Files of joints, each written here as its program writes it: positions, gaps and individuals; faults are refused."""

import json
import pickle
from pathlib import Path

import h5py
import numpy as np
import pytest
from equigait.data.errors import BadInput
from equigait.data.keypoints.read import read_keypoints

JOINTS = ("nose", "tail_base")
POSITION = np.arange(5 * 2 * 2, dtype=float).reshape(5, 2, 2)  # frames, joints, x and y
SURE = np.linspace(0.1, 0.9, 10).reshape(5, 2)


def dlc_rows(*, individuals: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    """Names of columns, as tuples of scorer, individual, part and coordinate."""
    of = [("net", each) if each else ("net",) for each in individuals or ("",)]
    return [(*one, joint, name) for one in of for joint in JOINTS for name in ("x", "y", "likelihood")]


def table(*, shift: float = 0.0, sure: float = 1.0) -> np.ndarray:
    return np.concatenate([POSITION + shift, sure * SURE[..., None]], axis=2).reshape(5, -1)


def write_dlc_csv(path: Path, values: np.ndarray, names: list[tuple[str, ...]]) -> Path:
    heads = (
        ["scorer", "individuals", "bodyparts", "coords"] if len(names[0]) == 4 else ["scorer", "bodyparts", "coords"]
    )
    lines = [",".join([head, *level]) for head, level in zip(heads, zip(*names, strict=True), strict=True)]
    lines += [",".join([str(n), *("" if np.isnan(v) else repr(float(v)) for v in row)]) for n, row in enumerate(values)]
    path.write_text("\n".join(lines) + "\n")
    return path


def write_dlc_h5(path: Path, values: np.ndarray, names: object) -> Path:
    """A table as pandas leaves it: the names of columns are a pickled list in an attribute."""
    rows = np.zeros(len(values), [("index", "<i8"), ("values_block_0", "<f8", (values.shape[1],))])
    rows["index"], rows["values_block_0"] = np.arange(len(values)), values
    with h5py.File(path, "w") as file:
        stored = file.create_group("df_with_missing").create_dataset("table", data=rows)
        stored.attrs["values_block_0_kind"] = np.void(pickle.dumps(names, protocol=0))
    return path


def write_movement(path: Path, *, dims: tuple[str, ...], seconds: bool) -> Path:
    shaped = {"time": 5, "space": 2, "keypoints": 2, "individuals": 1}
    values = POSITION[..., None].transpose(0, 2, 1, 3)  # time, space, keypoints, individuals
    with h5py.File(path, "w") as file:
        file.attrs["time_unit"], file.attrs["fps"] = ("seconds", 50.0) if seconds else ("frames", 50.0)
        texts = {"space": ["x", "y"], "keypoints": list(JOINTS), "individuals": ["horse"]}
        for name in shaped:
            coordinate = np.arange(5) / (50.0 if seconds else 1.0) if name == "time" else texts[name]
            file.create_dataset(name, data=coordinate).make_scale(name)
        ordered = values.transpose([("time", "space", "keypoints", "individuals").index(name) for name in dims])
        sure_dims = [name for name in dims if name != "space"]
        sure = SURE[..., None].transpose([("time", "keypoints", "individuals").index(name) for name in sure_dims])
        for name, data, own in (("position", ordered, dims), ("confidence", sure, sure_dims)):
            stored = file.create_dataset(name, data=data)
            for axis, dimension in enumerate(own):
                stored.dims[axis].attach_scale(file[dimension])
    return path


def test_csv_of_deeplabcut_is_read_with_its_gaps(tmp_path: Path) -> None:
    values = table()
    values[2, :2] = np.nan
    tracks = read_keypoints(write_dlc_csv(tmp_path / "a.csv", values, dlc_rows()))
    assert tracks.joints == JOINTS
    np.testing.assert_array_equal(tracks.position[[0, 1, 3, 4]], POSITION[[0, 1, 3, 4]])
    assert np.isnan(tracks.position[2, 0]).all()
    assert tracks.likelihood[2, 0] == 0.0
    np.testing.assert_allclose(tracks.likelihood[:, 1], SURE[:, 1])


def test_of_several_individuals_the_one_that_is_found_best_is_taken(tmp_path: Path) -> None:
    names = dlc_rows(individuals=("foal", "mare"))
    values = np.concatenate([table(sure=0.2), table(shift=100.0)], axis=1)
    for path in (write_dlc_csv(tmp_path / "a.csv", values, names), write_dlc_h5(tmp_path / "a.h5", values, names)):
        np.testing.assert_array_equal(read_keypoints(path).position, POSITION + 100.0)


def test_h5_of_deeplabcut_is_read_without_running_what_is_pickled(tmp_path: Path) -> None:
    tracks = read_keypoints(write_dlc_h5(tmp_path / "a.h5", table(), dlc_rows()))
    np.testing.assert_array_equal(tracks.position, POSITION)
    np.testing.assert_allclose(tracks.likelihood, SURE)
    with pytest.raises(BadInput, match=r"PosixPath.*save_as_csv"):
        read_keypoints(write_dlc_h5(tmp_path / "bad.h5", table(), Path("/")))


@pytest.mark.parametrize("seconds", [False, True])
@pytest.mark.parametrize(
    "dims", [("time", "space", "keypoints", "individuals"), ("time", "individuals", "keypoints", "space")]
)
def test_netcdf_of_movement_is_read_whatever_the_order_of_its_dimensions(
    tmp_path: Path, dims: tuple[str, ...], seconds: bool
) -> None:
    tracks = read_keypoints(write_movement(tmp_path / "a.nc", dims=dims, seconds=seconds))
    assert tracks.joints == JOINTS
    np.testing.assert_array_equal(tracks.position, POSITION)
    np.testing.assert_allclose(tracks.likelihood, SURE)


def coco(**changes: object) -> dict[str, object]:
    points = [[3.0, 4.0, 2, 9.0, 9.0, 0], [5.0, 6.0, 2, 7.0, 8.0, 1]]
    return {
        "categories": [{"id": 1, "keypoints": list(JOINTS)}],
        "images": [{"id": 7, "file_name": "frame_0003.jpg"}, {"id": 9, "file_name": "frame_0001.jpg"}],
        "annotations": [
            {"image_id": 7, "keypoints": points[0], "bbox": [0, 0, 2, 2]},
            {"image_id": 9, "keypoints": points[1], "bbox": [0, 0, 9, 9]},
            {"image_id": 9, "keypoints": points[0], "bbox": [0, 0, 1, 1]},
        ],
    } | changes


def test_coco_frames_are_those_of_the_file_names_and_the_largest_horse_counts(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(json.dumps(coco()))
    tracks = read_keypoints(tmp_path / "a.json")
    assert tracks.position.shape == (4, 2, 2)
    np.testing.assert_array_equal(tracks.position[1], [[5.0, 6.0], [7.0, 8.0]])
    np.testing.assert_array_equal(tracks.position[3, 0], [3.0, 4.0])
    np.testing.assert_array_equal(tracks.likelihood, [[0, 0], [1, 1], [0, 0], [1, 0]])


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.csv", b"time,x,y\n0,1,2\n"),
        ("a.csv", b"scorer,net\nbodyparts,nose\ncoords,x\n0,far\n"),
        ("a.h5", b"no HDF5"),
        ("a.nc", b"CDF\x01 of version 3"),
        ("a.json", b"[]"),
        ("a.json", json.dumps(coco(categories=[])).encode()),
        ("a.txt", b""),
    ],
)
def test_a_file_that_holds_no_tracks_is_refused(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(BadInput, match=name):
        read_keypoints(tmp_path / name)


def test_a_missing_file_is_called_that(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="no such file"):
        read_keypoints(tmp_path / "a.csv")
