"""Export: a run's student and probe as one ONNX file, proved on the windows of its validation horses."""

from pathlib import Path

from ..data.errors import BadInput
from ..data.sites import resolve_sites
from .inference.onnx_export import ModelFacts, Parity, Precision, export_onnx
from .probing.inputs import probe_inputs
from .probing.probe_file import load_probe
from .recipe import load_run_recipe

LEAST_WINDOWS = 8
"""Fewer windows prove nothing."""
MOST_WINDOWS = 2000
"""More take long and prove nothing more."""


def export(cache: str | Path, *, run: Path, out: Path, precision: Precision = "float32") -> Parity:
    """Writes `out` once it predicts the same as the run on windows of validation horses (test horses without any).

    Classes, sites, rate and steps of a window stand in the file's metadata under `equigait`, as JSON.
    """
    probe = load_probe(run)
    recipe = load_run_recipe(run, overrides=probe.changed)
    inputs = probe_inputs(cache, run=run, settings=recipe)
    windows = inputs.parts.validation if len(inputs.parts.validation) else inputs.parts.test
    if len(windows) < LEAST_WINDOWS:
        found, expected = f"{len(windows)} windows to prove the export on", f"{LEAST_WINDOWS} or more"
        raise BadInput(cache, found=found, expected=expected, remedy="Label recordings of validation horses.")
    facts = ModelFacts(
        classes=probe.classes,
        sites=tuple(resolve_sites(recipe.grid.sites)),
        rate_hz=recipe.grid.rate_hz,
        steps=recipe.windows.steps,
        origin=str(run),
    )
    shown = windows.imu[:MOST_WINDOWS].numpy()
    student = inputs.model.student
    return export_onnx(student, probe, facts=facts, windows=shown, path=out, precision=precision)
