"""Commands that put a finished run to use: on recordings of its sensors, without film, without labels."""

import logging
from pathlib import Path
from typing import Annotated, Literal

import typer

from ..pipeline.inference.settings import DEFAULTS, PredictionSettings
from .options import CacheOption, Dataset, RunOption

logger = logging.getLogger(__name__)

OutOption = Annotated[Path, typer.Option("--out", help="Folder for the tables.")]
FormatOption = Annotated[Literal["csv", "parquet"], typer.Option("--format", help="What kind of tables.")]
MissingOption = Annotated[
    bool, typer.Option("--allow-missing", help="Take rides that lack some of the run's sensors too.")
]
UnknownOption = Annotated[
    float,
    typer.Option(
        "--unknown-above", min=0.0, max=1.0, help="Windows rarer than this share of ordinary ones are unknown; 1: none."
    ),
]
LabelsOption = Annotated[
    list[str] | None,
    typer.Option("--labels", help="Label files too: csv, elan, boris-project, audacity, label-studio, textgrid."),
]
FilmOption = Annotated[
    Path | None,
    typer.Option("--film", help="Of one recording: its film with gait and ribbon drawn in, as MP4 without sound."),
]
MinBoutOption = Annotated[float, typer.Option("--min-bout", min=0.0, help="Seconds; shorter bouts join a neighbour.")]


def register(app: typer.Typer) -> None:
    """Add this file's commands to the command line."""
    example = "Example: equigait-cli "
    app.command("predict", epilog=example + "predict new-rides --run runs/mine --out predictions")(predict)
    app.command("export", epilog=example + "export --run runs/mine --cache rides/cache --out model.onnx")(export)
    app.command("embed", epilog=example + "embed rides --run runs/mine --out embeddings")(embed)


def predict(
    data: Dataset,
    run: RunOption,
    out: OutOption,
    format: FormatOption = "csv",
    allow_missing: MissingOption = False,
    labels: LabelsOption = None,
    unknown_above: UnknownOption = DEFAULTS.unknown_above,
    min_bout: MinBoutOption = DEFAULTS.min_bout_seconds,
    film: FilmOption = None,
) -> None:
    """Predict the gaits of recordings from their sensors alone.

    A timeline with probabilities, bouts, minutes per gait; what is unlike all that was learned is unknown. Times are
    the film's where a recording has a clock, else its sensors'.
    """
    from ..pipeline.predict import film_of
    from ..pipeline.predict import predict as predict_gaits

    video = None if film is None else film_of(data)
    settings = PredictionSettings(
        unknown_above=unknown_above, min_bout_seconds=min_bout, label_formats=tuple(labels or ())
    )
    prediction = predict_gaits(
        data,
        run=run,
        out=out,
        format=format,
        allow_missing=allow_missing,
        settings=settings,
    )
    print(prediction)
    if film is not None and video is not None:
        from ..pipeline.reporting.overlay_film import write_overlay

        print(f"film: {write_overlay(video, prediction.predicted[0], film)}")
    if prediction.failed:
        raise typer.Exit(2)


def export(
    run: RunOption,
    cache: CacheOption,
    out: Annotated[Path, typer.Option("--out", help="The ONNX file.")],
    precision: Annotated[Literal["float32", "int8"], typer.Option("--precision", help="Of the weights.")] = "float32",
) -> None:
    """Write student and probe as one ONNX file.

    numpy and onnxruntime run it. It is written only when it predicts the same as the run on validation horses.
    """
    from ..pipeline.export import export as export_model

    parity = export_model(cache, run=run, out=out, precision=precision)
    print(f"{out}: the same gait on {100 * parity.agreement:.2f} % of {parity.windows} windows")
    print(f"probabilities differ by at most {parity.largest_difference:.2g}")


def embed(
    data: Dataset,
    run: RunOption,
    out: OutOption,
    format: FormatOption = "parquet",
    allow_missing: MissingOption = False,
) -> None:
    """Write what the student makes of each window, as a table.

    A row a window: recording, horse, start and stop in seconds, and the student's embedding in columns e0, e1, ...: for
    analyses of your own. No probe and no labels are needed.
    """
    from ..pipeline.embed import write_embeddings
    from ..pipeline.recipe import unfinished

    if warning := unfinished(run):
        logger.warning(warning)
    embeddings = write_embeddings(data, run=run, out=out, format=format, allow_missing=allow_missing)
    print(embeddings)
    if embeddings.failed:
        raise typer.Exit(2)
