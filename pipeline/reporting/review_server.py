"""Serves review pages to the browser of this machine, and saves the labels that come back.

It listens on 127.0.0.1 alone. Every address begins with a random token, requests must name this host, and labels are
taken only from pages of this server (`Origin`), so that neither other machines nor other web pages can read or write.
Requests name recordings and films by number; no part of an address becomes a path.
"""

import hmac
import json
import logging
import re
import secrets
import sys
from collections.abc import Sequence
from dataclasses import replace
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Annotated, Any, BinaryIO

from pydantic import Field, TypeAdapter, ValidationError

from ...data.errors import BadInput, first_line
from ...data.labels.table import Span
from ...data.manifest.load import refuse_misplaced_labels
from ...data.manifest.reviewed_labels import SavedLabels, save_labels
from ...data.recording import Bout
from ...data.settings import Settings
from .pages import render_page
from .review import ReviewedRecording, film_files, review_page

logger = logging.getLogger(__name__)

HOST = "127.0.0.1"
ADDRESS = re.compile(
    r"/(?P<token>[A-Za-z0-9_-]+)/(?:(?P<recording>\d{1,6})/(?:film/(?P<film>\d{1,6})|(?P<save>labels))?)?"
)
RANGE = re.compile(r"bytes=([0-9]{0,18})-([0-9]{0,18})")
MOST_BYTES = 4 << 20
"""Labels that are larger are refused."""
CHUNK_BYTES = 1 << 18
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; "
    "img-src data:; media-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}

Seconds = Annotated[float, Field(allow_inf_nan=False)]


class ReviewedLabel(Settings):
    """A label as a page sends it."""

    start: Seconds
    """Film time at which it begins."""
    stop: Seconds
    """Film time at which it ends (exclusive)."""
    label: str = Field(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]+$")
    """Which label."""


class ReviewedLabels(Settings):
    """All labels of a recording as a page sends them."""

    labels: tuple[ReviewedLabel, ...] = Field(max_length=20_000)
    """In order of time, without overlaps."""


class ReviewServer(ThreadingHTTPServer):
    """Serves these recordings until it is shut down; `address` is where."""

    daemon_threads = True

    def __init__(self, reviewed: Sequence[ReviewedRecording], *, port: int = 0) -> None:
        """Listens on a free port of this machine where `port` is 0."""
        self.reviewed = list(reviewed)
        self.token = secrets.token_urlsafe(24)
        try:
            super().__init__((HOST, port), _Handler)
        except OSError as error:
            found, remedy = error.strerror or str(error), "Choose another --port, or leave it out."
            raise BadInput(f"port {port}", found=found, expected="a free port", remedy=remedy) from None

    @property
    def origin(self) -> str:
        """What a page of this server names as its origin."""
        return f"http://{HOST}:{self.server_address[1]}"

    @property
    def address(self) -> str:
        """Where the list of recordings is, token included."""
        return f"{self.origin}/{self.token}/"

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A browser that goes away in mid-request is no fault; others keep their traceback."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)

    def page(self, number: int) -> str:
        """The page of a recording, as it stands now."""
        files = film_files(self.reviewed[number].recording.video)
        return review_page(self.reviewed[number], films=[f"film/{k}" for k in range(len(files))], save="labels")

    def index(self) -> str:
        """The page that lists the recordings."""
        names = [each.recording.id for each in self.reviewed]
        return render_page("review_index", title="Recordings to review", answer="", recordings=names)

    def save(self, number: int, content: bytes) -> SavedLabels:
        """Saves labels beside a recording; what cannot be read as labels is refused."""
        try:
            sent = TypeAdapter(ReviewedLabels).validate_json(content)
        except ValidationError as error:
            found, remedy = first_line(error), "Reload the page and try again."
            raise BadInput("labels", found=found, expected="labels of a review page", remedy=remedy) from None
        recording = self.reviewed[number].recording
        for each in sent.labels:
            _require_usable(each, known=self.reviewed[number])
        bouts = tuple(Bout(e.start, e.stop, e.label) for e in sent.labels)
        _require_in_place(bouts, known=self.reviewed[number])
        saved = save_labels(recording.manifest, spans=[Span(e.start, e.stop, e.label, "") for e in sent.labels])
        self.reviewed[number] = replace(self.reviewed[number], recording=replace(recording, bouts=bouts))
        logger.info("saved %s", saved.path)
        return saved


def _require_usable(each: ReviewedLabel, *, known: ReviewedRecording) -> None:
    names = {*known.vocabulary, *(bout.label for bout in known.recording.bouts)}
    if not round(each.start, 3) < round(each.stop, 3) or each.label not in names:  # files hold milliseconds
        found = f"{each.label!r} from {each.start:g} to {each.stop:g} s"
        expected = f"an end after the start, and one of {', '.join(sorted(names))}"
        raise BadInput("labels", found=found, expected=expected, remedy="Mend that label.")


def _require_in_place(bouts: Sequence[Bout], *, known: ReviewedRecording) -> None:
    """Labels with which the recording could not be loaded again are not saved."""
    video = known.recording.video
    film = [] if video is None else [(video.start_seconds, video.stop_seconds)]
    try:
        refuse_misplaced_labels(bouts, sensors=known.sensor_spans, film=film, path=Path("labels"), time="film")
    except BadInput as fault:
        remedy = "Label some of the time that the sensors recorded: other labels cannot be learned from."
        raise BadInput("labels", found=fault.found, expected=fault.expected, remedy=remedy) from None


class _Handler(BaseHTTPRequestHandler):
    """One request."""

    server: ReviewServer
    protocol_version = "HTTP/1.1"
    server_version = "equigait"
    sys_version = ""
    timeout = 60

    def do_GET(self) -> None:
        place = self._place()
        if place is None or place["save"]:
            self._refuse(HTTPStatus.NOT_FOUND)
        elif place["recording"] is None:
            self._send_text(self.server.index(), kind="text/html")
        elif place["film"] is None:
            self._send_text(self.server.page(int(place["recording"])), kind="text/html")
        else:
            self._send_film(int(place["recording"]), int(place["film"]))

    def do_HEAD(self) -> None:
        self.do_GET()

    def do_POST(self) -> None:
        place, length = self._place(), self.headers.get("Content-Length", "")
        self.close_connection = True  # what is refused may not have been read
        if place is None or not place["save"]:
            self._refuse(HTTPStatus.NOT_FOUND)
        elif self.headers.get("Origin") != self.server.origin:
            self._refuse(HTTPStatus.FORBIDDEN)
        elif self.headers.get_content_type() != "application/json":
            self._refuse(HTTPStatus.UNSUPPORTED_MEDIA_TYPE)
        elif not length.isascii() or not length.isdigit() or int(length) > MOST_BYTES:
            self._refuse(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        else:
            self._save(int(place["recording"]), self.rfile.read(int(length)))

    def _place(self) -> re.Match[str] | None:
        """What the address names; None where host, token or number is none of this server's."""
        found = ADDRESS.fullmatch(self.path)
        if found is None or self.headers.get("Host") != f"{HOST}:{self.server.server_address[1]}":
            return None
        if not hmac.compare_digest(found["token"].encode(), self.server.token.encode()):
            return None
        number = found["recording"]
        return found if number is None or int(number) < len(self.server.reviewed) else None

    def _save(self, number: int, content: bytes) -> None:
        try:
            saved = self.server.save(number, content)
            status, answer = HTTPStatus.OK, {"saved": saved.path.name, "kept": [path.name for path in saved.kept]}
        except (BadInput, OSError) as fault:
            status, answer = HTTPStatus.BAD_REQUEST, {"error": str(fault)}
        self._send_text(json.dumps(answer), kind="application/json", status=status)

    def _send_film(self, number: int, film: int) -> None:
        files = film_files(self.server.reviewed[number].recording.video)
        if film >= len(files) or not files[film].is_file():
            self._refuse(HTTPStatus.NOT_FOUND)
            return
        with files[film].open("rb") as file:
            size = files[film].stat().st_size
            asked = _range(self.headers.get("Range", ""), size=size)
            first, last = asked or (0, size - 1)
            if asked and first > last:
                self._start(HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE, {"Content-Range": f"bytes */{size}"}, length=0)
                return
            more = {"Content-Range": f"bytes {first}-{last}/{size}"} if asked else {}
            kind = {"Content-Type": _film_kind(files[film]), "Accept-Ranges": "bytes"}
            status = HTTPStatus.PARTIAL_CONTENT if asked else HTTPStatus.OK
            self._start(status, kind | more, length=last - first + 1)
            if self.command == "GET":
                self._copy(file, first=first, length=last - first + 1)

    def _copy(self, file: BinaryIO, *, first: int, length: int) -> None:
        """Browsers close the connection when a film is moved: that is no fault."""
        file.seek(first)
        try:
            while length and (chunk := file.read(min(CHUNK_BYTES, length))):
                self.wfile.write(chunk)
                length -= len(chunk)
        except (BrokenPipeError, ConnectionResetError, TimeoutError):
            self.close_connection = True
        self.close_connection = self.close_connection or length > 0  # a film that got shorter meanwhile

    def _send_text(self, text: str, *, kind: str, status: HTTPStatus = HTTPStatus.OK) -> None:
        content = text.encode("utf-8")
        self._start(status, {"Content-Type": f"{kind}; charset=utf-8"}, length=len(content))
        if self.command != "HEAD":
            self.wfile.write(content)

    def _refuse(self, status: HTTPStatus) -> None:
        self._send_text(f"{status.value} {status.phrase}\n", kind="text/plain", status=status)

    def _start(self, status: HTTPStatus, more: dict[str, str], *, length: int) -> None:
        self.send_response(status)
        more |= {"Content-Length": str(length)} | ({"Connection": "close"} if self.close_connection else {})
        for name, value in (HEADERS | more).items():
            self.send_header(name, value)
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        """Requests are of no interest to whoever reviews, and addresses bear the token."""


def _range(text: str, *, size: int) -> tuple[int, int] | None:
    """First and last byte of a `Range` header (RFC 9110, section 14); None where it is none that is understood."""
    found = RANGE.fullmatch(text.strip())
    if found is None or found.groups() == ("", ""):
        return None
    first, last = found.groups()
    if not first:
        return max(size - int(last), 0), size - 1
    return int(first), min(int(last), size - 1) if last else size - 1


def _film_kind(path: Path) -> str:
    kinds = {".webm": "video/webm", ".mkv": "video/x-matroska", ".avi": "video/x-msvideo", ".ogv": "video/ogg"}
    return kinds.get(path.suffix.lower(), "video/mp4")
