"""The demo teacher's second stage: how its heads begin, its loss, resumption and what it leaves, in a few steps."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from artifacts import teach_motion, train_demo
from artifacts.motion_clips import Clips, draw_clips
from artifacts.motion_films import Films, FilmSet, load_films
from artifacts.motion_targets import horse_targets, horse_weights
from artifacts.teach_motion import Teller, Training
from artifacts.train_demo import FRAMES, SIZE, TOKENS, encode_tubes
from equigait.pipeline.teachers.settings import TeacherSettings
from equigait.pipeline.teachers.table import load_teacher

TINY = Training(
    films=(FilmSet("sticks", 6, 2, 0.5), FilmSet("people", 7, 2, 0.5)),
    steps=4,
    batch=4,
    save_every=2,
    start_batches=2,
)


@pytest.fixture(scope="module")
def start(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A teacher as the first stage leaves it before its first step."""
    folder = tmp_path_factory.mktemp("start")
    train_demo.save_teacher(train_demo.build_network(train_demo.Training()).videomae, folder)
    return folder


@pytest.fixture
def folder(tmp_path: Path, films: list[Films]) -> Path:
    """One that holds the films."""
    for name, made in zip(("sticks", "people"), films, strict=True):
        np.savez(tmp_path / f"{name}.npz", frames=made.frames, motion=made.motion)
    return tmp_path


@pytest.fixture(scope="module")
def films(tmp_path_factory: pytest.TempPathFactory) -> list[Films]:
    return load_films(TINY.films, folder=tmp_path_factory.mktemp("films"))


def test_ridge_regression_solves_its_normal_equations_and_leaves_the_bias_free() -> None:
    rng = np.random.default_rng(0)
    inputs, targets = rng.normal(2.0, 1.0, (50, 3)), rng.normal(5.0, 1.0, (50, 2))
    weight, bias = teach_motion.ridge(*(torch.from_numpy(a.astype(np.float32)) for a in (inputs, targets)), penalty=0.3)
    centred, wanted = inputs - inputs.mean(0), targets - targets.mean(0)
    by_hand = np.linalg.inv(centred.T @ centred + 0.3 * 50 * np.eye(3)) @ centred.T @ wanted
    np.testing.assert_allclose(weight.T.numpy(), by_hand, atol=1e-5)
    np.testing.assert_allclose(bias.numpy(), targets.mean(0) - inputs.mean(0) @ by_hand, atol=1e-4)


def test_heads_begin_with_what_the_start_tells_of_standardised_features(start: Path, films: list[Films]) -> None:
    torch.manual_seed(0)
    network, scales = Teller(start), teach_motion.measure_scales(films, training=TINY)
    clips = draw_clips(films, batch=4, seed=teach_motion.START_SEED, step=teach_motion.START_STEP)
    drawn, encoder = teach_motion.losses(network, clips, scales=scales, shown=0.5), network.videomae.state_dict()
    teach_motion.begin_heads(network, films, scales=scales, training=TINY)
    begun = teach_motion.losses(network, clips, scales=scales, shown=0.5)
    assert all(begun[part] < 0.8 * drawn[part] for part in drawn)
    assert all(torch.equal(value, network.videomae.state_dict()[key]) for key, value in encoder.items())
    tokens = torch.stack([network.mean - 9 * network.std, network.mean + 2 * network.std])[:, None]
    told = network.standardised(tokens)
    torch.testing.assert_close(told, torch.tensor([-9.0, 2.0])[:, None].expand(2, 192), atol=1e-3, rtol=0.0)


def test_the_parts_of_the_loss_are_those_written_out(start: Path, films: list[Films]) -> None:
    network, scales = Teller(start), teach_motion.measure_scales(films, training=TINY)
    clips = draw_clips(films, batch=4, seed=0, step=0)
    with torch.no_grad():
        parts = teach_motion.losses(network, clips, scales=scales, shown=1.0)
        tokens = train_demo.encode_tubes(network.videomae, clips.pixels, seen=clips.order)
        features = tokens.mean(1)[[row for row, kind in enumerate(clips.kinds) if kind == "horse"]]
        told = network.motion["horse"](features).numpy()
    mean, std = (moment.numpy() for moment in scales.motion["horse"])
    horses = np.stack([clips.motion[row] for row, kind in enumerate(clips.kinds) if kind == "horse"])
    off = np.abs(told - (horse_targets(horses) - mean) / std)
    huber = np.where(off < 2.0, off**2 / 4.0, off - 1.0).mean(0)
    weights = horse_weights()
    assert float(parts["horse"]) == pytest.approx(4 * (huber * weights).sum() / weights.sum() * 2 / 4, rel=1e-4)


def test_training_learns_to_tell_motion(start: Path, films: list[Films]) -> None:
    network, scales = Teller(start), teach_motion.measure_scales(films, training=TINY)
    clips = draw_clips(films, batch=4, seed=0, step=0)
    optimiser = torch.optim.AdamW(network.parameters(), lr=1e-3)
    told = []
    for _ in range(12):
        parts = teach_motion.losses(network, clips, scales=scales, shown=1.0)
        loss = parts["horse"] + parts["person"]
        optimiser.zero_grad()
        torch.autograd.backward(loss)
        optimiser.step()
        told.append(float(loss.detach()))
    assert told[-1] < 0.6 * told[0]


def test_a_killed_training_ends_with_the_network_of_an_unbroken_one(
    start: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = teach_motion.train(start, folder, training=TINY).state_dict()
    (folder / "state.pt").unlink()

    def killed(films: list[Films], *, batch: int, seed: int, step: int) -> Clips:
        if step == 3:
            raise KeyboardInterrupt
        return draw_clips(films, batch=batch, seed=seed, step=step)

    with monkeypatch.context() as patched:
        patched.setattr(teach_motion, "draw_clips", killed)
        with pytest.raises(KeyboardInterrupt):
            teach_motion.train(start, folder, training=TINY)
    resumed = teach_motion.train(start, folder, training=TINY).state_dict()
    assert all(torch.equal(whole[key], resumed[key]) for key in whole)


def test_half_of_the_tubes_are_shown_and_in_the_last_steps_all(
    start: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = []

    def watched(videomae: object, clips: torch.Tensor, *, seen: torch.Tensor) -> torch.Tensor:
        shown.append(seen.shape[1])
        return train_demo.encode_tubes(videomae, clips, seen=seen)

    monkeypatch.setattr(teach_motion, "encode_tubes", watched)
    teach_motion.train(start, folder, training=replace(TINY, partly=0.5))
    assert shown[TINY.start_batches :] == [TOKENS // 2, TOKENS // 2, TOKENS, TOKENS]


def test_the_saved_teacher_s_feature_is_what_the_network_tells_of_a_horse(start: Path, tmp_path: Path) -> None:
    network = Teller(start)
    torch.nn.init.normal_(network.mean)
    torch.nn.init.uniform_(network.std, 0.5, 2.0)
    clips = np.random.default_rng(0).integers(0, 255, (2, FRAMES, 3, SIZE, SIZE), np.uint8)
    with torch.no_grad():
        every = torch.arange(TOKENS).expand(2, -1)
        seen = network.standardised(encode_tubes(network.videomae, torch.from_numpy(clips) / 255.0, seen=every))
        told = network.motion["horse"](seen) * torch.from_numpy(horse_weights()).sqrt()
    train_demo.save_teacher(teach_motion.encoder_with_head(network), tmp_path)
    teacher = load_teacher(TeacherSettings(name="videomae", weights=str(tmp_path), device="cpu", precision="float32"))
    np.testing.assert_allclose(teacher.embed(clips), told.numpy(), atol=0.005)  # weights have 16 bits
