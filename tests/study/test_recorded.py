"""What the study is made of: yards recorded once, real recordings cut and halved by rules written by hand."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from equigait.pipeline.extraction.results import ExtractionSummary
from study import __main__ as study
from study.cells import cells_of
from study.contenders import SPECTRAL
from study.pose import motion_of
from study.recorded import UnavailableError, derived_halves, merged_leads, real_data, yard
from study.sets import FIELD_YARD, SETS
from study.streams import read_phone
from synthetic_corpus import GAITS, synthetic_corpus


def test_real_recordings_that_are_not_there_are_said_and_no_failure(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("EQUIGAIT_REAL_DATA", raising=False)
    with pytest.raises(UnavailableError, match="EQUIGAIT_REAL_DATA"):
        real_data("utd_mhad")
    assert study.run(cells_of("phone", contenders=(SPECTRAL,)), root=tmp_path) == 0
    assert "not run: EQUIGAIT_REAL_DATA" in capsys.readouterr().err
    assert study.main(["field-fuw"]) == 2


def test_a_yard_is_recorded_once_and_anew_when_it_should_be_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made_seeds: list[int] = []
    monkeypatch.setattr("study.recorded.simulate_yard", lambda _, spec: made_seeds.append(spec.seed))
    monkeypatch.setattr("study.recorded.extract_teacher", lambda *_, **__: ExtractionSummary("cache"))
    monkeypatch.setattr("study.recorded.load_windows", lambda cache, **_: cache.name)
    longer = FIELD_YARD.model_copy(update={"seconds": 101.0})
    for spec, seed in ((FIELD_YARD, 1), (FIELD_YARD, 1), (FIELD_YARD, 2), (longer, 1)):
        cache = str(yard(tmp_path, spec, seed=seed, config="field"))
        assert cache.startswith("cache-videomae-demo-")
    assert made_seeds == [1, 2, 1]
    monkeypatch.setattr("study.recorded.shipped_teacher", lambda: "other weights")
    assert str(yard(tmp_path, longer, seed=1, config="field")) != cache  # features of two teachers never meet
    assert made_seeds == [1, 2, 1]


def test_canters_on_both_leads_become_one_class_and_nothing_else_changes() -> None:
    corpus = synthetic_corpus(horses=1, windows=20)
    windows = replace(corpus, classes=("canter-left", "walk", "canter-right", "trot"), label=np.arange(20) % 5 - 1)
    merged = merged_leads(windows)
    assert merged.classes == ("canter", "walk", "trot")
    assert merged.label[:5].tolist() == [-1, 0, 1, 0, 2]


def test_half_of_each_gaits_clips_are_unseen() -> None:
    corpus = synthetic_corpus(horses=9, windows=2)
    windows = replace(corpus, label=np.array([int(name[1:]) % 3 for name in corpus.horse]), classes=GAITS[1:])
    halves = [derived_halves(windows, part) for part in SETS["derived"].parts]
    assert all(sorted(int(clip[1:]) % 3 for clip in each) == [0, 1, 2] for each in halves)
    assert len(set(halves)) > 1


def test_a_phones_ends_and_repeats_are_left_out(tmp_path: Path) -> None:
    rows = [f"{20.0 * k} {k // 2}.5 0.25 {-(k // 2)}" for k in range(2000)]  # 40 s, every second value stale
    (tmp_path / "walk-1.dat").write_text("\n".join(rows) + "\n")
    seconds, acceleration = read_phone(tmp_path / "walk-1.dat")
    assert seconds[0] >= 10.0
    assert seconds[-1] <= 30.0
    assert len(seconds) == len(acceleration) == pytest.approx(500, abs=2)


def test_the_hips_rise_as_a_person_who_squats_comes_up_whichever_leg_stands() -> None:
    time = np.arange(0.0, 4.0, 0.02)
    bent = 60.0 * (1 + np.cos(2 * np.pi * 0.5 * time)) / 2  # degrees from straight, thighs and shanks alike
    straight = np.full(len(time), -90.0)
    angles = {f"{side} {part}": straight + bent for side in ("left", "right") for part in ("shank", "thigh")}
    motion = motion_of(time, angles=angles)
    expected = np.diff(np.cos(np.radians(bent))) / 0.02
    np.testing.assert_allclose(motion.up[:, 0], expected, atol=1e-9)
    np.testing.assert_allclose(motion.energy, np.abs(np.diff(np.radians(bent))) / 0.02, atol=1e-9)
    lifted = angles | {
        "left shank": straight + bent,
        "left thigh": straight + bent,
        "right shank": straight,
        "right thigh": straight,
    }
    np.testing.assert_allclose(motion_of(time, angles=lifted).up, 0.0, atol=1e-9)
