"""The page of a ride: whole in one file, on one sheet, its figures those of the ride, and nothing injected."""

import re
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from equigait.data.words import Words
from equigait.pipeline.evaluation.scores import Scores
from equigait.pipeline.inference.symmetry_summary import MeasureSummary
from equigait.pipeline.reporting.ride_facts import RideFacts, SensorState
from equigait.pipeline.reporting.ride_page import write_ride_page
from page_rides import facts_of, trotting
from pages import BROWSER, Parsed, in_browser, needs_browser

RIDE = [
    (0.0, 60.0, "walk", 0.9),
    (60.0, 150.0, "trot", 0.7),
    (150.0, 160.0, "unknown", 0.99),
    (160.0, 200.0, "stand", 1.0),
]
EVIL = "<script>alert(1)</script>"


def page_of(facts: RideFacts, folder: Path) -> Path:
    return write_ride_page(facts, folder / "ride.html")


def test_time_share_and_confidence_are_those_of_the_bouts(tmp_path: Path) -> None:
    """60 s of 200 are 30 %; the named gaits have (60 * 0.9 + 90 * 0.7) / 150 = 0.78 on average."""
    text = Parsed(page_of(facts_of(RIDE), tmp_path).read_text()).text
    assert "3.3 min: trot 1.5 min (45 %), walk 1.0 min (30 %), stand 40 s (20 %), unknown 10 s (5 %)." in text
    assert "How sure 78 %" in text
    assert "Longest bout 1.5 min trot" in text
    assert "walk → trot 1" in text
    assert "1 bout of less than 80.0 %, 1.5 min in all" in text
    assert "10 s unlike all that the program has learned from: unknown" in text


def test_of_people_it_speaks_of_people_and_what_they_did(tmp_path: Path) -> None:
    scores = Scores(
        **dict.fromkeys(("accuracy", "macro_f1", "balanced_accuracy", "ece"), 0.5),
        **{name: {} for name in ("per_horse", "intervals", "chance", "baselines", "baselines_left_out")},
        confusion=((1,),),
        note="",
        difference=None,
        classes=("walk",),
        n_windows=1,
        retrieval=None,
        label_efficiency=(),
        interval_method="",
        split={"test": ("p1", "p2")},
        words=Words(subject="person", behaviour="action"),
    )
    page = write_ride_page(facts_of(RIDE[:1]), tmp_path / "person.html", scores=scores, horse_page="all.html")
    text = Parsed(page.read_text()).text
    assert not re.search(r"\b(horses?|gaits?|vet|ride)\b", text, re.IGNORECASE)
    assert "On 2 people that it had never seen" in text
    assert "All recordings of this person" in text
    assert "Left against right" not in text


def test_of_many_changes_of_gait_the_commonest_are_named(tmp_path: Path) -> None:
    labels = ["a", "b"] * 3 + list("cdefghijklmn")
    bouts = [(10.0 * n, 10.0 * n + 10, label, 0.9) for n, label in enumerate(labels)]
    text = Parsed(write_ride_page(facts_of(bouts), tmp_path / "a.html").read_text()).text
    assert "Changes of gait: a → b 3, b → a 2, b → c 1, c → d 1" in text
    assert "and 4 other pairs." in text  # 14 pairs: a b, b a, b c to m n


def test_the_page_fetches_nothing_and_is_small(tmp_path: Path) -> None:
    page = page_of(trotting(), tmp_path)
    assert Parsed(page.read_text()).fetched == []
    assert not re.search(r"https?://(?!www\.w3\.org)", page.read_text())
    assert page.stat().st_size < 1_000_000


def test_symmetry_stands_beside_published_ranges_and_the_effect_of_a_misplaced_sensor(
    tmp_path: Path,
) -> None:
    facts = trotting()
    text = Parsed(page_of(facts, tmp_path).read_text()).text
    (bout,) = facts.prediction.strides
    assert f"Strides {len(bout.strides)}" in text
    assert f"{60 * bout.stride_hz:.1f}" in text
    summary = facts.symmetry["MinDiff_sac"]
    assert f"sacrum, lowest points {round(summary.mean, 1) + 0.0:+.1f} mm {summary.sd:.1f} mm" in text
    assert "-3 to +3: inside" in text
    assert "1.67 mm" in text
    assert "no diagnosis" in text
    assert "lame" not in text.lower()


def test_a_figure_outside_its_range_and_weak_evidence_are_named(tmp_path: Path) -> None:
    facts = trotting()
    other = facts.symmetry | {"MinDiff_head": MeasureSummary("MinDiff_head", 40, mean=7.0, sd=9.0, evidence="weak")}
    text = Parsed(page_of(replace(facts, symmetry=other), tmp_path).read_text()).text
    assert "poll, lowest points +7.0 mm 9.0 mm 129 % weak -6 to +6: outside" in text


def test_without_a_trot_the_page_says_why_there_is_no_symmetry(tmp_path: Path) -> None:
    text = Parsed(page_of(facts_of([(0.0, 60.0, "walk", 0.9)]), tmp_path).read_text()).text
    assert "Nothing to show: no trot." in text


def test_what_a_trot_of_too_few_strides_lacks_is_said_once(tmp_path: Path) -> None:
    facts = trotting()
    few = {
        name: MeasureSummary(name, strides, reason=f"{strides} straight and steady strides; 25 are needed")
        for strides, name in enumerate(facts.symmetry, start=5)
    }
    text = Parsed(page_of(replace(facts, symmetry=few), tmp_path).read_text()).text
    assert text.count("are needed") == 1


def test_a_ride_without_one_valid_window_still_has_its_page(tmp_path: Path) -> None:
    facts = facts_of(RIDE)
    empty = replace(facts, prediction=replace(facts.prediction, bouts=(), strides=()))
    assert "No part of this ride could be predicted" in Parsed(page_of(empty, tmp_path).read_text()).text


def test_remarks_on_sensors_are_shown_and_cast_doubt_on_their_figures(tmp_path: Path) -> None:
    facts = trotting()
    clipped = replace(facts.sensors[0].facts, force_clipped_share=0.02, gaps=2, longest_gap_seconds=1.5)
    sensors = (SensorState("poll", clipped, ("clips: choose a wider range on the device",)), *facts.sensors[1:])
    text = Parsed(page_of(replace(facts, sensors=sensors), tmp_path).read_text()).text
    assert "2, longest 1.5 s 2.0 %" in text
    assert "poll: clips: choose a wider range" in text
    assert "Of poll there are remarks below" in text


def test_names_labels_and_notes_from_outside_are_escaped(tmp_path: Path) -> None:
    bouts = [(0.0, 10.0, EVIL, 0.9), (10.0, 90.0, "walk", 0.9)]
    facts = facts_of(bouts, name=EVIL, horse=EVIL, date="2026-05-31", event=EVIL, notes=EVIL)
    own = replace(facts.prediction.timeline, classes=("walk", "trot", EVIL))
    sensors = (SensorState(EVIL, trotting().sensors[0].facts, (EVIL,)),)
    facts = replace(facts, prediction=replace(facts.prediction, timeline=own), sensors=sensors, remarks=(EVIL,))
    html = page_of(facts, tmp_path).read_text()
    assert "<script" not in html
    assert Parsed(html).text.count("alert(1)") >= 7


@needs_browser
def test_a_phone_shows_the_page_without_scrolling_sideways(tmp_path: Path) -> None:
    frame = tmp_path / "frame.html"
    page_of(trotting(), tmp_path)
    frame.write_text("<!doctype html><html><head></head><body></body></html>")
    page = (tmp_path / "ride.html").read_text().replace("</head>", "<base target=_self></head>")
    script = f"""
      const box = document.createElement("iframe");
      box.style = "width: 390px; height: 3000px; border: 0";
      box.srcdoc = decodeURIComponent({_quoted(page)!r});
      document.body.append(box);
      await new Promise(done => box.onload = done);
      const root = box.contentDocument.documentElement;
      const shown = [...root.querySelectorAll("figure")].filter(each => each.getBoundingClientRect().width > 0);
      const seen = [root.scrollWidth, Math.max(...shown.map(each => each.getBoundingClientRect().right))];
    """
    width, right = in_browser(frame, script=script)
    assert width <= 390
    assert right <= 390


@needs_browser
def test_the_page_prints_on_one_sheet(tmp_path: Path) -> None:
    page, sheet = page_of(trotting(), tmp_path), tmp_path / "ride.pdf"
    flags = ("--headless", "--no-sandbox", "--disable-gpu", "--no-pdf-header-footer", f"--print-to-pdf={sheet}")
    subprocess.run([str(BROWSER), *flags, page.as_uri()], capture_output=True, timeout=120, check=True)
    assert len(re.findall(rb"/Type\s*/Page\b", sheet.read_bytes())) == 1


def _quoted(text: str) -> str:
    from urllib.parse import quote

    return quote(text)


@pytest.mark.parametrize("rest", [True, False])
def test_gaits_of_the_ribbon_have_a_key(rest: bool, tmp_path: Path) -> None:
    bouts = RIDE if rest else RIDE[:3]
    html = page_of(facts_of(bouts, rest=rest), tmp_path).read_text()
    key = re.search(r'<p class="key">(.*?)</p>', html, flags=re.DOTALL)
    assert key is not None
    assert re.sub(r"<[^>]+>", " ", key[1]).split() == ["walk", "trot", "unknown", *(["stand"] * rest)]
