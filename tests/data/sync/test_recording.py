"""A recording's clock goes into its manifest only when it is sure, or when a person set it."""

from pathlib import Path

import pytest
from equigait.data.errors import BadInput
from equigait.data.manifest import read_manifest
from equigait.data.simulate import YardSpec, simulate_yard
from equigait.data.sync import SyncSpec, Verdict
from equigait.data.sync.recording import sync_recording


def recording(folder: Path, *, film: bool = True) -> Path:
    spec = YardSpec(
        horses=1, seconds=24.0, seed=5, film=film, frame_width=160, frame_height=96, clock_known=False, gaits=("trot",)
    )
    return simulate_yard(folder, spec=spec)[0]


def test_a_short_trot_is_never_accepted_and_leaves_the_manifest_alone(tmp_path: Path) -> None:
    manifest = recording(tmp_path)
    before = manifest.read_text()
    result = sync_recording(manifest, spec=SyncSpec())
    assert result.verdict is not Verdict.ACCEPT
    assert result.reasons
    assert manifest.read_text() == before
    assert (manifest.parent / "sync.json").exists()
    assert (manifest.parent / "sync.html").exists()


def test_an_offset_set_by_hand_goes_into_the_manifest_as_such(tmp_path: Path) -> None:
    manifest = recording(tmp_path)
    sync_recording(manifest, spec=SyncSpec(offset=1.25, drift_ppm=30.0))
    clock = read_manifest(manifest).clock
    assert clock is not None
    assert clock.origin == "by-hand"
    assert clock.offset_seconds == pytest.approx(1.25)


def test_a_recording_without_film_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="no film"):
        sync_recording(recording(tmp_path, film=False), spec=SyncSpec())
