"""The model card of a run's student: what it is, what it learned from, how it scored, and what it is not for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from ...data.errors import BadInput
from ...data.settings import read_yaml
from ...data.words import Words
from ..evaluation.scores import Scores, belong_to, read_scores
from ..inference.card_file import MARK
from ..inference.shipped_models import is_simulated
from ..runtime.formatting import counted
from ..training.checkpoint import read_facts
from ..training.run import Run
from . import methods
from .formatting import plain_site, with_interval
from .pages import render_text
from .teacher_licences import hub_licence, licence_of

Form = Literal["student", "onnx"]
"""A folder that `save_pretrained` writes, or a file of student and probe that `export` writes."""
TAGS = ("accelerometer", "gait", "gyroscope")


@dataclass(frozen=True)
class CardFacts:
    """What a run knows of itself, and the form its model is given away in."""

    run: Path
    recipe: Mapping[str, Any]
    """`recipe.yaml` as it stands."""
    checkpoint: Mapping[str, Any]
    """Facts of the checkpoint: `step`, `sites`, `teacher`, `horses`."""
    form: Form
    file: str
    """Name of the folder or file."""
    simulated: bool
    """Whether the data are known to be simulated."""

    @property
    def words(self) -> Words:
        """What was recorded is called."""
        return Words.model_validate(self.recipe.get("words") or {})

    @property
    def teacher(self) -> str:
        """Name of the teacher whose features the cache held; empty without film."""
        return str(self.checkpoint["teacher"].get("name", ""))

    @property
    def filmed(self) -> bool:
        """Whether film was a part of the training."""
        return bool(self.teacher)


def model_card(run: Path, *, form: Form, file: str, classes: tuple[str, ...] = (), simulated: bool = False) -> str:
    """The card as Markdown with the Hugging Face Hub's metadata in front.

    Counts and settings come from the run alone; scores only from a `scores.json` of the checkpoint and the probe that
    lie there now. `classes` are those of the probe in an ONNX file. `simulated`: the data are known to be simulated,
    else the recipe's name decides. A folder that is no run raises BadInput.
    """
    recipe: dict[str, Any] = dict(read_yaml(Run(run).recipe))  # type: ignore[call-overload]  # sections
    facts = CardFacts(run, recipe, read_facts(Run(run).checkpoint), form, file, simulated or is_simulated(run))
    scores, unscored = _scores(run)
    return render_text(
        "model_card.md",
        mark=MARK,
        front=_front_matter(facts),
        facts=facts,
        title=f"{facts.words.behaviour.capitalize()} model {run.resolve().name}",
        described=_described(facts),
        horses=_horses(facts),
        scores=scores,
        unscored=unscored,
        methods=_methods(scores) if scores else [],
        weakest=_weakest_site(scores) if scores else None,
        classes=classes,
        licence=f"Teacher {facts.teacher}: {licence_of(facts.teacher)}" if facts.filmed else "No teacher was used.",
    )


def _front_matter(facts: CardFacts) -> dict[str, Any]:
    """Keys of the Hub's model cards: huggingface.co/docs/hub/model-cards."""
    licence = hub_licence(facts.teacher, simulated=facts.simulated)
    name = {"license_name": "not-stated"} if licence == "other" else {}
    tags = {*TAGS, facts.words.subject, "onnx" if facts.form == "onnx" else "pytorch"}
    tags |= {"model_hub_mixin", "pytorch_model_hub_mixin"} if facts.form == "student" else set()
    tags |= {"simulated-data"} if facts.simulated else set()
    return {"library_name": "equigait", "license": licence, **name, "tags": sorted(tags)}


def _described(facts: CardFacts) -> list[tuple[str, str]]:
    grid, windows, recipe = facts.recipe["grid"], facts.recipe["windows"], facts.recipe
    rate = float(grid["rate_hz"])
    seconds, apart = windows["steps"] / rate, windows["hop_steps"] / rate
    return [
        ("network", f"`{recipe['student']['name']}`, checkpoint of step {facts.checkpoint['step']}"),
        ("sensors", ", ".join(map(plain_site, facts.checkpoint["sites"]))),
        ("channels of each", "ax ay az in m/s^2 (gravity included), gx gy gz in rad/s; x forward, y left, z up"),
        ("windows", f"{seconds:g} s at {rate:g} Hz: {windows['steps']} samples; in training {apart:g} s apart"),
        ("objective", f"`{recipe['objective']['name']}`"),
        (
            "teacher",
            f"`{facts.teacher}`: film was needed to train, and is not to use it" if facts.filmed else "none",
        ),
        ("recipe", f"`{recipe.get('name', 'unnamed')}`"),
    ]


def _horses(facts: CardFacts) -> list[tuple[str, str]]:
    """Counts by side of the split; names are not given away."""
    sides = facts.checkpoint.get("horses") or {}
    purposes = {"train": "trained on", "validation": "chose the checkpoint", "test": "kept for the scores"}
    return [(purposes[side], counted(len(sides[side]), facts.words.subject)) for side in purposes if side in sides]


def _scores(run: Path) -> tuple[Scores | None, str]:
    """The scores of this very checkpoint and probe; else None, and why."""
    try:
        scores = read_scores(run)
        if belong_to(scores, run=run):
            return scores, ""
    except BadInput:
        pass
    there = (run / "scores.json").is_file()
    return None, "The scores that lie there are of another checkpoint or probe." if there else "No scores lie there."


def _methods(scores: Scores) -> list[Sequence[str]]:
    """The run, its baselines and chance: name, macro-F1, accuracy, each with its interval where it has one."""
    named = {methods.BASELINES.get(key, key): each for key, each in methods.baseline_outcomes(scores).items()}
    rows: list[Sequence[str]] = [
        (
            name,
            with_interval(each.macro_f1, each.intervals.get("macro_f1")),
            with_interval(each.accuracy, each.intervals.get("accuracy")),
        )
        for name, each in (methods.pretrained_outcomes(scores) | named).items()
    ]
    for name in ("majority", "uniform"):
        chance = scores.chance[name]
        rows.append((f"Chance ({name})", f"{chance['macro_f1']:.3f}", f"{chance['accuracy']:.3f}"))
    return rows


def _weakest_site(scores: Scores) -> str | None:
    """The sensor whose loss costs most."""
    if not scores.missing_sensors:
        return None
    site, found = min(scores.missing_sensors.items(), key=lambda item: item[1].without)
    figure = with_interval(found.without, found.without_interval)
    return f"Without the sensor at {plain_site(site)} macro-F1 is {figure}: no other costs more."
