"""The structure holds: which package may import which, no circles, heavy libraries in few places, small files."""

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from import_graph import (
    ROOT,
    SOURCES,
    TOP,
    circles,
    file_graph,
    imported_modules,
    longest_chain,
    package_graph,
    syntax_tree,
)

PIPELINE = {
    "reporting": {"evaluation", "inference", "training", "runtime"},
    "inference": {"probing", "training", "datasets", "students", "runtime"},
    "evaluation": {"probing", "training", "datasets", "augmentation", "objectives", "students", "runtime"},
    "probing": {"training", "datasets", "augmentation", "students", "runtime"},
    "training": {"objectives", "datasets", "augmentation", "students", "runtime"},
    "objectives": {"students", "runtime"},
    "extraction": {"teachers", "runtime"},
    "datasets": {"teachers", "runtime"},
    "augmentation": {"runtime"},
    "students": {"runtime"},
    "teachers": {"runtime"},
    "runtime": set(),
    "configs": set(),
}
"""What each package of `pipeline` may import of the others; the command files above them may import all of them.
`recipe.py` may import the packages' settings; only command files may import `recipe.py`."""
DATA = {
    "importers": {"labels", "manifest", "readers"},
    "quality": {"manifest", "readers", "sync", "video"},
    "sync": {"manifest", "readers", "video"},
    "manifest": {"labels", "readers", "video"},
    "keypoints": set(),
    "labels": {"readers"},
    "readers": set(),
    "video": set(),
    "simulate": set(),
}
"""What each package of `data` may import of the others; the files at its top (errors, settings, ...) serve them all."""
HEAVY = {
    "torch": ("pipeline/",),
    "transformers": (
        "pipeline/teachers/",
        "pipeline/students/patchtst.py",  # whose network is that library's
        "pipeline/students/moment.py",  # whose encoder is
    ),
    "mantis": ("pipeline/students/mantis.py",),
    "torchvision": (),
}
"""Where heavy libraries may be imported."""
BANNED = re.compile(r"(?<![a-z])(lesson|classroom|twins|judge|told|worn|silence|looks?)(?![a-z])", re.IGNORECASE)
"""Words that mean something else to a reader than to whoever wrote them."""
MARKUP = re.compile(r"</?(html|head|body|div|span|svg|table|p|script|style)\b")
LINES_OF_FILE, LINES_OF_FUNCTION, PARAMETERS = 300, 40, 6
TOP_LEVEL_FILES, FLOORS = 14, 9


def imports() -> Iterator[tuple[str, str, bool]]:
    """Every import of the package: the file that imports, the module's dotted name, was it relative."""
    return ((str(path.relative_to(ROOT)), *each) for path in SOURCES for each in imported_modules(path))


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    return (node for node in ast.walk(syntax_tree(path)) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


def typer_commands(path: Path) -> set[str]:
    """Names of the functions that are registered as commands, `app.command("name")(function)`: their parameters are
    the options of the command line."""
    found = set()
    for node in ast.walk(syntax_tree(path)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Call) and node.args:
            maker, function = node.func.func, node.args[0]
            if isinstance(maker, ast.Attribute) and maker.attr == "command" and isinstance(function, ast.Name):
                found.add(function.id)
    return found


def parameters(function: ast.FunctionDef | ast.AsyncFunctionDef) -> list[str]:
    taken = [*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs]
    return [each.arg for each in taken if each.arg not in ("self", "cls")]


def test_the_packages_of_the_project_file_are_the_folders_of_the_package() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    folders = {path.parent for path in SOURCES if path.name == "__init__.py"}
    expected = {"equigait"} | {".".join(("equigait", *folder.relative_to(ROOT).parts)) for folder in folders}
    assert set(project["tool"]["setuptools"]["packages"]) == expected
    assert project["tool"]["setuptools"]["package-dir"] == {"equigait": "."}
    assert (ROOT / "py.typed").exists()


def test_imports_are_relative_inside_the_package() -> None:
    assert [(path, module) for path, module, _ in imports() if module.startswith("equigait")] == []


def test_imports_run_down() -> None:
    """Each goes from left to right in TOP, or stays where it is."""
    inside = [(path, module) for path, module, relative in imports() if relative and module.split(".")[0] in TOP]
    upward = [each for each in inside if TOP.index(each[1].split(".")[0]) < TOP.index(each[0].split("/")[0])]
    assert upward == []


@pytest.mark.parametrize(
    ("folder", "package", "allowed"),
    [(folder, *row) for folder, table in (("pipeline", PIPELINE), ("data", DATA)) for row in table.items()],
)
def test_a_package_imports_only_what_the_table_allows(folder: str, package: str, allowed: set[str]) -> None:
    found = {node for node in package_graph(folder)[package] if not node.endswith(".py")}
    assert found <= allowed


@pytest.mark.parametrize(("folder", "table"), [("pipeline", PIPELINE), ("data", DATA)])
def test_the_table_names_every_package(folder: str, table: dict[str, set[str]]) -> None:
    assert {node for node in package_graph(folder) if not node.endswith(".py")} == set(table)


def test_only_command_files_import_a_command_file_or_the_recipe() -> None:
    found = {
        f"{path} -> {target}"
        for path, targets in file_graph().items()
        for target in targets
        if path.count("/") > 1 and target.startswith("pipeline/") and target.count("/") == 1
    }
    assert {each for each in found if not each.endswith("__init__.py")} == set()


def test_no_file_lies_on_a_circle_of_imports() -> None:
    assert circles(file_graph()) == []


@pytest.mark.parametrize("folder", ["pipeline", "data"])
def test_no_package_and_no_top_level_file_lies_on_a_circle_of_imports(folder: str) -> None:
    assert circles(package_graph(folder)) == []


def test_the_longest_chain_of_imports_in_pipeline_is_short() -> None:
    """A floor is a package or a top-level file of `pipeline`; a chain is a way from one to another along imports."""
    graph = package_graph("pipeline")
    assert circles(graph) == [], "a chain has a length only where there are no circles"
    chain = longest_chain(graph)
    assert len(chain) <= FLOORS, " -> ".join(chain)


def test_few_files_lie_at_the_top_of_pipeline() -> None:
    assert len(list((ROOT / "pipeline").glob("*.py"))) <= TOP_LEVEL_FILES


def test_heavy_libraries_are_imported_in_few_places() -> None:
    heavy = [(path, module, HEAVY[top]) for path, module, _ in imports() if (top := module.split(".")[0]) in HEAVY]
    assert [(path, module) for path, module, allowed in heavy if not path.startswith(allowed)] == []


def test_files_are_small() -> None:
    lines = {str(path): len(path.read_text().splitlines()) for path in SOURCES}
    assert {path: count for path, count in lines.items() if count > LINES_OF_FILE} == {}


def test_functions_are_small_and_take_few_parameters() -> None:
    for path in SOURCES:
        commands = typer_commands(path)
        for function in functions(path):
            body = (function.end_lineno or 0) - function.body[0].lineno + 1
            assert body <= LINES_OF_FUNCTION, f"{path}: {function.name} has {body} lines"
            taken = parameters(function)
            assert len(taken) <= PARAMETERS or function.name in commands, f"{path}: {function.name} takes {len(taken)}"


def test_every_module_and_every_public_name_has_a_docstring() -> None:
    for path in SOURCES:
        tree = syntax_tree(path)
        assert ast.get_docstring(tree), f"{path} lacks its first line"
        for node in tree.body:
            if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_"):
                assert ast.get_docstring(node), f"{path}: {node.name} lacks a docstring"


def test_words_are_plain() -> None:
    lines = ((path, line) for path in SOURCES for line in path.read_text().splitlines())
    assert [(str(path), line) for path, line in lines if BANNED.search(line)] == []


def test_data_writes_no_page() -> None:
    pages = [path for suffix in ("html", "css", "js") for path in (ROOT / "data").rglob(f"*.{suffix}")]
    sources = [path for path in (ROOT / "data").rglob("*.py") if MARKUP.search(path.read_text())]
    assert pages + sources == []


def test_circles_and_chains_are_found() -> None:
    graph = {name: frozenset(targets) for name, targets in {"a": "b", "b": "c", "c": "b", "d": ""}.items()}
    assert circles(graph) == [("b", "c")]
    assert longest_chain({"a": frozenset("bc"), "b": frozenset("c"), "c": frozenset()}) == ("a", "b", "c")
