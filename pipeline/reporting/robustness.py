"""Two more looks at the student: what it scores when sensors are missing, and where its embeddings lie."""

from ...data.page.html import paragraph, scrolling, section, side_by_side, table
from ..evaluation.scores import Scores
from .charts import Row, interval_chart
from .plots import plane_chart


def missing_sensors_section(scores: Scores) -> str:
    """What is lost with each site, and what each is worth alone."""
    sites = scores.missing_sensors
    if not sites:
        return ""
    rows = [
        Row("all sensors", scores.macro_f1, scores.intervals["macro_f1"], kind="ours"),
        *(Row(f"without {_name(site)}", found.without, found.without_interval) for site, found in sites.items()),
        *(Row(f"{_name(site)} alone", found.alone, found.alone_interval) for site, found in sites.items()),
    ]
    lines = [
        [_name(site), f"{f.without:.3f}", _interval(f.without_interval), f"{f.alone:.3f}", _interval(f.alone_interval)]
        for site, f in sites.items()
    ]
    worst, least = min(sites.items(), key=lambda item: item[1].without)
    loss = f"without {_name(worst)} it loses most, from {scores.macro_f1:.3f} to {least.without:.3f}"
    told = loss if least.without < scores.macro_f1 else "without any one it loses nothing"
    words = (
        f"Macro-F1 when a sensor fails: {told}. The student and its probe are the same and were told nothing of it: "
        "each silent site shows its mean over the training horses."
    )
    chance = {"chance": scores.chance["uniform"]["macro_f1"]}
    return section(
        "When sensors are missing",
        body=[
            paragraph(words),
            scrolling(interval_chart(rows, chance=chance, label="Macro-F1 with sensors missing")),
            table(["site", "without it", "interval", "it alone", "interval"], rows=lines),
        ],
    )


def map_section(scores: Scores) -> str:
    """Test windows as the student places them."""
    drawn = scores.embedding_map
    if drawn is None:
        return ""
    horses = sorted(scores.split["test"])
    charts = [
        plane_chart(drawn.x, drawn.y, group=drawn.label, names=scores.classes, kind="l", title="by gait"),
        plane_chart(
            drawn.x,
            drawn.y,
            group=drawn.horse,
            names=[horse for horse in horses if horse in scores.per_horse],
            kind="h",
            title="by horse",
        ),
    ]
    first, second = drawn.variance_shares
    words = (
        f"Each point is one of {len(drawn.x)} windows of the test horses, on the two directions in which embeddings "
        f"differ most ({100 * first:.0f} % and {100 * second:.0f} % of all variance). Gaits should lie apart and "
        "horses should mix; what these two directions do not show may still be told apart."
    )
    return section("How the student sees the windows", body=[paragraph(words), side_by_side(charts)])


def _name(site: str) -> str:
    return site.replace("_", " ")


def _interval(interval: tuple[float, float]) -> str:
    return f"{interval[0]:.3f} to {interval[1]:.3f}"
