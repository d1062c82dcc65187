"""The house stands: packages are folders, arrows run down, heavy libraries stay in their rooms, files stay small."""

import ast
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
FLOORS = ("cli", "pipeline", "cache", "data")  # an arrow may run from left to right, never back
SOURCES = sorted(path for floor in FLOORS for path in (ROOT / floor).rglob("*.py"))


def imported_modules(path: Path) -> Iterator[tuple[str, bool]]:
    """Every module that a file imports, anywhere in it, as (absolute dotted name, was it relative)."""
    package = path.relative_to(ROOT).with_suffix("").parts
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from ((alias.name, False) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            yield str(node.module), False
        elif isinstance(node, ast.ImportFrom):
            base = (*package[: len(package) - node.level], *(node.module or "").split("."))
            yield from ((".".join([*filter(None, base), alias.name]), True) for alias in node.names)


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    tree = ast.parse(path.read_text())
    return (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


def test_the_packages_of_the_project_file_are_the_folders_of_the_house() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    folders = {path.parent for path in SOURCES if path.name == "__init__.py"}
    expected = {"equigait"} | {".".join(("equigait", *folder.relative_to(ROOT).parts)) for folder in folders}
    assert set(project["tool"]["setuptools"]["packages"]) == expected


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_arrows_run_down_and_imports_inside_are_relative(path: Path) -> None:
    floor = FLOORS.index(path.relative_to(ROOT).parts[0])
    for module, relative in imported_modules(path):
        assert not module.startswith("equigait"), f"{path}: import {module} relatively"
        top = module.split(".")[0]
        if relative and top in FLOORS:
            assert FLOORS.index(top) >= floor, f"{path} imports {module}: arrows run {' -> '.join(FLOORS)}"


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_heavy_libraries_stay_in_their_rooms(path: Path) -> None:
    rooms = {
        "torch": ("pipeline/",),
        "transformers": ("pipeline/teachers/", "pipeline/students/patchtst.py"),  # whose network is that library's
        "mantis": ("pipeline/students/mantis.py",),
        "torchvision": (),
    }
    place = str(path.relative_to(ROOT))
    for module, _ in imported_modules(path):
        room = rooms.get(module.split(".")[0])
        assert room is None or place.startswith(room), f"{place} imports {module}, which belongs to {room}"


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_files_and_functions_stay_small(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= 300, f"{path} has grown beyond 300 lines"
    for function in functions(path):
        body = (function.end_lineno or 0) - function.body[0].lineno + 1
        assert body <= 45, f"{path}: {function.name} has {body} lines; 40 are enough"


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_module_and_public_function_says_what_it_gives(path: Path) -> None:
    tree = ast.parse(path.read_text())
    assert ast.get_docstring(tree), f"{path} lacks its first line"
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_"):
            assert ast.get_docstring(node), f"{path}: {node.name} lacks a docstring"


def test_the_wheel_carries_the_package_and_nothing_beside_it() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    assert project["tool"]["setuptools"]["package-dir"] == {"equigait": "."}
    assert (ROOT / "py.typed").exists()
