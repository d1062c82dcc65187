"""Windows classified by prompts: from film by cosines written out, through a student by the run's own heads."""

from pathlib import Path

import numpy as np
import pyarrow.csv
import pytest
import torch
from equigait.data.errors import BadInput
from equigait.pipeline.datasets.loading import load_windows
from equigait.pipeline.inference.zero_shot import placed_among_films
from equigait.pipeline.pretrain import pretrain
from equigait.pipeline.recipe import Recipe
from equigait.pipeline.teachers.settings import TeacherSettings
from equigait.pipeline.teachers.words import embed_words
from equigait.pipeline.training.checkpoint import load_model
from equigait.pipeline.zero_shot import zero_shot
from phase_one import run as extract
from teacher_checkpoints import write_teacher, write_tokenizer

TEXTS = ("a horse walking", "a horse trotting", "a horse cantering")
PROMPTS = tuple(f"{label}={text}" for label, text in zip(("walk", "trot", "canter"), TEXTS, strict=True))


@pytest.fixture(scope="module")
def cached(yard: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Recipe]:
    """The small yard as seen by a small CLIP of random weights."""
    folder = write_tokenizer(write_teacher("clip", tmp_path_factory.mktemp("clip")))
    teacher = TeacherSettings(name="clip", weights=str(folder), device="cpu", precision="float32")
    recipe = Recipe.model_validate(
        {
            "teacher": teacher,
            "windows": {"hop_steps": 25},
            "student": {"width": 16, "layers": 1, "heads": 2},
            "train": {"steps": 2, "batch": 8, "device": "cpu", "warmup_steps": 1},
            "split": {"validation_share": 0.0},
        }
    )
    assert extract(yard, recipe).extracted
    return yard / "cache", recipe


def test_by_film_probabilities_are_the_softmax_of_scaled_cosines(cached: tuple[Path, Recipe], tmp_path: Path) -> None:
    cache, recipe = cached
    prediction = zero_shot(cache, prompts=PROMPTS, recipe=recipe, out=tmp_path)
    windows, words = load_windows(cache, settings=recipe).filmed(), embed_words(recipe.teacher, TEXTS)
    mean = windows.film[:].numpy()[:, :20].astype(float)
    logits = words.scale * (mean / np.linalg.norm(mean, axis=1, keepdims=True)) @ words.vectors.T
    odds = np.exp(logits - logits.max(axis=1, keepdims=True))
    np.testing.assert_allclose(prediction.found.probability, odds / odds.sum(axis=1, keepdims=True), atol=1e-6)
    assert prediction.file is not None
    table = pyarrow.csv.read_csv(prediction.file)
    assert table.column_names[:6] == ["recording", "horse", "start_s", "stop_s", "label", "predicted"]
    assert len(table) == len(windows)
    np.testing.assert_allclose(table["trot"].to_numpy(), prediction.found.probability[:, 1], atol=1e-4)


def test_labels_that_are_names_of_prompts_are_scored(cached: tuple[Path, Recipe]) -> None:
    cache, recipe = cached
    prediction = zero_shot(cache, prompts=PROMPTS, recipe=recipe)
    windows = load_windows(cache, settings=recipe).filmed()
    truth = [windows.classes[each] if each >= 0 else "" for each in windows.label]
    named = [(name, PROMPTS[best].split("=")[0]) for name, best in zip(truth, prediction.found.predicted, strict=True)]
    right = np.mean([name == best for name, best in named if name in ("walk", "trot", "canter")])
    assert f"right: {100 * right:.1f} % (guessing: 33.3 %)" in str(prediction)
    assert "guessing" not in str(zero_shot(cache, prompts=TEXTS, recipe=recipe))


def test_through_a_student_sensors_are_compared_with_placed_prompts_by_the_run_s_heads(
    cached: tuple[Path, Recipe], tmp_path: Path
) -> None:
    cache, recipe = cached
    pretrain(cache, run=tmp_path / "run", recipe=recipe)
    prediction = zero_shot(cache, prompts=PROMPTS, recipe=recipe, run=tmp_path / "run")
    assert prediction.by == "sensors"
    model, windows = load_model(tmp_path / "run"), load_windows(cache, settings=recipe).filmed()
    words = embed_words(recipe.teacher, TEXTS)
    placed = model.heads.film_mean.repeat(3, 1)
    length = model.heads.film_mean[:20].norm()
    placed[:, :20] += torch.from_numpy(words.vectors - words.vectors.mean(axis=0)) * length
    with torch.no_grad():
        sensors = model.heads.project_imu(model.student(windows.imu[:]))
        cosine = sensors @ model.heads.project_film(placed).T
    np.testing.assert_allclose(prediction.found.probability, torch.softmax(10 * cosine, dim=1), atol=1e-4)


def test_prompts_are_moved_from_the_mean_film_by_their_differences_alone() -> None:
    vectors = np.array([[1.0, 0.0], [0.0, 1.0]], np.float32)
    placed = placed_among_films(vectors, mean=torch.tensor([5.0, 0.0, 4.0]), first=1)
    np.testing.assert_allclose(placed, [[5.0, 2.0, 2.0], [5.0, -2.0, 6.0]])


def test_words_of_another_network_than_the_cache_s_are_refused(cached: tuple[Path, Recipe], tmp_path: Path) -> None:
    cache, recipe = cached
    other = write_tokenizer(write_teacher("siglip", tmp_path))
    teacher = recipe.teacher.model_copy(update={"name": "siglip", "weights": str(other)})
    with pytest.raises(BadInput, match="another teacher"):
        zero_shot(cache, prompts=PROMPTS, recipe=recipe.model_copy(update={"teacher": teacher}))
