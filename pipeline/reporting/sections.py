"""What the report says of the scores, in words that claim no more than the figures do."""

from ...data.page.html import paragraph, scrolling, section, table, tile, tiles
from ..evaluation.intervals import BLOCK_WINDOWS
from ..evaluation.scores import Interval, MethodScores, Scores
from ..runtime.formatting import counted
from .charts import Row, confusion_chart, interval_chart
from .names import CONTROL_NAMES, JUDGE_NAMES, OURS

FEW_HORSES = 5
"""Fewer test horses than this earn a word of caution in the header."""


def headline(scores: Scores, *, window_seconds: float) -> str:
    """The result in a sentence, the main figures, and what to be careful about."""
    horses = scores.split["test"]
    gaits = _enumerate(scores.classes)
    told = f"{_percent(scores.accuracy)} of {scores.n_windows} windows of {window_seconds:g} s"
    sentence = (
        f"From the sensors alone, {told} were told right as {gaits}, on {counted(len(horses), 'horse')} "
        "that the model had never seen."
    )
    return "\n".join([paragraph(sentence, kind="lead"), _tiles(scores), *_cautions(scores)])


def confusion_section(scores: Scores) -> str:
    """Who was taken for whom."""
    return section(
        "What was taken for what",
        body=[
            paragraph(_worst_confusion(scores)),
            scrolling(confusion_chart(scores.confusion, classes=scores.classes)),
            paragraph("Each row is one true gait; figures are windows, and their share of the row.", kind="note"),
        ],
    )


def horses_section(scores: Scores) -> str:
    """Each test horse by itself."""
    rows = [
        Row(name, horse.accuracy, horse.accuracy_interval, kind="ours", remark=f"{horse.n_windows} windows")
        for name, horse in scores.per_horse.items()
    ]
    lines = [
        [
            name,
            str(horse.n_windows),
            str(horse.n_blocks),
            f"{horse.accuracy:.3f}",
            _interval(horse.accuracy_interval),
            f"{horse.macro_f1:.3f}",
        ]
        for name, horse in scores.per_horse.items()
    ]
    head = ["horse", "windows", "stretches", "accuracy", "interval", "macro-F1"]
    note = (
        "Neighbouring windows share samples, so they are no independent looks at a horse: the intervals count "
        f"stretches of up to {BLOCK_WINDOWS} neighbouring windows of one gait instead."
    )
    return section(
        "Horse by horse",
        body=[
            paragraph("An average hides the horse for which it fails. Share of windows told right of each test horse:"),
            scrolling(interval_chart(rows, chance={}, label="Accuracy of each test horse")),
            table(head, rows=lines),
            paragraph(note, kind="note"),
        ],
    )


def controls_section(scores: Scores) -> str:
    """The same windows told by other means."""
    ours: dict[str, MethodScores] = {OURS: scores}
    ours |= {JUDGE_NAMES.get(key, key): v for key, v in scores.classifiers.items()}
    everyone = ours | {CONTROL_NAMES.get(key, key): v for key, v in scores.baselines.items()}
    rows = [
        Row(name, outcome.macro_f1, outcome.intervals["macro_f1"], kind="ours" if name in ours else "other")
        for name, outcome in everyone.items()
    ]
    chance = {"chance": scores.chance["uniform"]["macro_f1"]}
    lines = [
        [name, f"{o.macro_f1:.3f}", f"{o.accuracy:.3f}", f"{o.balanced_accuracy:.3f}", f"{o.ece:.3f}", o.note]
        for name, o in everyone.items()
    ]
    for name, meaning in CHANCE.items():
        figures = [f"{scores.chance[name][key]:.3f}" for key in ("macro_f1", "accuracy", "balanced_accuracy")]
        lines.append([f"Chance ({name})", *figures, "–", meaning])
    left_out = [
        paragraph(f"{CONTROL_NAMES.get(name, name)}: not scored, {reason}.", kind="note")
        for name, reason in scores.baselines_left_out.items()
    ]
    head = ["", "macro-F1", "accuracy", "balanced", "calibration error", "what it is"]
    return section(
        "Is it worth it? The same windows told by other means",
        body=[
            paragraph(_compare(scores)),
            scrolling(interval_chart(rows, chance=chance, label="Macro-F1 of every contender")),
            table(head, rows=lines, marked=OURS),
            *left_out,
            paragraph(f"Intervals: {scores.interval_method}.", kind="note"),
        ],
    )


def retrieval_section(scores: Scores) -> str:
    """Whether sensors and film found each other."""
    if scores.retrieval is None:
        return ""
    chance = scores.chance["retrieval"]
    names = {"imu_to_film": "sensors find their film", "film_to_imu": "film finds its sensors"}
    lines = [
        [
            name,
            *(
                f"{scores.retrieval[key][cut]:.3f} ({_times(scores.retrieval[key][cut], chance[cut])})"
                for cut in chance
            ),
        ]
        for key, name in names.items()
    ]
    return section(
        "Did sensors and film find each other?",
        body=[
            paragraph(
                "Given the sensors of one window, how often is its own film among the 1, 5 or 10 most alike of all "
                "windows of the test horses? This is what pretraining teaches; nobody labelled anything for it."
            ),
            table(["", *chance], rows=[*lines, ["chance", *(f"{chance[cut]:.3f}" for cut in chance)]]),
            paragraph(
                "R@k: share of windows whose partner is among the k nearest. MRR: mean of 1 / rank. In brackets: how "
                "many times chance. Windows of the same gait and horse look alike and neighbours share film: R@1 stays "
                "low even for a good model.",
                kind="note",
            ),
        ],
    )


CHANCE = {"majority": "always says the commonest gait", "uniform": "draws a gait at random"}


def _tiles(scores: Scores) -> str:
    chance = scores.chance["uniform"]["macro_f1"]
    return tiles(
        [
            tile(
                "Macro-F1",
                figure=f"{scores.macro_f1:.3f}",
                below=f"{_interval(scores.intervals['macro_f1'])}; chance {chance:.2f}",
                first=True,
            ),
            tile("Accuracy", figure=_percent(scores.accuracy), below=_interval(scores.intervals["accuracy"])),
            tile(
                "Balanced accuracy",
                figure=_percent(scores.balanced_accuracy),
                below=_interval(scores.intervals["balanced_accuracy"]),
            ),
            tile("Calibration error", figure=f"{scores.ece:.3f}", below="0 = says 90 % and is right 90 % of the time"),
        ]
    )


def _cautions(scores: Scores) -> list[str]:
    horses = len(scores.split["test"])
    if horses >= FEW_HORSES:
        return []
    few = f"{counted(horses, 'test horse')} cannot tell how well this works on other horses"
    return [paragraph(f"{few}: take the figures as a first look.", kind="warn")]


def _worst_confusion(scores: Scores) -> str:
    """The commonest mistake in words."""
    wrong = {
        (truth, said): scores.confusion[truth][said]
        for truth in range(len(scores.classes))
        for said in range(len(scores.classes))
        if truth != said
    }
    (truth, said), count = max(wrong.items(), key=lambda item: item[1])
    if not count:
        return "No window was told wrong."
    whole, total = sum(scores.confusion[truth]), sum(wrong.values())
    return (
        f"{total} of {scores.n_windows} windows were told wrong. The commonest mistake: {scores.classes[truth]} taken "
        f"for {scores.classes[said]}, {count} of {whole} windows ({_percent(count / whole)})."
    )


def _compare(scores: Scores) -> str:
    """How the run stands against its best rival among those that use sensors alone."""
    rivals = {name: outcome for name, outcome in scores.baselines.items() if name != "teacher"}
    if not rivals:
        return "No control was scored beside the run."
    name, best = max(rivals.items(), key=lambda item: item[1].macro_f1)
    points = 100 * (scores.macro_f1 - best.macro_f1)
    low, high = scores.intervals["macro_f1"]
    within = " That is within the interval: too close to call." if low <= best.macro_f1 <= high else ""
    way = "ahead of" if points > 0 else "behind"
    stand = f"{abs(points):.1f} points of macro-F1 {way}" if abs(points) >= 0.05 else "level with"
    rival = CONTROL_NAMES.get(name, name)
    return f"Of the controls that use sensors alone, “{rival}” does best: the run is {stand} it.{within}"


def _times(value: float, chance: float) -> str:
    return f"{value / chance:.1f}×"


def _interval(interval: Interval) -> str:
    return f"{interval[0]:.3f} to {interval[1]:.3f}"


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"


def _enumerate(names: tuple[str, ...]) -> str:
    return f"{', '.join(names[:-1])} or {names[-1]}"
