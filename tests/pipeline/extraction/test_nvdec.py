"""FFmpeg's own NVDEC decoder, over a driver without a GPU: contexts, streams, order, memory, and ways to fail."""

import json
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from equigait.data.video.probe import probe_film
from films import numbered_frames, write_film
from nvdec_scenario import EVERY, GPU, build

COMPILER = shutil.which("cc")
FRAMES, FIRST_GREY = 60, 40
SCENARIO = Path(__file__).parents[2] / "support" / "nvdec_scenario.py"
X265 = {"preset": "ultrafast", "x265-params": "log-level=none:bframes=2:asm=avx2"}
FILMS: dict[str, dict[str, Any]] = {
    "8-bit": {"codec": "libx264"},
    "10-bit": {"codec": "libx265", "pixel_format": "yuv420p10le", "codec_options": X265},
}
Seen = dict[str, dict[str, Any]]

pytestmark = [
    pytest.mark.skipif(COMPILER is None or sys.platform != "linux", reason="needs a C compiler and Linux"),
    pytest.mark.parametrize("form", FILMS),
]


@pytest.fixture(scope="module")
def films(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder, frames = tmp_path_factory.mktemp("films"), numbered_frames(FRAMES, height=180, width=320)
    seconds = [number / 30 for number in range(FRAMES)]
    return {form: write_film(folder / f"{form}.mp4", frames, seconds=seconds, **how) for form, how in FILMS.items()}


@pytest.fixture(scope="module")
def seen(films: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Seen]:
    """What each case saw of each film, by its form."""
    assert COMPILER
    folder = tmp_path_factory.mktemp("driver")
    build(COMPILER, folder)
    command = [sys.executable, str(SCENARIO), str(folder), *map(str, films.values())]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return dict(zip(films, json.loads(done.stdout).values(), strict=True))


def balanced(calls: Counter[str]) -> bool:
    """Whether all that was taken was given back."""
    return all(calls[f"{what} 1"] == calls[f"{what} -1"] for what in ("memory", "decoder"))


def test_every_needed_frame_comes_as_it_was_coded_from_the_context_of_its_thread(
    form: str, films: dict[str, Path], seen: dict[str, Seen]
) -> None:
    found, video, needed = seen[form]["sound"], probe_film(films[form]), np.arange(0, FRAMES, EVERY)
    assert video.packets is not None
    sent = video.packets.needed_for(video.frame_seconds[needed])
    place = [int(np.flatnonzero(video.packets.seconds == second)[0]) for second in video.frame_seconds[needed]]
    luma = FIRST_GREY + sent.cumsum()[place] - 1  # of the picture that the frame's packet is, among those sent
    shown = np.rint((luma - 16) * 255 / 219).astype(int).tolist()
    assert found["shown"] == [[number, grey, grey] for number, grey in zip(needed.tolist(), shown, strict=True)]
    assert (found["fault"], found["lost"]) == (None, None)
    calls = Counter(found["calls"])
    assert calls[f"device {GPU}"] == 2  # the trial's and the film's
    assert not [call for call in calls if "context" in call]  # none is made, nobody else's destroyed
    assert {call for call in calls if "stream" in call} == {"copied on stream 0"}
    assert calls["memory 1"] > 0
    assert balanced(calls)


@pytest.mark.parametrize(("case", "takes_it"), [("refused", False), ("failing", True), ("without context", False)])
def test_what_the_driver_refuses_is_the_decoders_loss(
    form: str, case: str, takes_it: bool, seen: dict[str, Seen]
) -> None:
    found = seen[form][case]
    assert found["lost"]
    assert (found["fault"] is None) == takes_it
    assert bool(found["shown"]) == takes_it
    assert len(found["shown"]) < FRAMES // EVERY
    calls = Counter(found["calls"])
    assert not [call for call in calls if "context" in call]
    assert balanced(calls)
