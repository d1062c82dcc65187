"""All commands together. Bad input becomes one line and exit code 2; bugs keep their traceback."""

import errno
import sys
from contextlib import redirect_stdout
from typing import Annotated, NoReturn, TextIO, cast

import typer

from .. import __version__
from ..data.errors import BadInput, refusal
from . import cache, doctor, evaluation, inference, inspect, recordings, review, strides, sync, training
from .log import HarmlessText, configure_logging

NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
"""What the system answers where a file cannot grow; it may name none."""
PLACES = NO_ROOM | {
    *(errno.EACCES, errno.EPERM, errno.EROFS),
    *(errno.EEXIST, errno.ENOTDIR, errno.EISDIR, errno.ENAMETOOLONG),
}
"""What the system answers where a path cannot be read or written, through no fault of the program."""

app = typer.Typer(
    name="equigait-cli",
    help="Gait from wearables, taught by film. Each command is one step; `make demo` walks them all.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
recordings.register(app)
sync.register(app)
inspect.register(app)
training.register(app)
inference.register(app)
review.register(app)
strides.register(app)
evaluation.register(app)
cache.register(app)
doctor.register(app)


def _print_version(wanted: bool) -> bool:
    if wanted:
        print(__version__)
        raise typer.Exit
    return wanted


@app.callback()  # the options of the door itself, which answer by their callbacks
def _options(
    version: Annotated[
        bool, typer.Option("--version", help="Print the version and go.", callback=_print_version, is_eager=True)
    ] = False,
) -> None: ...


def run() -> None:
    """Run what the words of the command line ask for."""
    configure_logging()
    try:
        with redirect_stdout(cast("TextIO", HarmlessText(sys.stdout))):
            app()
    except BadInput as error:
        _refuse(error)
    except OSError as error:
        if error.errno not in PLACES or (error.filename is None and error.errno not in NO_ROOM):
            raise
        _refuse(refusal(error))


def _refuse(fault: BadInput) -> NoReturn:
    print(f"equigait-cli: {' '.join(str(fault).split())}", file=sys.stderr)
    raise SystemExit(2) from None
