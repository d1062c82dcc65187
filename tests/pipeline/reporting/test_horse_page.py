"""The page of a horse: rides by date, before and after an event, and what one may not conclude."""

from pathlib import Path

from equigait.pipeline.reporting.horse_page import write_pages
from page_rides import facts_of, trotting
from pages import Parsed, in_browser, needs_browser

DAYS = ("2026-05-02", "2026-05-09", "2026-05-16", "2026-05-23")


def walk(seconds: float, name: str, **conditions: object) -> object:
    return facts_of([(0.0, seconds, "walk", 0.9)], name=name, **conditions)


def horse_text(folder: Path) -> str:
    return Parsed((folder / "pages" / "horse-bella.html").read_text()).text


def test_each_ride_has_a_page_and_a_horse_with_several_has_one_too(tmp_path: Path) -> None:
    rides = [walk(60, "a"), walk(60, "b"), walk(60, "c", horse="star")]
    names = [path.name for path in write_pages(rides, tmp_path)]
    assert names == ["a.html", "b.html", "horse-bella.html", "c.html"]
    page = Parsed((tmp_path / "pages" / "a.html").read_text())
    assert page.fetched == ["horse-bella.html"]


def test_rides_stand_in_the_order_of_their_dates(tmp_path: Path) -> None:
    write_pages([walk(60, "b", date=DAYS[1]), walk(60, "a", date=DAYS[0]), walk(60, "x")], tmp_path)
    page = Parsed((tmp_path / "pages" / "horse-bella.html").read_text())
    assert page.fetched == ["a.html", "b.html", "x.html"]
    assert "Without a date, and therefore last, by name: x." in page.text
    assert "3.0 min of rides, 2 May 2026 to 9 May 2026." in page.text


def test_canter_is_counted_whatever_its_lead(tmp_path: Path) -> None:
    bouts = [(0.0, 60.0, "canter-left", 0.9), (60.0, 180.0, "canter-right", 0.9), (180.0, 200.0, "pace", 0.9)]
    write_pages([facts_of(bouts, name="a"), walk(60, "b")], tmp_path)
    assert "– 3.3 min – – 3.0 min – " in horse_text(tmp_path)


@needs_browser
def test_no_table_scrolls_sideways_on_a_phone(tmp_path: Path) -> None:
    rides = [trotting(name=day, day=day, event="shoeing" if day == DAYS[2] else "") for day in DAYS]
    write_pages(rides, tmp_path)
    script = "seen = [innerWidth, ...[...document.querySelectorAll('.scroll')].map(e => e.scrollWidth - e.clientWidth)]"
    width, *hidden = in_browser(tmp_path / "pages" / "horse-bella.html", script=f"var {script}", width=390)
    assert width <= 720
    assert len(hidden) == 2
    assert max(hidden) <= 0


def test_an_event_parts_the_rides_before_from_those_after(tmp_path: Path) -> None:
    rides = [trotting(name=day, day=day, event="shoeing" if day == DAYS[2] else "") for day in DAYS]
    write_pages(rides, tmp_path)
    text = horse_text(tmp_path)
    assert "2 before shoeing, 2 rides since" in text
    rate = 60 * rides[0].prediction.strides[0].stride_hz
    assert f"trot: strides (a minute) {rate:.1f} (2 rides) {rate:.1f} (2 rides) +0.0 0.0" in text
    assert "from 4 days on" not in text


def test_few_days_and_other_conditions_are_said(tmp_path: Path) -> None:
    write_pages(
        [
            walk(60, "a", date=DAYS[0], surface="sand", ridden="lunged"),
            walk(60, "b", date=DAYS[1], surface="asphalt", event="block"),
        ],
        tmp_path,
    )
    text = horse_text(tmp_path)
    assert "Rides on 2 days: from 4 days on one can speak of a trend." in text
    assert "before and after block differ: on sand ground, lunged before, on asphalt ground after." in text


def test_an_event_before_the_first_ride_has_nothing_to_compare(tmp_path: Path) -> None:
    write_pages([walk(60, "a", date=DAYS[0], event="block"), walk(60, "b", date=DAYS[1])], tmp_path)
    text = horse_text(tmp_path)
    assert "No ride before block: there is nothing to compare." in text
    assert "Before and after block" not in text


def test_names_become_file_names_that_stay_in_the_folder_and_apart(tmp_path: Path) -> None:
    rides = [walk(60, name, horse="../../etc & <i>") for name in ("..", "Ride 1", "ride-1", "ride?1")]
    pages = write_pages(rides, tmp_path)
    assert {path.parent for path in pages} == {tmp_path / "pages"}
    assert [path.name for path in pages] == [
        *("ride.html", "Ride-1.html", "ride-1-2.html", "ride-1-3.html"),
        "horse-..-..-etc-i.html",
    ]
    html = pages[-1].read_text()
    assert "<i>:" not in html
    assert Parsed(html).fetched == ["ride.html", "Ride-1.html", "ride-1-2.html", "ride-1-3.html"]
