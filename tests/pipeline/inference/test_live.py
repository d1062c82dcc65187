"""A ride that is predicted while its files are being written: windows as they come, then the tables of the whole."""

import itertools
import shutil
import threading
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from equigait.data.errors import BadInput
from equigait.data.manifest.growing import GrowingRecording
from equigait.pipeline.inference.bouts import gait_at_end
from equigait.pipeline.inference.live import LiveSmoother, LiveWindow, LiveWindows, copy_rows
from equigait.pipeline.inference.settings import PredictionSettings
from equigait.pipeline.inference.timeline import Timeline, part
from equigait.pipeline.predict import Predictor, follow, predict
from equigait.pipeline.probing.transitions import TransitionModel
from rides import SITES, probed_run, write_ride

HOP = 0.5
QUICK = PredictionSettings(idle_seconds=0.6)
TABLES = ("timeline", "bouts", "summary", "reins", "transitions")


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return probed_run(tmp_path_factory.mktemp("live"))


class Sender(threading.Thread):
    """Appends the rows of a complete ride to the files of one that grows, part by part."""

    def __init__(self, source: Path, target: Path, *, rows: range, pause: float = 0.0) -> None:
        super().__init__()
        target.mkdir(parents=True, exist_ok=True)
        shutil.copy(source / "recording.yaml", target)
        self.source, self.target, self.rows, self.pause = source, target, rows, pause

    def run(self) -> None:
        lines = {site: (self.source / f"{site}.csv").read_text().splitlines(keepends=True) for site in SITES}
        for first in self.rows:
            for site in SITES:
                with (self.target / f"{site}.csv").open("a") as file:
                    file.writelines(lines[site][1 + first if first else 0 : 1 + first + self.rows.step])
            time.sleep(self.pause)


def same_tables(first: Path, second: Path) -> bool:
    return all((first / f"{name}.csv").read_bytes() == (second / f"{name}.csv").read_bytes() for name in TABLES)


def followed(ride: Path, run: Path, out: Path) -> list[LiveWindow]:
    return list(follow(ride, run=run, out=out, settings=QUICK))


def middles(windows: list[LiveWindow]) -> list[float]:
    return [float(each.timeline.start_seconds[0]) for each in windows]


def test_windows_come_while_rows_arrive_and_the_tables_are_those_of_the_whole_file(run: Path, tmp_path: Path) -> None:
    whole = write_ride(tmp_path / "whole" / "mare", horse="h6")
    live = tmp_path / "live" / "mare"
    sender = Sender(whole, live, rows=range(0, 6000, 150), pause=0.03)
    sender.start()
    windows = followed(live, run, tmp_path / "out")
    sender.join()
    assert middles(windows) == pytest.approx(np.arange(111) * HOP)
    assert {each.gait for each in windows if 10 < each.timeline.stop_seconds[0] < 20} == {"walk"}
    assert {each.gait for each in windows if 30 < each.timeline.stop_seconds[0] < 40} == {"trot"}
    assert {each.gait for each in windows if 50 < each.timeline.stop_seconds[0] < 60} == {"canter"}
    said = (tmp_path / "out" / "timeline.csv").read_text().splitlines()
    predict(live, run=run, out=tmp_path / "out")
    predict(whole, run=run, out=tmp_path / "expected")
    assert same_tables(tmp_path / "out", tmp_path / "expected")
    final = (tmp_path / "out" / "timeline.csv").read_text().splitlines()
    assert len(said) == len(final)
    label = [[line.split(",")[4] for line in lines] for lines in (said, final)]
    assert np.mean(np.array(label[0]) == np.array(label[1])) > 0.97


def test_a_window_is_there_with_its_last_sample_and_is_asked_for_within_half_a_hop(run: Path, tmp_path: Path) -> None:
    whole, folder = write_ride(tmp_path / "whole" / "mare", horse="h6", gaits=(1,)), tmp_path / "live" / "mare"
    Sender(whole, folder, rows=range(0, 500, 500)).run()  # 5 s at 100 Hz: a window
    growing = GrowingRecording(folder / "recording.yaml")
    live = LiveWindows(growing, settings=Predictor.load(run, settings=QUICK).recipe, allow_missing=False)
    for number in range(4):
        live.poll()
        windows = live.new()
        assert windows is not None
        assert windows.start_seconds == pytest.approx([number * HOP])
        assert live.wait_seconds <= HOP / 2
        rows = 500 + 50 * number
        Sender(whole, folder, rows=range(rows, rows + 40, 40)).run()
        live.poll()
        assert live.new() is None  # the last 0.1 s of the next are missing
        Sender(whole, folder, rows=range(rows + 40, rows + 50, 10)).run()


def test_what_was_killed_goes_on_where_it_was(run: Path, tmp_path: Path) -> None:
    whole = write_ride(tmp_path / "whole" / "mare", horse="h6")
    live, out = tmp_path / "live" / "mare", tmp_path / "out"
    Sender(whole, live, rows=range(0, 3000, 3000)).run()
    first = list(itertools.islice(follow(live, run=run, out=out, settings=QUICK), 20))
    text = (out / "timeline.csv").read_text()
    (out / "timeline.csv").write_text(text + '"mare","h6",10,1')  # a line that a power cut left
    Sender(whole, live, rows=range(3000, 6000, 3000)).run()
    second = followed(live, run, out)
    assert middles(first + second) == pytest.approx(np.arange(111) * HOP)
    assert (out / "timeline.csv").read_text().startswith(text)
    uncut = followed(live, run, tmp_path / "uncut")
    assert [each.gait for each in second] == [each.gait for each in uncut[20:]]
    assert [each.probability for each in second] == pytest.approx([each.probability for each in uncut[20:]], abs=1e-5)
    predict(live, run=run, out=out)
    predict(whole, run=run, out=tmp_path / "expected")
    assert same_tables(out, tmp_path / "expected")


def test_a_long_ride_that_had_ended_goes_on_after_its_last_window(run: Path, tmp_path: Path) -> None:
    """Its tables, of the whole, leave windows out; what comes is predicted window by window."""
    whole = write_ride(tmp_path / "whole" / "mare", horse="h6")
    live, out = tmp_path / "live" / "mare", tmp_path / "out"
    Sender(whole, live, rows=range(0, 3000, 3000)).run()
    long = replace(QUICK, dense_seconds=10.0)
    assert len(list(follow(live, run=run, out=out, settings=long))) == 51
    predict(live, run=run, out=out, settings=long)
    assert len((out / "timeline.csv").read_text().splitlines()) < 52
    Sender(whole, live, rows=range(3000, 6000, 3000)).run()
    assert middles(list(follow(live, run=run, out=out, settings=long))) == pytest.approx(np.arange(51, 111) * HOP)


def test_a_site_that_comes_late_is_waited_for(run: Path, tmp_path: Path) -> None:
    whole = write_ride(tmp_path / "whole" / "mare", horse="h6", gaits=(1,))
    lines = (whole / "sacrum.csv").read_text().splitlines(keepends=True)
    (whole / "sacrum.csv").write_text("".join([lines[0], *lines[801:]]))  # its first 8 s are missing
    live, out = tmp_path / "live" / "mare", tmp_path / "out"
    live.mkdir(parents=True)
    for name in ("recording.yaml", "withers.csv"):
        shutil.copy(whole / name, live)
    sender = threading.Timer(0.4, shutil.copy, (whole / "sacrum.csv", live))
    sender.start()
    windows = followed(live, run, out)
    assert [bool(each.gait) for each in windows] == [start >= 8.0 for start in middles(windows)]
    assert str(windows[0]) == "5.00 s: not valid"
    predict(live, run=run, out=out)
    predict(whole, run=run, out=tmp_path / "expected")
    assert same_tables(out, tmp_path / "expected")


def test_a_site_that_stops_is_waited_for_no_longer_than_a_window(run: Path, tmp_path: Path) -> None:
    live = write_ride(tmp_path / "live" / "mare", horse="h6", gaits=(1,))
    lines = (live / "sacrum.csv").read_text().splitlines(keepends=True)
    (live / "sacrum.csv").write_text("".join(lines[:1001]))  # 10 s of 20 s
    windows = followed(live, run, tmp_path / "out")
    stops = np.array(middles(windows)) + 5.0
    assert [bool(each.gait) for each in windows] == (stops <= 10.0).tolist()
    assert stops[-1] == 15.0


def test_with_allow_missing_a_ride_goes_on_by_the_sensors_that_are_left(run: Path, tmp_path: Path) -> None:
    live, out = write_ride(tmp_path / "live" / "mare", horse="h6", gaits=(1,)), tmp_path / "out"
    lines = (live / "sacrum.csv").read_text().splitlines(keepends=True)
    (live / "sacrum.csv").write_text("".join(lines[:1001]))  # 10 s of 20 s
    windows = list(follow(live, run=run, out=out, allow_missing=True, settings=QUICK))
    assert {each.gait for each in windows} == {"trot"}  # where `predict` says so too: from half of the sensors


def test_rows_of_nan_make_windows_that_are_not_valid(run: Path, tmp_path: Path) -> None:
    live = write_ride(tmp_path / "live" / "mare", horse="h6", gaits=(1,))
    for site in SITES:
        lines = (live / f"{site}.csv").read_text().splitlines()
        lines[1001:1101] = [line.split(",")[0] + ",nan" * 6 for line in lines[1001:1101]]  # from 10 to 11 s
        (live / f"{site}.csv").write_text("\n".join(lines) + "\n")
    windows = followed(live, run, tmp_path / "out")
    starts = np.array(middles(windows))
    assert [bool(each.gait) for each in windows] == ((starts + 5.0 <= 10.0) | (starts >= 11.0)).tolist()


def test_lines_of_a_sender_become_the_rows_of_one_file(run: Path, tmp_path: Path) -> None:
    whole = write_ride(tmp_path / "whole" / "mare", horse="h6", gaits=(1,))
    ride = tmp_path / "live" / "mare"
    ride.mkdir(parents=True)
    manifest = (whole / "recording.yaml").read_text().replace("sacrum.csv", "withers.csv")
    (ride / "recording.yaml").write_text(manifest)
    lines = (whole / "withers.csv").read_bytes().splitlines(keepends=True)
    noisy = [b"x.3,1\n", *lines[:900], b"9.0,1.5,\n", lines[0], *lines[900:], b"20.0,1"]
    windows = list(follow(ride, run=run, out=tmp_path / "out", settings=QUICK, rows=noisy))
    assert (ride / "withers.csv").read_bytes() == b"".join(lines)
    assert len(windows) == 31


def test_lines_for_several_files_are_refused(run: Path, tmp_path: Path) -> None:
    live = write_ride(tmp_path / "live" / "mare", horse="h6", gaits=(1,))
    with pytest.raises(BadInput, match="2 sensor files"):
        next(follow(live, run=run, out=tmp_path / "out", rows=[]))


def test_a_timeline_of_another_recording_is_refused(run: Path, tmp_path: Path) -> None:
    for name in ("mare", "colt"):
        write_ride(tmp_path / name, horse="h6", gaits=(1,))
    predict(tmp_path / "mare", run=run, out=tmp_path / "out")
    with pytest.raises(BadInput, match=r"a timeline of mare; expected the timeline of colt"):
        next(follow(tmp_path / "colt", run=run, out=tmp_path / "out", settings=QUICK))


def test_a_row_sent_again_after_a_restart_stands_once_as_a_header(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    assert copy_rows([b"t,a\n", b"0,1\n"], path, columns=("t", "a")) == 0
    assert copy_rows([b"t,a\n", b"1,\n", b"2,nan\n", b"3,x\n", b"4"], path, columns=("t", "a")) == 2
    assert path.read_bytes() == b"t,a\n0,1\n1,\n2,nan\n"


def timeline_of(probability: list[list[float]]) -> Timeline:
    start = np.arange(len(probability)) * HOP
    known = np.array(probability)
    valid = np.isfinite(known).all(axis=1)
    return Timeline("mare", "h6", ("walk", "trot"), start, start + 5.0, valid, known, np.zeros(len(start)))


def test_live_smoothing_uses_the_past_alone_and_in_parts_says_the_same() -> None:
    transitions = TransitionModel(("walk", "trot"), np.full(2, 0.05), np.array([[0.0, 1.0], [1.0, 0.0]]))
    evidence = [[0.9, 0.1]] * 6 + [[np.nan, np.nan]] + [[0.2, 0.8]] * 20
    whole = timeline_of(evidence)
    at_once = list(LiveSmoother(transitions).said(whole))
    smoother = LiveSmoother(transitions)
    in_parts = [said for row in range(len(evidence)) for said in smoother.said(part(whole, slice(row, row + 1)))]
    assert [each.gait for each in in_parts] == [each.gait for each in at_once]
    assert in_parts[6].gait == ""
    for row in (0, 5, 10, 26):  # the same whatever comes after
        said = gait_at_end(timeline_of(evidence[: row + 1]), transitions=transitions)
        assert (at_once[row].gait, at_once[row].probability) == pytest.approx(said)


def test_the_gait_at_the_end_of_two_windows_is_the_forward_formula() -> None:
    transitions = TransitionModel(("walk", "trot"), np.full(2, 0.1), np.array([[0.0, 1.0], [1.0, 0.0]]))
    label, probability = gait_at_end(timeline_of([[0.9, 0.1], [0.3, 0.7]]), transitions=transitions)
    # pieces from 0 to 2.75 s and from 2.75 to 5.5 s, each the evidence of a window; their middles are 2.75 s apart
    stay = 0.5 + 0.5 * np.exp(-2 * 0.1 * 2.75)  # two states, each left at 0.1 / s
    walk, trot = (0.9 * stay + 0.1 * (1 - stay)) * 0.3, (0.1 * stay + 0.9 * (1 - stay)) * 0.7
    assert (label, probability) == ("walk", pytest.approx(walk / (walk + trot)))
