"""The page of a review: whole in one file, safe from names, on one time line, and its editor at work in a browser."""

import base64
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from equigait.data.labels import FORMATS
from equigait.data.recording import Bout, ImuStream
from equigait.data.words import Words
from equigait.pipeline.inference.bouts import PredictedBout
from equigait.pipeline.inference.shipped_models import FIELD_STUDENT, shipped_run
from equigait.pipeline.reporting.review import ReviewedRecording, page_data, review_page
from pages import Parsed, in_browser, needs_browser
from reviewed import BOUTS, CLOCK, FRAME_SECONDS, LABELS, STRUCK_AT, make_reviewed

EVIL = "</script><i>\"'&"


@pytest.fixture(scope="module")
def mare(tmp_path_factory: pytest.TempPathFactory) -> ReviewedRecording:
    return make_reviewed(tmp_path_factory.mktemp("mare"))


def page_of(reviewed: ReviewedRecording, folder: Path) -> Path:
    """The page beside its film, or beside no film."""
    video = reviewed.recording.video
    page = folder / "review.html"
    page.write_text(review_page(reviewed, films=[] if video is None else [video.path.as_uri()]))
    return page


def numbers(text: str, *, kind: str) -> np.ndarray:
    return np.frombuffer(base64.b64decode(text), kind)


def without_film(reviewed: ReviewedRecording) -> ReviewedRecording:
    return replace(reviewed, recording=replace(reviewed.recording, video=None))


def test_the_page_is_one_file_that_names_its_film_alone(mare: ReviewedRecording) -> None:
    html = review_page(mare, films=["../rides/film%20one.mp4"])
    assert Parsed(html).fetched == []
    assert html.count("film%20one.mp4") == 1
    text = Parsed(html).text
    assert "--cache rides/cache --config 'my run/recipe.yaml'" in text
    assert "equigait-cli probe --cache rides/cache --run 'my run' --corrections mare.labels.csv" in text


def test_of_a_model_that_is_shipped_a_copy_learns(mare: ReviewedRecording) -> None:
    shipped = shipped_run(FIELD_STUDENT)
    text = Parsed(review_page(replace(mare, run=shipped), films=["film.mp4"])).text
    assert f"cp -r {shipped} runs/mine equigait-cli extract-teacher" in text
    assert "--run runs/mine --corrections" in text


def test_sensors_lie_where_offset_and_drift_put_them(mare: ReviewedRecording) -> None:
    data = page_data(mare, films=["film.mp4"])
    assert [trace["name"] for trace in data["traces"]] == ["withers", "sacrum"]
    trace = data["traces"][0]
    high = numbers(trace["acceleration"]["high"], kind="<i2") * trace["acceleration"]["step"]
    width = (trace["stop"] - trace["start"]) / len(high)
    struck = trace["start"] + (int(np.argmax(high)) + 0.5) * width
    film_time = STRUCK_AT + CLOCK.offset_seconds + 2000e-6 * (STRUCK_AT - CLOCK.reference_seconds)
    assert film_time == pytest.approx(9.994)
    assert struck == pytest.approx(film_time, abs=width / 2 + 1e-9)
    assert width < 0.0201
    assert high.max() == pytest.approx(60.0 / 9.80665, rel=1e-4)
    assert np.median(high) == pytest.approx(9.81 / 9.80665, rel=1e-3)


def test_frames_stand_at_their_own_times_and_the_player_begins_at_0(mare: ReviewedRecording) -> None:
    film = page_data(mare, films=["film.mp4"])["film"]
    times = film["start"] + numbers(film["frames"], kind="<i4") * film["tick"]
    assert times == pytest.approx(FRAME_SECONDS, abs=1e-4)
    assert film["files"] == [{"src": "film.mp4", "name": "film.mp4", "start": 0.0, "zero": 0.0}]


def test_bouts_labels_and_confidence_are_those_of_the_prediction(mare: ReviewedRecording) -> None:
    data = page_data(mare, films=["film.mp4"])
    assert data["bouts"] == [[b.start_seconds, b.stop_seconds, b.label, b.confidence] for b in BOUTS]
    assert data["labelled"] == [[b.start_seconds, b.stop_seconds, b.label] for b in LABELS]
    assert data["confidence"]["edges"] == list(range(2, 21, 2))
    assert data["confidence"]["probability"] == [0.9] * 9
    assert (data["from"], data["until"]) == pytest.approx((1.5, 1.5 + 0.2 * 100), abs=3.0)


def test_samples_that_are_missing_leave_a_hole(mare: ReviewedRecording) -> None:
    stream = mare.recording.streams[0]
    kept = (stream.time_seconds < 5) | (stream.time_seconds > 6)
    cut = ImuStream(
        stream.site, stream.time_seconds[kept], stream.specific_force[kept], stream.angular_rate[kept], stream.source
    )
    trace = page_data(replace(mare, recording=replace(mare.recording, streams=(cut,))), films=["f.mp4"])["traces"][0]
    low = numbers(trace["acceleration"]["low"], kind="<i2")
    assert int((low == -32768).sum()) == pytest.approx(50, abs=2)  # one second, 50 columns a second


def test_ten_minutes_of_five_sensors_stay_below_five_megabytes(mare: ReviewedRecording) -> None:
    seconds = np.arange(0.0, 600.0, 0.005)
    noise = np.random.default_rng(0).normal(size=(len(seconds), 3))
    sites = ("poll", "withers", "sacrum", "left", "right")
    streams = tuple(ImuStream(site, seconds, noise, noise, source=Path("a.csv")) for site in sites)
    long = replace(mare, recording=replace(mare.recording, streams=streams))
    assert len(review_page(long, films=["film.mp4"])) < 5_000_000
    twelve_hours = replace(streams[0], time_seconds=seconds * 72)
    day = replace(mare, recording=replace(mare.recording, streams=(twelve_hours,) * 5))
    assert len(review_page(day, films=["film.mp4"])) < 8_000_000


def test_the_page_is_the_same_where_the_samples_are_not_kept(mare: ReviewedRecording) -> None:
    light = mare.without_samples()
    assert light.recording.streams == ()
    assert review_page(light, films=["film.mp4"]) == review_page(mare, films=["film.mp4"])


def test_names_and_labels_from_outside_cannot_become_markup(mare: ReviewedRecording) -> None:
    recording = replace(
        mare.recording,
        id=EVIL,
        horse=EVIL,
        bouts=(Bout(2.0, 10.0, EVIL),),
        streams=(replace(mare.recording.streams[0], site=EVIL),),
    )
    prediction = replace(mare.prediction, bouts=(PredictedBout(2.0, 8.0, EVIL, 0.1),))
    evil = replace(mare, recording=recording, prediction=prediction, vocabulary=("walk", EVIL))
    html = review_page(evil, films=["a%22b.mp4"])
    assert "<i>" not in html
    assert EVIL in Parsed(html).text


EDITS = """
  const spans = () => labels.spans.map(span => [span.start, span.stop, span.label]);
  const pressed = (key, more) => new KeyboardEvent("keydown", {key, bubbles: true, cancelable: true, ...more});
  const key = (name, more) => document.body.dispatchEvent(pressed(name, more));
  const seen = {before: spans()};
  seek(6); key("s"); seen.split = spans();
  key("m"); seen.merged = spans();
  choose(4, 12); key("2"); seen.assigned = spans();
  key("z", {ctrlKey: true}); seen.undone = spans();
  key("y", {ctrlKey: true}); seen.redone = spans();
  choose(3, 16); key("Enter"); seen.accepted = spans();
  key("z", {ctrlKey: true}); seen.undone_accept = spans();
  choose(4, 12); key("Delete"); seen.cleared = spans();
  seen.changed = labels.changed;
  seen.csv = labels.csv();
"""


@needs_browser
def test_labels_are_split_merged_assigned_accepted_cleared_and_undone(mare: ReviewedRecording, tmp_path: Path) -> None:
    seen = in_browser(page_of(without_film(mare), tmp_path), script=EDITS)
    before = [[2, 10, "walk"], [10, 14, "trot"]]
    assert seen["before"] == seen["merged"] == seen["undone"] == before
    assert seen["split"] == [[2, 6, "walk"], [6, 10, "walk"], [10, 14, "trot"]]
    assigned = [[2, 4, "walk"], [4, 12, "trot"], [12, 14, "trot"]]
    assert seen["assigned"] == seen["redone"] == seen["undone_accept"] == assigned
    assert seen["accepted"] == [[2, 3, "walk"], [3, 8, "walk"], [8, 14, "trot"]]
    assert seen["cleared"] == [[2, 4, "walk"], [12, 14, "trot"]]
    assert seen["changed"] is True
    (tmp_path / "down.csv").write_text(seen["csv"])
    read = FORMATS["csv"](tmp_path / "down.csv")
    assert [[span.start_seconds, span.stop_seconds, span.label] for span in read] == seen["cleared"]
    assert seen["csv"].splitlines()[:2] == ["start,end,label,recording", "2.000,4.000,walk,mare"]


DRAG = """
  const spans = () => labels.spans.map(span => [span.start, span.stop, span.label]);
  lane.setPointerCapture = () => {};
  const at = (kind, seconds) => lane.dispatchEvent(new PointerEvent(kind, {
    clientX: stack.getBoundingClientRect().left + toX(seconds), pointerType: "mouse", bubbles: true,
  }));
  const drag = (from, to) => {
    at("pointerdown", from);
    at("pointermove", (from + to) / 2);
    at("pointermove", to);
    at("pointerup", to);
  };
  setView(data.from, data.until);
  const seen = [];
  drag(10, 11.5); seen.push(spans());
  drag(14, 13); seen.push(spans());
  drag(13, 40); seen.push(spans());
  drag(11.5, 1.6); seen.push(spans());
  seen.push(labels.past.length);
  drag(16, 17); seen.push([chosen.start, chosen.stop]);
"""


@needs_browser
def test_an_edge_is_dragged_with_its_neighbour_and_no_label_is_lost(mare: ReviewedRecording, tmp_path: Path) -> None:
    joined, shorter, longer, farthest, steps, chosen = in_browser(page_of(without_film(mare), tmp_path), script=DRAG)
    near = 0.03  # seconds a pixel
    assert joined[0] == [2, pytest.approx(11.5, abs=near), "walk"]
    assert joined[1] == [joined[0][1], 14, "trot"]
    assert shorter[1] == [joined[0][1], pytest.approx(13, abs=near), "trot"]
    assert longer[1][1] > 20
    assert farthest[0][:2] == [2, 2.02]
    assert farthest[1][0] == 2.02
    assert steps == 4
    assert chosen == pytest.approx([16, 17], abs=near)


QUOTES = """
  labels.assign(2, 14, data.labels[1]);
  const seen = [labels.csv(), [...document.querySelectorAll("[data-label]")].map(b => b.textContent)];
"""


@needs_browser
def test_labels_with_commas_and_quotes_are_downloaded_as_they_are(mare: ReviewedRecording, tmp_path: Path) -> None:
    odd = 'tölt, "quick" </script>'
    page = page_of(without_film(replace(mare, vocabulary=("walk", odd))), tmp_path)
    csv, buttons = in_browser(page, script=QUOTES)
    assert buttons[1] == f"2 {odd}"
    (tmp_path / "down.csv").write_text(csv, encoding="utf-8")
    assert [span.label for span in FORMATS["csv"](tmp_path / "down.csv")] == [odd]


SEEKS = """
  for (let tries = 0; tries < 40 && !ready; tries++) await new Promise(done => setTimeout(done, 50));
  if (!ready) measured(null);
  const seen = [0, 1, 50, 49, 80, 3].map(number => {
    seek(frames[number]);
    return [number, cursor, film.currentTime, frameAt(filmTime())];
  });
  step(1);
  seen.push([4, cursor, film.currentTime, frameAt(filmTime())]);
  step(-2);
  seen.push([2, cursor, film.currentTime, frameAt(filmTime())]);
"""


@needs_browser
def test_seeking_and_stepping_show_the_frame_of_that_moment_both_ways(mare: ReviewedRecording, tmp_path: Path) -> None:
    ends = np.append(FRAME_SECONDS[1:], FRAME_SECONDS[-1] + 0.2)
    for number, cursor, player, shown in in_browser(page_of(mare, tmp_path), script=SEEKS):
        assert cursor == pytest.approx(FRAME_SECONDS[number], abs=2e-4)
        assert FRAME_SECONDS[number] + 0.02 < player < ends[number] - 0.02
        assert shown == number


@needs_browser
def test_the_page_opens_on_the_moment_that_costs_most(mare: ReviewedRecording, tmp_path: Path) -> None:
    script = 'const seen = [cursor, chosen.start, chosen.stop, items.length, find("now").textContent]'
    cursor, start, stop, count, now = in_browser(page_of(without_film(mare), tmp_path), script=script)
    assert (cursor, start, stop) == (14, 14, 20)  # unknown for 6 s
    assert count == 2
    assert now == "0:14"


def test_a_page_of_a_person_does_not_call_them_a_horse(mare: ReviewedRecording) -> None:
    person = replace(mare, words=Words(subject="person", behaviour="action"))
    assert "Horse:" in review_page(mare, films=["film.mp4"])
    page = review_page(person, films=["film.mp4"])
    assert "Person:" in page
    assert "Horse:" not in page
