"""The door: `equigait-cli <command>`. Bad input becomes one line and exit code 2; bugs keep their traceback."""

import sys

import typer

from ..data.errors import BadInput
from . import inspect, judge, keep, learn, record, sync

app = typer.Typer(
    name="equigait-cli",
    help="Gait from wearables, taught by film. Each command is one step; `make demo` walks them all.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
record.register(app)
sync.register(app)
inspect.register(app)
learn.register(app)
judge.register(app)
keep.register(app)


def main() -> None:
    """Run the command line; the console script `equigait-cli` calls this."""
    try:
        app()
    except BadInput as error:
        line = " ".join(str(error).split())
        print(f"equigait-cli: {line}", file=sys.stderr)
        raise SystemExit(2) from None


if __name__ == "__main__":
    main()
