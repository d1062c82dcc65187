"""Self-training: which windows are taken at a probe's own word, what they weigh, and where they help and harm."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from equigait.data.recording import TRANSITION, UNLABELLED
from equigait.pipeline.datasets.dataset_split import (
    POOL_WINDOWS,
    DatasetSplit,
    split_windows,
    windows_of_classes,
)
from equigait.pipeline.datasets.window_dataset import WindowDataset
from equigait.pipeline.probing.linear import LabelledFeatures, LinearClassifier, fit_linear
from equigait.pipeline.probing.probe_file import load_probe, save_probe
from equigait.pipeline.probing.self_training import UnlabelledFeatures, regresses, select_confident, with_confident
from equigait.pipeline.probing.settings import ProbeSettings
from equigait.pipeline.probing.student_probe import Featurise, fit_features, unnamed
from rides import GAITS, ride_recipe
from synthetic_corpus import synthetic_corpus

NOTHING = np.zeros(0, dtype=np.int64)
SETTINGS = ProbeSettings(inverse_penalties=(0.3,))


def test_of_each_class_those_are_taken_whose_best_logit_stands_highest_above_the_next() -> None:
    logits = np.array([[3.0, 0, 0], [5, 4, 0], [2, 0, 0], [9, 8.5, 0], [0, 1, 0.9], [0, 0, 7]])
    rows, label = select_confident(logits, share=0.5)
    assert rows.tolist() == [0, 2, 4, 5]  # margins 3, 1, 2, 0.5 of class 0; one window each of the others
    assert label.tolist() == [0, 0, 1, 2]
    assert select_confident(logits, share=1.0)[0].tolist() == list(range(6))
    assert select_confident(logits, share=0.01)[0].tolist() == [0, 4, 5]  # one of each class at least


def test_labelled_windows_and_those_taken_weigh_together_what_the_labelled_weigh_alone() -> None:
    rng = np.random.default_rng(0)
    known = LabelledFeatures(rng.normal(size=(6, 3)).astype(np.float32), np.arange(6) % 2, ("h0",) * 6)
    first = fit_linear(known, classes=("walk", "trot"), settings=SETTINGS)
    others = UnlabelledFeatures(rng.normal(size=(20, 3)).astype(np.float32), tuple(f"h{row}" for row in range(20)))
    joined = with_confident(known, unlabelled=others, first=first, share=0.5)
    rows, label = select_confident(first.logits(others.features), share=0.5)
    np.testing.assert_array_equal(joined.features, np.concatenate([known.features, others.features[rows]]))
    assert joined.label.tolist() == [*known.label.tolist(), *label.tolist()]
    assert joined.horse == (*known.horse, *(f"h{row}" for row in rows))
    assert joined.weight * len(joined.label) == pytest.approx(6.0)


def leaning(count: int, *, horses: int, seed: int) -> WindowDataset:
    """A corpus whose gaits lie apart in one feature, and in another as far as the horses themselves."""
    rng = np.random.default_rng(seed)
    corpus = synthetic_corpus(horses=horses, windows=count // horses, seed=seed)
    gait, horse = corpus.label, np.arange(count) // (count // horses)
    points = np.stack([3.0 * gait, rng.normal(size=horses)[horse] + gait], axis=1)
    points += 0.3 * rng.normal(size=points.shape)
    return replace(corpus, film=corpus.film.new_tensor(points))


def few_of(parts: DatasetSplit, *, horse: str, each: int) -> WindowDataset:
    """So many windows of each gait of one horse."""
    own = np.flatnonzero(np.array(parts.train.horse) == horse)
    return parts.train.take(np.concatenate([own[parts.train.label[own] == gait][:each] for gait in range(len(GAITS))]))


as_film = Featurise(lambda windows: np.asarray(windows.film[:].numpy(), dtype=np.float32))


def learned(by: Featurise, *, few: WindowDataset, pool: WindowDataset, share: float) -> float:
    recipe = ride_recipe("probe.oversample_to=0", f"probe.self_training={share}", "probe.inverse_penalties=[0.3]")
    strange = leaning(600, horses=12, seed=5)
    none, test = few.take(NOTHING), windows_of_classes(strange, classes=GAITS, horses=strange.horses)
    probe = fit_features(by, train=few, validation=none, settings=recipe, unlabelled=unnamed(pool, by=by))
    return float(np.mean(probe.logits(by(test)).argmax(axis=1) == test.label))


def test_many_horses_without_labels_correct_a_boundary_that_leans_on_one() -> None:
    corpus = leaning(600, horses=12, seed=0)
    parts = split_windows(corpus, classes=GAITS, train=corpus.horses[:-1], validation=(), test=corpus.horses[-1:])
    gained = []
    for horse in parts.train.horses:
        few = few_of(parts, horse=horse, each=5)
        alone, taught = (learned(as_film, few=few, pool=parts.pool, share=share) for share in (0.0, 0.5))
        gained.append(taught - alone)
    assert np.mean(gained) > 0.02


def test_a_probe_that_would_forget_what_it_was_told_stays_as_it_was() -> None:
    """The others lie where the one labelled horse's gaits would have to be told the other way round."""
    corpus = leaning(600, horses=12, seed=0)
    parts = split_windows(corpus, classes=GAITS, train=corpus.horses[:-1], validation=(), test=corpus.horses[-1:])
    few = few_of(parts, horse="h05", each=5)
    misled = replace(parts.pool, film=parts.pool.film * torch.tensor([-5.0, 5.0]))
    recipe = ride_recipe("probe.oversample_to=0", "probe.inverse_penalties=[0.3]")
    alone, like, unlike = (
        fit_features(as_film, train=few, validation=few.take(NOTHING), settings=recipe, unlabelled=others)
        for others in (None, unnamed(parts.pool, by=as_film), unnamed(misled, by=as_film))
    )
    assert like.self_taught > 0
    assert unlike.self_taught == 0
    np.testing.assert_array_equal(unlike.weight, alone.weight)


def test_forgetting_is_counted_on_all_that_both_were_told() -> None:
    features, label = np.arange(-10.0, 10.0).astype(np.float32)[:, None], np.arange(20) // 10
    taught = LabelledFeatures(features, label, ("h0",) * 20)
    first = fit_linear(taught, classes=("walk", "trot"), settings=SETTINGS)
    one, two = (replace(first, bias=first.bias + np.array([shift, 0], np.float32)) for shift in _shifts(first))
    assert not regresses(one, first=first, labelled=taught)  # 2 of 20: as many as may be
    assert regresses(two, first=first, labelled=taught)


def _shifts(first: LinearClassifier) -> tuple[float, float]:
    """What moves the boundary past two windows, and past three."""
    slope = float(first.weight[1, 0] - first.weight[0, 0])
    offset = float(first.bias[1] - first.bias[0])
    return tuple(slope * (steps - 0.5) + offset for steps in (2, 3))  # type: ignore[return-value]


def test_where_the_labelled_are_more_the_probe_listens_to_them_alone() -> None:
    corpus = synthetic_corpus(horses=4, windows=24)
    parts = split_windows(corpus, classes=GAITS, train=["h00", "h01"], validation=["h02"], test=["h03"])
    recipe, none = ride_recipe(), parts.train.take(NOTHING)
    same = unnamed(parts.pool.take(torch.arange(len(parts.train))), by=as_film)  # as many as are labelled
    probe = fit_features(as_film, train=parts.train, validation=none, settings=recipe, unlabelled=same)
    assert probe.self_taught == 0
    np.testing.assert_array_equal(
        probe.weight, fit_features(as_film, train=parts.train, validation=none, settings=recipe).weight
    )


def test_a_split_keeps_windows_of_training_horses_alone_and_knows_which_have_no_label() -> None:
    corpus = synthetic_corpus(horses=4, windows=24)
    label = corpus.label.copy()
    label[::3], label[1::3] = UNLABELLED, TRANSITION
    horses = {"train": ("h00", "h02"), "validation": ("h01",), "test": ("h03",)}
    parts = split_windows(replace(corpus, label=label), classes=GAITS, **horses)
    assert set(parts.pool.horse) == {"h00", "h02"}
    assert len(parts.pool) == 48
    unlabelled = parts.unlabelled
    assert unlabelled is not None
    assert len(unlabelled) == 16  # neither transitions nor gaits
    assert set(unlabelled.label.tolist()) == {UNLABELLED}
    assert split_windows(corpus, classes=GAITS, **horses).unlabelled is None


def test_of_very_many_windows_the_pool_keeps_some_evenly() -> None:
    corpus = synthetic_corpus(horses=2, windows=12)
    trot = int(np.flatnonzero(corpus.label == corpus.classes.index("trot"))[0])
    many = corpus.take(torch.full((3 * POOL_WINDOWS,), trot))
    many = replace(many, start_seconds=many.start_seconds.new_tensor(np.arange(3.0 * POOL_WINDOWS)))
    whole = replace(many, horse=("h00",) * (len(many) - 1) + ("h01",))
    pool = split_windows(whole, classes=GAITS, train=["h00"], validation=[], test=["h01"]).pool
    assert len(pool) == POOL_WINDOWS
    assert set(np.unique(np.diff(pool.start_seconds.numpy()))) <= {2.0, 3.0, 4.0}


def test_a_saved_probe_still_says_how_many_windows_it_labelled_itself(tmp_path: Path) -> None:
    (tmp_path / "checkpoint.safetensors").write_bytes(b"any")
    rng = np.random.default_rng(0)
    known = LabelledFeatures(rng.normal(size=(6, 3)).astype(np.float32), np.arange(6) % 2, ("h0",) * 6)
    probe = replace(fit_linear(known, classes=("walk", "trot"), settings=SETTINGS), self_taught=7)
    save_probe(probe, run=tmp_path)
    assert load_probe(tmp_path).self_taught == 7
