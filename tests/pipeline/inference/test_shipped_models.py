"""The student that comes with the package: small, of use at once, marked as one that knows simulated horses alone."""

import shutil
from pathlib import Path

import equigait
import numpy as np
import pyarrow.csv
import pytest
from artifacts.train_field_student import SEED, SHIPPED, Making, field_recipe
from equigait.cli.options import chosen_run
from equigait.data.errors import BadInput
from equigait.data.simulate import YardSpec, simulate_yard
from equigait.pipeline.inference.settings import PredictionSettings
from equigait.pipeline.inference.shipped_models import FIELD_STUDENT, is_simulated, run_folder, shipped_run
from equigait.pipeline.predict import Prediction, predict
from equigait.pipeline.probe import probe
from equigait.pipeline.recipe import load_run_recipe


@pytest.fixture(scope="module")
def yard(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("yard")
    simulate_yard(folder, spec=YardSpec(horses=1, seconds=40.0, gaits=("trot",), seed=5, film=False))
    return folder


@pytest.fixture(scope="module")
def predicted(yard: Path, tmp_path_factory: pytest.TempPathFactory) -> Prediction:
    settings = PredictionSettings(pages=True)
    return predict(yard, run=shipped_run(FIELD_STUDENT), out=tmp_path_factory.mktemp("out"), settings=settings)


def test_a_trotting_horse_of_another_yard_is_told_to_trot(predicted: Prediction) -> None:
    seconds = {bout.label: 0.0 for bout in predicted.predicted[0].bouts}
    for bout in predicted.predicted[0].bouts:
        seconds[bout.label] += bout.seconds
    assert seconds["trot"] > 0.8 * sum(seconds.values())


def test_two_sensors_of_five_are_enough_for_that(yard: Path, tmp_path: Path) -> None:
    ride = shutil.copytree(yard / "h000-r00", tmp_path / "ride")
    manifest = (ride / "recording.yaml").read_text().split("- site: ")
    kept = [part for part in manifest[1:] if part.startswith(("withers", "sacrum"))]
    rest = manifest[-1][manifest[-1].index("labels:") :]
    (ride / "recording.yaml").write_text(manifest[0] + "".join("- site: " + part for part in kept) + rest)
    found = predict(ride, run=shipped_run(FIELD_STUDENT), out=tmp_path / "out", allow_missing=True).predicted[0]
    assert len(found.missing) == 3
    trot = found.timeline.classes.index("trot")
    assert np.mean(found.timeline.probability.argmax(axis=1) == trot) > 0.7


def test_summary_page_and_last_lines_say_simulated(predicted: Prediction) -> None:
    summary = pyarrow.csv.read_csv(next(path for path in predicted.files if path.stem == "summary"))
    assert set(summary["learned_from"].to_pylist()) == {"simulated horses"}
    assert "simulated horses alone" in predicted.pages[0].read_text()
    assert "simulated horses alone" in str(predicted)


def test_it_takes_four_megabytes_at_most_and_is_what_the_script_makes() -> None:
    folder = shipped_run(FIELD_STUDENT)
    assert sum((folder / name).stat().st_size for name in SHIPPED) <= 4e6
    assert load_run_recipe(folder) == field_recipe(Making())
    assert f"seed={SEED}" in (folder / "PROVENANCE.md").read_text()


def test_python_takes_it_by_name() -> None:
    student = equigait.load_student(FIELD_STUDENT)
    assert len(student.channels) == 30
    assert "Simulated horses" in str(student.card)


def test_a_folder_of_that_name_goes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert run_folder(FIELD_STUDENT) == shipped_run(FIELD_STUDENT)
    monkeypatch.chdir(tmp_path)
    Path(FIELD_STUDENT).mkdir()
    assert run_folder(FIELD_STUDENT) == Path(FIELD_STUDENT)


def test_a_run_of_real_recordings_is_not_called_simulated(tmp_path: Path) -> None:
    for name, simulated in (("mine", False), ("demo", True)):
        (tmp_path / "recipe.yaml").write_text(f"name: {name}\n")
        assert is_simulated(tmp_path) is simulated


def test_exactly_one_of_run_and_model_is_named() -> None:
    assert chosen_run(Path("runs/mine"), model=None) == Path("runs/mine")
    for run, model, found in (
        (None, None, "neither --run nor --model"),
        (Path("runs/mine"), FIELD_STUDENT, "--run and --model"),
        (None, "fild", "fild"),
    ):
        with pytest.raises(BadInput, match=found):
            chosen_run(run, model=model)


def test_no_probe_is_written_into_the_package(tmp_path: Path) -> None:
    before = (shipped_run(FIELD_STUDENT) / "probe.safetensors").read_bytes()
    with pytest.raises(BadInput, match="Copy the folder, and name the copy with --run"):
        probe(tmp_path / "cache", run=shipped_run(FIELD_STUDENT))
    assert (shipped_run(FIELD_STUDENT) / "probe.safetensors").read_bytes() == before
