"""The imports of the package as graphs: which file imports which, and which package; circles and longest chains."""

import ast
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TOP = ("cli", "pipeline", "cache", "data")
"""The packages at the top; an import may go from left to right, never back."""
SOURCES = tuple(sorted(path for folder in TOP for path in (ROOT / folder).rglob("*.py")))

Graph = Mapping[str, frozenset[str]]


@cache
def syntax_tree(path: Path) -> ast.Module:
    """The parsed source of a file."""
    return ast.parse(path.read_text())


def imported_modules(path: Path) -> Iterator[tuple[str, bool]]:
    """Every module that a file imports, inside functions too, as (absolute dotted name, was it relative)."""
    package = path.relative_to(ROOT).with_suffix("").parts
    for node in ast.walk(syntax_tree(path)):
        if isinstance(node, ast.Import):
            yield from ((alias.name, False) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            yield str(node.module), False
        elif isinstance(node, ast.ImportFrom):
            base = (*package[: len(package) - node.level], *(node.module or "").split("."))
            yield from ((".".join([*filter(None, base), alias.name]), True) for alias in node.names)


@cache
def file_graph() -> Graph:
    """Each file of the package with the files that it imports, as paths such as `pipeline/predict.py`."""
    return {
        str(path.relative_to(ROOT)): frozenset(
            found
            for module, relative in imported_modules(path)
            if relative and (found := _file_of(module)) is not None and ROOT / found != path
        )
        for path in SOURCES
    }


@cache
def package_graph(folder: str) -> Graph:
    """The packages and top-level files of a folder, each with those of the same folder that it imports."""
    graph: dict[str, set[str]] = {}
    for path, targets in file_graph().items():
        if path.startswith(f"{folder}/"):
            node = _node(path)
            inside = {_node(target) for target in targets if target.startswith(f"{folder}/")}
            graph.setdefault(node, set()).update(inside - {node, "__init__.py"})
    return {node: frozenset(targets) for node, targets in graph.items()}


def circles(graph: Graph) -> list[tuple[str, ...]]:
    """Groups of nodes that reach each other: the strongly connected components of more than one node."""
    reached = {node: _reachable(graph, node) for node in graph}
    groups = {tuple(sorted(other for other in reached[node] if node in reached[other])) for node in graph}
    return sorted(group for group in groups if len(group) > 1)


def longest_chain(graph: Graph) -> tuple[str, ...]:
    """The longest way along imports, in a graph without circles."""

    @cache
    def from_here(node: str) -> tuple[str, ...]:
        return (node, *max((from_here(target) for target in graph.get(node, ())), key=len, default=()))

    return max(map(from_here, graph), key=len)


def _reachable(graph: Graph, start: str) -> frozenset[str]:
    """The nodes that imports lead to; the start itself only where they lead back to it."""
    found: set[str] = set()
    ahead = list(graph[start])
    while ahead:
        node = ahead.pop()
        if node not in found:
            found.add(node)
            ahead += graph.get(node, ())
    return frozenset(found)


def _node(path: str) -> str:
    """`pipeline/training/run.py` -> `training`; `pipeline/predict.py` -> `predict.py`."""
    return path.split("/")[1]


def _file_of(module: str) -> str | None:
    """The file that defines what a dotted name such as `data.errors.BadInput` names."""
    parts = module.split(".")
    for length in range(len(parts), 0, -1):
        place = Path(*parts[:length])
        for candidate in (place.with_suffix(".py"), place / "__init__.py"):
            if (ROOT / candidate).is_file():
                return str(candidate)
    return None
