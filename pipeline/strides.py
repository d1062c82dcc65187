"""Strides of recordings whose gaits are known: duration, evenness, rein, lead and trot symmetry, from sensors alone."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pyarrow as pa

from ..data.errors import BadInput
from ..data.manifest.load import load_recording, load_sensors, map_recordings, since_start
from ..data.manifest.outputs import refuse_inputs
from ..data.manifest.schema import Manifest
from ..data.recording import Bout, Recording
from .inference.stride_analysis import BoutStrides, analyse_bouts
from .inference.stride_tables import TABLES, RecordingStrides, write_stride_tables
from .inference.table_files import TableFormat

BOUT_COLUMNS = ("recording", "start_s", "stop_s", "label")
"""What a table of bouts must hold, as `predict` writes it."""


@dataclass(frozen=True)
class StrideResult:
    """What `find_strides` wrote, and what it could not use."""

    recordings: tuple[RecordingStrides, ...]
    """One a recording that could be read."""
    files: tuple[Path, ...]
    """The tables: `strides`, `stride_bouts`, `symmetry`."""
    failed: Mapping[str, str]
    """Recordings that could not be used, and why."""

    def __str__(self) -> str:
        lines = [f"{each.recording}: {_summary(each.bouts)}" for each in self.recordings]
        lines += [f"left out: {reason}" for reason in self.failed.values()]
        lines.append("heights and symmetry are experimental and no diagnosis; misplaced sensors shift them (see table)")
        return "\n".join([*lines, f"tables: {', '.join(str(path) for path in self.files)}"])


def find_strides(dataset: Path, *, out: Path, bouts: Path | None = None, format: TableFormat = "csv") -> StrideResult:
    """Writes the tables of all strides of the recordings below a folder to `out`.

    The gaits are those of the recordings' own labels, or of `bouts`, the table of that name that `predict` writes (CSV
    or Parquet; times in seconds of the film where a recording has a clock, else of its sensors). Raises BadInput where
    no recording can be used; one alone is left out with its reason.
    """
    refuse_inputs([out / f"{name}.{format}" for name in TABLES], dataset=dataset)
    spans = read_bout_table(bouts) if bouts is not None else None

    def use(path: Path, manifest: Manifest) -> RecordingStrides:
        recording = _load(path, manifest=manifest, spans=spans, table=bouts)
        analysed = analyse_bouts(recording.streams, clock=recording.clock, bouts=recording.bouts)
        return RecordingStrides(recording.id, recording.horse, analysed)

    found, failed = map_recordings(dataset, use)
    return StrideResult(tuple(found), write_stride_tables(found, out=out, format=format), failed)


def read_bout_table(path: Path) -> dict[str, tuple[Bout, ...]]:
    """The bouts of each recording (by id) in a table as `predict` writes it. Raises BadInput for any other file."""
    table = _read_table(path)
    missing = [name for name in BOUT_COLUMNS if name not in table.column_names]
    if missing:
        raise BadInput(
            path,
            found=f"the columns {', '.join(table.column_names)}",
            expected=f"the columns {', '.join(BOUT_COLUMNS)}",
            remedy="Give the table `bouts` that `equigait-cli predict` writes.",
        )
    found: dict[str, list[Bout]] = {}
    for row in table.select(BOUT_COLUMNS).to_pylist():
        try:
            bout = Bout(float(row["start_s"]), float(row["stop_s"]), str(row["label"]))
        except (TypeError, ValueError):
            expected = "a start before a stop, in seconds"
            raise BadInput(path, found=f"the row {row}", expected=expected, remedy="Mend or remove it.") from None
        found.setdefault(str(row["recording"]), []).append(bout)
    return {name: tuple(sorted(bouts, key=lambda bout: bout.start_seconds)) for name, bouts in found.items()}


def _read_table(path: Path) -> pa.Table:
    import pyarrow.csv
    import pyarrow.parquet

    try:
        if path.suffix == ".parquet":
            return pyarrow.parquet.read_table(path)
        options = pyarrow.csv.ConvertOptions(column_types={"recording": pa.string(), "label": pa.string()})
        return pyarrow.csv.read_csv(path, convert_options=options)
    except (OSError, pa.ArrowException) as error:
        found = "no such file" if isinstance(error, FileNotFoundError) else " ".join(str(error).split())
        expected = "a CSV or Parquet table of bouts"
        remedy = "Give the table `bouts` that `equigait-cli predict` writes."
        raise BadInput(path, found=found, expected=expected, remedy=remedy) from None


def _load(
    path: Path, *, manifest: Manifest, spans: Mapping[str, tuple[Bout, ...]] | None, table: Path | None
) -> Recording:
    """A recording with the bouts to analyse; its film and labels are not opened where a table gives the bouts."""
    if spans is None:
        recording = since_start(load_recording(path, manifest=manifest))
        if recording.bouts:
            return recording
        remedy = "Give the gaits as `--bouts predictions/bouts.csv`, which `equigait-cli predict` writes."
        raise BadInput(path, found="no labels", expected="bouts of walk, trot and canter", remedy=remedy)
    recording = load_sensors(path, manifest=manifest)
    if not (bouts := spans.get(recording.id, ())):
        remedy = "Run `equigait-cli predict` on this recording, too."
        raise BadInput(path, found=f"no bout of {recording.id} in {table}", expected="one at least", remedy=remedy)
    return replace(recording, bouts=bouts)


def _summary(bouts: Sequence[BoutStrides]) -> str:
    """`120 strides (walk 40, trot 80)`, and how many bouts have none."""
    counts: dict[str, int] = {}
    for bout in bouts:
        counts[bout.gait] = counts.get(bout.gait, 0) + len(bout.strides)
    each = ", ".join(f"{gait} {count}" for gait, count in counts.items() if count)
    none = sum(not len(bout.strides) for bout in bouts)
    without = f", {none} of {len(bouts)} bouts without (table `stride_bouts` says why)" if none else ""
    return f"{sum(counts.values())} strides ({each or 'none'}){without}"
