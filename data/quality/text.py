"""An inspection as plain text: a block of lines for each recording, its sensors in a table."""

from collections.abc import Sequence

from .facts import ClockFacts, FilmFacts, RecordingReport, SensorFacts

HEAD = ("sensor", "rate Hz", "stated", "lost", "gaps", "longest", "clip a", "clip w", "rest |a|", "drift ppm")


def text_report(reports: Sequence[RecordingReport]) -> str:
    """All recordings, then how many are refused."""
    refused = sum(report.refused for report in reports)
    word = "recording" if len(reports) == 1 else "recordings"
    remarked = sum(bool(all_remarks(report)) and not report.refused for report in reports)
    counts = f"{refused} refused, {remarked} with remarks, {len(reports) - refused - remarked} sound"
    return "\n\n".join([*(_block(report) for report in reports), f"{len(reports)} {word}: {counts}"])


def all_remarks(report: RecordingReport) -> list[str]:
    """The recording's own remarks and those of its sensors, with their site."""
    of_sensors = [f"{sensor.site}: {remark}" for sensor in report.sensors for remark in sensor.remarks]
    return [*report.remarks, *of_sensors]


def sensor_cells(facts: SensorFacts) -> list[str]:
    """The figures of one sensor as the table shows them, without its name."""
    drift = "-" if facts.drift_ppm is None else "reference"
    if facts.drift_ppm is not None and facts.drift_sigma_ppm is not None:
        drift = f"{facts.drift_ppm:+.0f} ± {facts.drift_sigma_ppm:.0f}"
    return [
        f"{facts.rate_hz:.2f}",
        f"{facts.stated_rate_hz:g}" if facts.stated_rate_hz else "-",
        share(facts.lost_share),
        str(facts.gaps),
        f"{facts.longest_gap_seconds:.2f} s" if facts.gaps else "-",
        share(facts.force_clipped_share),
        share(facts.turning_clipped_share),
        "-" if facts.gravity_m_s2 is None else f"{facts.gravity_m_s2:.2f}",
        drift,
    ]


def film_line(film: FilmFacts) -> str:
    """A film in a line."""
    steady = "" if film.steady else " on average"
    line = f"{film.frames} frames, {film.rate_hz:.2f} Hz{steady}, {clock_time(film.duration_seconds)}"
    return f"{line}, {film.width} x {film.height}, {film.dropped} dropped"


def label_line(report: RecordingReport) -> str:
    """How much is labelled, and with what; or that the labels cannot be placed in time."""
    labels = report.labels
    if labels is None:
        unclocked = report.film is not None and report.clock.origin is None
        lack = "without a clock" if unclocked else "before what is refused is mended"
        return f"{report.labels_file} is declared, but cannot be placed {lack}"
    if not labels.bouts:
        return "none"
    parts = ", ".join(f"{label} {clock_time(seconds)}" for label, seconds in labels.seconds.items())
    return f"{share(labels.covered_share)} labelled in {labels.bouts} bouts: {parts}"


def clock_line(clock: ClockFacts) -> str:
    """Where the clock comes from and what `sync` said."""
    verdict = f"last sync: {clock.verdict}" if clock.verdict else "never synchronised here"
    if clock.origin is None or clock.offset_seconds is None:
        return f"none; {verdict}"
    return f"{clock.origin}, {clock.offset_seconds:+.3f} s, {round(clock.drift_ppm or 0.0):+d} ppm; {verdict}"


def share(value: float) -> str:
    """A share in per cent, never 0 unless it is none."""
    if value <= 0:
        return "0 %"
    return "<0.1 %" if value < 0.001 else f"{100 * value:.1f} %"


def clock_time(seconds: float) -> str:
    """Minutes and seconds."""
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes}:{rest:02d} min" if minutes else f"{seconds:.1f} s"


def _block(report: RecordingReport) -> str:
    title = f"{report.id} ({report.horse})" if report.horse else report.id
    lines = [f"{title}{'  REFUSED' if report.refused else ''}"]
    if report.film is not None:
        lines.append(f"  film    {film_line(report.film)}")
    if report.film is not None or report.clock.origin is not None:
        lines.append(f"  clock   {clock_line(report.clock)}")
    if report.labels_file is not None:
        lines.append(f"  labels  {label_line(report)}")
    rows = [[s.site, *sensor_cells(s.facts)] for s in report.sensors if s.facts is not None]
    if rows:
        lines += _aligned([list(HEAD), *rows])
    lines += [f"  REFUSED {line}" for line in report.refusals]
    lines += [f"  REFUSED {s.site}: {s.refusal}" for s in report.sensors if s.refusal]
    return "\n".join([*lines, *(f"  ! {remark}" for remark in all_remarks(report))])


def _aligned(rows: list[list[str]]) -> list[str]:
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return [
        "  " + "  ".join([row[0].ljust(widths[0]), *(c.rjust(w) for c, w in zip(row[1:], widths[1:], strict=True))])
        for row in rows
    ]
