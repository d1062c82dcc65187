"""Commands that put a finished run to use: on recordings of its sensors, without film, without labels."""

import logging
import sys
from pathlib import Path
from typing import Annotated, Literal

import typer

from ..data.errors import BadInput
from ..pipeline.inference.settings import DEFAULTS, PredictionSettings
from .log import log_next_step
from .options import (
    CacheOption,
    ConfigOption,
    Dataset,
    FixedConfigOption,
    FixedSetOption,
    ModelOption,
    RunOrModelOption,
    SetOption,
    UnusedCacheOption,
    chosen_run,
    end_with_failures,
    naming,
)

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
PageOption = Annotated[
    bool, typer.Option("--page", help="Pages to read and print: OUT/pages/RECORDING.html, and one a horse.")
]
FilmOption = Annotated[
    Path | None,
    typer.Option("--film", help="Of one recording: its film with gait and ribbon drawn in, as MP4 without sound."),
]
MinBoutOption = Annotated[float, typer.Option("--min-bout", min=0.0, help="Seconds; shorter bouts join a neighbour.")]
HopOption = Annotated[
    float,
    typer.Option("--hop", min=0.02, help="Seconds between windows; up to 2.5: quicker, edges of bouts a second worse."),
]
FollowOption = Annotated[
    bool, typer.Option("--follow", help="Of one recording that is still being written: print each window as it comes.")
]
StdinOption = Annotated[
    bool, typer.Option("--stdin", help="With --follow: rows come as CSV on standard input, for its one sensor file.")
]
IdleOption = Annotated[
    float, typer.Option("--idle", min=0.0, help="With --follow: seconds without new rows after which it has ended.")
]


def register(app: typer.Typer) -> None:
    """Add this file's commands to the command line."""
    example = "Example: equigait-cli "
    app.command("predict", epilog=example + "predict new-rides --run runs/mine --out predictions --page")(predict)
    app.command(
        "zero-shot",
        epilog=example + 'zero-shot --cache rides/cache --set teacher.name=clip --prompt "trot=a horse trotting" ...',
    )(zero_shot)
    app.command(
        "search", epilog=example + 'search --cache rides/cache --set teacher.name=clip --text "a horse trotting"'
    )(search)
    app.command("export", epilog=example + "export --run runs/mine --cache rides/cache --out model.onnx")(export)
    app.command("embed", epilog=example + "embed rides --run runs/mine --out embeddings")(embed)


def predict(
    data: Dataset,
    out: OutOption,
    run: RunOrModelOption = None,
    model: ModelOption = None,
    format: FormatOption = "csv",
    allow_missing: MissingOption = False,
    labels: LabelsOption = None,
    unknown_above: UnknownOption = DEFAULTS.unknown_above,
    min_bout: MinBoutOption = DEFAULTS.min_bout_seconds,
    hop: HopOption = DEFAULTS.hop_seconds,
    page: PageOption = False,
    film: FilmOption = None,
    follow: FollowOption = False,
    stdin: StdinOption = False,
    idle: IdleOption = DEFAULTS.idle_seconds,
    _cache: UnusedCacheOption = None,
    _config: FixedConfigOption = None,
    _overrides: FixedSetOption = None,
) -> None:
    """Predict the gaits of recordings from their sensors alone.

    A timeline with probabilities, bouts, minutes per gait, rein and lead, changes of gait; what is unlike all that was
    learned is unknown. Times are the film's where a recording has a clock, else its sensors'.
    """
    from ..data.manifest.outputs import refuse_inputs
    from ..pipeline.predict import film_of
    from ..pipeline.predict import follow as follow_ride
    from ..pipeline.predict import predict as predict_gaits

    folder = chosen_run(run, model=model)
    video = None if film is None else film_of(data)
    refuse_inputs([film] if film else [], dataset=data)
    settings = PredictionSettings(
        unknown_above=unknown_above,
        hop_seconds=hop,
        min_bout_seconds=min_bout,
        label_formats=tuple(labels or ()),
        pages=page,
        idle_seconds=idle,
    )
    _refuse_unfollowed(format, follow=follow, stdin=stdin)
    if follow:
        rows = sys.stdin.buffer if stdin else None
        for window in follow_ride(data, run=folder, out=out, allow_missing=allow_missing, settings=settings, rows=rows):
            print(window, flush=True)
    prediction = predict_gaits(data, run=folder, out=out, format=format, allow_missing=allow_missing, settings=settings)
    print(prediction)
    if film is not None and video is not None:
        from ..pipeline.reporting.overlay_film import write_overlay

        print(f"film: {write_overlay(video, prediction.predicted[0], film)}")
    log_next_step("review", data, *naming(folder, model=model), "--out", out / "review")
    end_with_failures(len(prediction.failed), done=len(prediction.predicted))


def _refuse_unfollowed(format: str, *, follow: bool, stdin: bool) -> None:
    if stdin and not follow:
        remedy = "Add --follow, or leave --stdin out."
        raise BadInput("command line", found="--stdin alone", expected="--stdin with --follow", remedy=remedy)
    if follow and format != "csv":
        remedy = "Leave --format out; predict the recording again for Parquet, when it is complete."
        raise BadInput("command line", found=f"--format {format}", expected="csv: rows are appended", remedy=remedy)


def zero_shot(
    cache: CacheOption,
    prompt: Annotated[list[str], typer.Option("--prompt", help="A text, or LABEL=TEXT; two or more.")],
    run: Annotated[Path | None, typer.Option("--run", help="Classify by sensors, with this run's student.")] = None,
    out: Annotated[Path | None, typer.Option("--out", help="Folder for a table with a row a window.")] = None,
    format: FormatOption = "csv",
    config: ConfigOption = "default",
    overrides: SetOption = None,
) -> None:
    """Classify cached windows by prompts, without labels.

    By their film, where the cache's teacher has a text tower (clip, siglip, xclip); with --run by their sensors alone,
    through a student that this teacher taught. Windows whose label is a prompt's are scored."""
    from ..pipeline.recipe import load_recipe, load_run_recipe
    from ..pipeline.zero_shot import zero_shot as classify

    recipe = load_run_recipe(run, overrides=overrides or ()) if run else load_recipe(config, overrides=overrides or ())
    print(classify(cache, prompts=prompt, recipe=recipe, run=run, out=out, format=format))


def search(
    cache: CacheOption,
    text: Annotated[str | None, typer.Option("--text", help="A text; the teacher needs a text tower.")] = None,
    against: Annotated[
        str | None, typer.Option("--against", help="With --text and --run: what the text differs from. [a horse]")
    ] = None,
    like: Annotated[
        str | None, typer.Option("--like", help="RECORDING@SECONDS of the cache, or FILM@SECONDS, or FILM.")
    ] = None,
    run: Annotated[Path | None, typer.Option("--run", help="Compare by sensors, with this run's student.")] = None,
    count: Annotated[int, typer.Option("--count", min=1, help="Moments to find.")] = 10,
    other_recordings: Annotated[
        bool, typer.Option("--other-recordings", help="Leave out the recording that --like names.")
    ] = False,
    out: Annotated[Path | None, typer.Option("--out", help="Folder for a table with a row a moment.")] = None,
    format: FormatOption = "csv",
    json: Annotated[Path | None, typer.Option("--json", help="Write the moments here as JSON.")] = None,
    config: ConfigOption = "default",
    overrides: SetOption = None,
) -> None:
    """Find the moments of a cache most like a text or a film.

    By film, or with --run by sensors alone. Hits that overlap or touch are one moment; times are the film's."""
    from ..pipeline.recipe import load_recipe, load_run_recipe
    from ..pipeline.zero_shot import Query
    from ..pipeline.zero_shot import search as find

    recipe = load_run_recipe(run, overrides=overrides or ()) if run else load_recipe(config, overrides=overrides or ())
    query = Query(text=text, against=against, like=like, other_recordings=other_recordings, count=count)
    found = find(cache, query=query, recipe=recipe, run=run)
    print(found)
    if out is not None:
        print(f"table: {found.write(out, format=format)}")
    if json is not None:
        found.write_json(json)


def export(
    cache: CacheOption,
    out: Annotated[Path, typer.Option("--out", help="The ONNX file.")],
    run: RunOrModelOption = None,
    model: ModelOption = None,
    precision: Annotated[Literal["float32", "int8"], typer.Option("--precision", help="Of the weights.")] = "float32",
    _config: FixedConfigOption = None,
    _overrides: FixedSetOption = None,
) -> None:
    """Write student and probe as one ONNX file.

    numpy and onnxruntime run it. It is written only when it predicts the same as the run on validation horses.
    """
    from ..pipeline.export import export as export_model

    folder = chosen_run(run, model=model)
    parity = export_model(cache, run=folder, out=out, precision=precision)
    print(f"{out}: the same gait on {100 * parity.agreement:.2f} % of {parity.windows} windows")
    print(f"probabilities differ by at most {parity.largest_difference:.2g}")
    if run is not None and (run / "scores.json").is_file():
        log_next_step("report", "--run", run)
    elif run is not None:  # then the model card has no scores
        log_next_step("evaluate", "--cache", cache, "--run", run)


def embed(
    data: Dataset,
    out: OutOption,
    run: RunOrModelOption = None,
    model: ModelOption = None,
    format: FormatOption = "parquet",
    allow_missing: MissingOption = False,
    _cache: UnusedCacheOption = None,
    _config: FixedConfigOption = None,
    _overrides: FixedSetOption = None,
) -> None:
    """Write what the student makes of each window, as a table.

    A row a window: recording, horse, start and stop in seconds, and the student's embedding in columns e0, e1, ...: for
    analyses of your own. No probe and no labels are needed.
    """
    from ..pipeline.embed import write_embeddings
    from ..pipeline.recipe import unfinished

    folder = chosen_run(run, model=model)
    if run is not None and (warning := unfinished(run)):
        logger.warning(warning)
    embeddings = write_embeddings(data, run=folder, out=out, format=format, allow_missing=allow_missing)
    print(embeddings)
    if (folder / "probe.safetensors").is_file():
        log_next_step("predict", data, *naming(folder, model=model), "--out", out / "predictions")
    else:
        log_next_step("extract-teacher", data, "--config", folder / "recipe.yaml")
    end_with_failures(len(embeddings.failed), done=len(embeddings.embedded))
