"""Prompts in a teacher's space: the library's own text features; teachers, poolings and folders without words."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import transformers
from equigait.data.errors import BadInput
from equigait.pipeline.teachers.settings import TeacherSettings
from equigait.pipeline.teachers.words import WORDS, embed_words
from teacher_checkpoints import CLASSES, write_teacher, write_tokenizer

PROMPTS = ("a horse walking", "a horse trotting")
TOKENS = [[2, 3, 4, 7], [2, 3, 5, 7]]


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    return {name: write_tokenizer(write_teacher(name, tmp_path_factory.mktemp(name))) for name in WORDS}


def settings(name: str, folder: Path, **changes: object) -> TeacherSettings:
    return TeacherSettings(**{"name": name, "weights": str(folder), "device": "cpu"} | changes)


@pytest.mark.parametrize("name", WORDS)
def test_vectors_are_the_library_text_features_at_unit_length(name: str, folders: dict[str, Path]) -> None:
    model: Any = getattr(transformers, CLASSES[name]).from_pretrained(folders[name]).eval()
    tokens = [row + [0] * 12 for row in TOKENS] if name == "siglip" else TOKENS
    with torch.no_grad():
        features = model.get_text_features(input_ids=torch.tensor(tokens)).pooler_output
    words = embed_words(settings(name, folders[name]), PROMPTS)
    np.testing.assert_allclose(words.vectors, features / features.norm(dim=1, keepdim=True), atol=1e-5)
    assert words.scale == pytest.approx(model.logit_scale.exp().item(), rel=1e-6)


def test_the_mean_over_frames_is_where_words_compare(folders: dict[str, Path]) -> None:
    last = embed_words(settings("clip", folders["clip"], temporal_pooling=("std", "change", "mean")), PROMPTS)
    assert last.first == 2 * 20
    with pytest.raises(BadInput, match="mean among them"):
        embed_words(settings("clip", folders["clip"], temporal_pooling=("std",)), PROMPTS)


def test_a_teacher_without_words_is_refused_with_those_that_have_them() -> None:
    with pytest.raises(BadInput, match="one of clip, siglip, xclip"):
        embed_words(TeacherSettings(name="videomae-demo"), PROMPTS)


@pytest.mark.parametrize("prompts", [(), ("a horse",), ("a horse", "a horse"), ("a horse", "")])
def test_fewer_than_two_prompts_are_refused(prompts: tuple[str, ...], folders: dict[str, Path]) -> None:
    with pytest.raises(BadInput, match="two or more"):
        embed_words(settings("clip", folders["clip"]), prompts)


def test_a_refused_text_is_asked_for_by_its_own_option(folders: dict[str, Path]) -> None:
    clip = settings("clip", folders["clip"])
    with pytest.raises(BadInput, match=r'^--text: found 0 .*; expected one\. Write --text "a horse walking"\.$'):
        embed_words(clip, ("",), options=["--text"])
    with pytest.raises(BadInput, match=r'^--text and --against: found 1 .*two or more.*--against "a horse trotting"'):
        embed_words(clip, ("a horse", "a horse"), options=["--text", "--against"])


def test_a_folder_without_a_tokenizer_is_refused(tmp_path: Path) -> None:
    write_teacher("clip", tmp_path)
    with pytest.raises(BadInput, match=r"no tokenizer\.json, no vocab\.json"):
        embed_words(settings("clip", tmp_path), PROMPTS)
