"""The demo teacher's pre-training: target, masking, resumption and what it leaves, at the size of a few steps."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from artifacts import train_demo
from artifacts.train_demo import FRAMES, SIZE, TOKENS, Training
from equigait.pipeline.teachers.settings import TeacherSettings
from equigait.pipeline.teachers.table import load_teacher

TINY = Training(horses=2, seconds=4.0, steps=4, batch=4, save_every=2)


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> np.ndarray:
    return train_demo.render_yard(TINY, folder=tmp_path_factory.mktemp("film"))


def test_the_target_is_the_log_amplitude_of_each_cells_brightness_over_time() -> None:
    clips = torch.from_numpy(np.random.default_rng(0).random((1, FRAMES, 3, SIZE, SIZE), dtype=np.float32))
    spectra = train_demo.temporal_spectra(clips)[0].reshape(TOKENS, 8, 2, 2)
    row, column = 21, 46  # of cells counted in pixels: tube (2, 5), cell (1, 1) within it
    tube, cell = (row // 8) * 8 + column // 8, (row % 8 // 4, column % 8 // 4)
    brightness = clips[0, :, :, 20:24, 44:48].mean((1, 2, 3)).double().numpy()
    time = np.arange(FRAMES)
    hann = 0.5 - 0.5 * np.cos(2 * np.pi * time / FRAMES)
    moving = (brightness - brightness.mean()) * hann
    by_hand = [np.log(abs(np.sum(moving * np.exp(-2j * np.pi * k * time / FRAMES))) + 0.01) for k in range(1, 9)]
    np.testing.assert_allclose(spectra[tube, :, cell[0], cell[1]].numpy(), by_hand, atol=1e-3)


def test_shown_tubes_go_through_the_very_encoder_that_is_shipped() -> None:
    network = train_demo.build_network(TINY).eval()
    seen: list[torch.Tensor] = []
    hook = network.videomae.layernorm.register_forward_hook(lambda _module, _inputs, out: seen.append(out))
    clips = torch.rand(2, FRAMES, 3, SIZE, SIZE)
    mean, std = (torch.tensor(train_demo.COLOURS[name])[:, None, None] for name in ("mean", "std"))
    with torch.no_grad():
        order = torch.arange(TOKENS).expand(2, -1)
        train_demo.tell_tubes(network, clips, order=order, shown=TOKENS)
        network.videomae(pixel_values=(clips - mean) / std)
    hook.remove()
    torch.testing.assert_close(seen[0], seen[1], atol=1e-4, rtol=1e-4)


def test_hidden_tubes_do_not_reach_what_is_told() -> None:
    network = train_demo.build_network(TINY).eval()
    clips = torch.rand(1, FRAMES, 3, SIZE, SIZE)
    order = torch.randperm(TOKENS, generator=torch.Generator().manual_seed(0))[None]
    changed = clips.clone()
    row, column = divmod(int(order[0, -1]), SIZE // 8)
    changed[..., row * 8 : row * 8 + 8, column * 8 : column * 8 + 8] = 0.0
    with torch.no_grad():
        told = [train_demo.tell_tubes(network, each, order=order, shown=16) for each in (clips, changed)]
        all_shown = [train_demo.tell_tubes(network, each, order=order, shown=TOKENS) for each in (clips, changed)]
    assert torch.equal(told[0], told[1])
    assert not torch.equal(all_shown[0], all_shown[1])


def test_clips_and_masks_are_a_function_of_seed_and_step(film: np.ndarray) -> None:
    first, again, other = (train_demo.draw_clips(film, training=TINY, step=step) for step in (3, 3, 4))
    assert torch.equal(first[0], again[0])
    assert torch.equal(first[1], again[1])
    assert not torch.equal(first[0], other[0])
    assert torch.equal(first[1].sort(dim=1).values, torch.arange(TOKENS).expand(TINY.batch, -1))


def test_a_killed_training_ends_with_the_network_of_an_unbroken_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = train_demo.train(tmp_path / "whole", training=TINY).state_dict()
    draw = train_demo.draw_clips

    def killed(film: np.ndarray, *, training: Training, step: int) -> tuple[torch.Tensor, torch.Tensor]:
        if step == 3:
            raise KeyboardInterrupt
        return draw(film, training=training, step=step)

    with monkeypatch.context() as patched:
        patched.setattr(train_demo, "draw_clips", killed)
        with pytest.raises(KeyboardInterrupt):
            train_demo.train(tmp_path / "broken", training=TINY)
    resumed = train_demo.train(tmp_path / "broken", training=TINY).state_dict()
    assert all(torch.equal(whole[key], resumed[key]) for key in whole)


def test_what_is_saved_is_a_teacher(tmp_path: Path) -> None:
    network = train_demo.build_network(replace(TINY, seed=1))
    train_demo.save_teacher(network.videomae, tmp_path)
    teacher = load_teacher(TeacherSettings(name="videomae", weights=str(tmp_path), device="cpu"))
    assert (teacher.identity.dim, teacher.identity.clip_frames, teacher.identity.image_size) == (192, FRAMES, SIZE)
    assert teacher.identity.final_norm
    assert np.isfinite(teacher.embed(np.zeros((1, FRAMES, 3, SIZE, SIZE), np.uint8))).all()
