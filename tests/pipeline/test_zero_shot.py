"""Windows classified by prompts, and moments most like a text, a film or a moment: by film and through a student.

Cosines are written out from cached features, and through a student from the run's own heads.
"""

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pyarrow.csv
import pytest
import torch
from command_line import run as say
from equigait.data.errors import BadInput
from equigait.pipeline.datasets.loading import load_windows
from equigait.pipeline.datasets.window_dataset import WindowDataset
from equigait.pipeline.inference.search import Moment, cosines
from equigait.pipeline.inference.zero_shot import placed_among_films
from equigait.pipeline.pretrain import pretrain
from equigait.pipeline.recipe import Recipe, save_recipe
from equigait.pipeline.students.embedding import embed
from equigait.pipeline.teachers.settings import TeacherSettings
from equigait.pipeline.teachers.words import embed_words
from equigait.pipeline.training.checkpoint import load_model
from equigait.pipeline.zero_shot import Query, search, zero_shot
from phase_one import run as extract
from teacher_checkpoints import write_teacher, write_tokenizer

TEXT = "a horse trotting"
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


@pytest.fixture(scope="module")
def run(cached: tuple[Path, Recipe], tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("taught") / "run"
    pretrain(cached[0], run=folder, recipe=cached[1])
    return folder


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
    cached: tuple[Path, Recipe], run: Path
) -> None:
    cache, recipe = cached
    prediction = zero_shot(cache, prompts=PROMPTS, recipe=recipe, run=run)
    assert prediction.by == "sensors"
    model, windows = load_model(run), load_windows(cache, settings=recipe).filmed()
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


def windows_of(cached: tuple[Path, Recipe]) -> WindowDataset:
    return load_windows(cached[0], settings=cached[1]).filmed()


def best_of(windows: WindowDataset, scores: np.ndarray, left_out: np.ndarray | None = None) -> tuple[str, float, float]:
    """Recording, start and score of the best window."""
    best = int(np.where(left_out, -np.inf, scores).argmax() if left_out is not None else scores.argmax())
    return windows.recording[best], float(windows.start_seconds[best]), float(scores[best])


def assert_first(moments: Sequence[Moment], expected: tuple[str, float, float]) -> None:
    first = moments[0]
    assert (first.rank, first.recording, first.best_s) == (1, expected[0], pytest.approx(expected[1], abs=1e-3))
    assert first.score == pytest.approx(expected[2], abs=2e-4)


def test_a_text_finds_the_film_with_the_largest_cosine(cached: tuple[Path, Recipe]) -> None:
    windows, words = windows_of(cached), embed_words(cached[1].teacher, (TEXT,), options=["--text"])
    film = windows.film[:].numpy()[:, :20].astype(float)
    scores = film @ words.vectors[0] / np.linalg.norm(film, axis=1)
    found = search(cached[0], query=Query(text=TEXT), recipe=cached[1])
    assert (found.by, found.searched) == ("film", len(windows))
    assert_first(found.moments, best_of(windows, scores))


def test_a_text_finds_motion_in_the_space_that_the_heads_share(cached: tuple[Path, Recipe], run: Path) -> None:
    windows, model = load_windows(cached[0], settings=cached[1]), load_model(run)
    words = embed_words(cached[1].teacher, (TEXT, "a horse"))
    placed = placed_among_films(words.vectors, mean=model.heads.film_mean, first=words.first)[:1]
    with torch.no_grad():
        scores = model.heads.project_imu(model.student(windows.imu[:])) @ model.heads.project_film(placed)[0]
    found = search(cached[0], query=Query(text=TEXT), recipe=cached[1], run=run)
    assert found.by == "sensors"
    assert_first(found.moments, best_of(windows, scores.numpy()))


@pytest.mark.parametrize("by", ["film", "sensors"])
@pytest.mark.parametrize("other", [False, True])
def test_a_moment_finds_others_by_standardised_features(
    by: str, other: bool, cached: tuple[Path, Recipe], run: Path
) -> None:
    windows = windows_of(cached) if by == "film" else load_windows(cached[0], settings=cached[1])
    features = windows.film[:].numpy() if by == "film" else embed(load_model(run).student, windows.imu)
    row = len(windows) // 2
    place = f"{windows.recording[row]}@{float(windows.start_seconds[row]) + 2.5}"
    same = np.array([name == windows.recording[row] for name in windows.recording])
    near = same & (np.abs(windows.start_seconds.numpy() - float(windows.start_seconds[row])) < 5.0)
    query = Query(like=place, other_recordings=other)
    found = search(cached[0], query=query, recipe=cached[1], run=run if by == "sensors" else None)
    scores = cosines(features, features[row], standardise=True)
    assert_first(found.moments, best_of(windows, scores, same if other else near))
    assert found.searched == int((~(same if other else near)).sum())


def test_a_film_file_finds_the_recording_that_it_is(cached: tuple[Path, Recipe], yard: Path, run: Path) -> None:
    windows = windows_of(cached)
    film = sorted(yard.rglob("*.mp4"))[1]
    start = float(windows.start_seconds[[name == film.parent.name for name in windows.recording]][3])
    query = Query(like=f"{film}@{start}")
    found = search(cached[0], query=query, recipe=cached[1])
    assert found.moments[0].recording == film.parent.name
    assert found.moments[0].best_s == pytest.approx(start, abs=0.01)
    assert found.moments[0].score == pytest.approx(1.0, abs=1e-3)
    assert search(cached[0], query=query, recipe=cached[1], run=run).by == "sensors"


def test_a_table_and_json_hold_the_moments(
    cached: tuple[Path, Recipe], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    save_recipe(cached[1], tmp_path / "recipe.yaml")
    words = ("--text", TEXT, "--count", 3, "--out", tmp_path, "--json", tmp_path / "moments.json")
    assert say("search", "--cache", cached[0], "--config", tmp_path / "recipe.yaml", *words) == 0
    found = json.loads((tmp_path / "moments.json").read_text())
    table = pyarrow.csv.read_csv(tmp_path / "moments.csv")
    assert [row["rank"] for row in found] == table["rank"].to_pylist() == list(range(1, len(found) + 1))
    assert 1 <= len(found) <= 3
    assert table.column_names == list(found[0])
    assert all(row["recording"] in capsys.readouterr().out for row in found[:1])


@pytest.mark.parametrize(
    ("query", "message"),
    [
        (Query(), "neither --text nor --like"),
        (Query(text=TEXT, like="a@1"), "both --text and --like"),
        (Query(text=""), "--text"),
        (Query(like="nowhere@1"), "one of the cache's recordings"),
        (Query(like="{recording}"), "without a time"),
        (Query(like="{recording}@999"), "no filmed window"),
        (Query(like="{recording}@noon"), "seconds after the @"),
        (Query(like="{film}@99"), "a film of"),
    ],
)
def test_what_cannot_be_searched_for_is_refused(
    query: Query, message: str, cached: tuple[Path, Recipe], yard: Path
) -> None:
    film = sorted(yard.rglob("*.mp4"))[0]
    like = query.like and query.like.format(recording=film.parent.name, film=film)
    with pytest.raises(BadInput, match=message):
        search(cached[0], query=Query(text=query.text, like=like), recipe=cached[1])
