"""The page of an evaluated run: one sentence that answers, then the evidence."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from ..evaluation.score_table import format_difference
from ..evaluation.scores import Scores
from ..runtime.formatting import command, counted
from . import methods, robustness
from .charts import Curve, Row, confusion_chart, curve_chart, interval_chart, reliability_chart
from .formatting import enumerated, interval, percent, plain_site, with_interval
from .pages import write_page
from .teacher_licences import licence_of

FEW_HORSES = 5
"""Fewer test horses than this earn a word of caution."""
MANY_CLASSES = 8
"""More than these are not named one by one in a sentence."""
DRAWN_HORSES = 12
"""Horses in the chart, the worst first; the table has all."""


@dataclass(frozen=True)
class RunFiles:
    """What the page is made from, read from a run's folder."""

    folder: Path
    scores: Scores
    recipe_text: str
    """`recipe.yaml` as it stands."""
    window_seconds: float
    """Length of a window, by that recipe."""
    checkpoint: Mapping[str, Any]
    """Facts of the checkpoint: `step`, `sites`, `teacher`."""
    rows: Sequence[Mapping[str, Any]]
    """Rows of the training log."""
    evaluated: datetime


def write_run_page(files: RunFiles) -> Path:
    """Write `RUN/report.html`; returns its path."""
    scores = files.scores
    return write_page(
        files.folder / "report.html",
        "run",
        title=f"{scores.words.behaviour.capitalize()} model {files.folder.resolve().name}",
        answer=_answer(scores, window_seconds=files.window_seconds),
        evaluated=f"{files.evaluated:%d %B %Y, %H:%M}",
        scores=scores,
        few_horses=len(scores.split["test"]) < FEW_HORSES,
        confused=_worst_confusion(scores),
        confusion=confusion_chart(scores.confusion, classes=scores.classes, behaviour=scores.words.behaviour),
        reliability=reliability_chart(scores.reliability) if scores.reliability else None,
        horses=_horses(scores),
        methods=_methods(scores),
        few_labels=robustness.few_labels(scores),
        sensors=robustness.missing_sensors(scores),
        map=robustness.embedding_map(scores),
        retrieval=_retrieval(scores),
        training=_training(files.rows, kept=files.checkpoint["step"], subjects=scores.words.subjects),
        sources=_sources(scores, checkpoint=files.checkpoint),
        recipe_text=files.recipe_text,
        commands=_commands(files),
        next_step=f"To predict the {scores.words.behaviours} of your own recordings, in the folder that holds them:",
        next_command=command("predict", ".", "--run", files.folder.resolve(), "--out", "predictions"),
    )


def thinned(points: Sequence[tuple[float, float]], *, most: int = 400) -> Curve:
    """Means over stretches of neighbouring points, so that a long log stays a light page."""
    size = -(-len(points) // most)
    stretches = [points[start : start + size] for start in range(0, len(points), size)]
    return [(stretch[-1][0], sum(y for _, y in stretch) / len(stretch), None) for stretch in stretches]


def _answer(scores: Scores, *, window_seconds: float) -> str:
    horses = counted(len(scores.split["test"]), scores.words.subject)
    many = f"one of {len(scores.classes)} {scores.words.behaviours}"
    classes = enumerated(scores.classes) if len(scores.classes) <= MANY_CLASSES else many
    return (
        f"From the sensors alone, {percent(scores.accuracy)} of {scores.n_windows} windows of {window_seconds:g} s "
        f"were classified correctly as {classes}, on {horses} that the model had never seen."
    )


def _worst_confusion(scores: Scores) -> str:
    """The commonest mistake in words."""
    pairs = [(truth, said) for truth in range(len(scores.classes)) for said in range(len(scores.classes))]
    wrong = {(truth, said): scores.confusion[truth][said] for truth, said in pairs if truth != said}
    (truth, said), count = max(wrong.items(), key=lambda item: item[1])
    if not count:
        return "No window was classified wrong."
    whole, total = sum(scores.confusion[truth]), sum(wrong.values())
    return (
        f"{total} of {scores.n_windows} windows were classified wrong. The commonest mistake: {scores.classes[truth]} "
        f"taken for {scores.classes[said]}, {count} of {whole} windows ({percent(count / whole)})."
    )


def _horses(scores: Scores) -> dict[str, Any]:
    """Each test horse, the worst first."""
    horses = sorted(scores.per_horse.items(), key=lambda item: (item[1].accuracy, item[0]))
    rows = [Row(name, each.accuracy, each.accuracy_interval, ours=True) for name, each in horses[:DRAWN_HORSES]]
    cells = [
        (
            name,
            str(h.n_windows),
            str(h.n_blocks),
            f"{h.accuracy:.3f}",
            interval(h.accuracy_interval),
            f"{h.macro_f1:.3f}",
        )
        for name, h in horses
    ]
    worst = horses[0][1].accuracy
    perfect = sum(each.accuracy == 1.0 for _, each in horses)
    sentence = f"{perfect} of {counted(len(horses), f'test {scores.words.subject}')} without a single error."
    if worst < 1.0:
        sentence = f"Worst: {horses[0][0]} with {percent(worst)} of its windows correct. {sentence}"
    return {
        "sentence": sentence,
        "chart": interval_chart(rows, measure="share of windows classified correctly"),
        "rows": cells,
    }


def _methods(scores: Scores) -> dict[str, Any]:
    """Every method on the same windows."""
    ours = methods.pretrained_outcomes(scores)
    named = {methods.BASELINES.get(key, key): each for key, each in methods.baseline_outcomes(scores).items()}
    everyone = ours | named
    bars = [Row(name, o.macro_f1, o.intervals["macro_f1"], ours=name in ours) for name, o in everyone.items()]
    rows = [
        [
            name,
            with_interval(o.macro_f1, o.intervals["macro_f1"]),
            format_difference(o.difference.value, interval=o.difference.interval) if o.difference else "–",
            f"{o.accuracy:.3f}",
            f"{o.ece:.3f}",
            o.note,
        ]
        for name, o in everyone.items()
    ]
    behaviour = scores.words.behaviour
    for name, meaning in (
        ("majority", f"always the commonest {behaviour}"),
        ("uniform", f"any {behaviour}, at random"),
    ):
        chance = scores.chance[name]
        rows.append([f"Chance ({name})", f"{chance['macro_f1']:.3f}", "–", f"{chance['accuracy']:.3f}", "–", meaning])
    return {
        "sentence": _comparison(scores),
        "chart": interval_chart(bars, measure="macro-F1", chance=scores.chance["uniform"]["macro_f1"]),
        "rows": rows,
        "left_out": methods.baselines_left_out(scores),
        "perfect": any(each.macro_f1 == 1.0 for each in everyone.values()),
    }


def _comparison(scores: Scores) -> str:
    """How the run stands against the best baseline that uses sensors alone."""
    best = methods.best_baseline(scores)
    if best is None:
        return "No baseline was scored beside the run."
    name, outcome = best
    points = 100 * (scores.macro_f1 - outcome.macro_f1)
    low, high = outcome.difference.interval if outcome.difference else (1.0, 1.0)
    within = " The interval of the difference holds zero: too close to call." if low <= 0.0 <= high else ""
    way = f"{abs(points):.1f} points of macro-F1 {'ahead of' if points > 0 else 'behind'}"
    stand = way if abs(points) >= 0.05 else "level with"
    return f"Of the baselines that use sensors alone, “{name}” does best: the run is {stand} it.{within}"


def _retrieval(scores: Scores) -> dict[str, Any] | None:
    if scores.retrieval is None:
        return None
    chance = scores.chance["retrieval"]
    names = {"imu_to_film": "sensors find their film", "film_to_imu": "film finds its sensors"}
    rows = [
        [
            name,
            *(f"{scores.retrieval[key][cut]:.3f} ({scores.retrieval[key][cut] / chance[cut]:.1f}×)" for cut in chance),
        ]
        for key, name in names.items()
    ]
    return {"head": ["", *chance], "rows": [*rows, ["chance", *(f"{value:.3f}" for value in chance.values())]]}


def _training(rows: Sequence[Mapping[str, Any]], *, kept: int, subjects: str) -> dict[str, Any] | None:
    """Loss and validation retrieval over the steps of pretraining."""
    if not rows:
        return None
    loss = thinned([(row["step"], row["loss"]) for row in rows])
    charts = [curve_chart({"loss": loss}, x="training step", y="loss", half=True)]
    checked = [row for row in rows if row.get("validation")]
    if checked:
        ways = (("sensors → film", "imu_to_film"), ("film → sensors", "film_to_imu"))
        curves = {n: [(row["step"], row["validation"][way]["R@10"], None) for row in checked] for n, way in ways}
        y = f"R@10 on validation {subjects}"
        charts.append(curve_chart(curves, x="training step", y=y, top=1.0, half=True))
    without = "" if checked else f", without validation {subjects}"
    sentence = f"{rows[-1]['step']} steps{without}. The checkpoint is that of step {kept}."
    return {"sentence": sentence, "charts": charts}


def _sources(scores: Scores, *, checkpoint: Mapping[str, Any]) -> dict[str, str]:
    teacher = checkpoint["teacher"]
    return {
        **{f"{name} {scores.words.subjects}": ", ".join(horses) or "none" for name, horses in scores.split.items()},
        "sensor sites": ", ".join(map(plain_site, checkpoint["sites"])),
        "teacher": f"{teacher.get('name', 'none')}, {teacher.get('dim', '?')} numbers a clip",
        "teacher's weights": f"SHA-256 {teacher.get('weights_sha256', 'unknown')}",
        "licence of the teacher": licence_of(teacher.get("name")),
        "checkpoint": f"step {checkpoint['step']}",
        "probe": scores.note,
    }


def _commands(files: RunFiles) -> list[str]:
    """What to type to make this run again from DATA."""
    run, config, cache = files.folder, files.folder / "recipe.yaml", ("--cache", "CACHE")
    probed, changed = (
        [word for each in settings for word in ("--set", each)]
        for settings in (files.scores.probed, files.scores.changed)
    )
    return [
        command("extract-teacher", "DATA", *cache, "--config", config),
        command("pretrain", *cache, "--run", run, "--config", config),
        command("probe", *cache, "--run", run, *probed),
        command("evaluate", *cache, "--run", run, *changed),
        command("report", "--run", run),
    ]
