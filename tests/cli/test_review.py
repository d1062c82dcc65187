"""From a review to a better probe, from the command line: pages, corrections, an overlay film."""

import shutil
import threading
import urllib.request
from pathlib import Path

import pytest
from command_line import run as say
from equigait.data.video.probe import probe_film
from equigait.pipeline.probing.probe_file import load_probe
from equigait.pipeline.reporting import review_server
from films import numbered_frames, write_film
from rides import probed_run, ride_cache, ride_run, write_ride

CLOCK = "film: film.mp4\nclock: {origin: by-hand, offset_seconds: 2.0}\n"


@pytest.fixture(scope="module")
def fitted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return probed_run(tmp_path_factory.mktemp("used"))


@pytest.fixture
def run(fitted: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(fitted, tmp_path / "run"))


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A filmed recording: 30 s of film from second 2 of film time, when the sensors begin."""
    ride = write_ride(tmp_path / "data" / "mare", horse="h6")
    write_film(ride / "film.mp4", numbered_frames(60), seconds=[2.0 + number / 2 for number in range(60)])
    with (ride / "recording.yaml").open("a") as file:
        file.write(CLOCK)
    return tmp_path / "data"


def test_a_page_is_written_for_each_recording(
    fitted: Path, data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_ride(data / "bay", horse="h5")
    assert say("review", data, "--run", fitted, "--out", tmp_path / "out") == 0
    names = ["bay.html", "mare.html"]
    assert capsys.readouterr().out.splitlines() == [str(tmp_path / "out" / name) for name in names]
    assert '"../data/mare/film.mp4"' in (tmp_path / "out" / "mare.html").read_text()


def test_a_recording_that_cannot_be_used_is_named_and_ends_with_exit_code_3(
    fitted: Path, data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bad = write_ride(data / "bad", horse="h5")
    (bad / "sacrum.csv").unlink()
    assert say("review", data, "--run", fitted, "--out", tmp_path / "out") == 3
    out = capsys.readouterr().out
    assert "left out: " in out
    assert "sacrum.csv" in out
    assert (tmp_path / "out" / "mare.html").exists()


@pytest.mark.parametrize("words", [(), ("--serve", "--out", "out")])
def test_pages_are_either_written_or_served(words: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    assert say("review", "data", "--run", "run", *words) == 2
    assert "--serve" in capsys.readouterr().err


def test_serving_prints_an_address_that_answers(
    fitted: Path, data: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    seen = []

    def ask_once(server: review_server.ReviewServer) -> None:
        thread = threading.Thread(target=server.handle_request)
        thread.start()
        with urllib.request.urlopen(f"{server.address}0/") as answer:
            seen.append(answer.read())
        thread.join()
        raise KeyboardInterrupt

    monkeypatch.setattr(review_server.ReviewServer, "serve_forever", ask_once)
    assert say("review", data, "--run", fitted, "--serve") == 0
    assert b"Review of mare" in seen[0]
    first, last = capsys.readouterr().out.splitlines()
    assert first.startswith("open http://127.0.0.1:")
    assert last == "ended"


def corrected(folder: Path, *, horse: str, labels: str = "0,20,walk\n20,40,trot\n40,60,canter\n") -> Path:
    """Corrections of a horse's ride as a review page writes them."""
    path = folder / f"{horse}.csv"
    rows = "".join(f"{line},{horse}-ride\n" for line in labels.splitlines())
    path.write_text(f"start,end,label,recording\n{rows}")
    return path


def test_a_probe_learns_from_corrections_and_says_what_changed_on_other_horses(
    run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    worse = corrected(tmp_path, horse="h5", labels="0,20,canter\n20,40,walk\n40,60,walk\n")
    cached = ("--cache", ride_cache(), "--run", run)
    assert say("probe", *cached, "--corrections", worse) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[1:3] == [
        "corrected: 22 windows of 1 recording of h5",
        "macro-F1 before and after on horses that were not corrected:",
    ]
    assert len(lines) == 4
    assert lines[3].startswith("  h6: ")
    assert load_probe(run).horses == ("h0", "h1", "h2", "h3", "h5")


def test_evaluate_leaves_out_the_horses_whose_corrections_were_learned_from(
    run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    cached = ("--cache", ride_cache(), "--run", run)
    assert say("probe", *cached, "--corrections", corrected(tmp_path, horse="h5")) == 0
    brief = ("baselines=[]", "classifiers=[]", "few_shot.shots=[]", "missing_sensors=false", "resamples=100")
    assert say("evaluate", *cached, *(word for each in brief for word in ("--set", f"evaluate.{each}"))) == 0
    said = capsys.readouterr()
    assert "corrected: 0 windows of 1 recording of h5" in said.out
    assert "not scored, since the probe has learned from their corrected labels: h5" in said.err
    both = (corrected(tmp_path, horse=horse) for horse in ("h5", "h6"))
    assert say("probe", *cached, *(word for file in both for word in ("--corrections", file))) == 0
    assert "no test horse is left to score before and after" in capsys.readouterr().out
    assert say("evaluate", *cached) == 2
    assert "no labelled window of walk, trot, canter among the test horses (none)" in capsys.readouterr().err


def test_corrections_need_a_probe_to_compare_with(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = corrected(tmp_path, horse="h5")
    assert say("probe", "--cache", ride_cache(), "--run", ride_run(), "--corrections", file) == 2
    assert "Run `equigait-cli probe` first." in capsys.readouterr().err


def test_a_film_is_written_with_what_is_predicted(
    fitted: Path, data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ("predict", data, "--run", fitted, "--out", tmp_path / "out", "--film", tmp_path / "mare.mp4")
    assert say(*words) == 0
    assert capsys.readouterr().out.splitlines()[-1] == f"film: {tmp_path / 'mare.mp4'}"
    assert len(probe_film(tmp_path / "mare.mp4").frame_seconds) == 60


@pytest.mark.parametrize(
    ("text", "reason"), [("", "no `film:`"), ("film: film.mp4\n", "no `clock:`")], ids=["no film", "no clock"]
)
def test_a_film_that_cannot_be_drawn_into_is_refused_before_anything_is_written(
    text: str, reason: str, fitted: Path, data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    manifest = data / "mare" / "recording.yaml"
    manifest.write_text(manifest.read_text().replace(CLOCK, text))
    words = ("predict", data, "--run", fitted, "--out", tmp_path / "out", "--film", tmp_path / "mare.mp4")
    assert say(*words) == 2
    assert reason in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_a_film_is_of_one_recording(
    fitted: Path, data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_ride(data / "bay", horse="h5")
    words = ("predict", data, "--run", fitted, "--out", tmp_path / "out", "--film", tmp_path / "mare.mp4")
    assert say(*words) == 2
    assert "2 recordings; expected one recording" in capsys.readouterr().err


def test_a_film_is_not_drawn_over_itself(
    fitted: Path, data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    film = data / "mare" / "film.mp4"
    before = film.read_bytes()
    assert say("predict", data, "--run", fitted, "--out", tmp_path / "out", "--film", film) == 2
    assert "film.mp4: found a file that a recording is read from" in capsys.readouterr().err
    assert film.read_bytes() == before


def test_predicted_labels_do_not_replace_the_labels_of_a_recording(
    fitted: Path, data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    labels = data / "mare" / "labels" / "mare.csv"
    labels.parent.mkdir()
    labels.write_text("start,end,label\n1,5,walk\n")
    manifest = data / "mare" / "recording.yaml"
    manifest.write_text(manifest.read_text() + "labels: {path: labels/mare.csv, time: film}\n")
    assert say("predict", data, "--run", fitted, "--out", data / "mare", "--labels", "csv") == 2
    assert "mare.csv: found a file that a recording is read from" in capsys.readouterr().err
    assert labels.read_text().endswith("1,5,walk\n")
