"""A run's model to give away, with its model card: the student alone, or student and probe as one ONNX file."""

from pathlib import Path

from ..data.errors import BadInput
from ..data.sites import resolve_sites
from .inference.card_file import write_card
from .inference.onnx_export import ModelFacts, Parity, Precision, export_onnx
from .inference.pretrained_student import PretrainedStudent, load_pretrained
from .inference.shipped_models import run_folder
from .probing.inputs import probe_inputs
from .probing.probe_file import load_probe
from .recipe import load_run_recipe
from .reporting.model_card import model_card
from .training.run import Run

LEAST_WINDOWS = 8
"""Fewer windows prove nothing."""
MOST_WINDOWS = 2000
"""More take long and prove nothing more."""


def export(cache: str | Path, *, run: Path, out: Path, precision: Precision = "float32") -> Parity:
    """Writes `out` once it predicts the same as the run on windows of validation horses (test horses without any).

    The model card is README.md beside it, or `out` with the ending .md where a README.md of another origin stands.
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
    parity = export_onnx(student, probe, facts=facts, windows=shown, path=out, precision=precision)
    card = model_card(run, form="onnx", file=out.name, classes=probe.classes, simulated=has_truth(cache))
    write_card(card, folder=out.parent, otherwise=f"{out.stem}.md")
    return parity


def load_student(source: str | Path) -> PretrainedStudent:
    """The student of a run's folder, of a folder that `save_pretrained` wrote, of a Hugging Face Hub id, or
    `field-student`, which comes with the package.

    That of a run carries its model card, which `save_pretrained` and `push_to_hub` write as README.md. A local folder
    is read without network. Anything else that does not name a Hub repository raises BadInput.
    """
    student, folder = load_pretrained(source), run_folder(source)
    if Run(folder).recipe.is_file():
        student.card = model_card(folder, form="student", file="")
    return student


def has_truth(cache: str | Path) -> bool:
    """Whether a simulated yard's truth lies where `simulate` writes it, beside a cache in the yard's own folder."""
    truth = Path(cache).parent / "truth"
    return any(truth.glob("*.json"))
