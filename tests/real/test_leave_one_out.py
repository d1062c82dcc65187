"""People's gaits from real leg sensors, each person scored by a model that has never seen them (HuGaDB, 02, 09, 14)."""

import os
from pathlib import Path

import pytest
from equigait.data.importers import import_dataset
from equigait.pipeline.extract_teacher import extract_teacher
from equigait.pipeline.leave_one_out import leave_one_out
from equigait.pipeline.recipe import load_recipe

DATA = os.environ.get("EQUIGAIT_REAL_DATA")
pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(DATA is None, reason="EQUIGAIT_REAL_DATA names no folder of real recordings"),
]


def test_walking_running_and_stairs_of_unseen_people_are_told_apart(tmp_path: Path) -> None:
    """Spectral features and logistic regression; over all 18 people of the set 0.973 has been measured so."""
    source = Path(DATA or "") / "hugadb_6imu"
    if not source.is_dir():
        pytest.skip(f"{source} is not there")
    chosen = tmp_path / "hugadb"
    chosen.mkdir()
    for kind in ("walking", "running", "various"):  # the other files hold none of the three
        for path in source.glob(f"*_{kind}_*.txt"):
            (chosen / path.name).symlink_to(path)
    recipe = load_recipe("hugadb")
    import_dataset(chosen, kind="hugadb", out=tmp_path / "data")
    extract_teacher(tmp_path / "data", cache=tmp_path / "cache", recipe=recipe)
    found = leave_one_out(tmp_path / "cache", recipe=recipe, methods=("spectral",))
    assert found.horses == ("s02", "s09", "s14")
    assert found.methods["spectral"].macro_f1 >= 0.95
    assert found.mean_fold_macro_f1["spectral"] >= 0.95
