"""Pretraining aligns sensors with film on horses it has not seen, and resumes to the last bit."""

from pathlib import Path

import pytest
import torch
from cut_off import cut_off_at
from equigait.data.errors import BadInput
from equigait.pipeline.datasets.window_dataset import WindowDataset
from equigait.pipeline.pretrain import pretrain_corpus
from equigait.pipeline.training.checkpoint import load_model, read_facts
from equigait.pipeline.training.checkpoint_selection import SAVED, UNCHANGED, Validation
from equigait.pipeline.training.retrieval import retrieval_chance
from equigait.pipeline.training.run import Run, read_rows
from equigait.pipeline.training.trainer import Trainer
from killed_runs import kill_and_resume_runs
from kills import Writers
from safetensors.torch import load_file
from synthetic_corpus import small_recipe, synthetic_corpus

BRIEF = (
    *("train.steps=12", "train.validate_every=4", "train.save_every=5", "train.batch=16"),
    "train.validation_windows=2",
)
FILES = ("checkpoint.safetensors", "last.safetensors", "train.jsonl")


@pytest.fixture(scope="module")
def corpus() -> WindowDataset:
    return synthetic_corpus(horses=4, windows=10)


def bytes_of(run: Path) -> dict[str, bytes]:
    return {name: (run / name).read_bytes() for name in FILES}


@pytest.fixture(scope="module")
def unbroken(corpus: WindowDataset, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return pretrain_corpus(corpus, run=tmp_path_factory.mktemp("unbroken"), recipe=small_recipe(*BRIEF))


def test_two_steps_are_a_run(corpus: WindowDataset, tmp_path: Path) -> None:
    run = Run(pretrain_corpus(corpus, run=tmp_path / "run", recipe=small_recipe("train.steps=2")))
    rows = read_rows(run)
    assert [row["step"] for row in rows] == [1, 2]
    assert set(rows[0]) == {"step", "loss", "learning_rate", "gradient_norm", "scale", "bias"}
    assert set(rows[1]) == set(rows[0]) | {"validation", "checkpoint"}
    assert {"recipe.yaml", "train.jsonl", "checkpoint.safetensors", "last.safetensors", "state.pt"} == {
        path.name for path in run.folder.iterdir()
    }


def test_the_checkpoint_is_the_last_one_that_was_saved(unbroken: Path) -> None:
    validated = [row for row in read_rows(Run(unbroken)) if "validation" in row]
    assert [row["step"] for row in validated] == [4, 8, 12]
    saved = [row for row in validated if row["checkpoint"] == SAVED][-1]
    facts = read_facts(Run(unbroken).checkpoint)
    assert facts["step"] == saved["step"]
    assert facts["validation"] == saved["validation"]
    assert read_facts(Run(unbroken).last)["step"] == 12
    assert facts["sites"] == ["withers", "sacrum"]
    assert set(facts["horses"]["train"]).isdisjoint(facts["horses"]["validation"])


def test_the_logged_validation_can_be_had_again_from_the_checkpoint(unbroken: Path, corpus: WindowDataset) -> None:
    from equigait.pipeline.training.retrieval import retrieve

    facts = read_facts(Run(unbroken).checkpoint)
    unseen = corpus.of(facts["horses"]["validation"])
    assert retrieve(*load_model(unbroken).shared(unseen.imu, film=unseen.film)) == facts["validation"]


def test_standardisation_comes_from_training_horses_alone(unbroken: Path, corpus: WindowDataset) -> None:
    train = corpus.of(read_facts(Run(unbroken).checkpoint)["horses"]["train"])
    model = load_model(unbroken)
    torch.testing.assert_close(model.student.mean, train.imu[:].mean((0, 2)))
    torch.testing.assert_close(model.heads.film_mean, train.film[:].mean(0))


@pytest.mark.parametrize("stop_at", [3, 5, 9])
def test_a_run_that_fails_goes_on_as_if_nothing_had_happened(
    unbroken: Path, corpus: WindowDataset, tmp_path: Path, stop_at: int
) -> None:
    recipe = small_recipe(*BRIEF)
    with cut_off_at(stop_at):
        pretrain_corpus(corpus, run=tmp_path, recipe=recipe)
    pretrain_corpus(corpus, run=tmp_path, recipe=recipe)
    assert bytes_of(tmp_path) == bytes_of(unbroken)


def test_runs_killed_at_random_instants_resume_to_the_last_bit(tmp_path: Path) -> None:
    with Writers() as writers:
        found = kill_and_resume_runs(writers, tmp_path / "runs", kills=2, steps=60)
    assert found.kills == 2


def test_a_finished_run_is_left_as_it_is(
    unbroken: Path, corpus: WindowDataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = bytes_of(unbroken)
    monkeypatch.delattr(Trainer, "step_async")
    pretrain_corpus(corpus, run=unbroken, recipe=small_recipe(*BRIEF))
    assert bytes_of(unbroken) == before


def test_a_run_does_not_go_on_with_other_windows(unbroken: Path) -> None:
    with pytest.raises(BadInput, match="another cache"):
        pretrain_corpus(synthetic_corpus(horses=4, windows=10, seed=1), run=unbroken, recipe=small_recipe(*BRIEF))


def test_the_callers_random_numbers_stay_as_they_were(corpus: WindowDataset, tmp_path: Path) -> None:
    state = torch.random.get_rng_state()
    pretrain_corpus(corpus, run=tmp_path, recipe=small_recipe("train.steps=1"))
    assert torch.equal(torch.random.get_rng_state(), state)


def test_a_cache_without_film_is_refused(corpus: WindowDataset, tmp_path: Path) -> None:
    from dataclasses import replace

    blind = replace(corpus, has_film=torch.zeros(len(corpus), dtype=torch.bool))
    with pytest.raises(BadInput, match="0 windows with film"):
        pretrain_corpus(blind, run=tmp_path / "run", recipe=small_recipe())
    assert not (tmp_path / "run").exists()


def test_without_validation_horses_the_last_model_is_the_checkpoint(corpus: WindowDataset, tmp_path: Path) -> None:
    recipe = small_recipe("train.steps=3", "split={test_share: 0.0, validation_share: 0.0}")
    run = Run(pretrain_corpus(corpus, run=tmp_path, recipe=recipe))
    assert read_facts(run.checkpoint)["step"] == 3
    best, last = load_file(run.checkpoint), load_file(run.last)
    assert all(torch.equal(best[name], last[name]) for name in best | last)
    assert read_rows(run)[-1]["validation"] is None
    assert read_rows(run)[-1]["checkpoint"] == "the last counts: 0 validation windows, fewer than 20"


def test_with_few_validation_windows_the_last_model_counts_and_the_log_says_so(
    corpus: WindowDataset, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", logger="equigait")
    recipe = small_recipe("train.steps=6", "train.validate_every=1", "train.patience=1", "train.batch=16")
    run = Run(pretrain_corpus(corpus, run=tmp_path, recipe=recipe))
    rows = read_rows(run)
    said = "the last counts: 10 validation windows, fewer than 20"
    assert [row["checkpoint"] for row in rows] == [said] * 6
    assert all(row["validation"]["film_to_imu"]["MRR"] > 0 for row in rows)
    assert read_facts(run.checkpoint)["step"] == 6
    assert caplog.messages.count(f"checkpoint: {said}") == 1


def test_training_stops_when_validation_has_not_improved_for_long_enough(
    corpus: WindowDataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = iter([0.1, 0.3, 0.2, 0.28, 0.9])

    def validate(_: Trainer) -> Validation:
        score = next(found)
        scores = {"MRR": score, "R@10": 0.0}
        return Validation({"imu_to_film": scores, "film_to_imu": scores}, score=score, error=0.05, windows=40)

    monkeypatch.setattr(Trainer, "validate", validate)
    recipe = small_recipe("train.steps=50", "train.validate_every=2", "train.patience=2")
    run = Run(pretrain_corpus(corpus, run=tmp_path, recipe=recipe))
    assert read_rows(run)[-1]["step"] == 8
    assert [row["checkpoint"] for row in read_rows(run)[1::2]] == [SAVED, SAVED, UNCHANGED, SAVED]
    assert read_facts(run.checkpoint)["step"] == 8  # 0.28 is within 0.05 of the best, which came at step 4
    assert read_facts(run.last)["step"] == 8
    pretrain_corpus(corpus, run=tmp_path, recipe=recipe)
    assert read_rows(run)[-1]["step"] == 8


def test_numbers_that_explode_end_the_run_with_a_way_out(corpus: WindowDataset, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"Lower train\.learning_rate"):
        pretrain_corpus(corpus, run=tmp_path, recipe=small_recipe("train.learning_rate=1e30", "train.clip_norm=1e30"))


def test_steps_whose_metrics_are_fetched_together_are_the_same_run(
    unbroken: Path, corpus: WindowDataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As on a GPU, which is not waited for at each step."""
    start = Trainer.__init__

    def patient(self: Trainer, *arguments: object, **rest: object) -> None:
        start(self, *arguments, **rest)
        self.fetch_every = 50

    monkeypatch.setattr(Trainer, "__init__", patient)
    pretrain_corpus(corpus, run=tmp_path, recipe=small_recipe(*BRIEF))
    assert bytes_of(tmp_path) == bytes_of(unbroken)


def test_a_state_of_the_version_before_is_refused_and_its_checkpoint_still_loads(
    corpus: WindowDataset, tmp_path: Path
) -> None:
    run = Run(pretrain_corpus(corpus, run=tmp_path, recipe=small_recipe(*BRIEF)))
    state = torch.load(run.state, weights_only=True)
    selector = state.pop("selector")
    progress = {"step": state.pop("step"), "best": selector["best"], "error": selector["error"], "stale": 0}
    torch.save(state | {"format": 2, "progress": progress}, run.state)
    with pytest.raises(BadInput, match=r"state\.pt: found a state .*another version.*Choose another run folder"):
        pretrain_corpus(corpus, run=tmp_path, recipe=small_recipe(*BRIEF))
    assert not load_model(tmp_path).training


def test_a_damaged_state_is_refused_with_a_way_out(corpus: WindowDataset, tmp_path: Path) -> None:
    run = Run(pretrain_corpus(corpus, run=tmp_path, recipe=small_recipe(*BRIEF)))
    whole = run.state.read_bytes()
    for damaged in (b"", whole[: len(whole) // 2], b"no state at all"):
        run.state.write_bytes(damaged)
        with pytest.raises(BadInput, match=r"state\.pt: found a damaged file .*delete this one"):
            pretrain_corpus(corpus, run=tmp_path, recipe=small_recipe(*BRIEF))


def test_it_says_first_who_teaches_who_chooses_and_who_is_left(
    corpus: WindowDataset, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", logger="equigait")
    split = "split={validation: [h01], test: [h02, h03]}"
    pretrain_corpus(corpus, run=tmp_path, recipe=small_recipe(*BRIEF, split))
    assert (
        caplog.messages[0] == "10 windows of 1 horse train; 10 of h01 choose the checkpoint; left for scores: h02, h03"
    )


def test_a_gpu_that_is_too_small_is_told_in_one_line(
    corpus: WindowDataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 20.00 MiB.\nSee the documentation.")

    monkeypatch.setattr(Trainer, "step_async", full)
    with pytest.raises(BadInput, match=r"Tried to allocate 20\.00 MiB.*Lower train\.batch") as refusal:
        pretrain_corpus(corpus, run=tmp_path, recipe=small_recipe(*BRIEF))
    assert "\n" not in str(refusal.value)


def test_pretraining_aligns_sensors_with_film_on_unseen_horses(tmp_path: Path) -> None:
    corpus = synthetic_corpus(horses=12)
    run = pretrain_corpus(corpus, run=tmp_path, recipe=small_recipe("train.steps=200"))
    facts = read_facts(Run(run).checkpoint)
    unseen = len(corpus.of(facts["horses"]["validation"]))
    for way in ("imu_to_film", "film_to_imu"):
        assert facts["validation"][way]["R@10"] >= 5 * retrieval_chance(unseen)["R@10"]


def test_people_who_train_are_called_people(
    corpus: WindowDataset, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", logger="equigait")
    pretrain_corpus(corpus, run=tmp_path, recipe=small_recipe("train.steps=1", "words={subject: person}"))
    (line,) = [message for message in caplog.messages if "choose the checkpoint" in message]
    assert "person train;" in line or "people train;" in line
    assert "horse" not in line
