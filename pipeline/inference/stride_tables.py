"""The tables of an analysis of strides: a row a stride, a row a bout, a row a measure of symmetry; units in the header.

Column names are those of the field (`stride_dur`, `stride_freq`, `MinDiff_head`, ...). Parquet keeps each column's unit
in the metadata of its field; CSV in brackets behind its name. What is absent is empty.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from .stride_analysis import BoutStrides
from .symmetry_summary import MEASURES, MeasureSummary, summarise_symmetry
from .table_files import TableFormat, write_table

Fields = dict[str, tuple[pa.DataType, str]]
"""Names of a table's columns, with type and unit."""
WHO: Fields = {"recording": (pa.string(), ""), "horse": (pa.string(), "")}
SPAN: Fields = {"start_s": (pa.float64(), "s"), "stop_s": (pa.float64(), "s"), "gait": (pa.string(), "")}
STRIDES: Fields = (
    WHO
    | {"bout": (pa.int64(), "")}
    | SPAN
    | {
        "stride_dur": (pa.float64(), "s"),
        "stride_freq": (pa.float64(), "Hz"),
        "heading_change": (pa.float64(), "deg"),
        "rein": (pa.string(), ""),
        "lead": (pa.string(), ""),
    }
    | {name: (pa.float64(), "1" if name.startswith("SI") else "mm") for name in MEASURES}
)
BOUTS: Fields = (
    WHO
    | {"bout": (pa.int64(), "")}
    | SPAN
    | {
        "strides": (pa.int64(), ""),
        "stride_freq": (pa.float64(), "Hz"),
        "stride_dur_cv": (pa.float64(), "1"),
        "regularity": (pa.float64(), "1"),
        "rein": (pa.string(), ""),
        "lead": (pa.string(), ""),
        "steady_strides": (pa.int64(), ""),
        "absent": (pa.string(), ""),
    }
)
SYMMETRY: Fields = WHO | {
    "measure": (pa.string(), ""),
    "unit": (pa.string(), ""),
    "strides": (pa.int64(), ""),
    "mean": (pa.float64(), ""),
    "sd": (pa.float64(), ""),
    "evidence": (pa.string(), ""),
    "reference_low": (pa.float64(), ""),
    "reference_high": (pa.float64(), ""),
    "reference_source": (pa.string(), ""),
    "misplaced_sensor": (pa.string(), ""),
    "absent": (pa.string(), ""),
}


@dataclass(frozen=True)
class RecordingStrides:
    """All bouts of one recording."""

    recording: str
    """Its id."""
    horse: str
    """Who was recorded."""
    bouts: tuple[BoutStrides, ...]
    """In order of time."""


TABLES = ("strides", "stride_bouts", "symmetry")


def write_stride_tables(recordings: Sequence[RecordingStrides], *, out: Path, format: TableFormat) -> tuple[Path, ...]:
    """Writes the tables `strides`, `stride_bouts` and `symmetry` of one recording or more, and gives their paths."""
    tables = {
        "strides": (STRIDES, [row for each in recordings for row in _stride_rows(each)]),
        "stride_bouts": (BOUTS, [row for each in recordings for row in _bout_rows(each)]),
        "symmetry": (SYMMETRY, [row for each in recordings for row in _symmetry_rows(each)]),
    }
    return tuple(
        write_table(_table(fields, rows, units_in_names=format == "csv"), out=out, name=name, format=format)
        for name, (fields, rows) in tables.items()
    )


def _table(fields: Fields, rows: Sequence[dict[str, Any]], *, units_in_names: bool) -> pa.Table:
    schema = pa.schema(
        [pa.field(name, kind, metadata={"unit": unit} if unit else None) for name, (kind, unit) in fields.items()]
    )
    table = pa.Table.from_pylist(list(rows), schema=schema)
    if units_in_names:
        table = table.rename_columns([f"{name} [{unit}]" if unit else name for name, (_, unit) in fields.items()])
    return table


def _stride_rows(each: RecordingStrides) -> Iterable[dict[str, Any]]:
    for number, bout in enumerate(each.bouts):
        strides, leads = bout.strides, bout.lead.left if bout.lead is not None else np.full(len(bout.strides), np.nan)
        for row, (start, stop) in enumerate(zip(strides.start_seconds, strides.stop_seconds, strict=True)):
            yield {
                "recording": each.recording,
                "horse": each.horse,
                "bout": number,
                "start_s": round(float(start), 4),
                "stop_s": round(float(stop), 4),
                "gait": bout.gait,
                "stride_dur": round(float(stop - start), 4),
                "stride_freq": round(float(1.0 / (stop - start)), 4),
                "heading_change": _number(bout.turning.degrees[row]),
                "rein": bout.turning.rein[row],
                "lead": {1.0: "left", -1.0: "right"}.get(float(leads[row])),
                **{name: _number(values[row]) for name, values in bout.measures.items()},
            }


def _bout_rows(each: RecordingStrides) -> Iterable[dict[str, Any]]:
    for number, bout in enumerate(each.bouts):
        yield {
            "recording": each.recording,
            "horse": each.horse,
            "bout": number,
            "start_s": round(bout.bout.start_seconds, 3),
            "stop_s": round(bout.bout.stop_seconds, 3),
            "gait": bout.gait,
            "strides": len(bout.strides),
            "stride_freq": _number(bout.stride_hz),
            "stride_dur_cv": _number(bout.duration_cv),
            "regularity": _number(bout.regularity),
            "rein": bout.turning.main_rein,
            "lead": bout.lead.name if bout.lead is not None else None,
            "steady_strides": int(bout.steady.sum()),
            "absent": "; ".join(f"{what}: {reason}" for what, reason in bout.reasons.items()),
        }


def _symmetry_rows(each: RecordingStrides) -> Iterable[dict[str, Any]]:
    for summary in summarise_symmetry(each.bouts):
        yield {"recording": each.recording, "horse": each.horse, **_symmetry_row(summary)}


def _symmetry_row(summary: MeasureSummary) -> dict[str, Any]:
    reference = summary.reference
    return {
        "measure": summary.measure,
        "unit": summary.unit,
        "strides": summary.strides,
        "mean": None if summary.mean is None else _number(summary.mean),
        "sd": None if summary.sd is None else _number(summary.sd),
        "evidence": summary.evidence,
        "reference_low": reference.low if reference else None,
        "reference_high": reference.high if reference else None,
        "reference_source": reference.source if reference else None,
        "misplaced_sensor": summary.placement,
        "absent": summary.reason,
    }


def _number(value: float) -> float | None:
    """To four decimals; nothing for NaN."""
    return round(float(value), 4) if np.isfinite(value) else None
