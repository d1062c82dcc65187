"""Makes `field-student`, the student that comes with the package, from simulated horses alone.

    python -m tests.artifacts.train_field_student runs/field-student

One yard of the field difficulty, of a seed used for nothing else: some horses are filmed and teach by film, all are
labelled and teach the probe; a fifth of them chooses and calibrates. FOLDER/run then holds what is shipped.
"""

import argparse
import shutil
from dataclasses import dataclass
from pathlib import Path

import torch
from equigait.data.simulate import YardSpec, simulate_yard
from equigait.pipeline.extract_teacher import extract_teacher
from equigait.pipeline.pretrain import pretrain
from equigait.pipeline.probe import probe
from equigait.pipeline.recipe import Recipe, load_recipe
from equigait.pipeline.training.checkpoint import load_checkpoint, read_facts, save_checkpoint
from equigait.pipeline.training.run import Run

SEED = 290117
"""Of the horses. No bench and no test uses it."""
SHIPPED = ("recipe.yaml", "checkpoint.safetensors", "probe.safetensors")
"""What `predict` reads of a run."""


@dataclass(frozen=True)
class Making:
    """How much is simulated and trained; the defaults made what is shipped."""

    filmed: int = 14
    """Horses with film."""
    filmed_seconds: float = 90.0
    unfilmed: int = 300
    """Horses with sensors and labels alone."""
    first_unfilmed: int = 20
    """Number of the first of them."""
    unfilmed_seconds: float = 180.0
    behaviours: tuple[str, ...] = ()
    """What the horses do; empty: everything."""
    overrides: tuple[str, ...] = ()
    """Settings of the recipe that differ."""


def field_recipe(making: Making) -> Recipe:
    """The recipe `field`, for sensors that may be missing and horses that are all learned from."""
    settings = [
        "name=field-student",
        "split.test=[]",
        "windows.purity=0.7",  # the probe sees changes, too: else a window of half a stand is told as what moves more
        "heads.dropout=0",
        "augment.site_dropout=0.3",
        "train.steps=400",
        "train.validate_every=100",
        "train.device=cpu",
        "train.threads=1",
        "probe.features=[spectra, phases, axes-spectra]",
        "probe.inverse_penalties=[0.03]",
        "probe.oversample_to=4500",
    ]
    return load_recipe("field", overrides=[*settings, *making.overrides])


def make_yard(folder: Path, making: Making) -> Path:
    """Filmed and unfilmed horses, none of them twice, in one data set."""
    small = {"fps": 15.0, "frame_width": 160, "frame_height": 96}  # videomae-demo sees 64 x 64 pixels, 7.5 a second
    spec = YardSpec.model_validate({"difficulty": "field", "seed": SEED, "behaviours": making.behaviours} | small)
    filmed = {"horses": making.filmed, "seconds": making.filmed_seconds}
    unfilmed = {"horses": making.unfilmed, "seconds": making.unfilmed_seconds, "first_horse": making.first_unfilmed}
    simulate_yard(folder / "yard", spec=spec.model_copy(update=filmed))
    simulate_yard(folder / "yard", spec=spec.model_copy(update=unfilmed | {"film": False}))
    return folder / "yard"


def train(folder: Path, *, making: Making) -> Path:
    """The run, which ends with the probe; what is there already is not made again."""
    recipe, cache, run = field_recipe(making), folder / "cache", folder / "run"
    yard = folder / "yard" if (folder / "yard").exists() else make_yard(folder, making)
    extract_teacher(yard, cache=cache, recipe=recipe)
    pretrain(cache, run=run, recipe=recipe)
    round_weights(Run(run).checkpoint)
    probe(cache, run=run)
    return run


def round_weights(checkpoint: Path) -> None:
    """Makes the weights 16-bit floats in the file; they are read as 32-bit ones of the same values."""
    save_checkpoint(load_checkpoint(checkpoint).half(), checkpoint, facts=read_facts(checkpoint))


def ship(run: Path, *, to: Path) -> list[Path]:
    """Copies what `predict` reads of a run."""
    to.mkdir(parents=True, exist_ok=True)
    return [Path(shutil.copyfile(run / name, to / name)) for name in SHIPPED]


def main() -> None:
    """Simulate, learn, copy: the files of the package are replaced where `--ship` names their folder."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--ship", type=Path)
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    run = train(arguments.folder, making=Making())
    if arguments.ship:
        print("\n".join(map(str, ship(run, to=arguments.ship))))


if __name__ == "__main__":
    main()
