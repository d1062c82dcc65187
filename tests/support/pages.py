"""Pages under test: their elements in balance, what they would fetch, and what their scripts do in a browser."""

import json
import re
import shutil
import subprocess
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest

NAMES = ("chromium", "chromium-browser", "google-chrome")
BROWSER = next((found for name in NAMES if (found := shutil.which(name))), None)
needs_browser = pytest.mark.skipif(
    BROWSER is None, reason="no chromium or chrome on this machine: the page's script is not driven"
)
LISTEN = """<script>
  window.faults = [];
  addEventListener("error", event => faults.push(event.message || "not loaded: " + event.target.outerHTML), true);
  console.error = (...words) => faults.push(words.join(" "));
</script>"""


class Parsed(HTMLParser):
    """Checks that every element that opens also closes; gathers the text and what would be fetched."""

    EMPTY = ("meta", "br", "link", "img", "input")

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.fetched: list[str] = []
        self.text = ""
        self.feed(html)
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.fetched += [
            str(value)
            for name, value in attrs
            if name in ("src", "href", "xlink:href", "srcset", "data") and not str(value).startswith(("#", "data:"))
        ]
        if tag not in self.EMPTY:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in self.EMPTY:
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        shown = not {"script", "style"} & set(self.open)
        self.text += f" {' '.join(data.split())}" if data.strip() and shown else ""


def in_browser(page: Path, *, script: str, width: int = 1000) -> Any:
    """What a script at the end of the page leaves in `seen`; fails if the page reported an error."""
    told = "encodeURIComponent(JSON.stringify([seen, faults]))"
    leave = f'document.body.insertAdjacentHTML("beforeend", "<pre id=seen>" + {told} + "</pre>")'
    html = page.read_text().replace("<head>", f"<head>{LISTEN}", 1)
    page.write_text(
        html.replace("</html>", f"<script>setTimeout(async () => {{ {script}; {leave} }}, 500)</script></html>")
    )
    flags = [
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-background-networking",
        f"--window-size={width},2400",
    ]
    command = [str(BROWSER), *flags, "--virtual-time-budget=5000", "--dump-dom", page.as_uri()]
    dom = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True).stdout
    found = re.search(r'<pre id="seen">(.*?)</pre>', dom)
    assert found is not None, "the script did not come to its end"
    seen, faults = json.loads(unquote(found.group(1)))
    assert faults == []
    return seen
