"""A run's folder belongs to one recipe, and its checkpoints rebuild the model by themselves."""

import json
from pathlib import Path

import pytest
import torch
from equigait.data.errors import BadInput
from equigait.pipeline.recipe import load_run_recipe, open_run, unfinished
from equigait.pipeline.training.checkpoint import (
    FORMAT,
    load_checkpoint,
    load_model,
    load_student,
    read_facts,
    save_checkpoint,
)
from equigait.pipeline.training.model import Model, model_for
from equigait.pipeline.training.run import Run, append_row, keep_rows, read_rows
from safetensors.torch import load_file, save_file
from synthetic_corpus import small_recipe, synthetic_corpus


@pytest.fixture
def model() -> Model:
    corpus = synthetic_corpus(horses=2, windows=6)
    model = model_for(corpus, settings=small_recipe("seed=5"), batch=12)
    model.fit_standardisation(corpus)
    return model.eval()


def test_a_run_goes_on_with_its_own_recipe(tmp_path: Path) -> None:
    recipe = small_recipe()
    assert open_run(tmp_path / "a" / "run", recipe=recipe) == open_run(tmp_path / "a" / "run", recipe=recipe)
    assert load_run_recipe(tmp_path / "a" / "run") == recipe


def test_another_recipe_in_the_same_folder_is_refused_with_what_differs(tmp_path: Path) -> None:
    open_run(tmp_path, recipe=small_recipe())
    with pytest.raises(BadInput) as caught:
        open_run(tmp_path, recipe=small_recipe("train.steps=151", "seed=2"))
    assert "seed: 0 against 2; train.steps: 150 against 151" in str(caught.value)
    assert load_run_recipe(tmp_path) == small_recipe()


def test_a_file_is_no_run_and_neither_is_an_empty_folder(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(BadInput, match="a file"):
        open_run(tmp_path / "file", recipe=small_recipe())
    with pytest.raises(BadInput, match="pretrain"):
        load_run_recipe(tmp_path)
    with pytest.raises(BadInput, match="pretrain"):
        load_student(tmp_path)


def test_a_checkpoint_rebuilds_the_model_from_itself(tmp_path: Path, model: Model) -> None:
    save_checkpoint(model, Run(tmp_path).checkpoint, facts={"step": 7, "sites": ["withers"]})
    loaded = load_model(tmp_path)
    assert loaded.spec == model.spec
    assert all(
        torch.equal(a, b) for a, b in zip(loaded.state_dict().values(), model.state_dict().values(), strict=True)
    )
    assert not loaded.training
    imu = torch.randn(3, 12, 250)
    assert torch.equal(load_student(tmp_path)(imu), model.student(imu))
    assert read_facts(Run(tmp_path).checkpoint) == {"step": 7, "sites": ["withers"]}


def test_statistics_of_both_sides_travel_with_the_checkpoint(tmp_path: Path, model: Model) -> None:
    save_checkpoint(model, tmp_path / "c.safetensors", facts={})
    tensors = load_file(tmp_path / "c.safetensors")
    assert torch.equal(tensors["student.mean"], model.student.mean)
    assert float(tensors["heads.film_mean"].mean()) == pytest.approx(20, abs=2)


def test_a_checkpoint_that_lacks_a_weight_is_never_loaded(tmp_path: Path, model: Model) -> None:
    path = tmp_path / "c.safetensors"
    save_checkpoint(model, path, facts={})
    header = {"equigait": json.dumps({"format": FORMAT, "spec": model.spec.model_dump(mode="json"), "facts": {}})}
    tensors = load_file(path)
    del tensors["student.positions"]
    save_file(tensors, path, metadata=header)
    with pytest.raises(RuntimeError, match="positions"):
        load_checkpoint(path)


def test_a_checkpoint_of_the_layout_before_is_refused_with_a_way_out(tmp_path: Path, model: Model) -> None:
    path = tmp_path / "c.safetensors"
    header = {"equigait": json.dumps({"format": FORMAT - 1, "spec": model.spec.model_dump(mode="json"), "facts": {}})}
    save_file({"x": torch.zeros(1)}, path, metadata=header)
    with pytest.raises(BadInput, match="into a new folder"):
        load_checkpoint(path)


def test_damaged_and_foreign_files_are_refused(tmp_path: Path, model: Model) -> None:
    path = tmp_path / "c.safetensors"
    save_checkpoint(model, path, facts={})
    path.write_bytes(path.read_bytes()[:-10])
    with pytest.raises(BadInput, match="damaged"):
        load_checkpoint(path)
    save_file({"x": torch.zeros(1)}, path)
    with pytest.raises(BadInput, match="format None"):
        load_checkpoint(path)


def test_the_log_is_cut_back_to_a_step_and_forgets_half_a_line(tmp_path: Path) -> None:
    run = Run(tmp_path)
    for step in (1, 2, 3):
        append_row(run, {"step": step, "loss": 0.5})
    with run.log.open("a") as file:
        file.write('{"step": 4, "lo')
    assert [row["step"] for row in read_rows(run)] == [1, 2, 3]
    keep_rows(run, until_step=2)
    assert run.log.read_text() == '{"step": 1, "loss": 0.5}\n{"step": 2, "loss": 0.5}\n'


def test_a_damaged_line_of_the_log_is_refused_by_what_it_says(tmp_path: Path) -> None:
    run = Run(tmp_path)
    run.log.write_text('{"step": 1}\n{"step": 2, "lo\n{"step": 3}\n')
    with pytest.raises(BadInput, match=r"train\.jsonl: found a line that is no JSON: .*step.*Take that line out"):
        read_rows(run)


def test_a_run_that_was_cut_off_says_so_until_it_is_done(tmp_path: Path) -> None:
    run = open_run(tmp_path, recipe=small_recipe("train.steps=3"))
    assert "stopped at step 0 of 3" in unfinished(tmp_path)
    for step in (1, 2):
        append_row(run, {"step": step, "loss": 0.5})
    assert "stopped at step 2 of 3" in unfinished(tmp_path)
    append_row(run, {"step": 3, "loss": 0.5})
    assert unfinished(tmp_path) == ""


@pytest.mark.parametrize(
    ("row", "found"),
    [
        (b"\xff\xfe\n", "bytes that are not text"),
        (b"[1]\n", "without `step`"),
        (b'{"loss": 2}\n', "without `step`"),
        (b'{"step": 2, "lose": 2}\n', "or `loss`"),
    ],
)
def test_a_line_of_the_log_that_is_no_row_is_refused(row: bytes, found: str, tmp_path: Path) -> None:
    run = Run(tmp_path)
    run.log.write_bytes(b'{"step": 1, "loss": 2.0}\n' + row)
    with pytest.raises(BadInput, match=found):
        read_rows(run)
