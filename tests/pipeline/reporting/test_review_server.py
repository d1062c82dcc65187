"""The server of reviews: it answers this machine and its own pages alone, plays films in parts, and saves labels."""

import http.client
import json
import socket
import struct
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from equigait.data.errors import BadInput
from equigait.data.manifest.load import load_recording
from equigait.pipeline.reporting.review_server import MOST_BYTES, ReviewServer
from reviewed import make_reviewed
from rides import write_ride

LABELS = {"labels": [{"start": 1.0, "stop": 4.5, "label": "walk"}, {"start": 4.5, "stop": 9.0, "label": "trot"}]}


@contextmanager
def serving(folder: Path) -> Iterator[ReviewServer]:
    write_ride(folder / "mare", horse="h6")
    with ReviewServer([make_reviewed(folder / "mare")]) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


@pytest.fixture
def server(tmp_path: Path) -> Iterator[ReviewServer]:
    with serving(tmp_path) as server:
        yield server


def ask(
    server: ReviewServer, method: str, place: str, *, body: bytes | None = None, headers: dict[str, str] | None = None
) -> tuple[int, dict[str, str], bytes]:
    """Status, headers and content; `place` comes after the token unless it begins with `/`."""
    connection = http.client.HTTPConnection("127.0.0.1", server.server_address[1], timeout=10)
    path = place if place.startswith("/") else f"/{server.token}/{place}"
    connection.request(method, path, body=body, headers=headers or {})
    answer = connection.getresponse()
    found = answer.status, dict(answer.getheaders()), answer.read()
    connection.close()
    return found


def save(server: ReviewServer, labels: Any = LABELS, *, body: bytes | None = None, **headers: str) -> tuple[int, Any]:
    """Status and answer of a page that sends labels; a header that is given replaces the page's own."""
    own = {"Origin": server.origin, "Content-Type": "application/json"}
    own |= {name.replace("_", "-"): value for name, value in headers.items()}
    status, _, content = ask(server, "POST", "0/labels", body=body or json.dumps(labels).encode(), headers=own)
    return status, json.loads(content) if content.startswith(b"{") else content


def test_it_listens_on_this_machine_alone_under_a_token_of_its_own(server: ReviewServer, tmp_path: Path) -> None:
    assert server.server_address[0] == "127.0.0.1"
    with serving(tmp_path / "other") as other:
        assert other.token != server.token
    assert len(server.token) >= 32
    assert server.address == f"http://127.0.0.1:{server.server_address[1]}/{server.token}/"


def test_the_list_leads_to_the_page_which_fetches_nothing_from_elsewhere(server: ReviewServer) -> None:
    status, _, content = ask(server, "GET", "")
    assert (status, b'href="0/"' in content) == (200, True)
    status, headers, content = ask(server, "GET", "0/")
    assert (status, b"Review of mare" in content, b"film/0" in content) == (200, True, True)
    assert headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert headers["Referrer-Policy"] == "no-referrer"


ELSEWHERE = (
    *("/", "/0/", "/wrong/0/", "1/", "-1/", "99999999/", "%D9%A0/", "0/labels", "0/recording.yaml"),
    *("0/film/1", "0/film/0?x=/etc/passwd", "0/film/../../recording.yaml", "0/film/0/../../../mare/recording.yaml"),
    *("..%2f..%2frecording.yaml", "../mare/recording.yaml"),
)


@pytest.mark.parametrize("place", ELSEWHERE)
def test_other_addresses_lead_nowhere(server: ReviewServer, place: str) -> None:
    assert ask(server, "GET", place)[0] == 404


def test_a_request_for_another_host_is_not_answered(server: ReviewServer) -> None:
    port = server.server_address[1]
    for host in ("evil.example", f"evil.example:{port}", f"localhost:{port}"):
        assert ask(server, "GET", "0/", headers={"Host": host})[0] == 404
    assert ask(server, "GET", "0/", headers={"Host": f"127.0.0.1:{port}"})[0] == 200


def test_a_film_comes_whole_or_in_the_part_that_is_asked_for(server: ReviewServer, tmp_path: Path) -> None:
    film = (tmp_path / "mare" / "film.mp4").read_bytes()
    status, headers, content = ask(server, "GET", "0/film/0")
    assert (status, content, headers["Content-Type"]) == (200, film, "video/mp4")
    size = len(film)
    parts = {"10-19": (10, 20), f"{size - 5}-": (size - 5, size), "-7": (size - 7, size), "0-": (0, size)}
    for asked, (first, stop) in parts.items():
        status, headers, content = ask(server, "GET", "0/film/0", headers={"Range": f"bytes={asked}"})
        assert (status, content) == (206, film[first:stop])
        assert headers["Content-Range"] == f"bytes {first}-{stop - 1}/{size}"
    assert ask(server, "GET", "0/film/0", headers={"Range": f"bytes={size}-"})[0] == 416
    assert ask(server, "HEAD", "0/film/0")[2] == b""
    assert ask(server, "GET", "0/film/0", headers={"Range": f"bytes={'9' * 5000}-"})[::2] == (200, film)


def test_saved_labels_are_the_recordings_and_the_pages_from_then_on(server: ReviewServer, tmp_path: Path) -> None:
    status, answer = save(server)
    assert (status, answer) == (200, {"saved": "labels-reviewed.csv", "kept": ["recording.1.yaml"]})
    bouts = load_recording(tmp_path / "mare").bouts
    assert [(b.start_seconds, b.stop_seconds, b.label) for b in bouts] == [(1.0, 4.5, "walk"), (4.5, 9.0, "trot")]
    assert b'"labelled": [[1.0, 4.5, "walk"], [4.5, 9.0, "trot"]]' in ask(server, "GET", "0/")[2]
    assert save(server, {"labels": []})[1]["kept"] == ["labels-reviewed.1.csv"]


def test_labels_are_taken_from_pages_of_this_server_alone(server: ReviewServer, tmp_path: Path) -> None:
    body = json.dumps(LABELS).encode()
    assert ask(server, "POST", "0/labels", body=body, headers={"Content-Type": "application/json"})[0] == 403
    for origin in ("null", "http://evil.example", f"http://localhost:{server.server_address[1]}", "http://127.0.0.1"):
        assert save(server, Origin=origin)[0] == 403
    assert save(server, Content_Type="text/plain")[0] == 415
    assert ask(server, "POST", "/wrong/0/labels", body=body, headers={"Origin": server.origin})[0] == 404
    assert not (tmp_path / "mare" / "labels-reviewed.csv").exists()


@pytest.mark.parametrize(
    ("labels", "reason"),
    [
        ([{"start": 4.0, "stop": 1.0, "label": "walk"}], "an end after the start"),
        ([{"start": 4.0, "stop": 4.0004, "label": "walk"}], "an end after the start"),  # no time in a file's digits
        ([{"start": 0.0, "stop": 2.0, "label": "walk"}, {"start": 1.0, "stop": 3.0, "label": "trot"}], "inside walk"),
        ([{"start": 0.0, "stop": 2.0, "label": "tölt"}], "one of trot, walk"),
        ([{"start": 0.0, "stop": 2.0, "label": "walk\nevil"}], "labels of a review page"),
        ([{"start": 0.0, "stop": 2.0, "label": "walk", "path": "/etc"}], "labels of a review page"),
        ("walk", "labels of a review page"),
    ],
)
def test_labels_that_cannot_be_are_refused_with_the_reason(
    server: ReviewServer, labels: Any, reason: str, tmp_path: Path
) -> None:
    before = sorted(path.name for path in (tmp_path / "mare").iterdir())
    status, answer = save(server, {"labels": labels})
    assert status == 400
    assert reason in answer["error"]
    assert sorted(path.name for path in (tmp_path / "mare").iterdir()) == before


def test_what_is_no_json_and_what_is_too_large_is_refused(server: ReviewServer) -> None:
    assert save(server, body=b'{"labels": [{"start": NaN, "stop": 2, "label": "walk"}]}')[0] == 400
    assert save(server, body=b"{")[0] == 400
    assert save(server, Content_Length=str(MOST_BYTES + 1))[0] == 413


def test_a_browser_that_goes_away_in_mid_request_is_no_fault(
    server: ReviewServer, capsys: pytest.CaptureFixture[str]
) -> None:
    head = f"POST /{server.token}/0/labels HTTP/1.1\r\nHost: 127.0.0.1:{server.server_address[1]}\r\n"
    head += f"Origin: {server.origin}\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n"
    connection = socket.create_connection(server.server_address[:2])
    connection.sendall(head.encode())
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))  # closing resets it
    connection.close()
    assert save(server)[0] == 200
    time.sleep(0.2)
    assert "Traceback" not in capsys.readouterr().err


def test_a_place_that_cannot_be_written_is_an_answer_and_no_crash(server: ReviewServer, tmp_path: Path) -> None:
    (tmp_path / "mare" / "labels-reviewed.csv").mkdir()
    status, answer = save(server)
    assert (status, "Is a directory" in answer["error"]) == (400, True)
    assert ask(server, "GET", "0/")[0] == 200


def test_a_port_that_is_taken_is_refused(server: ReviewServer) -> None:
    with pytest.raises(BadInput, match=r"a free port\. Choose another --port"):
        ReviewServer([], port=server.server_address[1])


@pytest.mark.parametrize(("start", "stop"), [(50.0, 55.0), (-40.0, -30.0)])
def test_labels_that_all_lie_outside_the_sensors_time_are_not_saved(
    server: ReviewServer, tmp_path: Path, start: float, stop: float
) -> None:
    before = sorted(path.name for path in (tmp_path / "mare").iterdir())
    status, answer = save(server, {"labels": [{"start": start, "stop": stop, "label": "walk"}]})
    assert status == 400
    assert "labels within the recording" in answer["error"]
    assert "Label some of the time that the sensors recorded" in answer["error"]
    assert sorted(path.name for path in (tmp_path / "mare").iterdir()) == before


def test_labels_that_reach_far_beyond_all_that_was_recorded_are_not_saved(server: ReviewServer) -> None:
    labels = [{"start": 1.0, "stop": 4.5, "label": "walk"}, {"start": 900.0, "stop": 905.0, "label": "trot"}]
    status, answer = save(server, {"labels": labels})
    assert (status, "labels in seconds of this recording" in answer["error"]) == (400, True)


def test_samples_need_not_be_kept_to_tell_where_labels_may_lie(tmp_path: Path) -> None:
    write_ride(tmp_path / "mare", horse="h6")
    reviewed = make_reviewed(tmp_path / "mare")
    np.testing.assert_allclose(reviewed.without_samples().sensor_spans, reviewed.sensor_spans)


def test_no_labels_at_all_are_saved_as_ever(server: ReviewServer) -> None:
    assert save(server, {"labels": []})[0] == 200
