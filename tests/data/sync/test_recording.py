"""A recording's clock goes into its manifest only when it is sure, or when a person set it."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest
import yaml
from equigait.data.errors import BadInput
from equigait.data.manifest import read_manifest
from equigait.data.simulate import YardSpec, simulate_yard
from equigait.data.sync import SyncSpec, UnitClock, Verdict
from equigait.data.sync import recording as recording_module
from equigait.data.sync.recording import manifest_lines, sync_recording


@pytest.fixture(scope="module")
def filmed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with one recording: a short trot, its film and its sensors, no clock."""
    folder = tmp_path_factory.mktemp("filmed")
    spec = YardSpec(
        horses=1, seconds=20.0, seed=5, frame_width=128, frame_height=80, clock_known=False, gaits=("trot",)
    )
    return simulate_yard(folder, spec=spec)[0].parent


@pytest.fixture
def manifest(filmed: Path, tmp_path: Path) -> Path:
    """A copy of it for one test to write into."""
    return Path(shutil.copytree(filmed, tmp_path / "recording")) / "recording.yaml"


def test_a_short_trot_is_never_accepted_and_leaves_the_manifest_alone(manifest: Path) -> None:
    before = manifest.read_text()
    result = sync_recording(manifest, spec=SyncSpec())
    assert result.verdict is not Verdict.ACCEPT
    assert result.reasons
    assert manifest.read_text() == before
    assert (manifest.parent / "sync.json").exists()
    assert (manifest.parent / "sync.html").exists()


def test_an_offset_set_by_hand_goes_into_the_manifest_as_such(manifest: Path) -> None:
    sync_recording(manifest, spec=SyncSpec(offset=1.25, drift_ppm=30.0))
    clock = read_manifest(manifest).clock
    assert clock is not None
    assert clock.origin == "by-hand"
    assert clock.offset_seconds == pytest.approx(1.25)


def test_a_sensor_with_a_clock_of_its_own_is_shifted_in_the_manifest_on_top_of_what_it_had(
    manifest: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = sync_recording(manifest, spec=SyncSpec(offset=1.25))
    moved = tuple(UnitClock(u.site, -7.5 if u.site == "sacrum" else 0.0, True, "") for u in found.units)
    monkeypatch.setattr(recording_module, "synchronise", lambda *_, **__: replace(found, units=moved))
    for times in (1, 2):
        result = sync_recording(manifest, spec=SyncSpec(offset=1.25))
        shifts = {sensor.site: sensor.shift_seconds for sensor in read_manifest(manifest).sensors}
        assert shifts.pop("sacrum") == -7.5 * times
        assert set(shifts.values()) == {0.0}
    pasted = yaml.safe_load(manifest_lines(result))
    assert pasted["clock"]["offset_seconds"] == 1.25
    assert pasted["shift_seconds"] == -7.5


def test_a_recording_without_film_is_refused(tmp_path: Path) -> None:
    spec = YardSpec(horses=1, seconds=10.0, seed=5, film=False, clock_known=False)
    with pytest.raises(BadInput, match="no film"):
        sync_recording(simulate_yard(tmp_path, spec=spec)[0], spec=SyncSpec())
