"""What SECURITY.md promises of the source: no pickle, no evaluated text, no shell, no object from a data file."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from import_graph import ROOT, SOURCES, imported_modules, syntax_tree

UNSAFE_MODULES = {"pickle", "marshal", "shelve", "dill", "cloudpickle", "joblib", "subprocess", "pty", "code"}
UNSAFE_NAMES = {"eval", "exec", "compile", "__import__"}
UNSAFE_CALLS = {"os.system", "os.popen", "os.execv", "os.spawnv", "yaml.unsafe_load", "yaml.full_load", "pickle.load"}
EXCEPTIONS_ONLY = {"pipeline/training/loop.py": {"pickle"}, "data/keypoints/deeplabcut.py": {"pickle"}}
"""By file: for the exception that `torch.load(weights_only=True)` raises, and for an unpickler that finds no class."""


def calls(path: Path) -> Iterator[tuple[str, ast.Call]]:
    """The dotted name of every call of a name or of a module's attribute, and the call."""
    for node in ast.walk(syntax_tree(path)):
        function = node.func if isinstance(node, ast.Call) else None
        if isinstance(function, ast.Name):
            yield function.id, node
        elif isinstance(function, ast.Attribute) and isinstance(function.value, ast.Name):
            yield f"{function.value.id}.{function.attr}", node


def all_calls() -> Iterator[tuple[Path, str, ast.Call]]:
    """Every call of the package, and the file that it stands in."""
    return ((path, name, call) for path in SOURCES for name, call in calls(path))


def keyword(call: ast.Call, name: str) -> object:
    """The constant that a keyword of a call is given; None where it is not given or not a constant."""
    value = next((each.value for each in call.keywords if each.arg == name), None)
    return value.value if isinstance(value, ast.Constant) else None


def test_nothing_that_runs_stored_code_or_a_shell_is_imported() -> None:
    for path in SOURCES:
        allowed = EXCEPTIONS_ONLY.get(str(path.relative_to(ROOT)), set())
        found = {module for module, relative in imported_modules(path) if not relative} & UNSAFE_MODULES
        assert found <= allowed, path


def test_no_text_is_evaluated_and_no_shell_is_called() -> None:
    found = [(path, name) for path, name, _ in all_calls() if name in UNSAFE_NAMES | UNSAFE_CALLS]
    assert found == []


def test_loaders_that_could_make_objects_are_told_not_to() -> None:
    for path, name, call in all_calls():
        if name == "torch.load":
            assert keyword(call, "weights_only") is True, path
        if name in ("np.load", "numpy.load"):
            assert keyword(call, "allow_pickle") in (None, False), path
        assert not any(each.arg == "shell" and keyword(call, "shell") for each in call.keywords), path
        assert keyword(call, "trust_remote_code") is not True, path


def test_yaml_makes_plain_values_alone(tmp_path: Path) -> None:
    from equigait.data.errors import BadInput
    from equigait.data.settings import read_yaml

    (tmp_path / "recording.yaml").write_text("horse: !!python/object/apply:os.mkdir [made]\n")
    with pytest.raises(BadInput, match="could not determine a constructor"):
        read_yaml(tmp_path / "recording.yaml")
    assert not Path("made").exists()


def test_a_fault_would_be_found(tmp_path: Path) -> None:
    file = tmp_path / "bad.py"
    file.write_text("import torch\neval('1')\ntorch.load('x')\n")
    assert [name for name, _ in calls(file)] == ["eval", "torch.load"]
    assert keyword(next(call for name, call in calls(file) if name == "torch.load"), "weights_only") is None
