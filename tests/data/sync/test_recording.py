"""A recording's clock goes into its manifest only when it is sure, or when a person set it."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest
import yaml
from equigait.data.errors import BadInput
from equigait.data.manifest.files import read_manifest
from equigait.data.recording import ClockMap
from equigait.data.simulate import YardSpec, simulate_yard
from equigait.data.sync import KnownPair, SyncResult, SyncSpec, UnitClock, Verdict
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
    assert result.manifest == "no clock written"
    assert result.verdict is not Verdict.ACCEPT
    assert result.reasons
    assert manifest.read_text() == before
    assert (manifest.parent / "sync.json").exists()
    assert result.film == manifest.parent / "film.mp4"


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


EVENT = KnownPair(film_seconds=5.0, imu_seconds=5.25)


@pytest.fixture(scope="module")
def found(filmed: Path, tmp_path_factory: pytest.TempPathFactory) -> SyncResult:
    """A result to give other verdicts and clocks."""
    folder = shutil.copytree(filmed, tmp_path_factory.mktemp("found") / "recording")
    return sync_recording(folder / "recording.yaml", spec=SyncSpec(offset=1.25))


@pytest.mark.parametrize(
    ("there", "spec", "verdict", "force", "told"),
    [
        (None, SyncSpec(), "ACCEPT", False, "clock none -> sync -0.257 s"),
        (None, SyncSpec(), "REVIEW", False, "no clock written"),
        ("sync", SyncSpec(), "ACCEPT", False, "clock sync +0.500 s -> sync -0.257 s"),
        ("sync", SyncSpec(), "REVIEW", False, "kept sync +0.500 s; motion says -0.257 s"),
        ("sync", SyncSpec(offset=3.0), "REVIEW", False, "clock sync +0.500 s -> by-hand +3.000 s"),
        ("by-hand", SyncSpec(), "ACCEPT", False, "kept by-hand +0.500 s; motion says -0.257 s; --force replaces it"),
        ("by-hand", SyncSpec(), "REVIEW", True, "kept by-hand +0.500 s; motion says -0.257 s"),
        ("by-hand", SyncSpec(), "REFUSE", True, "kept by-hand +0.500 s"),
        ("by-hand", SyncSpec(), "ACCEPT", True, "clock by-hand +0.500 s -> sync -0.257 s"),
        ("by-hand", SyncSpec(offset=3.0), "REVIEW", False, "clock by-hand +0.500 s -> by-hand +3.000 s"),
        ("by-hand", SyncSpec(events=(EVENT,)), "ACCEPT", False, "clock by-hand +0.500 s -> sync -0.257 s"),
        ("known", SyncSpec(), "ACCEPT", False, "kept known +0.500 s; motion says -0.257 s; --force replaces it"),
        ("known", SyncSpec(offset=3.0), "REVIEW", False, "kept known +0.500 s; --offset says +3.000 s; --force"),
        ("known", SyncSpec(offset=3.0), "REVIEW", True, "clock known +0.500 s -> by-hand +3.000 s"),
        ("known", SyncSpec(offset=3.0), "ACCEPT", False, "clock known +0.500 s -> by-hand +3.000 s"),
    ],
)
def test_a_clock_gives_way_only_to_one_that_is_asked_for(
    manifest: Path,
    found: SyncResult,
    monkeypatch: pytest.MonkeyPatch,
    there: str | None,
    spec: SyncSpec,
    verdict: str,
    force: bool,
    told: str,
) -> None:
    if there is not None:
        with manifest.open("a") as file:
            file.write(f"clock: {{origin: {there}, offset_seconds: 0.5}}  # mine\n")
    before = manifest.read_text()
    clock = ClockMap(-0.257, origin="sync") if spec.offset is None else ClockMap(spec.offset, origin="by-hand")
    result = replace(found, verdict=Verdict(verdict), clock=None if verdict == "REFUSE" else clock)
    monkeypatch.setattr(recording_module, "_sync", lambda *_, **__: result)
    line = sync_recording(manifest, spec=spec, force=force).manifest
    assert line.startswith(told)
    assert (manifest.read_text() == before) == (not line.startswith("clock"))
    assert ("# mine" in manifest.read_text()) == (there is not None)


def test_a_clock_that_is_kept_is_compared_at_the_moment_of_the_one_found(
    manifest: Path, found: SyncResult, monkeypatch: pytest.MonkeyPatch
) -> None:
    with manifest.open("a") as file:
        file.write("clock: {origin: by-hand, offset_seconds: 0.5, drift_ppm: 100.0}\n")
    result = replace(found, verdict=Verdict.ACCEPT, clock=ClockMap(-0.257, reference_seconds=1000.0, origin="sync"))
    monkeypatch.setattr(recording_module, "_sync", lambda *_, **__: result)
    assert sync_recording(manifest, spec=SyncSpec()).manifest.startswith("kept by-hand +0.600 s; motion says -0.257 s")
