"""A flipped bit anywhere in a run's weights is found when they are read: no prediction rests on it."""

from pathlib import Path

import numpy as np
import pytest
from equigait.data.errors import BadInput
from equigait.pipeline.probing.probe_file import load_probe
from equigait.pipeline.training.checkpoint import load_student
from rides import probed_run

FLIPS = 40


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return probed_run(tmp_path_factory.mktemp("weights"))


@pytest.mark.parametrize(("name", "load"), [("checkpoint", load_student), ("probe", load_probe)])
def test_a_flipped_bit_among_the_weights_is_refused_with_the_way_out(name: str, load: object, run: Path) -> None:
    file, chance = run / f"{name}.safetensors", np.random.default_rng(0)
    whole = file.read_bytes()
    head = 8 + int.from_bytes(whole[:8], "little")
    try:
        for at in chance.integers(head, len(whole), FLIPS):
            data = bytearray(whole)
            data[at] ^= 1 << int(chance.integers(8))
            file.write_bytes(data)
            with pytest.raises(BadInput, match="a damaged file") as refusal:
                load(run)  # type: ignore[operator]
            assert str(file) in str(refusal.value)
            assert "again" in refusal.value.remedy
    finally:
        file.write_bytes(whole)
    load(run)  # type: ignore[operator]


@pytest.mark.parametrize(("name", "load"), [("checkpoint", load_student), ("probe", load_probe)])
def test_weights_that_may_not_be_read_are_not_called_missing(
    name: str, load: object, run: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = Path.open

    def refuse(self: Path, *words: str, **more: str) -> object:
        if self.name == f"{name}.safetensors":
            raise PermissionError(13, "Permission denied", str(self))
        return opened(self, *words, **more)  # type: ignore[call-overload]

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(PermissionError, match="Permission denied"):
        load(run)  # type: ignore[operator]
