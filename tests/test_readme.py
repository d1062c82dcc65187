"""Every block of code in every README is run, or, where that is too long or needs more, checked against the program."""

import re
import shlex
import shutil
import subprocess
import textwrap
from dataclasses import dataclass
from pathlib import Path

import pytest
import typer
import yaml
from command_line import run
from equigait.cli.app import app
from equigait.data.manifest.schema import Manifest
from equigait.data.settings import parse_settings
from equigait.pipeline.recipe import Recipe
from rides import probed_run, ride_cache, write_ride

ROOT = Path(__file__).resolve().parents[1]
PAGES = [path for path in sorted(ROOT.rglob("README.md")) if not {".venv", "build", "runs"} & set(path.parts)]
COMMANDS = typer.main.get_command(app)
RUN = {"inspect", "verify", "gc", "report", "predict", "embed"}
"""Commands that take a moment in the prepared folder: their examples are run. The options of all others are parsed."""
FENCE = re.compile(r"^( *)```(\w*)\n(.*?)^ *```$", re.DOTALL | re.MULTILINE)


@dataclass(frozen=True)
class Block:
    """A fenced block of a README."""

    page: Path
    number: int
    language: str
    text: str

    def __str__(self) -> str:
        return f"{self.page.relative_to(ROOT)}:{self.number}"


def blocks(language: str) -> list[Block]:
    """The blocks in this language, of all pages."""
    found = [
        Block(page, number, match[2], textwrap.dedent(match[1] + match[3].removeprefix(match[1])))
        for page in PAGES
        for number, match in enumerate(FENCE.finditer(page.read_text()), start=1)
    ]
    return [block for block in found if block.language == language]


def command_lines(program: str) -> list[str]:
    """Every line that calls a program, also where it stands in a sentence, with example values for variables."""
    inside = [line for block in blocks("sh") for line in block.text.replace("\\\n", " ").splitlines()]
    inline = [match for page in PAGES for match in re.findall(rf"`({program} [^`|]+)`", page.read_text())]
    found = [line.split("#")[0] for line in inside if re.search(rf"(^|\s){program} ", line)]
    lines = [line[re.search(rf"(^|\s)({program} )", line).start(2) :].strip() for line in found] + inline
    return sorted({line.replace("$rate", "1e-3") for line in lines})


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Recordings, their cache, a run with probe and scores, and rides without film: what the examples speak of."""
    folder = tmp_path_factory.mktemp("readme")
    for place, horse in (("rides/bella", "h0"), ("new-rides/cora", "h5")):
        write_ride(folder / place, horse=horse)
    shutil.copytree(ride_cache(), folder / "rides/cache")
    probed_run(folder / "runs").rename(folder / "runs/mine")
    cached = ("--cache", folder / "rides/cache", "--run", folder / "runs/mine")
    short = ("evaluate.resamples=100", "evaluate.baselines=[spectral]", "evaluate.classifiers=[]")
    few = ("evaluate.few_shot.shots=[]", "evaluate.missing_sensors=false")
    assert run("evaluate", *cached, *(word for setting in (*short, *few) for word in ("--set", setting))) == 0
    return folder


@pytest.fixture
def workplace(prepared: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of it, as the current folder."""
    folder = shutil.copytree(prepared, tmp_path / "work")
    monkeypatch.chdir(folder)
    return folder


def test_blocks_name_a_language_that_is_checked_here() -> None:
    languages = {match[2] for page in PAGES for match in FENCE.finditer(page.read_text())}
    assert languages <= {"python", "sh", "yaml", "text"}


@pytest.mark.parametrize("block", blocks("python"), ids=str)
@pytest.mark.usefixtures("workplace")
def test_python_examples_run(block: Block) -> None:
    exec(compile(block.text, str(block), "exec"), {"__name__": "example"})


@pytest.mark.parametrize("block", blocks("yaml"), ids=str)
def test_yaml_examples_are_manifests_or_recipes(block: Block) -> None:
    values = yaml.safe_load(block.text)
    parse_settings(Manifest if "horse" in values else Recipe, values, where=block)


@pytest.mark.parametrize("line", command_lines("equigait-cli"))
def test_the_options_of_command_examples_exist(line: str) -> None:
    name, *words = shlex.split(line)[1:]
    command = COMMANDS.commands[name]  # type: ignore[attr-defined]  # the group that typer builds
    if not words:
        return
    command.make_context(name, words)


@pytest.mark.parametrize(
    "line", [line for line in command_lines("equigait-cli") if line.split()[1] in RUN and len(line.split()) > 2]
)
@pytest.mark.usefixtures("workplace")
def test_cheap_command_examples_run(line: str) -> None:
    assert run(*shlex.split(line)[1:]) == 0


@pytest.mark.parametrize("line", command_lines("make"))
def test_make_examples_name_targets(line: str) -> None:
    done = subprocess.run(["make", "-n", *shlex.split(line)[1:]], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_links_and_pictures_are_there() -> None:
    links = [(page, link) for page in PAGES for link in re.findall(r"\]\(([^)#:]+)\)", page.read_text())]
    assert [f"{page}: {link}" for page, link in links if not (page.parent / link).exists()] == []


def test_the_main_page_stays_short() -> None:
    assert len((ROOT / "README.md").read_text().splitlines()) <= 150
