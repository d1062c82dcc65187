"""The study as one page of Markdown: named figures, tables by data set, and where pretraining helps and where not."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from equigait.data.files import write_atomically
from equigait.pipeline.evaluation.intervals import possible
from equigait.pipeline.runtime.formatting import counted

from .contenders import CONTENDERS, DEFAULT, PREDECESSORS
from .datasets import DATA
from .found import Figure, Found, few, leads_of, macro_f1, mean_bounds, read_all, spread
from .rows import write_rows

WAYS = {"imu_to_film": "R@10 sensors to film", "film_to_imu": "R@10 film to sensors"}
VERDICTS = {True: "holds", False: "does not hold", None: "not decided"}
RIVALS = ("scratch", "random-init", "spectral")
"""With few labels, beside the pretrained probe."""


def write_tables(results: Path, *, root: Path, markdown: Path) -> str:
    """Writes the rows' JSON files below `root` and the page, from the cells' `results`; gives the page."""
    found = read_all(results)
    text = page(found, rows=write_rows(found, root=root))
    write_atomically(markdown, text)
    return text


def page(found: Found, *, rows: Sequence[dict[str, Any]]) -> str:
    """The page of what is there."""
    there, planned = sum(map(len, found.results.values())), sum(found.planned.values())
    parts = [
        "# What the study found",
        "Every figure here was written by `python -m tests.study table` from the cells' files in `results`; none was "
        f"typed. {there} of {planned} cells are there. `make study` finds the missing ones, and goes on where it was "
        "killed." + _missing(found),
        "Intervals are 95 %. Horses that are scored taught nobody. Settings of the configurations `utd-mhad` and "
        "`derived-horses` were tried on these same people and clips before; the yards' horses are new to all of them. "
        "`yard`, which is judged, is another yard for every seed, so that its intervals are over yards as well as over "
        "trainings. The demand of few labels was put to others before, one after the other: `yard-quiet`, "
        "`yard-turned`, `yard-any-angle`, `yard-again`, and three trainings on the first yard of `yard`. In the first "
        "three, rides of a minute hold too few windows of each gait, so that labels come from several horses; in the "
        "others they come from one, as when one begins. What the probe makes of few labels (`probe.oversample_to`, "
        "`probe.self_training`) was tried out on the four before `yard`; how the student tells spectra, on "
        "`yard-any-angle`, `yard-again` and two yards that are not here.",
        _versions(found),
        "## Held to",
        _aligned(["name", "figure", "value", "interval", "chance", "held to", ""], map(_row, rows)),
        *(_detail(row) for row in rows if row["value"] is not None),
        "## Where pretraining across film and sensors helps",
        *(line for data in DATA for line in helped(found, data)),
        "## By data set",
        *(_dataset(found, data) for data in DATA if any(name == data for name, _ in found.results)),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _missing(found: Found) -> str:
    """Of whom cells are missing, by data set."""
    named = [
        f"{data}.{contender} ({len(missing)} of {planned})"
        for (data, contender), planned in found.planned.items()
        if (missing := found.missing((data, contender)))
    ]
    return f" Missing: {', '.join(named)}." if named else ""


def helped(found: Found, data: str) -> Iterator[str]:
    """A line for each comparison of the pretrained default with a control on the same windows."""
    lines = [
        _compared(found, data, control, macro_f1, "all labels") for control in ("spectral", "supervised", "random-init")
    ]
    for result in list(found.of(data, DEFAULT).values())[:1]:
        for each in result.get("few_shot", []):
            lines += [_few_compared(found, data, each["shots"], rival) for rival in RIVALS if rival in each["draws"]]
    told = [line for line in lines if line]
    if told:
        yield f"**{data}** ({DATA[data].what}):"
        yield "\n".join(f"- {line}" for line in told)


def _compared(found: Found, data: str, control: str, figure: Figure, labels: str) -> str:
    """Seed by seed, of those that both have: another seed may be another yard."""
    ours, theirs = found.of(data, DEFAULT), found.of(data, control)
    if found.planned.get((data, control)) == 1 and DATA[data].by_seed is None:  # nothing is drawn: one for all
        theirs = dict.fromkeys(ours, theirs[0]) if theirs else {}
    differences = [figure(result) - figure(theirs[seed]) for seed, result in ours.items() if seed in theirs]
    return _told(differences, f"{CONTENDERS[control].what}, {labels}") if differences else ""


def _few_compared(found: Found, data: str, shots: int, rival: str) -> str:
    """Seed by seed, or draw by draw where there is one seed."""
    by_seed = [leads_of(result, shots=shots, rival=rival) for result in found.of(data, DEFAULT).values()]
    what = "from scratch" if rival == "scratch" else CONTENDERS[rival].what
    against = f"{what}, {counted(shots, 'labelled window')} a class"
    if len(by_seed) == 1:
        return _told(by_seed[0].tolist(), against, unit="draws of one seed")
    return _told([float(np.mean(each)) for each in by_seed], against)


def _told(differences: Sequence[float], against: str, *, unit: str = "seeds") -> str:
    """A difference in words: which way it goes, if it goes any way that seeds (or draws) agree on."""
    ours = spread(differences)
    if len(differences) == 1:
        return f"against {against}: macro-F1 {ours.mean:+.3f}, of one seed, which decides nothing"
    low, high = ours.interval
    word = "helps" if low > 0 else "does not help" if high < 0 else "no difference that is sure"
    return (
        f"against {against}: {word}, macro-F1 {ours.mean:+.3f} ({low:+.3f} to {high:+.3f}, {len(differences)} {unit})"
    )


def _row(row: dict[str, Any]) -> list[str]:
    if row["value"] is None:
        return [row["name"], row["figure"], "-", "-", "-", row["held_to"], "not run"]
    verdict = VERDICTS[row["holds"]] + (f"; {len(row['cells_missing'])} cells missing" if row["cells_missing"] else "")
    value, interval = f"{row['value']:.3f}", _interval(row["interval"])
    return [row["name"], row["figure"], value, interval, f"{row['chance']:.3f}", row["held_to"], verdict]


def _detail(row: dict[str, Any]) -> str:
    """What stands beside a row's figure."""
    others = ", ".join(f"{name} {value:.3f}" for name, value in row["baselines"].items() if value is not None)
    lines = [f"**{row['name']}**. Interval: {row['interval_method']}." + (f" Beside it: {others}." if others else "")]
    for name, lead in row["facts"].get("lead_over_scratch", {}).items():
        figures = [
            f"{_signed(each['mean'], each['interval'])} {over.replace('_', ' ')}, n = {each['n']}"
            for over, each in lead.items()
        ]
        lines.append(f"Lead over from scratch, {name}: {'; '.join(figures)}.")
    lines.append(f"`{row['command']}`")
    if "compared" in row["facts"]:
        lines.append("\n\n" + _predecessors(row["facts"]["compared"]))
        lines += ["\n\n" + line for line in _one_by_one(row["facts"]["compared"])]
    return " ".join(lines)


def _predecessors(compared: dict[str, dict[str, Any]]) -> str:
    head = ["set: figure", DEFAULT, *PREDECESSORS, "lead over the best rival", "seeds", ""]
    rows = []
    for name, each in compared.items():
        means = [_figure(each["means"][who]) for who in (DEFAULT, *PREDECESSORS)]
        lead = _signed(each["lead_over_best_rival"], each["interval"])
        place = "best" if each["best"] else "within the interval" if each["within_interval"] else "behind"
        place += " with one seed" * (each["seeds"] == 1)
        rows.append([name, *means, lead, str(each["seeds"]), place])
    return _aligned(head, rows)


def _one_by_one(compared: dict[str, dict[str, Any]]) -> Iterator[str]:
    """Where a set is several splits, the lead on each of them; where each horse is left out, over the horses."""
    for name, each in compared.items():
        leads = ", ".join(f"{split} {lead:+.3f}" for split, lead in each["one_by_one"].items())
        if leads:
            yield f"{name}, lead over {each['best_rival']} split by split: {leads}."
        if over := each["over_horses"]:
            lead = f"{_signed(over['mean'], over['interval'])} over those left out, n = {len(over['values'])}"
            yield f"{name}, lead over {each['best_rival']} in the macro-F1 of each one left out: {lead}."


def _dataset(found: Found, data: str) -> str:
    """Everyone's figures on one data set."""
    some = next(each for (name, _), seeds in found.results.items() if name == data for each in seeds.values())
    filmed = any(result.get("retrieval") for who in CONTENDERS for result in found.of(data, who).values())
    ways = WAYS if filmed else {}
    head = ["contender", "what", "seeds", "macro-F1", "interval over horses", *ways.values(), "CPU s a seed"]
    rows = [_contender(found, data, who, ways=ways) for who in CONTENDERS if found.of(data, who)]
    chance = f"chance macro-F1 {some['chance']['uniform']['macro_f1']:.3f}"
    recalls = [
        r["chance"]["retrieval"]["R@10"]
        for who in CONTENDERS
        for r in found.of(data, who).values()
        if r.get("retrieval")
    ]
    chance += f", R@10 {recalls[0]:.3f}" if recalls else ""
    scored = f"{some['n_windows']} windows of {', '.join(some['scored'])}"
    where = f", with seed {some['seed']}" * (DATA[data].by_seed is not None)
    text = f"### {data}\n\n{DATA[data].what}. Scored{where}: {scored}; {chance}. {some['interval_method']}."
    return "\n\n".join([text, _aligned(head, rows), *_few_labels(found, data)])


def _contender(found: Found, data: str, who: str, *, ways: dict[str, str]) -> list[str]:
    results = list(found.of(data, who).values())
    mean = spread([macro_f1(each) for each in results]).mean
    recalls = [
        _figure(
            spread([each["retrieval"][way]["R@10"] for each in results]).mean if results[0].get("retrieval") else None
        )
        for way in ways
    ]
    cost = f"{spread([each['cpu_seconds'] for each in results]).mean:.0f}"
    return [
        who,
        CONTENDERS[who].what,
        str(len(results)),
        _figure(mean),
        _interval(mean_bounds(results)),
        *recalls,
        cost,
    ]


def _few_labels(found: Found, data: str) -> Iterator[str]:
    """Macro-F1 on few labelled windows a class: mean of the seeds' means over draws, and its interval over seeds."""
    rows = []
    for who in CONTENDERS:
        results = list(found.of(data, who).values())
        for each in (results[0].get("few_shot") or []) if results else []:
            for name in each["draws"]:
                ours = spread([few(each["shots"], who=name)(result) for result in results])
                named = who if name == "pretrained" else f"{name}, as in {who}"
                rows.append(
                    [
                        named,
                        str(each["shots"]),
                        _figure(ours.mean),
                        _interval(possible(ours.interval)),
                        str(len(results)),
                    ]
                )
    if rows:
        yield _aligned(["few labels", "windows a class", "macro-F1", "interval over seeds", "seeds"], rows)


def _versions(found: Found) -> str:
    """Of the packages that found the cells, each once."""
    told = {
        f"{k} {v}" for seeds in found.results.values() for each in seeds.values() for k, v in each["versions"].items()
    }
    return f"Versions: {', '.join(sorted(told))}." if told else ""


def _figure(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"


def _signed(difference: float, bounds: Sequence[float]) -> str:
    if bounds[0] == bounds[1]:
        return f"{difference:+.3f}"
    return f"{difference:+.3f} ({bounds[0]:+.3f} to {bounds[1]:+.3f})"


def _interval(bounds: Sequence[float]) -> str:
    if bounds[0] == bounds[1]:
        return "none of one seed"
    return f"{bounds[0]:.3f} to {bounds[1]:.3f}"


def _aligned(head: Sequence[str], rows: Any) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)
