"""What pages show and what their server is asked, when others have chosen the words."""

import functools
import itertools
import socket
import sys
import threading
from collections.abc import Sequence
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

from equigait.data.quality.dataset import inspect_dataset
from equigait.pipeline.reporting.inspection import write_inspection
from equigait.pipeline.reporting.review import review_page
from equigait.pipeline.reporting.review_server import ReviewServer
from reviewed import make_reviewed
from rides import kept_folder, write_ride
from sensor_files import sensor_entry, walking_table, write_csv, write_manifest_file

PLAIN = ("bella", "a note", "walk", "trot")


WORDS = "<b>bella</b>\n</script><i>\n\"'>x\n{{ 7 * 7 }}\n"
REQUESTS = {
    "list": "GET /TOKEN/ HTTP/1.1\r\nHost: 127.0.0.1:PORT\r\n\r\n",
    "page": "GET /TOKEN/0/ HTTP/1.1\r\nHost: 127.0.0.1:PORT\r\n\r\n",
    "film": "GET /TOKEN/0/film/0 HTTP/1.1\r\nHost: 127.0.0.1:PORT\r\nRange: bytes=10-400\r\n\r\n",
    "labels": "POST /TOKEN/0/labels HTTP/1.1\r\nHost: 127.0.0.1:PORT\r\nOrigin: http://127.0.0.1:PORT\r\n"
    "Content-Type: application/json\r\nContent-Length: 54\r\n\r\n"
    '{"labels": [{"start": 1, "stop": 2, "label": "walk"}]}',
}


def plant_words(root: Path) -> None:
    """A recording without words, and words that mean something to a page."""
    folder = root / "ride"
    folder.mkdir(parents=True)
    write_csv(folder / "w.csv", walking_table(4.0))
    (folder / "words.txt").write_text(WORDS)


def plant_requests(root: Path) -> None:
    """What a page of the server asks of it."""
    for name, text in REQUESTS.items():
        (root / name).mkdir(parents=True)
        (root / name / "request.txt").write_text(text, newline="")


def words_on_pages(folder: Path) -> None:
    """Whatever horse, notes and labels are called: the pages are made of the same elements as with plain words."""
    lines = (folder / "words.txt").read_text(errors="replace").splitlines()
    chosen = [line.strip()[:60] for line in lines if line.strip()]
    words = [word for word, _ in itertools.zip_longest(chosen[: len(PLAIN)], PLAIN, fillvalue="x")]
    if added := _elements(folder, words) - _plain_elements():
        raise AssertionError(f"names became markup: {sorted(added)}")


@functools.cache
def _plain_elements() -> frozenset[str]:
    """Of the pages with plain words."""
    folder = kept_folder("plain")
    plant_words(folder)
    return _elements(folder / "ride", PLAIN)


def _elements(folder: Path, words: Sequence[str]) -> frozenset[str]:
    """Every element and attribute of the inspection and of the review."""
    horse, notes, *labels = words
    labelled = {"path": "labels.csv", "time": "sensors"}
    write_manifest_file(folder, horse=horse, notes=notes, labels=labelled, sensors=[sensor_entry() | {"path": "w.csv"}])
    quoted = [label.replace('"', '""') for label in labels]
    rows = [f'{at},{at + 1},"{label}"\n' for at, label in enumerate(quoted)]
    (folder / "labels.csv").write_text("start,end,label\n" + "".join(rows))
    page = write_inspection(inspect_dataset(folder), folder / "inspect.html", dataset=folder)
    reviewed = make_reviewed(folder, film=None, name=horse, vocabulary=tuple(labels))
    return frozenset(_Elements(page.read_text()).found | _Elements(review_page(reviewed, films=[], save=None)).found)


class _Elements(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: set[str] = set()
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found |= {tag, *(f"{tag} {name}" for name, _ in attrs)}


def request(folder: Path) -> None:
    """Whatever is sent to it: the review server answers in HTTP or not at all, and goes on answering."""
    server = _server()
    own = (folder / "request.txt").read_bytes().replace(b"TOKEN", server.token.encode())
    own = own.replace(b"PORT", str(server.server_address[1]).encode())
    answer, fault = _answer(own), server.fault
    server.fault = None
    if fault is not None:
        raise fault
    knows_heads = len(own.split(b"\n")[0].split()) > 2  # HTTP 0.9 knows none
    if answer and knows_heads and not answer.startswith((b"HTTP/1.", b"<!DOCTYPE HTML>")):
        raise AssertionError(f"no answer in HTTP: {answer[:80]!r}")
    if server.token.encode() in answer and server.token.encode() not in own:
        raise AssertionError("the token was given away")
    host = f"127.0.0.1:{server.server_address[1]}"
    sound = _answer(f"GET /{server.token}/ HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode())
    if not sound.startswith(b"HTTP/1.1 200"):
        raise AssertionError(f"a sound request was answered by {sound[:80]!r}")


def _answer(asked: bytes) -> bytes:
    """What comes back before the server ends the connection, which it may do at any time."""
    with socket.create_connection(_server().server_address[:2], timeout=20) as connection:
        try:
            connection.sendall(asked)
            connection.shutdown(socket.SHUT_WR)
            return b"".join(iter(functools.partial(connection.recv, 1 << 16), b""))
        except TimeoutError:
            raise
        except OSError:
            return b""


class _Server(ReviewServer):
    """One whose own faults are kept."""

    fault: BaseException | None = None

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ARG002
        if not isinstance(sys.exception(), ConnectionError):
            self.fault = sys.exception()


@functools.cache
def _server() -> _Server:
    server = _Server([make_reviewed(write_ride(kept_folder("served") / "mare", horse="h6"))])
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server
