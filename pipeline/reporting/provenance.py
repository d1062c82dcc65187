"""Where the figures come from: how training went, the teacher and its licence, horses, recipe, commands."""

from collections.abc import Mapping, Sequence
from typing import Any

from ...data.page.html import definitions, fold, listing, paragraph, section, side_by_side
from ..evaluation.scores import Scores
from .charts import curve_chart

LICENCES = {
    "videomae-base": (
        "The weights MCG-NJU/videomae-base are published under CC BY-NC 4.0: not for commercial use. Whether that "
        "extends to a student that learned from their features is not settled; ask before you use one commercially."
    ),
    "videomae-demo": (
        "Comes with equigait under Apache-2.0 and has seen simulated film alone: it shows that everything works, and "
        "knows nothing of real horses."
    ),
}
"""What is known about the use of a teacher's weights, by its name."""
OWN_WEIGHTS = "A checkpoint of your own: its licence is yours to check."


def training_section(rows: Sequence[Mapping[str, Any]], *, kept: int) -> str:
    """Loss and validation retrieval over the steps of pretraining, of which that of step `kept` is the checkpoint."""
    if not rows:
        return ""
    loss = thinned([(row["step"], row["loss"]) for row in rows])
    drawings = [curve_chart({"loss": loss}, title="Loss of pretraining", low=0.0, high=1.05 * max(y for _, y in loss))]
    checked = [row for row in rows if row.get("validation")]
    if checked:
        series = {
            name: [(row["step"], row["validation"][way]["R@10"]) for row in checked]
            for name, way in (("sensors → film", "imu_to_film"), ("film → sensors", "film_to_imu"))
        }
        drawings.append(curve_chart(series, title="R@10 on validation horses", low=0.0, high=1.0))
    words = f"{rows[-1]['step']} steps. The checkpoint is that of step {kept}."
    if not checked:
        words = f"{rows[-1]['step']} steps, without validation horses. The checkpoint is that of step {kept}."
    return section("How pretraining went", body=[paragraph(words), side_by_side(drawings)])


def sources_section(scores: Scores, *, facts: Mapping[str, Any], recipe_text: str, commands: Sequence[str]) -> str:
    """Horses, sensors, teacher, licence; recipe and commands to do it again."""
    teacher = facts["teacher"]
    entries = {
        **{f"{name} horses": ", ".join(horses) or "none" for name, horses in scores.split.items()},
        "sensor sites": ", ".join(facts["sites"]),
        "teacher": f"{teacher.get('name', 'none')}, {teacher.get('dim', '?')} numbers a clip",
        "teacher's weights": f"SHA-256 {teacher.get('weights_sha256', 'unknown')}",
        "licence of the teacher": LICENCES.get(str(teacher.get("name")), OWN_WEIGHTS),
        "checkpoint": f"step {facts['step']}",
        "probe": scores.note,
    }
    return section(
        "What went in",
        body=[
            definitions(entries),
            fold("The whole recipe", code=recipe_text),
            paragraph("To do it again:"),
            listing("\n".join(commands)),
        ],
    )


def limits_section(scores: Scores) -> str:
    """What the reader must not conclude."""
    gaits = ", ".join(scores.classes)
    points = (
        f"The model knows {gaits} and nothing else: whatever else a horse does is called the likeliest of these.",
        "Windows across a change of gait, without a label, or with missing samples were not scored.",
        "Other sensors, sites, mounts, grounds or tempi than those of these recordings may do worse.",
        "Nothing here says anything about lameness or health.",
    )
    return section("What this does not say", body=["<ul>", *(f"<li>{point}</li>" for point in points), "</ul>"])


def thinned(points: list[tuple[float, float]], *, most: int = 400) -> list[tuple[float, float]]:
    """Means over runs of neighbouring points, so that a long log stays a light page."""
    size = -(-len(points) // most)
    runs = [points[start : start + size] for start in range(0, len(points), size)]
    return [(run[-1][0], sum(y for _, y in run) / len(run)) for run in runs]
