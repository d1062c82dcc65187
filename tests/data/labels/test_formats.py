"""Every label format: recognised by content, read to the same bouts, damage read or refused."""

import itertools
import json
from pathlib import Path

import pytest
from equigait.data.errors import BadInput
from equigait.data.formats import choose_format
from equigait.data.labels import FORMATS
from equigait.data.labels.bouts import Labels, read_bouts
from equigait.data.labels.table import LabelReader, Span
from equigait.data.recording import Bout, ClockMap
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from vendor_files import damaged

EVENTS_HEADER = (
    "Observation id,Observation date,Description,Observation duration,Observation type,Source,Time offset (s),"
    "Media duration (s),FPS,Subject,Behavior,Behavioral category,Behavior type,Time,Media file name,Image index,Comment"
)
AGGREGATED_HEADER = (
    "Observation id\tSource\tTime offset (s)\tMedia duration (s)\tFPS (frame/s)\tSubject\tBehavior\tBehavior type\t"
    "Start (s)\tStop (s)\tDuration (s)\tMedia file name\tImage index start\tImage index stop\tComment start"
)


def boris_event(behavior: str, status: str, seconds: float, *, subject: str = "", offset: str = "0.0") -> str:
    facts = f"ride,2026-05-01,,60,Media file(s),a.mp4;b.mp4,{offset},60,25.0;25.0,{subject},{behavior}"
    return f"{facts},,{status},{seconds},a.mp4,NA,"


def boris_state(behavior: str, start: float, stop: float, *, subject: str = "") -> str:
    facts = f"ride\ta.mp4;b.mp4\t0.0\t60;60\t25.0;29.97\t{subject}\t{behavior}\tSTATE"
    return f"{facts}\t{start}\t{stop}\t{stop - start}\ta.mp4;b.mp4\tNA\tNA\t"


BORIS_EVENTS = "\n".join(
    [
        EVENTS_HEADER,
        boris_event("walk", "START", 1.0),
        boris_event("walk", "STOP", 4.999),
        boris_event("trot", "START", 5.0),
        boris_event("trot", "STOP", 9.5),
    ]
)
BORIS_OLD = "\n".join(
    [
        "Observation id\tride",
        "",
        "Media file(s)",
        "Player #1\ta.mp4",
        "",
        "Time\tMedia file path\tTotal length\tFPS\tSubject\tBehavior\tBehavioral category\tComment\tStatus",
        *(
            f"{time}\ta.mp4\t60\t25\t\t{label}\t\t\t{status}"
            for time, label, status in [(1.0, "walk", "START"), (4.999, "walk", "STOP"), (5.0, "trot", "START")]
        ),
        "9.5\ta.mp4\t60\t25\t\ttrot\t\t\tSTOP",
    ]
)
BORIS_AGGREGATED = "\n".join([AGGREGATED_HEADER, boris_state("walk", 1.0, 4.999), boris_state("trot", 5.0, 9.5)])
BORIS_PROJECT = json.dumps(
    {
        "time_format": "s",
        "project_format_version": "7.0",
        "behaviors_conf": {"0": {"code": "walk", "type": "State event"}, "1": {"code": "trot", "type": "State event"}},
        "subjects_conf": {},
        "observations": {
            "ride": {
                "time offset": 0.0,
                "events": [
                    [1.0, "", "walk", "", ""],
                    [4.999, "", "walk", "", ""],
                    [5.0, "", "trot", "", "", 150],
                    [9.5, "", "trot", "", "", "NA"],
                ],
            }
        },
    }
)
ELAN = """<?xml version="1.0" encoding="UTF-8"?>
<ANNOTATION_DOCUMENT AUTHOR="" DATE="2026-05-01T00:00:00+00:00" FORMAT="3.0" VERSION="3.0">
<HEADER MEDIA_FILE="" TIME_UNITS="milliseconds"><MEDIA_DESCRIPTOR MEDIA_URL="a.mp4" TIME_ORIGIN="500"/></HEADER>
<TIME_ORDER><TIME_SLOT TIME_SLOT_ID="ts1" TIME_VALUE="500"/><TIME_SLOT TIME_SLOT_ID="ts2" TIME_VALUE="4500"/>
<TIME_SLOT TIME_SLOT_ID="ts3"/><TIME_SLOT TIME_SLOT_ID="ts4" TIME_VALUE="9000"/></TIME_ORDER>
<TIER LINGUISTIC_TYPE_REF="default" TIER_ID="gait">
<ANNOTATION><ALIGNABLE_ANNOTATION ANNOTATION_ID="a1" TIME_SLOT_REF1="ts1" TIME_SLOT_REF2="ts2">
<ANNOTATION_VALUE>walk</ANNOTATION_VALUE></ALIGNABLE_ANNOTATION></ANNOTATION>
<ANNOTATION><ALIGNABLE_ANNOTATION ANNOTATION_ID="a2" TIME_SLOT_REF1="ts2" TIME_SLOT_REF2="ts4">
<ANNOTATION_VALUE>trot</ANNOTATION_VALUE></ALIGNABLE_ANNOTATION></ANNOTATION></TIER></ANNOTATION_DOCUMENT>
"""
AUDACITY = "1.000000\t5.000000\twalk\n\\\t100.0\t200.0\n5.000000\t9.500000\ttrot\n"
LABEL_STUDIO = json.dumps(
    [
        {
            "id": 7,
            "annotations": [
                {
                    "id": 1,
                    "result": [
                        {"type": "timeserieslabels", "value": {"start": a, "end": b, "timeserieslabels": [label]}}
                        for a, b, label in [(1, 5.0, "walk"), (5.0, 9.5, "trot")]
                    ],
                },
                {"id": 2, "was_cancelled": True, "result": [{"value": {"start": 0, "end": 9, "labels": ["canter"]}}]},
            ],
        }
    ]
)
TEXTGRID = """File type = "ooTextFile"
Object class = "TextGrid"

xmin = 0
xmax = 12
tiers? <exists>
size = 1
item []:
    item [1]:
        class = "IntervalTier"
        name = "gait"
        xmin = 0
        xmax = 12
        intervals: size = 4
        intervals [1]:
            xmin = 0
            xmax = 1
            text = ""
        intervals [2]:
            xmin = 1
            xmax = 5
            text = "walk"
        intervals [3]:
            xmin = 5
            xmax = 9.5
            text = "trot"
        intervals [4]:
            xmin = 9.5
            xmax = 12
            text = " "
"""
TEXTGRID_SHORT = (
    'File type = "ooTextFile"\nObject class = "TextGrid"\n\n0\n12\n<exists>\n1\n"IntervalTier"\n"gait"\n0\n12\n2\n'
    '1\n5\n"walk"\n5\n9.5\n"trot"\n'
)
SAMPLES = {
    "csv": ["start,end,label\n1,5,walk\n5,9.5,trot\n"],
    "boris-events": [BORIS_EVENTS, BORIS_OLD],
    "boris-aggregated": [BORIS_AGGREGATED],
    "boris-project": [BORIS_PROJECT],
    "elan": [ELAN],
    "audacity": [AUDACITY],
    "label-studio": [LABEL_STUDIO],
    "textgrid": [TEXTGRID, TEXTGRID_SHORT],
}
each_sample = pytest.mark.parametrize(("name", "text"), [(name, text) for name in SAMPLES for text in SAMPLES[name]])
GAITS = ("stand", "walk", "trot", "canter")
CLOCK = ClockMap(offset_seconds=2.0)


def bouts(folder: Path, text: str | bytes, **changes: object) -> tuple[Bout, ...]:
    (folder / "labels").write_bytes(text if isinstance(text, bytes) else text.encode())
    labels = Labels.model_validate({"path": "labels", "time": "film"} | changes)
    return read_bouts(labels, folder=folder, clock=CLOCK, vocabulary=GAITS, film_start_seconds=0.1)


def test_every_format_has_a_sample_here_and_is_a_reader() -> None:
    assert set(SAMPLES) == set(FORMATS)
    assert all(isinstance(reader, LabelReader) for reader in FORMATS.values())


@each_sample
def test_a_format_is_recognised_and_read_to_the_same_bouts(tmp_path: Path, name: str, text: str) -> None:
    assert bouts(tmp_path, text) == (Bout(1.0, 5.0, "walk"), Bout(5.0, 9.5, "trot"))
    assert choose_format(tmp_path / "labels", declared=None, formats=FORMATS) is FORMATS[name]


@each_sample
def test_line_ends_and_a_byte_order_mark_do_not_matter(tmp_path: Path, name: str, text: str) -> None:
    windows = b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode()
    assert bouts(tmp_path, windows, format=name) == bouts(tmp_path, text)


@each_sample
def test_another_file_of_a_declared_format_is_refused(tmp_path: Path, name: str, text: str) -> None:
    assert text
    with pytest.raises(BadInput):
        bouts(tmp_path, "no labels\nat all, here\n", format=name)


@pytest.mark.parametrize("name", SAMPLES)
@settings(max_examples=40, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_damaged_file_is_read_or_refused(tmp_path: Path, name: str, data: st.DataObject) -> None:
    text = damaged(data.draw(st.sampled_from(SAMPLES[name])), data=data, longest=60)
    message, found = "", ()
    try:
        found = bouts(tmp_path, text, format=data.draw(st.sampled_from([None, name])))
    except BadInput as refusal:
        message = str(refusal)
    assert "\n" not in message
    for bout, after in itertools.pairwise(found):
        assert bout.stop_seconds <= after.start_seconds
    assert all(bout.label in GAITS for bout in found)


@pytest.mark.parametrize(
    ("time", "starts"), [("film", 1.0), ("player", 1.1), ("imu", 3.0)], ids=["film", "player", "imu"]
)
def test_the_time_base_is_the_one_declared(tmp_path: Path, time: str, starts: float) -> None:
    assert bouts(tmp_path, AUDACITY, time=time)[0].start_seconds == pytest.approx(starts)


def test_player_time_without_a_film_is_refused(tmp_path: Path) -> None:
    (tmp_path / "labels").write_text(AUDACITY)
    with pytest.raises(BadInput, match="`time: player` without a film"):
        read_bouts(Labels(path="labels", time="player"), folder=tmp_path, clock=CLOCK, vocabulary=None)


def test_a_gap_of_more_than_a_millisecond_stays(tmp_path: Path) -> None:
    text = BORIS_EVENTS.replace("4.999", "4.99")
    assert [bout.stop_seconds for bout in bouts(tmp_path, text)] == [4.99, 9.5]


def test_several_tiers_are_refused_with_their_names_until_one_is_chosen(tmp_path: Path) -> None:
    second = ELAN[ELAN.index("<TIER") : ELAN.index("</ANNOTATION_DOC")].replace("gait", "rider").replace("trot", "fall")
    text = ELAN.replace("</ANNOTATION_DOCUMENT>", second + "</ANNOTATION_DOCUMENT>")
    with pytest.raises(BadInput, match="found the tiers gait, rider; expected one tier"):
        bouts(tmp_path, text)
    with pytest.raises(BadInput, match="expected the tier horse"):
        bouts(tmp_path, text, tier="horse")
    assert [bout.label for bout in bouts(tmp_path, text, tier="gait")] == ["walk", "trot"]


def test_two_horses_of_one_observation_are_tiers(tmp_path: Path) -> None:
    text = "\n".join([BORIS_AGGREGATED, boris_state("canter", 2.0, 3.0, subject="Bella")])
    assert [bout.label for bout in bouts(tmp_path, text, tier="ride / Bella")] == ["canter"]


def test_an_annotation_that_is_not_aligned_is_refused_unless_left_out(tmp_path: Path) -> None:
    text = ELAN.replace('TIME_SLOT_REF2="ts4"', 'TIME_SLOT_REF2="ts3"')
    with pytest.raises(BadInput, match="trot from 5 to nan s in annotation a2 of gait"):
        bouts(tmp_path, text)
    assert [bout.label for bout in bouts(tmp_path, text, map={"trot": None})] == ["walk"]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (BORIS_EVENTS.replace(boris_event("walk", "STOP", 4.999), ""), "start of walk at 1 s in line 2 alone"),
        (BORIS_EVENTS.replace("walk,,START", "walk,,STOP"), "stop of walk at 1 s"),
        (BORIS_PROJECT.replace('[9.5, "", "trot", "", "", "NA"]', '[9.5, "", "walk", "", ""]'), "alone"),
        (BORIS_EVENTS.replace(",0.0,60,", ",12.5,60,"), "a time offset of 12.5 s"),
        (BORIS_PROJECT.replace('"time offset": 0.0', '"time offset": 3'), "a time offset of 3 s in ride"),
        (BORIS_EVENTS.replace("9.5", "soon"), "the time 'soon' in line 5"),
        (ELAN.replace("milliseconds", "NTSC-frames"), "time in NTSC-frames"),
        (ELAN.replace("</HEADER>", '<MEDIA_DESCRIPTOR MEDIA_URL="b.mp4"/></HEADER>'), "TIME_ORIGIN 0, 500 ms"),
        (LABEL_STUDIO.replace('["walk"]', '["walk", "trot"]'), "the labels walk, trot in region 1 of task 7"),
        (LABEL_STUDIO.replace('"timeserieslabels": ["walk"]', '"timelinelabels": ["walk"]'), "regions in frames"),
        (AUDACITY.replace("9.5", "4.0"), "trot from 5 to 4 s in line 3"),
        (AUDACITY.replace("walk", "piaffe"), "the labels piaffe"),
        (TEXTGRID.replace('"trot"', ""), "an end amid its values"),
        (TEXTGRID_SHORT.replace("<exists>\n1\n", "<exists>\n1e999\n"), "an end amid its values"),
    ],
)
def test_what_contradicts_itself_is_refused(tmp_path: Path, text: str, found: str) -> None:
    with pytest.raises(BadInput) as refusal:
        bouts(tmp_path, text)
    assert found in refusal.value.found


def test_points_are_no_bouts(tmp_path: Path) -> None:
    text = "\n".join([BORIS_EVENTS, boris_event("shot", "POINT", 3.0)])
    with pytest.raises(BadInput, match="shot from 3 to 3 s"):
        bouts(tmp_path, text)
    assert len(bouts(tmp_path, text, map={"shot": None})) == 2


def test_a_textgrid_in_utf_16_is_read(tmp_path: Path) -> None:
    assert len(bouts(tmp_path, TEXTGRID.encode("utf-16"))) == 2


def test_a_dependent_annotation_has_the_times_of_what_it_depends_on(tmp_path: Path) -> None:
    dependent = (
        '<TIER TIER_ID="lead" PARENT_REF="gait"><ANNOTATION><REF_ANNOTATION ANNOTATION_ID="a9" ANNOTATION_REF="a1">'
        "<ANNOTATION_VALUE>stand</ANNOTATION_VALUE></REF_ANNOTATION></ANNOTATION></TIER></ANNOTATION_DOCUMENT>"
    )
    (tmp_path / "labels").write_text(ELAN.replace("</ANNOTATION_DOCUMENT>", dependent))
    assert Span(1.0, 5.0, "stand", "annotation a9 of lead", tier="lead") in FORMATS["elan"](tmp_path / "labels")


@pytest.mark.parametrize("text", [BORIS_EVENTS, BORIS_AGGREGATED])
def test_a_comment_of_boris_may_hold_line_ends(text: str, tmp_path: Path) -> None:
    mark = "\t" if text is BORIS_AGGREGATED else ","
    header, first, *rest = text.split("\n")
    at = header.split(mark).index("Comment" if mark == "," else "Comment start")
    fields = first.split(mark)
    fields[at] = '"slow,\nand then\n"'
    told = [(each.start_seconds, each.stop_seconds, each.label) for each in bouts(tmp_path, text)]
    noted = bouts(tmp_path, "\n".join([header, mark.join(fields), *rest]))
    assert [(each.start_seconds, each.stop_seconds, each.label) for each in noted] == told


def test_a_label_of_audacity_holds_any_letter_but_a_line_end(tmp_path: Path) -> None:
    text = "1.0\t5.0\twalk…\n5.0\t9.5\ttrot\n".encode("cp1252")
    assert [bout.label for bout in bouts(tmp_path, text, map={"walk…": "walk"})] == ["walk", "trot"]


@pytest.mark.parametrize("written", ["to\u0308lt", "t\u00f6lt\u200b", "\ufefft\u00f6lt"])
def test_a_word_is_known_however_its_letters_are_written(written: str, tmp_path: Path) -> None:
    assert [bout.label for bout in bouts(tmp_path, f"start,end,label\n1,5,{written}\n", map={"tölt": "trot"})] == [
        "trot"
    ]


def test_blanks_in_a_word_are_alike(tmp_path: Path) -> None:
    text = "start,end,label\n1,5,slow\u00a0walk\n5,9,slow  walk\n"
    assert [bout.label for bout in bouts(tmp_path, text, map={"slow walk": "walk"})] == ["walk", "walk"]


def test_horses_that_a_column_tells_apart_are_refused_until_one_is_chosen(tmp_path: Path) -> None:
    text = "start,end,label,horse\n1,5,walk,bella\n20,25,trot,carlo\n"
    with pytest.raises(BadInput, match=r"the tiers bella, carlo.*labels: tier"):
        bouts(tmp_path, text)
    assert [bout.label for bout in bouts(tmp_path, text, tier="carlo")] == ["trot"]
