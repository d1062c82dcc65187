"""Commands that look after a cache: check every byte, clear away what killed writers left."""

from typing import Annotated

import typer

CacheArgument = Annotated[str, typer.Argument(metavar="CACHE", help="The cache: a folder, or an s3:// address.")]


def register(app: typer.Typer) -> None:
    """Add this file's commands to the command line."""
    app.command("verify", epilog="Example: equigait-cli verify rides/cache")(verify)
    app.command("gc", epilog="Example: equigait-cli gc rides/cache")(gc)


def verify(cache: CacheArgument) -> None:
    """Read a cache whole and hold every object against its hash; exit code 1 when something is damaged."""
    from ..cache.store import open_store
    from ..cache.verify import DAMAGE
    from ..cache.verify import verify as check

    faults = check(open_store(cache))
    for fault in faults:
        print(f"{fault.kind:<10} {fault.path}  {fault.detail}")
    damaged = sum(fault.kind in DAMAGE for fault in faults)
    print(f"{cache}: {damaged} damaged, {len(faults) - damaged} left over" if faults else f"{cache}: sound")
    if damaged:
        raise typer.Exit(1)


def gc(cache: CacheArgument) -> None:
    """Remove superseded segments and what killed writers left behind; nothing committed goes."""
    from ..cache.store import open_store
    from ..cache.verify import gc as clear

    removed = clear(open_store(cache))
    print(f"{cache}: {len(removed)} removed")
